/** Reads all that one node brought for an hour into the index and the spill, and counts every line by what became of it. */
import { isUtf8 } from 'node:buffer';
import { relative } from 'node:path';
import { decodeFrame } from '../capture/segment/format.ts';
import type { CompactedPart } from '../capture/segment/manifest.ts';
import { utcHourToMs, type UtcHour, HOUR_MS } from '../core/time.ts';
import { FIELD, SampleRow } from '../platforms/x/sample-row.ts';
import { commonFolder } from './input-files.ts';
import { type InputDigest, type OnLine, readInputLines } from './input-lines.ts';
import { InterimRowWriter } from './interim-row.ts';
import { fileOfPart, partsOfFile, readPartLines } from './part-lines.ts';
import { type IdKey, type RowIndex, readIdKey } from './row-index.ts';
import type { Spill } from './spill.ts';

/** One node (or folder) and its files, read in the order given. */
export type NodeInput = { name: string; files: string[] };

/** `whole`: all that the files hold is the hour. `cut`: frames received within the hour are. */
export type CutMode = 'whole' | 'cut';

/** Whether a frame's payload that a node captured at an instant (ISO 8601) is to be in the dataset. */
export type FrameChoice = (node: string, payload: Buffer, at: string) => boolean;

/** A line that could not be understood; `line` counts from 1. */
export type MalformedSample = { file: string; line: number; reason: string };

/**
 * What became of a node's lines: `lines` = `tweets` + `control` + `blank` + `outside` + all of `malformed`, and `tweets` = `unique` +
 * `duplicates`. `repaired` of the tweets held bytes that are no UTF-8, replaced by U+FFFD. `unusable` are values, not lines.
 */
export type NodeReport = {
  name: string;
  inputs: ({ file: string } & InputDigest)[];
  lines: number;
  tweets: number;
  unique: number;
  duplicates: number;
  control: number;
  blank: number;
  outside: number;
  malformed: Record<string, number>;
  malformedSamples: MalformedSample[];
  repaired: number;
  unusable: Record<string, number>;
};

export type ReadNodeOptions = {
  node: NodeInput;
  /** Position of the node among its peers. */
  ordinal: number;
  hour: UtcHour;
  mode: CutMode;
  /** Of a stream that collections share: whether a frame is to be in the dataset. */
  keeps?: FrameChoice;
  index: RowIndex;
  spill: Spill;
  signal: AbortSignal;
  onProgress: (progress: { file: string; contentBytes: number }) => void;
};

const MAX_SAMPLES = 20;
const FRAME_START = Buffer.from('{"at":"');
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/** The report, and which fields of the node's rows hold escapes (`InterimRowWriter.escapedFields`). */
export type ReadNode = { report: NodeReport; escapedFields: number };

/** Throws `folder.unreadable` for a file that cannot be read; nothing in a file's content makes it fail. */
export async function readNode(options: ReadNodeOptions): Promise<ReadNode> {
  const { node, signal, spill, onProgress } = options;
  const folder = commonFolder(node.files);
  const reader = new NodeReader(options);
  const { report, rows } = reader;
  for (const path of node.files) {
    signal.throwIfAborted();
    let file = relative(folder, path);
    let contentBytes = 0;
    const onLine: OnLine = (bytes, from, to, isWhole, isText) => reader.line(bytes, from, to, isWhole, isText);
    const afterChunk = async (chunkBytes: number) => {
      signal.throwIfAborted();
      contentBytes += chunkBytes;
      await spill.append(rows.bytes.subarray(0, rows.length));
      rows.clear();
      onProgress({ file, contentBytes });
    };
    const parts = await partsOfFile(path);
    if (parts === undefined) {
      reader.startFile(file);
      report.inputs.push({ file, ...(await readInputLines(path, onLine, afterChunk)) });
    } else {
      const nameOf = (part: CompactedPart) => relative(folder, fileOfPart(path, part));
      const onPart = (part: CompactedPart) => {
        file = nameOf(part);
        contentBytes = 0;
        reader.startFile(file);
      };
      const digests = await readPartLines(path, parts, { onPart, onLine, afterChunk });
      report.inputs.push(...parts.map((part, at) => ({ file: nameOf(part), ...(digests[at] as InputDigest) })));
    }
    await spill.append(rows.bytes.subarray(0, rows.length));
    rows.clear();
  }
  report.unusable = Object.fromEntries(rows.unusable);
  return { report, escapedFields: rows.escapedFields };
}

