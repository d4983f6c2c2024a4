/** The oldest PostgreSQL that mistnet supports, as the machine has it: for tests that our SQL runs there too. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const SYSTEM_BIN = '/usr/lib/postgresql/15/bin';

export const hasSystemPostgres = existsSync(join(SYSTEM_BIN, 'initdb'));

/** Starts it in a temporary folder on a free loopback port; disposing ends it and removes the folder. */
export async function startSystemPostgres(): Promise<AsyncDisposable & { url: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'mistnet-postgres15-'));
  await using cleanup = new AsyncDisposableStack();
  cleanup.defer(async () => rm(folder, { recursive: true, force: true }));
  await chmod(folder, 0o777);
  const data = join(folder, 'data');
  const port = await freePort();
  await run('initdb', ['-D', data, '-U', 'mistnet', '-A', 'trust', '-E', 'UTF8', '--locale', 'C.UTF-8']);
  const options = `-c listen_addresses=127.0.0.1 -c port=${port} -c unix_socket_directories= -c fsync=off`;
  await run('pg_ctl', ['-D', data, '-w', '-l', join(folder, 'log'), '-o', options, 'start']);
  cleanup.defer(async () => run('pg_ctl', ['-D', data, '-w', '-m', 'fast', 'stop']));
  const kept = cleanup.move();
  return {
    url: `postgres://mistnet@127.0.0.1:${port}/postgres`,
    [Symbol.asyncDispose]: async () => kept.disposeAsync(),
  };
}

/** It refuses to run as root; in a user namespace of its own it sees another user. */
async function run(program: string, args: string[]): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const asUser = process.getuid?.() === 0 ? ['unshare', '--user', '--map-user=1000', '--map-group=1000'] : [];
  const [command = '', ...rest] = [...asUser, join(SYSTEM_BIN, program), ...args];
  const child = spawn(command, rest, { stdio: ['ignore', 'pipe', 'pipe'], cwd: '/' });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.on('error', reject);
  child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`${program} ended with ${code}: ${output}`))));
  return promise;
}

async function freePort(): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const server = createServer().listen(0, '127.0.0.1', () => {
    const address = server.address();
    server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
  });
  return promise;
}
