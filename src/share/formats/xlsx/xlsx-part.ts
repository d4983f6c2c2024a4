/** A workbook with one sheet, as a part of an export. Packed as it grows, so it can only be begun anew, not gone on with. */
import { type FileHandle, open } from 'node:fs/promises';
import { digestFile } from '../../../process/input-lines.ts';
import type { Preset } from '../../columns/column.ts';
import type { ExportPost } from '../../export-post.ts';
import type { Cut, FinishedPart, Part } from '../part.ts';
import { asUnwritable } from '../text-part.ts';
import { sheetText } from './sheet-text.ts';
import { workbookFiles } from './workbook.ts';
import { ZipFile } from './zip-file.ts';

/** A sheet's XML is at most 4 GB in a plain ZIP file; a batch of rows with the longest of cells still finds room above this. */
const FULL_BYTES = 3_000_000_000;

export class XlsxPart implements Part {
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #zip: ZipFile;
  readonly #text: ReturnType<typeof sheetText>;
  #rows = 1;
  bytes = 0;

  private constructor(path: string, file: FileHandle, text: ReturnType<typeof sheetText>) {
    this.#path = path;
    this.#file = file;
    this.#zip = new ZipFile(file);
    this.#text = text;
  }

  get isFull(): boolean {
    return this.bytes >= FULL_BYTES;
  }

  /** Begins a workbook; what was at the path is gone. Throws `file.unwritable`. */
  static async open(path: string, preset: Preset, onCut: (cut: Cut) => void): Promise<XlsxPart> {
    let file: FileHandle;
    try {
      file = await open(path, 'w', 0o644);
    } catch (error) {
      throw asUnwritable(path, error);
    }
    const part = new XlsxPart(path, file, sheetText(preset, onCut));
    const { before, sheetName, sheetStart } = workbookFiles(preset.columns.length);
    for (const [name, xml] of Object.entries(before)) {
      await part.#zip.begin(name);
      await part.#zip.write(Buffer.from(xml));
      await part.#zip.end();
    }
    await part.#zip.begin(sheetName);
    await part.#append(sheetStart + part.#text.head);
    return part;
  }

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
    await this.#zip.end();
    await this.#zip.finish();
    await this.#file.sync();
    await this.#file.close();
    return await digestFile(this.#path);
  }

  async clean(): Promise<void> {} // the file is all there is

  async [Symbol.asyncDispose](): Promise<void> {
    this.#zip.abandon();
    if (this.#file.fd !== -1) await this.#file.close();
  }

  async #append(xml: string): Promise<void> {
    const chunk = Buffer.from(xml);
    this.bytes += chunk.length;
    await this.#zip.write(chunk);
  }
}
