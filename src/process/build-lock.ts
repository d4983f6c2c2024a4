/**
 * One build of an hour at a time: a lock file that says who builds. A lock whose owner is dead (same host) or has not been heard of
 * for two minutes (another host, over a shared file system) is taken over.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { MistnetError } from '../core/errors.ts';
import type { Clock } from '../core/time.ts';

type Owner = { token: string; host: string; pid: number; started: string; beatMs: number };

const BEAT_MS = 20_000;
const SILENT_MS = 120_000;

export class BuildLock implements AsyncDisposable {
  readonly token: string;
  readonly #path: string;
  readonly #beat: NodeJS.Timeout;

  private constructor(path: string, owner: Owner, clock: Clock) {
    this.#path = path;
    this.token = owner.token;
    this.#beat = setInterval(() => {
      // Synchronous, so that no beat can come after the release; renamed, so that nobody reads half of it.
      if (!this.isHeld()) return;
      writeFileSync(`${path}.${owner.token}`, JSON.stringify({ ...owner, beatMs: clock.now() }));
      renameSync(`${path}.${owner.token}`, path);
    }, BEAT_MS).unref();
  }

  /** Throws `dataset.conflict`, naming the owner, when another build holds the lock. */
  static async take(path: string, what: string, clock: Clock): Promise<BuildLock> {
    const owner: Owner = {
      token: randomUUID(),
      host: hostname(),
      pid: process.pid,
      started: startOf(process.pid),
      beatMs: clock.now(),
    };
    for (let attempt = 0; ; attempt++) {
      if (await createExclusively(path, owner)) return new BuildLock(path, owner, clock);
      const other = await readOwner(path);
      if (other === undefined) continue; // released in between
      if (attempt >= 10 || isAlive(other, clock.now())) {
        const who = other === 'unreadable' ? 'another program' : `process ${other.pid} on ${other.host}`;
        throw new MistnetError(
          'dataset.conflict',
          `${what} is being built by ${who} (${path}); wait until it has ended.`,
        );
      }
      await removeStale(path, other);
    }
  }

  /** Whether the lock is still this build's: asked once more before the decision to publish. */
  isHeld(): boolean {
    try {
      return (JSON.parse(readFileSync(this.#path, 'utf8')) as Owner).token === this.token;
    } catch {
      return false; // gone or half written: not ours any more, which is what the caller asks
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#beat);
    if (this.isHeld()) await rm(this.#path, { force: true });
  }
}

/** Made under another name and linked, so that a lock is whole from its first moment. */
async function createExclusively(path: string, { token, ...rest }: Owner): Promise<boolean> {
  const aside = `${path}.${token}`;
  try {
    await writeFile(aside, JSON.stringify({ token, ...rest }));
    await link(aside, path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'EOPNOTSUPP') throw error;
    // A file system without hard links: the next best is a lock that is whole a moment later.
    return await writeFile(path, JSON.stringify({ token, ...rest }), { flag: 'wx' }).then(
      () => true,
      (failure: NodeJS.ErrnoException) => {
        if (failure.code === 'EEXIST') return false;
        throw failure;
      },
    );
  } finally {
    await rm(aside, { force: true });
  }
}

async function readOwner(path: string): Promise<Owner | 'unreadable' | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Owner;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? undefined : 'unreadable';
  }
}

/** Renamed before it is removed: of two that see the same stale lock only one gets it, and a fresh lock moved by mistake goes back. */
async function removeStale(path: string, stale: Owner | 'unreadable'): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return; // another was quicker
    throw error;
  }
  const moved = await readOwner(aside);
  const isFresh =
    moved !== undefined && moved !== 'unreadable' && (stale === 'unreadable' || moved.token !== stale.token);
  if (isFresh) await rename(aside, path);
  else await rm(aside, { force: true });
}

function isAlive(owner: Owner | 'unreadable', nowMs: number): boolean {
  if (owner === 'unreadable') return false;
  if (owner.host !== hostname()) return Math.abs(nowMs - owner.beatMs) < SILENT_MS;
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  return owner.started === startOf(owner.pid);
}

/** When a process began, in the kernel's ticks: tells a process from a later one with the same number. Empty where there is no /proc. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A process that was killed and not yet waited for can do nothing any more.
    return fields[0] === 'Z' || fields[0] === 'X' ? '' : (fields[19] ?? '');
  } catch {
    return ''; // no /proc, or the process has just ended: both compare as unknown
  }
}
