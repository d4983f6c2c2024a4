/**
 * One build of an hour at a time: a lock file that says who builds. A lock whose owner is dead (same host) or has not been heard of
 * for two minutes (another host, over a shared file system) is taken over.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { MistnetError } from '../core/errors.ts';
import type { Clock } from '../core/time.ts';

type Owner = { token: string; host: string; pid: number; started: string; beatMs: number };

const BEAT_MS = 20_000;
const SILENT_MS = 120_000;
/** Taking over a dead build's lock takes milliseconds; who finds another at it looks again this much later, this often. */
const TAKE_OVER_MS = 25;
const MAX_ATTEMPTS = 40;

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
      if (attempt >= MAX_ATTEMPTS || isAlive(other, clock.now())) {
        const who = other === 'unreadable' ? 'another program' : `process ${other.pid} on ${other.host}`;
        throw new MistnetError(
          'dataset.conflict',
          `${what} is being built by ${who} (${path}); wait until it has ended.`,
        );
      }
      if (await takeOver(path, owner, clock)) return new BuildLock(path, owner, clock);
      await setTimeout(TAKE_OVER_MS);
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

/**
 * Replaces a stale lock by our own, in one step. A second lock beside it sees to it that only one does so at a time, for between
 * looking at the stale lock and replacing it another may have made it his. That one is held for an instant; when its owner died
 * in that instant it is just removed.
 */
async function takeOver(path: string, owner: Owner, clock: Clock): Promise<boolean> {
  const guard = `${path}.taking-over`;
  if (!(await createExclusively(guard, owner))) {
    const other = await readOwner(guard);
    if (other !== undefined && !isAlive(other, clock.now())) await rm(guard, { force: true });
    return false;
  }
  try {
    const current = await readOwner(path);
    if (current === undefined || isAlive(current, clock.now())) return false;
    const aside = `${path}.${owner.token}`;
    await writeFile(aside, JSON.stringify(owner));
    await rename(aside, path);
    return true;
  } finally {
    await rm(guard, { force: true });
  }
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
