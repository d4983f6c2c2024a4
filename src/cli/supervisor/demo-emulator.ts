/** The emulator that `demo` collects from: a child process like the roles, for it shares no code with mistnet. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { MistnetError } from '../../core/errors.ts';
import type { Environment } from '../context.ts';
import { EMULATOR_PROGRAM } from './programs.ts';
import type { SignalWatch } from './signals.ts';

export type DemoEmulator = AsyncDisposable & { url: string };

export type DemoEmulatorOptions = {
  port: number;
  postsPerSecond: number;
  token: string;
  environment: Environment;
  signals: SignalWatch;
  say: (sentence: string) => void;
};

const READY_MS = 20_000;
const RESTART_PAUSE_MS = 1000;

/** Starts it and returns when it listens; started again should it die. Throws its own sentence when it cannot start. */
export async function startDemoEmulator(options: DemoEmulatorOptions): Promise<DemoEmulator> {
  // Its posts link to itself, so that they must know its port before it has one.
  let port = options.port === 0 ? await freePort() : options.port;
  let ending = false;
  let child = launch(options, port);
  const url = await listening(child, port);
  port = Number(new URL(url).port);
  const keep = async () => {
    for (;;) {
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      if (ending) return;
      options.say('The emulator ended unexpectedly; starting it again.');
      await sleep(RESTART_PAUSE_MS);
      if (ending) return;
      child = launch(options, port);
    }
  };
  const kept = keep();
  return {
    url,
    [Symbol.asyncDispose]: async () => {
      ending = true;
      child.kill('SIGTERM');
      const deadline = setTimeout(() => child.kill('SIGKILL'), 5000);
      await kept;
      clearTimeout(deadline);
    },
  };
}

function launch({ postsPerSecond, token, environment }: DemoEmulatorOptions, port: number): ChildProcess {
  const args = [
    EMULATOR_PROGRAM,
    '--port',
    String(port),
    '--rate',
    String(postsPerSecond),
    '--token',
    token,
    '--link-host',
    `127.0.0.1:${port}`,
  ];
  return spawn(process.execPath, args, { detached: true, env: environment, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
}

/** One that nobody has just now. */
async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** It says where it listens, or why it cannot. */
async function listening(child: ChildProcess, port: number): Promise<string> {
  let said = '';
  return await new Promise<string>((resolve, reject) => {
    const fail = (why: string) => reject(new MistnetError('process.failed', why));
    const deadline = setTimeout(() => fail(`The emulator said nothing for ${READY_MS / 1000} s.`), READY_MS);
    const hear = (part: Buffer) => {
      said += part.toString('utf8');
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(said);
      if (found === null || !said.includes('listening')) return;
      clearTimeout(deadline);
      resolve(found[0]);
    };
    child.stdout?.on('data', hear);
    child.stderr?.on('data', hear);
    child.once('error', (error) => fail(`The emulator cannot be run: ${error.message}.`));
    child.once('exit', (code) => {
      clearTimeout(deadline);
      if (/port \d+ is in use/.test(said)) return reject(portInUse(port));
      fail(said.trim().replace(/^(mistnet-)?emulator: /, '') || `The emulator ended with exit code ${code}.`);
    });
  });
}

/** The emulator itself would tell of its flag; here it is a setting. */
function portInUse(port: number): MistnetError {
  return new MistnetError(
    'port.in-use',
    `Port ${port} of 127.0.0.1 is taken by another program, and the emulator needs it. End that program, or set MISTNET_EMULATOR_PORT to another.`,
  );
}
