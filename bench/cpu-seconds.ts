/** CPU seconds of processes, from /proc: Linux only. */
import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';

const TICKS_PER_SECOND = 100;

/** Of this process, and of its children that have ended: psql is one; a server's program is not while it lives. */
export function ownCpuSeconds(): { own: number; children: number } {
  const { own, children } = timesOf('self');
  return { own, children };
}

/** Of those of these processes that live. */
export function cpuSecondsOf(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + timesOf(pid).own, 0);
}

/** All of a PostgreSQL server: the postmaster, its living children, and those that ended. */
export async function serverCpuSeconds(postmaster: number): Promise<number> {
  let seconds = 0;
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const { parent, own, children } = timesOf(Number(name));
    if (Number(name) === postmaster) seconds += own + children;
    else if (parent === postmaster) seconds += own;
  }
  return seconds;
}

function timesOf(pid: number | 'self'): { parent: number; own: number; children: number } {
  let stat = '';
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    // Ended this moment: its parent counts it.
  }
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const seconds = (first: number) => ((fields[first] ?? 0) + (fields[first + 1] ?? 0)) / TICKS_PER_SECOND;
  return { parent: fields[1] ?? 0, own: seconds(11), children: seconds(13) };
}
