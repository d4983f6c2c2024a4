import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { ended, hasPosts, openStream, until } from './support/stream-client.ts';
import { startEmulator } from '../src/start-emulator.ts';

const PROGRAM = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

interface Run {
  readonly child: ChildProcess;
  out(): string;
  err(): string;
  readonly exit: Promise<number | null>;
}

function run(args: readonly string[], ipc = false): Run {
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    stdio: ['ignore', 'pipe', 'pipe', ...(ipc ? ['ipc' as const] : [])],
  });
  children.push(child);
  let out = '';
  let err = '';
  child.stdout?.on('data', (part: Buffer) => (out += part.toString()));
  child.stderr?.on('data', (part: Buffer) => (err += part.toString()));
  // 'close' waits for the output, but never comes after a parent has closed the channel.
  const exit = once(child, ipc ? 'exit' : 'close').then(() => child.exitCode);
  return { child, out: () => out, err: () => err, exit };
}

async function listening(program: Run): Promise<string> {
  await until('the emulator listens', () => /listening on \S+/.test(program.err()));
  return /listening on (\S+)/.exec(program.err())?.[1] ?? '';
}

describe('mistnet-emulator', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'says where it listens, and ends at once on %s with streams open',
    async (signal) => {
      const program = run(['--port', '0', '--seed', '4', '--rate', '200']);
      const url = await listening(program);
      expect(program.err()).toBe(`emulator listening on ${url} (seed 4, 200 posts/s)\n`);
      using client = await openStream(url);
      await hasPosts(client, 3);
      program.child.kill(signal);
      expect(await program.exit).toBe(0);
      await ended(client);
      expect(program.out()).toBe('');
    },
  );

  it('ends when the channel to its parent closes', async () => {
    const program = run(['--port', '0'], true);
    await listening(program);
    program.child.disconnect();
    expect(await program.exit).toBe(0);
  });

  it('prints its flags with --help', async () => {
    const program = run(['--help']);
    expect(await program.exit).toBe(0);
    for (const flag of [
      '--port',
      '--seed',
      '--rate',
      '--token',
      '--start',
      '--connect-limit',
      '--keepalive-ms',
      '--replay',
    ]) {
      expect(program.out()).toContain(flag);
    }
  });

  it.each([
    [['--nonsense', 'x.json'], /Unknown option '--nonsense'/],
    [['--clock', '0'], /--clock must be/],
    [['--accounts', '10'], /--accounts must be a whole number from 1000 to 5000000/],
    [['--rate', 'fast'], /--rate must be "max" or posts per second/],
    [['--rate', '0'], /--rate must be/],
    [['--port', '70000'], /--port must be a whole number from 0 to 65535; it is "70000"/],
    [['--seed', '-1'], /--seed/],
    [['--start', '2026-11-22T13:00'], /--start must be an instant .* in UTC/],
    [['--start', '2026-02-30T00Z'], /--start must be an instant/],
    [['--token', ''], /--token must not be empty/],
    [['--access', 'gold'], /--access must be one of open, pay-per-use, .*; it is "gold"/],
    [['file.jsonl'], /"file.jsonl" is no flag/],
  ])('refuses %j with a sentence, a hint and exit code 2', async (args, sentence) => {
    const program = run(args);
    expect(await program.exit).toBe(2);
    expect(program.err()).toMatch(sentence);
    expect(program.err()).toMatch(/\.\nTry mistnet-emulator --help\.\n$/);
    expect(program.out()).toBe('');
  });

  it('says in one sentence that the port is in use, and ends with 1', async () => {
    await using emulator = await startEmulator();
    const program = run(['--port', String(emulator.port)]);
    expect(await program.exit).toBe(1);
    expect(program.err()).toBe(
      `mistnet-emulator: port ${emulator.port} is in use; choose another with --port, or any free one with --port 0.\n`,
    );
  });

  it('says in one sentence which recording is missing, and ends with 1', async () => {
    const program = run(['--port', '0', '--replay', '/nowhere/a.jsonl', '/nowhere/b.jsonl']);
    expect(await program.exit).toBe(1);
    expect(program.err()).toMatch(/^mistnet-emulator: \/nowhere\/a\.jsonl cannot be read: ENOENT.*\n$/);
  });
});
