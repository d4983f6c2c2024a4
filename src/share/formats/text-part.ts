/** A data file of text, which grows at its end and can be gone on with at any row. */
import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { MistnetError, causeText } from '../../core/errors.ts';
import type { ExportPost } from '../export-post.ts';
import type { FinishedPart, Part } from './part.ts';
import type { RowText } from './row-text.ts';
import { TextBytes } from './text-bytes.ts';

export class TextPart implements Part {
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #hash: Hash;
  readonly #text: RowText;
  bytes: number;
  readonly isFull = false;
  readonly #rows = new TextBytes();

  private constructor(path: string, file: FileHandle, hash: Hash, bytes: number, text: RowText) {
    this.#path = path;
    this.#file = file;
    this.#hash = hash;
    this.bytes = bytes;
    this.#text = text;
  }

  /** Begins a file; with `resumeAt` goes on after so many bytes of one that is there, what follows them is dropped. Throws `file.unwritable`. */
  static async open(path: string, text: RowText, resumeAt?: number): Promise<TextPart> {
    const hash = createHash('sha256');
    try {
      if (resumeAt !== undefined && resumeAt > 0)
        for await (const chunk of createReadStream(path, { end: resumeAt - 1, highWaterMark: 256 << 10 }))
          hash.update(chunk as Buffer);
      const file = await open(path, resumeAt === undefined ? 'w' : 'r+', 0o644);
      if (resumeAt !== undefined) await file.truncate(resumeAt);
      const part = new TextPart(path, file, hash, resumeAt ?? 0, text);
      if (resumeAt === undefined) await part.#append(Buffer.from(text.header));
      return part;
    } catch (error) {
      throw asUnwritable(path, error);
    }
  }

  /** Throws `file.unwritable`, as when the disk is full. */
  async write(posts: readonly ExportPost[]): Promise<void> {
    for (const post of posts) this.#text.add(post, this.#rows);
    await this.#append(this.#rows.take());
  }

  async checkpoint(): Promise<number> {
    await this.#file.datasync();
    return this.bytes;
  }

  async end(): Promise<FinishedPart> {
    await this.#file.sync();
    await this.#file.close();
    return { bytes: this.bytes, sha256: this.#hash.digest('hex') };
  }

  async clean(): Promise<void> {} // the file is all there is

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#file.fd !== -1) await this.#file.close();
  }

  async #append(chunk: Buffer): Promise<void> {
    try {
      await writeAll(this.#file, chunk, this.bytes);
    } catch (error) {
      throw asUnwritable(this.#path, error);
    }
    this.#hash.update(chunk);
    this.bytes += chunk.length;
  }
}

/** Writes all of a chunk at a place, however little the system takes at a time. */
export async function writeAll(file: FileHandle, chunk: Buffer, position: number): Promise<void> {
  for (let at = 0; at < chunk.length; ) {
    const { bytesWritten } = await file.write(chunk, at, chunk.length - at, position + at);
    at += bytesWritten;
  }
}

/** `file.unwritable` for an error of the file system, any other as it is. */
export function asUnwritable(path: string, error: unknown): unknown {
  if (error instanceof MistnetError || typeof (error as NodeJS.ErrnoException).syscall !== 'string') return error;
  return new MistnetError('file.unwritable', `Cannot write ${path}: ${causeText(error)}.`, { cause: error });
}