class NodeReader {
  readonly report: NodeReport;
  readonly rows = new InterimRowWriter();
  readonly #row = new SampleRow();
  readonly #key: IdKey = { high: 0, low: 0 };
  readonly #author: IdKey = { high: 0, low: 0 };
  readonly #index: RowIndex;
  readonly #spill: Spill;
  readonly #ordinal: number;
  readonly #isCut: boolean;
  readonly #keeps: FrameChoice | undefined;
  readonly #startMs: number;
  #file = '';
  #line = 0;
  #lastAt = '';
  #lastAtIsInside = false;

  constructor({ node, ordinal, hour, mode, keeps, index, spill }: ReadNodeOptions) {
    this.#keeps = keeps;
    this.report = {
      name: node.name,
      inputs: [],
      lines: 0,
      tweets: 0,
      unique: 0,
      duplicates: 0,
      control: 0,
      blank: 0,
      outside: 0,
      malformed: {},
      malformedSamples: [],
      repaired: 0,
      unusable: {},
    };
    this.#index = index;
    this.#spill = spill;
    this.#ordinal = ordinal;
    this.#isCut = mode === 'cut';
    this.#startMs = utcHourToMs(hour);
  }

  startFile(file: string): void {
    this.#file = file;
    this.#line = 0;
  }

