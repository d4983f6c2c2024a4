/**
 * A small disk of a test's own, in memory: to be filled, emptied, made read-only. A shell of its own mounts it, and unmounts it when the test
 * ends, however it ends.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, open, realpath, rm, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export type SmallDisk = AsyncDisposable & {
  readonly path: string;
  /** Takes all room but `leaveBytes`. Again with another number: takes or gives back as much as it needs. */
  fill(leaveBytes?: number): Promise<void>;
  /** Gives back what was taken. */
  empty(): Promise<void>;
  /** Refused, with the system's words, while a file is open for writing. */
  remount(mode: 'ro' | 'rw'): Promise<void>;
};

const BLOCK_BYTES = 4096;

/** Answers with the reason when this machine lets us mount nothing. */
export async function openSmallDisk(bytes: number): Promise<SmallDisk | { refused: string }> {
  const path = await realpath(await mkdtemp(join(tmpdir(), 'mistnet-disk-')));
  const helper = new Helper(`umount -l '${path}'`);
  const ballast = join(path, 'ballast');
  try {
    await helper.do(`mount -t tmpfs -o size=${bytes},mode=0777 mistnet-test '${path}'`);
  } catch (error) {
    await helper.end();
    await rmdir(path);
    return { refused: `no disk can be mounted here: ${String(error)}` };
  }
  return {
    path,
    empty: () => rm(ballast, { force: true }),
    fill: async (leaveBytes = 0) => {
      await using file = await open(ballast, 'a');
      const block = Buffer.alloc(BLOCK_BYTES);
      try {
        for (;;) await file.write(block);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      }
      const { size } = await file.stat();
      await file.truncate(Math.max(0, size - leaveBytes));
    },
    remount: (mode) => helper.do(`mount -o remount,${mode} '${path}'`),
    [Symbol.asyncDispose]: async () => {
      await helper.end();
      await rmdir(path);
    },
  };
}

/** A shell that does one line after the other until its input ends, as it does when the test is killed, and then the last. */
class Helper {
  readonly #child: ChildProcess;
  readonly #answers: AsyncIterator<string>;

  constructor(last: string) {
    const loop = 'while read -r line; do said=$(eval "$line" 2>&1) && echo done || echo "$said" | head -n 1; done';
    this.#child = spawn('sh', ['-c', `trap '' INT TERM; ${loop}; ${last} 2>/dev/null`], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    this.#answers = createInterface({ input: this.#child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
  }

  async do(line: string): Promise<void> {
    this.#child.stdin?.write(`${line}\n`);
    const { done, value } = await this.#answers.next();
    if (done === true) throw new Error('the shell ended');
    if (value !== 'done') throw new Error(value);
  }

  async end(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once('close', resolve));
    this.#child.stdin?.end();
    await ended;
  }
}
