/** Which processes belong to a test: told by a mark in their environment, or by the test's folder as what they work in or on. */
import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from './until.ts';

export type Found = { pid: number; parent: number; command: string };

/** The variable that marks a process and, by inheritance, all that it starts. */
export const MARK = 'SYSTEM_TEST';

/**
 * All living processes of a test. PostgreSQL's get an environment of their own, but name or work in their data folder; zombies,
 * which only wait to be reaped, are dead.
 */
export async function processesOf({ mark, folder }: { mark: string; folder: string }): Promise<Found[]> {
  const found = await Promise.all(
    (await readdir('/proc'))
      .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
      .map(async (name): Promise<Found | undefined> => {
        const own = join('/proc', name);
        const [environment, status, command, workingFolder] = await Promise.all([
          readFile(join(own, 'environ'), 'latin1').catch(() => ''), // ended this moment, or another user's
          readFile(join(own, 'stat'), 'latin1').catch(() => ''),
          readFile(join(own, 'cmdline'), 'latin1').catch(() => ''),
          readlink(join(own, 'cwd')).catch(() => ''),
        ]);
        const ours =
          environment.split('\0').includes(`${MARK}=${mark}`) ||
          command.includes(`${folder}/`) ||
          workingFolder === folder ||
          workingFolder.startsWith(`${folder}/`);
        const [state, parent] = status.slice(status.lastIndexOf(')') + 2).split(' ');
        if (!ours || state === undefined || state === 'Z' || state === 'X') return undefined;
        return { pid: Number(name), parent: Number(parent), command: command.replaceAll('\0', ' ').trim() };
      }),
  );
  return found.filter((process) => process !== undefined);
}

/** Resolves when the process is gone. */
export async function gone(pid: number, withinMs = 30_000): Promise<void> {
  await until(`the end of process ${pid}`, async () => !(await isAlive(pid)), { withinMs, everyMs: 20 });
}

/** Signals a process; nothing happens when it has ended this moment. */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  // 0 would be our own group, and a test's mistake the end of the whole run.
  if (!Number.isInteger(pid) || pid <= 1) throw new Error(`${pid} is no process to signal`);
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function isAlive(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => ''); // no such process
  return status !== '' && !/\) [ZX] /.test(status);
}
