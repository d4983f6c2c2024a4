/** The data files of an export: rows go in, parts come out, each at most so many rows; what is done is noted so that a crash costs little. */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeDurably } from '../capture/durable-file.ts';
import type { Preset } from './columns/column.ts';
import { type ExportStats, partSchema, statsSchema } from './export-manifest.ts';
import type { ExportPost } from './export-post.ts';
import { type ExportRequest, exportRequestSchema, MAX_SHEET_ROWS } from './export-request.ts';
import { ParquetPart } from './formats/parquet/parquet-part.ts';
import type { Cut, Part } from './formats/part.ts';
import { rowText } from './formats/row-text.ts';
import { TextPart } from './formats/text-part.ts';
import { XlsxPart } from './formats/xlsx/xlsx-part.ts';

const count = z.number().int().nonnegative();

/** How far the files are durable: finished parts, the place in the one under way, and `identity`, a digest of what all the rows up to there were made of. */
const checkpointSchema = z.strictObject({
  schema: z.literal(1),
  version: z.string(),
  request: exportRequestSchema,
  total: count,
  rows: count,
  identity: z.string(),
  parts: z.array(partSchema),
  current: z.strictObject({ rows: count, bytes: count }).optional(),
  stats: statsSchema,
});
export type Checkpoint = z.infer<typeof checkpointSchema>;
export type FinishedFile = z.infer<typeof partSchema>;

const CHECKPOINT_NAME = 'checkpoint.json';
const MAX_FIRST_CUTS = 1000;
const EXTENSIONS = {
  csv: 'csv',
  tsv: 'tsv',
  xlsx: 'xlsx',
  jsonl: 'jsonl',
  parquet: 'parquet',
  ids: 'ids.txt',
} as const;

export type FilesOptions = {
  folder: string;
  name: string;
  version: string;
  request: ExportRequest;
  preset: Preset;
  /** How many rows there will be: whether files are numbered is known from the first on. */
  total: number;
  signal: AbortSignal;
};

export class ExportFiles implements AsyncDisposable {
  readonly #options: FilesOptions;
  readonly #limit: number;
  readonly parts: FinishedFile[];
  readonly stats: ExportStats;
  rows: number;
  #part: Part | undefined;
  #partRows = 0;
  #finishedBytes = 0;

