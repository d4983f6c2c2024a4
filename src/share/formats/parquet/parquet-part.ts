/** A Parquet file as a part of an export: rows go to a working file, which DuckDB turns into the part at its end. */
import { open, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { digestFile } from '../../../process/input-lines.ts';
import { type ChildEnd, runChild, writeFailure } from '../../../process/parquet/run-child.ts';
import { type Column, type Preset, valueText } from '../../columns/column.ts';
import type { ExportPost } from '../../export-post.ts';
import type { FinishedPart, Part } from '../part.ts';
import type { TextBytes } from '../text-bytes.ts';
import { TextPart } from '../text-part.ts';
import { bufferBytes, parquetField } from './parquet-query.ts';

/** A group is held in memory until it is whole: this many bytes of rows, and rows, at most. */
const GROUP_BYTES = 16e6;
const GROUP_ROWS = 30_720;
/** DuckDB cannot say beforehand what a group of uncommon rows takes. */
const MEMORY_MB = [128, 512, 2048, 8192];
const CHILD = fileURLToPath(new URL('./parquet-child.ts', import.meta.url));

type Options = { preset: Preset; metadata: Record<string, string>; signal: AbortSignal };

export class ParquetPart implements Part {
  readonly #path: string;
  readonly #rows: TextPart;
  readonly #options: Options;
  readonly #measure: { rows: number; longestRow: number };
  readonly isFull = false;

  private constructor(path: string, rows: TextPart, options: Options, measure: { rows: number; longestRow: number }) {
    this.#path = path;
    this.#rows = rows;
    this.#options = options;
    this.#measure = measure;
  }

  /** Begins a part; `resume` goes on with its working file, which has so many bytes and rows. Throws `file.unwritable`. */
  static async open(path: string, options: Options, resume?: { bytes: number; rows: number }): Promise<ParquetPart> {
    const { columns } = options.preset;
    // How long rows before a crash were is not known any more; no row is longer than all of them.
    const measure = { rows: resume?.rows ?? 0, longestRow: Math.min(resume?.bytes ?? 0, 64e6) };
    const add = (post: ExportPost, out: TextBytes) => {
      const line = `${columns.map((column) => fieldOf(column, post)).join('\t')}\n`;
      measure.rows++;
      measure.longestRow = Math.max(measure.longestRow, line.length * 3); // bytes of UTF-8 at most
      out.add(line);
    };
    const rows = await TextPart.open(`${path}.rows`, { header: '', add }, resume?.bytes);
    return new ParquetPart(path, rows, options, measure);
  }

  get bytes(): number {
    return this.#rows.bytes;
  }

  write(posts: readonly ExportPost[]): Promise<void> {
    return this.#rows.write(posts);
  }

  checkpoint(): Promise<number> {
    return this.#rows.checkpoint();
  }

  async end(): Promise<FinishedPart> {
    const { bytes } = await this.#rows.end();
    const { rows, longestRow } = this.#measure;
    const { preset, metadata, signal } = this.#options;
    const groups = Math.floor(
      (GROUP_ROWS * Math.min(1, GROUP_BYTES / GROUP_ROWS / (bytes / Math.max(1, rows)))) / 2048,
    );
    const bufferMb = Math.ceil((6 * bufferBytes(longestRow)) / 1e6);
    const job = {
      columns: preset.columns.map(({ name, kind }) => ({ name, kind })),
      rowsPath: `${this.#path}.rows`,
      path: this.#path,
      temporaryFolder: `${this.#path}.tmp`,
      longestRow,
      rowGroup: 2048 * Math.max(1, groups),
      metadata,
    };
    let end: ChildEnd | undefined;
    for (const memoryMb of MEMORY_MB) {
      end = await runChild(CHILD, { ...job, memoryMb: memoryMb + bufferMb }, signal);
      if (end.code === 0 || !/Out of Memory/.test(end.said)) break;
    }
    await rm(job.temporaryFolder, { recursive: true, force: true });
    if (end?.code !== 0 || Number(end.answered) !== rows) throw writeFailure(this.#path, end, rows);
    await using file = await open(this.#path, 'r');
    await file.sync();
    return await digestFile(this.#path);
  }

  async clean(): Promise<void> {
    await rm(`${this.#path}.rows`, { force: true });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#rows[Symbol.asyncDispose]();
  }
}

function fieldOf({ value: read }: Column, post: ExportPost): string {
  const value = read(post);
  return value === undefined ? '' : parquetField(valueText(value));
}
