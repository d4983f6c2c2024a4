/** A ZIP file written from front to back with constant memory: each entry is packed as it comes, sizes are filled in when it ends. */
import { once } from 'node:events';
import type { FileHandle } from 'node:fs/promises';
import { crc32, createDeflateRaw, type DeflateRaw } from 'node:zlib';
import { writeAll } from '../text-part.ts';

type Entry = { name: Buffer; offset: number; crc: number; packed: number; size: number };

/** Sizes and places are 32 bits wide; who writes sees to it that they suffice. */
const MAX_BYTES = 0xffffffff;
/** The same for equal content, so that equal exports are equal files: 1980-01-01, the first date of the format. */
const DOS_DATE = 0x0021;
const DEFLATED = 8;
const NEEDS_VERSION = 20;
/** Names are UTF-8. */
const FLAGS = 0x0800;
/** A third of the time of the usual level, for files a tenth larger. */
const LEVEL = 3;

export class ZipFile {
  readonly #file: FileHandle;
  readonly #entries: Entry[] = [];
  #offset = 0;
  #current: { entry: Entry; deflate: DeflateRaw; written: Promise<void> } | undefined;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  /** Begins an entry; the one before must have ended. */
  async begin(name: string): Promise<void> {
    const entry: Entry = { name: Buffer.from(name), offset: this.#offset, crc: 0, packed: 0, size: 0 };
    await this.#append(localHeader(entry));
    const deflate = createDeflateRaw({ level: LEVEL });
    this.#current = { entry, deflate, written: this.#drain(entry, deflate) };
    this.#current.written.catch(() => {}); // thrown where the entry ends
  }

  async write(chunk: Buffer): Promise<void> {
    const current = this.#current;
    if (current === undefined || chunk.length === 0) return;
    current.entry.crc = crc32(chunk, current.entry.crc);
    current.entry.size += chunk.length;
    if (!current.deflate.write(chunk)) await Promise.race([once(current.deflate, 'drain'), current.written]);
  }

  /** Ends the entry and writes its sizes into its header. */
  async end(): Promise<void> {
    if (this.#current === undefined) return;
    const { entry, deflate, written } = this.#current;
    deflate.end();
    await written;
    this.#current = undefined;
    if (entry.size > MAX_BYTES || this.#offset > MAX_BYTES)
      throw new RangeError(`${String(entry.name)} is too large for a ZIP file`);
    await writeAll(this.#file, localHeader(entry), entry.offset);
    this.#entries.push(entry);
  }

  /** Writes the directory, after which the file is whole. */
  async finish(): Promise<void> {
    const start = this.#offset;
    for (const entry of this.#entries) await this.#append(centralHeader(entry));
    const end = Buffer.alloc(22);
    end.writeUInt32LE(0x06054b50, 0);
    end.writeUInt16LE(this.#entries.length, 8);
    end.writeUInt16LE(this.#entries.length, 10);
    end.writeUInt32LE(this.#offset - start, 12);
    end.writeUInt32LE(start, 16);
    await this.#append(end);
  }

  /** Gives up what is under way. */
  abandon(): void {
    this.#current?.deflate.destroy();
  }

  async #drain(entry: Entry, deflate: DeflateRaw): Promise<void> {
    for await (const chunk of deflate as AsyncIterable<Buffer>) {
      entry.packed += chunk.length;
      await this.#append(chunk);
    }
  }

  async #append(chunk: Buffer): Promise<void> {
    await writeAll(this.#file, chunk, this.#offset);
    this.#offset += chunk.length;
  }
}

function localHeader({ name, crc, packed, size }: Entry): Buffer {
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  writeCommon(header, 4, { name, crc, packed, size });
  return Buffer.concat([header, name]);
}

function centralHeader(entry: Entry): Buffer {
  const header = Buffer.alloc(46);
  header.writeUInt32LE(0x02014b50, 0);
  header.writeUInt16LE(NEEDS_VERSION, 4);
  writeCommon(header, 6, entry);
  header.writeUInt32LE(entry.offset, 42);
  return Buffer.concat([header, entry.name]);
}

function writeCommon(header: Buffer, at: number, { name, crc, packed, size }: Omit<Entry, 'offset'>): void {
  header.writeUInt16LE(NEEDS_VERSION, at);
  header.writeUInt16LE(FLAGS, at + 2);
  header.writeUInt16LE(DEFLATED, at + 4);
  header.writeUInt16LE(0, at + 6);
  header.writeUInt16LE(DOS_DATE, at + 8);
  header.writeUInt32LE(crc, at + 10);
  header.writeUInt32LE(packed, at + 14);
  header.writeUInt32LE(size, at + 18);
  header.writeUInt16LE(name.length, at + 22);
}