  private constructor(options: FilesOptions, checkpoint: Checkpoint | undefined) {
    this.#options = options;
    this.#limit = rowLimit(options.request);
    this.parts = checkpoint?.parts ?? [];
    this.rows = checkpoint?.rows ?? 0;
    this.stats = checkpoint?.stats ?? { collectionIds: [], altered: 0, cuts: 0, firstCuts: [], redacted: 0 };
    this.#finishedBytes = this.parts.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Begins, or goes on where the checkpoint says. */
  static async open(options: FilesOptions, checkpoint: Checkpoint | undefined): Promise<ExportFiles> {
    const files = new ExportFiles(options, checkpoint);
    if (checkpoint?.current !== undefined) {
      files.#part = await files.#openPart(checkpoint.current);
      files.#partRows = checkpoint.current.rows;
    }
    return files;
  }

  /** How many more rows the file under way takes. */
  get room(): number {
    return this.#limit - this.#partRows;
  }

  get bytes(): number {
    return this.#finishedBytes + (this.#part?.bytes ?? 0);
  }

  /** Writes rows, at most `room` of them; true when the file is full and was ended. */
  async write(posts: readonly ExportPost[]): Promise<boolean> {
    this.#part ??= await this.#openPart();
    await this.#part.write(posts);
    this.#partRows += posts.length;
    this.rows += posts.length;
    for (const post of posts) this.#note(post);
    const isFull = this.#partRows >= this.#limit || this.#part.isFull;
    if (isFull) await this.#endPart();
    return isFull;
  }

  /** Ends the last file; an export without rows has one all the same. */
  async end(): Promise<void> {
    if (this.parts.length === 0) this.#part ??= await this.#openPart();
    if (this.#part !== undefined) await this.#endPart();
  }

  /** Notes that everything up to here is durable; undefined when the file under way cannot be gone on with. */
  async checkpoint(identity: string): Promise<void> {
    const { folder, version, request, total } = this.#options;
    const at = await this.#part?.checkpoint();
    if (this.#part !== undefined && at === undefined) return; // the one of the file before still holds
    const checkpoint: Checkpoint = {
      schema: 1,
      version,
      request,
      total,
      rows: this.rows,
      identity,
      parts: this.parts,
      ...(at === undefined ? {} : { current: { rows: this.#partRows, bytes: at } }),
      stats: this.stats,
    };
    await writeDurably(join(folder, CHECKPOINT_NAME), JSON.stringify(checkpoint));
    for (const clean of this.#toClean.splice(0)) await clean();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#part?.[Symbol.asyncDispose]();
  }

  readonly #toClean: (() => Promise<void>)[] = [];

  /** What the part worked with goes only after a checkpoint says that the part is whole. */
  async #endPart(): Promise<void> {
    const part = this.#part as Part;
    const finished = await part.end();
    this.parts.push({ file: this.#fileName(this.parts.length), rows: this.#partRows, ...finished });
    this.#finishedBytes += finished.bytes;
    this.#toClean.push(() => part.clean());
    this.#part = undefined;
    this.#partRows = 0;
  }

  async #openPart(resume?: { rows: number; bytes: number }): Promise<Part> {
    const { folder, request, preset, name, signal } = this.#options;
    const path = join(folder, this.#fileName(this.parts.length));
    const onCut = (cut: Cut) => {
      this.stats.cuts++;
      if (this.stats.firstCuts.length < MAX_FIRST_CUTS) this.stats.firstCuts.push(cut);
    };
    if (request.format === 'xlsx') return await XlsxPart.open(path, preset, onCut);
    if (request.format === 'parquet') {
      const metadata = {
        'mistnet.export': name,
        'mistnet.request': JSON.stringify(request),
        'mistnet.version': this.#options.version,
      };
      return await ParquetPart.open(path, { preset, metadata, signal }, resume);
    }
    return await TextPart.open(path, rowText(request, preset, onCut), resume?.bytes);
  }

  /** `birds.csv`, or `birds-0001.csv` where there are several. */
  #fileName(index: number): string {
    const { name, request, total } = this.#options;
    const isNumbered = total > this.#limit || index > 0;
    return `${name}${isNumbered ? `-${String(index + 1).padStart(4, '0')}` : ''}.${EXTENSIONS[request.format]}`;
  }

  #note({ stored, isRedacted }: ExportPost): void {
    const { stats } = this;
    if (stored.postedAt !== null) stats.posted = widened(stats.posted, stored.postedAt);
    stats.captured = widened(stats.captured, stored.capturedAt);
    stats.counted = widened(stats.counted, stored.observedAt);
    if (stored.altered.length > 0) stats.altered++;
    if (isRedacted) stats.redacted++;
    if (!stats.collectionIds.includes(stored.collectionId)) stats.collectionIds.push(stored.collectionId);
  }
}

/** What an earlier run of the same export left; undefined when there is nothing, or nothing that this version could go on with. */
export async function readCheckpoint(
  folder: string,
  { request, version, total }: { request: ExportRequest; version: string; total: number },
): Promise<Checkpoint | undefined> {
  const text = await readFile(join(folder, CHECKPOINT_NAME), 'utf8').catch(() => undefined); // absent: from the beginning
  if (text === undefined) return undefined;
  const parsed = checkpointSchema.safeParse(JSON.parse(text));
  const isSame =
    parsed.success &&
    parsed.data.version === version &&
    // Rows that came since stand behind the others; but files that are numbered now must have been numbered then.
    parsed.data.total > rowLimit(request) === total > rowLimit(request) &&
    JSON.stringify(parsed.data.request) === JSON.stringify(exportRequestSchema.parse(request));
  return isSame ? parsed.data : undefined;
}

/** Rows of a file at most. */
function rowLimit({ format, split }: ExportRequest): number {
  return split ?? (format === 'xlsx' ? MAX_SHEET_ROWS : Number.POSITIVE_INFINITY);
}

export async function removeCheckpoint(folder: string): Promise<void> {
  await rm(join(folder, CHECKPOINT_NAME), { force: true });
}

function widened(span: { first: string; last: string } | undefined, at: string): { first: string; last: string } {
  if (span === undefined) return { first: at, last: at };
  if (at < span.first) return { first: at, last: span.last };
  return at > span.last ? { first: span.first, last: at } : span;
}
