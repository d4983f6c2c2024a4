/** Runs a program of the repository until it ends, or a crash point ends it. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { CrashPointName } from '../../src/core/crash-point.ts';

export type CrashPoint = { name: CrashPointName; nth?: number; signal: 'SIGKILL' | 'SIGTERM' };
export type Ended = { code: number | null; signal: NodeJS.Signals | null; stdout: string; stderr: string };

const PRELOAD = join(import.meta.dirname, 'end-at.ts');
const PROJECT = join(import.meta.dirname, '../..');
/** A program that reaches neither its point nor its end is ended after this long, by SIGABRT: no point does that. */
const RUN_MS = 90_000;

/** `program`: a path below the repository's root. Without a point it runs as it would anyway. `stop`, `kill`: when aborted, it gets a SIGTERM or SIGKILL. */
export async function runToCrashPoint(
  program: string,
  args: string[],
  point?: CrashPoint,
  stop?: AbortSignal,
  kill?: AbortSignal,
): Promise<Ended> {
  const child = spawn(process.execPath, [join(PROJECT, program), ...args], {
    env: { ...process.env, ...(point === undefined ? {} : endAt(point)) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { stdout: '', stderr: '' };
  for (const way of ['stdout', 'stderr'] as const)
    child[way].on('data', (bytes: Buffer) => {
      said[way] += bytes.toString();
    });
  stop?.addEventListener('abort', () => child.kill('SIGTERM'), { once: true });
  kill?.addEventListener('abort', () => child.kill('SIGKILL'), { once: true });
  const tooLong = setTimeout(() => child.kill('SIGABRT'), RUN_MS);
  try {
    return await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => resolve({ code, signal, ...said }));
    });
  } finally {
    clearTimeout(tooLong);
  }
}

/** By the environment, for threads that begin without the arguments of the process load it as well. */
function endAt({ name, nth = 1, signal }: CrashPoint): NodeJS.ProcessEnv {
  return { NODE_OPTIONS: `--import=${pathToFileURL(PRELOAD).href}`, MISTNET_TEST_END_AT: `${name}:${nth}:${signal}` };
}
