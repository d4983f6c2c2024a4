/** The lines of one input file, plain or packed, as positions in its chunks; with the digest and size of the file's bytes. */
import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { readContent } from '../capture/segment/content.ts';
import { MistnetError, causeText } from '../core/errors.ts';

/**
 * A line is `bytes[from … to]`, without its LF; `isWhole` says that a LF stood there. `isUtf8` is true where the line is known to be
 * UTF-8: looking at all lines of a chunk at once costs next to nothing.
 */
export type OnLine = (bytes: Buffer, from: number, to: number, isWhole: boolean, isUtf8: boolean) => void;

/** What a file was, once read. `damaged`: it could not be unpacked to its end, with the decoder's reason; what came before counts. */
export type InputDigest = { bytes: number; sha256: string; damaged?: string };

const LF = 10;
/** No post is near this long; a longer line is cut there, and its pieces will be malformed. */
const MAX_LINE_BYTES = 64 << 20;

/** Plain files are read into one buffer, again and again: a stream would make as much garbage as there is to read. */
const CHUNK_BYTES = 512 << 10;

/**
 * Calls `onLine` for each line (blank ones too) and `afterChunk` between the chunks of the file; what `onLine` got is then used up.
 * Throws `folder.unreadable` when the file cannot be opened or read.
 */
export async function readInputLines(
  path: string,
  onLine: OnLine,
  afterChunk: (contentBytes: number) => Promise<void>,
): Promise<InputDigest> {
  const lines = new LineCutter(onLine);
  const take = async (chunk: Buffer) => {
    lines.push(chunk);
    await afterChunk(chunk.length);
  };
  try {
    return /\.(gz|zst)$/.test(path) ? await readPacked(path, take) : await readPlain(path, take);
  } catch (error) {
    throw asUnreadable(path, error);
  } finally {
    lines.end();
  }
}

async function readPlain(path: string, take: (chunk: Buffer) => Promise<void>): Promise<InputDigest> {
  const chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  const hash = createHash('sha256');
  await using file = await open(path, 'r');
  for (let bytes = 0; ; ) {
    const { bytesRead } = await file.read(chunk, 0, chunk.length, null);
    if (bytesRead === 0) return { bytes, sha256: hash.digest('hex') };
    const part = chunk.subarray(0, bytesRead);
    hash.update(part);
    bytes += bytesRead;
    await take(part);
  }
}

async function readPacked(path: string, take: (chunk: Buffer) => Promise<void>): Promise<InputDigest> {
  let damaged: string | undefined;
  try {
    for await (const chunk of readContent(path)) await take(chunk);
  } catch (error) {
    if (!isDecoderError(error)) throw error;
    damaged = causeText(error);
  }
  const digest = await digestFile(path);
  return damaged === undefined ? digest : { ...digest, damaged };
}

/** Digest and size of a file's bytes; throws `folder.unreadable`. */
export async function digestFile(path: string): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 256 << 10 }) as AsyncIterable<Buffer>) {
      hash.update(chunk);
      bytes += chunk.length;
    }
  } catch (error) {
    throw asUnreadable(path, error);
  }
  return { bytes, sha256: hash.digest('hex') };
}

export function isDecoderError(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' && /^(Z_|ZSTD_)/.test(code);
}

/** `folder.unreadable` for an error of the file system, any other as it is. */
export function asUnreadable(path: string, error: unknown): unknown {
  if (error instanceof MistnetError) return error;
  if (typeof (error as NodeJS.ErrnoException).syscall !== 'string') return error;
  return new MistnetError('folder.unreadable', `Cannot read ${path}: ${causeText(error)}.`, { cause: error });
}

/** Cuts chunks at LF; only the pieces of a line that spans chunks are copied. */
export class LineCutter {
  #rest: Buffer[] = [];
  #restBytes = 0;
  readonly #onLine: OnLine;

  constructor(onLine: OnLine) {
    this.#onLine = onLine;
  }

  push(chunk: Buffer): void {
    let from = 0;
    if (this.#restBytes > 0) {
      const end = chunk.indexOf(LF);
      if (end === -1) {
        this.#keep(Buffer.from(chunk)); // the chunk's memory will hold the next one
        if (this.#restBytes > MAX_LINE_BYTES) this.end();
        return;
      }
      this.#keep(chunk.subarray(0, end + 1));
      const line = this.#take();
      this.#onLine(line, 0, line.length - 1, true, isUtf8(line));
      from = end + 1;
    }
    const areUtf8 = isUtf8(chunk.subarray(from, chunk.lastIndexOf(LF) + 1));
    for (let to = chunk.indexOf(LF, from); to !== -1; to = chunk.indexOf(LF, from)) {
      this.#onLine(chunk, from, to, true, areUtf8 || isUtf8(chunk.subarray(from, to)));
      from = to + 1;
    }
    if (from < chunk.length) this.#keep(Buffer.from(chunk.subarray(from)));
  }

  end(): void {
    if (this.#restBytes === 0) return;
    const line = this.#take();
    this.#onLine(line, 0, line.length, false, isUtf8(line));
  }

  #keep(piece: Buffer): void {
    this.#rest.push(piece);
    this.#restBytes += piece.length;
  }

  #take(): Buffer {
    const line = this.#rest.length === 1 ? (this.#rest[0] as Buffer) : Buffer.concat(this.#rest);
    this.#rest = [];
    this.#restBytes = 0;
    return line;
  }
}
