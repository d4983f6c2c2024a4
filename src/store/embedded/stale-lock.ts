/**
 * After a reboot, and in containers nearly always, the number in a leftover `postmaster.pid` belongs to some other program of
 * the same user; PostgreSQL then takes it for a running server and never starts. Otherwise that file is PostgreSQL's own.
 */
import { readFile, readdir, readlink, realpath, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { readTextOrNone } from './server-folder.ts';

/** Moves the file aside when its process lives, is no PostgreSQL, and no process works in the data folder. Returns whether it did. */
export async function setAsideStaleLock(data: string): Promise<boolean> {
  const path = join(data, 'postmaster.pid');
  const pid = Number((await readTextOrNone(path))?.split('\n', 1)[0]);
  if (!Number.isInteger(pid) || pid <= 0) return false;
  const program = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => undefined); // no such process: PostgreSQL sees that too
  if (program === undefined || program.startsWith('postgres') || (await isWorkedIn(data))) return false;
  await rename(path, `${path}.stale`);
  return true;
}

/** Each process of a server stands in its data folder, those too that outlive a killed postmaster for a moment. */
async function isWorkedIn(data: string): Promise<boolean> {
  const folder = await realpath(data);
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const cwd = await readlink(`/proc/${name}/cwd`).catch(() => undefined); // ended, or somebody else's: not our server
    if (cwd === folder) return true;
  }
  return false;
}