  /** One line of a file, frame or bare; `isText` says that it is UTF-8. */
  line(bytes: Buffer, lineFrom: number, to: number, isWhole: boolean, isText: boolean): void {
    this.#line++;
    this.report.lines++;
    const from = this.#line === 1 && startsWith(bytes, lineFrom, to, BYTE_ORDER_MARK) ? lineFrom + 3 : lineFrom;
    if (startsWith(bytes, from, to, FRAME_START)) {
      const found = decodeFrame(isWhole ? bytes : bytes.subarray(0, to), from, 0);
      if (found.kind === 'frame' && found.frame.end === to + 1) {
        const { payload, at } = found.frame;
        if (this.#isCut && !this.#isInside(at)) this.report.outside++;
        else if (this.#keeps?.(this.report.name, payload, at) === false) this.report.outside++;
        else this.#payload(payload, 0, payload.length, at, true, isUtf8(payload));
        return;
      }
    }
    if (this.#isCut && !isBlank(bytes, from, to)) this.#malformed(isWhole ? 'no frame' : 'cut off');
    else this.#payload(bytes, from, to, undefined, isWhole, isText);
  }

  #payload(bytes: Buffer, from: number, to: number, at: string | undefined, isWhole: boolean, isText: boolean): void {
    if (isBlank(bytes, from, to)) {
      this.report.blank++;
      return;
    }
    const row = this.#row;
    if (isText) this.#take(row.read(bytes, from, to), at, isWhole);
    else {
      const repaired = Buffer.from(bytes.toString('utf8', from, to));
      const before = this.report.tweets;
      this.#take(row.read(repaired, 0, repaired.length), at, isWhole);
      this.report.repaired += this.report.tweets - before;
    }
  }

  #take(kind: 'post' | 'control' | 'malformed', at: string | undefined, isWhole: boolean): void {
    const row = this.#row;
    if (kind === 'control') this.report.control++;
    else if (kind === 'malformed') this.#malformed(isWhole || row.reason !== 'not JSON' ? row.reason : 'cut off');
    else {
      readIdKey(row.bytes, row.idFrom, row.idTo, this.#key);
      // Ids beyond 20 digits never come here; those of 20 are kept whole, so there is no further bound.
      this.report.tweets++;
      this.#merge(at);
    }
  }

  /** The first node's copy wins; within a node the earliest retrieved, and the first of equals. */
  #merge(at: string | undefined): void {
    const index = this.#index;
    const known = index.find(this.#key);
    if (known === undefined) {
      const row = index.add(this.#key);
      index.heldBy[row] = 1;
      index.lastNode[row] = this.#ordinal;
      this.report.unique++;
      this.#keep(row, at);
    } else if (index.lastNode[known] !== this.#ordinal) {
      index.heldBy[known] = (index.heldBy[known] as number) + 1;
      index.lastNode[known] = this.#ordinal;
      this.report.unique++;
    } else {
      this.report.duplicates++;
      if (index.node[known] === this.#ordinal) this.#keep(known, at);
    }
  }

  /** Writes the copy that was just read as row `row`, unless the row has an earlier one. */
  #keep(row: number, at: string | undefined): void {
    const index = this.#index;
    const { rows } = this;
    const source = this.#row;
    const start = rows.length;
    const isNew = index.length[row] === 0;
    source.locate();
    const { createdMs, retrievedMs } = rows.append(source, at);
    if (!isNew && !isEarlier(retrievedMs, index.retrievedMs[row] as number)) {
      rows.length = start;
      return;
    }
    index.offset[row] = this.#spill.size + start;
    index.length[row] = rows.length - start;
    index.node[row] = this.#ordinal;
    index.createdMs[row] = createdMs;
    index.retrievedMs[row] = retrievedMs;
    index.authorHigh[row] = Number.NaN;
    const from = source.spans[2 * FIELD.authorId] as number;
    const to = source.spans[2 * FIELD.authorId + 1] as number;
    if (!isDecimalText(source.bytes, from, to)) return;
    readIdKey(source.bytes, from + 1, to - 1, this.#author);
    index.authorHigh[row] = this.#author.high;
    index.authorLow[row] = this.#author.low;
  }

  #isInside(at: string): boolean {
    if (at !== this.#lastAt) {
      const ms = Date.parse(at);
      this.#lastAt = at;
      this.#lastAtIsInside = ms >= this.#startMs && ms < this.#startMs + HOUR_MS;
    }
    return this.#lastAtIsInside;
  }

  #malformed(reason: string): void {
    const { malformed, malformedSamples } = this.report;
    malformed[reason] = (malformed[reason] ?? 0) + 1;
    if (malformedSamples.length < MAX_SAMPLES) malformedSamples.push({ file: this.#file, line: this.#line, reason });
  }
}

function isEarlier(retrievedMs: number, thanMs: number): boolean {
  return retrievedMs < thanMs || (Number.isNaN(thanMs) && !Number.isNaN(retrievedMs));
}

function isBlank(bytes: Buffer, from: number, to: number): boolean {
  for (let at = from; at < to; at++) {
    const byte = bytes[at] as number;
    if (byte !== 13 && byte !== 32 && byte !== 9) return false;
  }
  return true;
}

function startsWith(bytes: Buffer, from: number, to: number, start: Buffer): boolean {
  if (to - from < start.length) return false;
  for (let index = 0; index < start.length; index++) if (bytes[from + index] !== start[index]) return false;
  return true;
}

/** Whether a span is a string of 1 to 20 digits. */
function isDecimalText(bytes: Buffer, from: number, to: number): boolean {
  if (from === -1 || bytes[from] !== 34 || to - from < 3 || to - from > 22) return false;
  for (let at = from + 1; at < to - 1; at++) if ((bytes[at] as number) < 48 || (bytes[at] as number) > 57) return false;
  return true;
}
