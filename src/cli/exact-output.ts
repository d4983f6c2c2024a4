/** Where a command's data goes: a file, or the standard output. A file can be cut back to what is known to be right, so that a resumed command repeats nothing. */
import { fstatSync, fsync, ftruncate, write } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { causeText, MistnetError } from '../core/errors.ts';

export type ExactOutput = AsyncDisposable & {
  /** `standard output`, or the file's whole path. */
  readonly name: string;
  write(data: Buffer): Promise<void>;
  /** Brings all that was written to the disk; the file's size, undefined where the output is no file. */
  settle(): Promise<number | undefined>;
};

export const STANDARD_OUTPUT = 'standard output';

/**
 * Opens a file anew, or the standard output. `keepBytes`: go on after so many bytes and drop what lies beyond. Throws `file.unwritable`, also
 * when there is less than what is to be kept.
 */
export async function openOutput(path: string | undefined, keepBytes?: number): Promise<ExactOutput> {
  return path === undefined ? openStandardOutput(keepBytes) : openFile(resolve(path), keepBytes);
}

const toDescriptor = { write: promisify(write), sync: promisify(fsync), truncate: promisify(ftruncate) };
const STDOUT = 1;

async function openStandardOutput(keepBytes: number | undefined): Promise<ExactOutput> {
  const stat = fstatSync(STDOUT);
  if (!stat.isFile()) {
    return {
      name: STANDARD_OUTPUT,
      write: async (data) => {
        if (!process.stdout.write(data)) await once(process.stdout, 'drain');
      },
      settle: async () => undefined,
      [Symbol.asyncDispose]: async () => {},
    };
  }
  if (keepBytes !== undefined) {
    assertHolds(
      STANDARD_OUTPUT,
      stat.size,
      keepBytes,
      ' (the shell empties a file after >: write >>, or use --output)',
    );
    await saying(STANDARD_OUTPUT, () => toDescriptor.truncate(STDOUT, keepBytes));
  }
  let bytes = keepBytes ?? stat.size;
  return {
    name: STANDARD_OUTPUT,
    write: (data) =>
      saying(STANDARD_OUTPUT, async () => {
        for (let at = 0; at < data.length; ) {
          const { bytesWritten } = await toDescriptor.write(STDOUT, data, at, data.length - at);
          at += bytesWritten;
          bytes += bytesWritten;
        }
      }),
    settle: () => saying(STANDARD_OUTPUT, () => toDescriptor.sync(STDOUT).then(() => bytes)),
    [Symbol.asyncDispose]: async () => {},
  };
}

async function openFile(path: string, keepBytes: number | undefined): Promise<ExactOutput> {
  const file = await saying(path, () => open(path, keepBytes === undefined ? 'w' : 'r+'));
  let bytes = keepBytes ?? 0;
  try {
    if (keepBytes !== undefined) await cutBack(file, path, keepBytes);
  } catch (error) {
    await file.close();
    throw error;
  }
  return {
    name: path,
    write: (data) =>
      saying(path, async () => {
        for (let at = 0; at < data.length; ) {
          const { bytesWritten } = await file.write(data, at, data.length - at, bytes);
          at += bytesWritten;
          bytes += bytesWritten;
        }
      }),
    settle: () => saying(path, () => file.datasync().then(() => bytes)),
    [Symbol.asyncDispose]: () => file.close(),
  };
}

async function cutBack(file: FileHandle, path: string, keepBytes: number): Promise<void> {
  assertHolds(path, (await file.stat()).size, keepBytes, '');
  await saying(path, () => file.truncate(keepBytes));
}

function assertHolds(name: string, size: number, keepBytes: number, hint: string): void {
  if (size >= keepBytes) return;
  throw new MistnetError(
    'file.unwritable',
    `The ${name === STANDARD_OUTPUT ? name : `file ${name}`} holds ${size} bytes, fewer than the ${keepBytes} that were written before${hint}; remove the resume file to begin anew.`,
  );
}

async function saying<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof MistnetError) throw error;
    throw new MistnetError('file.unwritable', `${name} cannot be written: ${causeText(error)}.`, { cause: error });
  }
}
