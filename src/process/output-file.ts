/** One file of a dataset while it is written: plain, or through xz; durable and digested when it ends. */
import { type FileHandle, open } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { MistnetError, causeText } from '../core/errors.ts';
import { digestFile } from './input-lines.ts';
import { type XzLevel, type XzOptions, startXz } from './xz.ts';

export type WrittenFile = { bytes: number; sha256: string };

export interface OutputFile extends AsyncDisposable {
  /** The bytes may be used again when the promise has resolved. */
  write(bytes: Buffer): Promise<void>;
  /** Ends the file and makes it durable. */
  end(): Promise<WrittenFile>;
}

export type Compression = Omit<XzOptions, 'level'> & { level: XzLevel | 'none' };

/** Creates the file; throws `file.unwritable`. Disposing of it before its end stops the work and leaves the file half done. */
export async function createOutputFile(
  path: string,
  { level, ...packing }: Compression,
  signal: AbortSignal,
): Promise<OutputFile> {
  let file: FileHandle;
  try {
    file = await open(path, 'wx', 0o644);
  } catch (error) {
    throw new MistnetError('file.unwritable', `Cannot write ${path}: ${causeText(error)}.`, { cause: error });
  }
  return level === 'none' ? new PlainFile(path, file) : packedFile(path, file, { level, ...packing }, signal);
}

class PlainFile implements OutputFile {
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #hash = createHash('sha256');
  #bytes = 0;

  constructor(path: string, file: FileHandle) {
    this.#path = path;
    this.#file = file;
  }

  async write(bytes: Buffer): Promise<void> {
    this.#hash.update(bytes);
    await unlessFull(this.#path, this.#file.writeFile(bytes));
    this.#bytes += bytes.length;
  }

  async end(): Promise<WrittenFile> {
    await unlessFull(this.#path, this.#file.sync());
    return { bytes: this.#bytes, sha256: this.#hash.digest('hex') };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
  }
}

async function packedFile(
  path: string,
  file: FileHandle,
  options: XzOptions,
  signal: AbortSignal,
): Promise<OutputFile> {
  let xz: Awaited<ReturnType<typeof startXz>>;
  try {
    xz = await startXz(file, options, signal);
  } catch (error) {
    await file.close();
    throw error;
  }
  return {
    write: (bytes) => unlessFull(path, xz.write(bytes)),
    end: async () => {
      await unlessFull(path, xz.end());
      await unlessFull(path, file.sync());
      return digestFile(path);
    },
    [Symbol.asyncDispose]: async () => {
      await xz.stop();
      await file.close();
    },
  };
}

/** Waits for work on a file; what the file system says against it becomes `file.unwritable`. */
async function unlessFull(path: string, work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (error instanceof MistnetError || typeof (error as NodeJS.ErrnoException).syscall !== 'string') throw error;
    throw new MistnetError('file.unwritable', `Cannot write ${path}: ${causeText(error)}.`, { cause: error });
  }
}
