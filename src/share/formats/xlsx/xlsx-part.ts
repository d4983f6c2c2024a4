/** A workbook with one sheet, as a part of an export. Packed as it grows, so it can only be begun anew, not gone on with. */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Options, ZipFile } from 'yazl';
import { digestFile } from '../../../process/input-lines.ts';
import type { Preset } from '../../columns/column.ts';
import type { ExportPost } from '../../export-post.ts';
import type { Cut, FinishedPart, Part } from '../part.ts';
import { asUnwritable } from '../text-part.ts';
import { sheetText } from './sheet-text.ts';
import { workbookFiles } from './workbook.ts';

/** Excel reads no sheet of more than 4 GB of XML; a batch of rows with the longest of cells still finds room above this. */
const FULL_BYTES = 3_000_000_000;
/** Equal exports are equal files: the first date of the format, and a third of the time of the usual packing for files a tenth larger. */
const ENTRY: Partial<Options> = {
  mtime: new Date(1980, 0, 1),
  forceDosTimestamp: true,
  mode: 0o100644,
  compressionLevel: 3,
};

export class XlsxPart implements Part {
  readonly #path: string;
  readonly #zip = new ZipFile();
  readonly #sheet = new PassThrough({ highWaterMark: 1 << 20 });
  readonly #written: Promise<void>;
  readonly #text: ReturnType<typeof sheetText>;
  #rows = 1;
  bytes = 0;

  private constructor(path: string, text: ReturnType<typeof sheetText>) {
    this.#path = path;
    this.#text = text;
    this.#zip.on('error', (error) => (this.#zip.outputStream as PassThrough).destroy(error));
    this.#written = pipeline(this.#zip.outputStream, createWriteStream(path, { mode: 0o644 }));
    this.#written.catch(() => {}); // thrown where it is written or ended
  }

  get isFull(): boolean {
    return this.bytes >= FULL_BYTES;
  }

  /** Begins a workbook; what was at the path is gone. */
  static async open(path: string, preset: Preset, onCut: (cut: Cut) => void): Promise<XlsxPart> {
    const part = new XlsxPart(path, sheetText(preset, onCut));
    const { before, sheetName, sheetStart } = workbookFiles(preset.columns.length);
    for (const [name, xml] of Object.entries(before)) part.#zip.addBuffer(Buffer.from(xml), name, ENTRY);
    part.#zip.addReadStream(part.#sheet, sheetName, ENTRY);
    part.#zip.end();
    await part.#append(sheetStart + part.#text.head);
    return part;
  }

  /** Throws `file.unwritable`. */
  async write(posts: readonly ExportPost[]): Promise<void> {
    let rows = '';
    for (const post of posts) rows += this.#text.row(post, ++this.#rows);
    await this.#append(rows);
  }

  async checkpoint(): Promise<undefined> {
    return undefined;
  }

  async end(): Promise<FinishedPart> {
    await this.#append('</sheetData></worksheet>');
    this.#sheet.end();
    try {
      await this.#written;
      await using file = await open(this.#path, 'r');
      await file.sync();
    } catch (error) {
      throw asUnwritable(this.#path, error);
    }
    return await digestFile(this.#path);
  }

  async clean(): Promise<void> {} // the file is all there is

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#sheet.writableFinished) (this.#zip.outputStream as PassThrough).destroy();
    await this.#written.catch(() => {}); // it was given up, or has failed where it was written
    this.#sheet.destroy();
  }

  async #append(xml: string): Promise<void> {
    const chunk = Buffer.from(xml);
    this.bytes += chunk.length;
    try {
      if (!this.#sheet.write(chunk)) await Promise.race([once(this.#sheet, 'drain'), this.#written]);
    } catch (error) {
      throw asUnwritable(this.#path, error);
    }
  }
}
