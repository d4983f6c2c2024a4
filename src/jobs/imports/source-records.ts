/** What stands in a file of an older collection, record by record: which posts, of which instant, and what cannot be read. */
import { basename } from 'node:path';
import { MistnetError } from '../../core/errors.ts';
import { splitPage } from '../../platforms/x/split-page.ts';
import { type CsvRow, CsvRows } from './csv-rows.ts';
import { type Identity, identityOf, type Json } from './post-identity.ts';
import { identityOfRow, isProven, payloadOfRow, type SfmCells } from './sfm-row.ts';
import { type SfmTable, sfmHeader, sfmTableOf, wholeRow } from './sfm-table.ts';
import { readSourceLines, type SourceLine } from './source-lines.ts';

export const FORMATS = ['twarc', 'sfm-json', 'sfm-csv', 'twt'] as const;
export type Format = (typeof FORMATS)[number];

/** `payload`: what is kept of a post, its very bytes where the file has them. `isProven`: its id needs no look at the file's others. */
export type Candidate = { payload: Buffer; identity: Identity; isProven: boolean };

/** What begins at a line. `atMs`: when it was retrieved, where it says so. `rest`: of a page, what no post has with it. `unreadable`: why, and then nothing else. */
export type SourceRecord = {
  line: number;
  atMs?: number;
  candidates: Candidate[];
  rest?: Buffer;
  unreadable?: { reason: string; bytes: Buffer };
};

/** Yields the records of a file; returns why a packed file ended too early. Throws `folder.unreadable`. */
export async function* readRecords(path: string, format: Format): AsyncGenerator<SourceRecord, string | undefined> {
  const read =
    format === 'sfm-csv' ? new SfmReader(await sfmTableOf(path)) : { take: jsonRecord, end: () => undefined };
  const lines = readSourceLines(path);
  for (;;) {
    const { done, value } = await lines.next();
    if (done === true) {
      const last = read.end();
      if (last !== undefined) yield last;
      return value;
    }
    for (const line of value) {
      const record = read.take(line);
      if (record !== undefined) yield record;
    }
  }
}

/** The format of a file by its name and first line. Raw statuses are taken for twarc's; Social Feed Manager's JSON is the same. Throws `folder.unreadable`. */
export async function detectFormat(path: string): Promise<Format> {
  const first = await firstText(path);
  if (/\.twt(\.gz)?$/.test(basename(path))) return 'twt';
  if (first === '' || first.startsWith('{') || first.startsWith('[')) return 'twarc';
  if (sfmHeader(first) !== undefined) return 'sfm-csv';
  throw new MistnetError(
    'folder.unreadable',
    `${path} is neither JSON Lines nor a CSV of Social Feed Manager (it begins with ${JSON.stringify(first.slice(0, 40))}).`,
  );
}

async function firstText(path: string): Promise<string> {
  const lines = readSourceLines(path);
  try {
    for (let next = await lines.next(); next.done !== true; next = await lines.next())
      for (const { bytes } of next.value) if (bytes.length > 0) return bytes.toString('utf8').trimStart();
    return '';
  } finally {
    await lines.return(undefined);
  }
}

/** A line of JSON: a post, a page of posts, or a list of them. */
function jsonRecord({ line, bytes }: SourceLine): SourceRecord | undefined {
  const text = bytes.toString('utf8');
  if (text.trim() === '') return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { line, candidates: [], unreadable: { reason: 'not JSON', bytes } };
  }
  if (typeof value !== 'object' || value === null)
    return { line, candidates: [], unreadable: { reason: 'not an object', bytes } };
  const holder = value as Json;
  const at = retrievedAt(holder);
  const isPage = Array.isArray(value) || Array.isArray(holder.data) || Array.isArray(holder.statuses);
  if (!isPage) {
    const post = (typeof holder.data === 'object' && holder.data !== null ? holder.data : holder) as Json;
    return { line, ...at, candidates: [{ payload: bytes, identity: identityOf(post, text), isProven: false }] };
  }
  const page = splitPage(bytes);
  const candidates = (page?.posts ?? []).map((payload) => candidateOf(payload));
  const hasPosts = candidates.some(({ identity }) => identity.kind !== 'other');
  return { line, ...at, candidates, ...(hasPosts && page !== undefined ? { rest: page.rest } : {}) };
}

function candidateOf(payload: Buffer): Candidate {
  const text = payload.toString('utf8');
  const value = JSON.parse(text) as unknown; // a part of what was parsed as a whole
  const holder = typeof value === 'object' && value !== null ? (value as Json) : {};
  const post = (typeof holder.data === 'object' && holder.data !== null ? holder.data : holder) as Json;
  return { payload, identity: identityOf(post, text), isProven: false };
}

/** twarc notes when it asked. */
function retrievedAt({ __twarc: noted }: Json): { atMs?: number } {
  const at = typeof noted === 'object' && noted !== null ? (noted as Json).retrieved_at : undefined;
  const atMs = typeof at === 'string' ? Date.parse(at) : Number.NaN;
  return Number.isNaN(atMs) ? {} : { atMs };
}

/** Rows below Social Feed Manager's header. */
class SfmReader {
  readonly #table: SfmTable | undefined;
  readonly #rows: CsvRows;
  #isBelowHeader: boolean;

  constructor(table: SfmTable | undefined) {
    this.#table = table;
    this.#rows = new CsvRows(table?.separator ?? ',');
    this.#isBelowHeader = table === undefined;
  }

  take(line: SourceLine): SourceRecord | undefined {
    if (line.bytes.length > 0 && !this.#isBelowHeader) {
      this.#isBelowHeader = true;
      return undefined;
    }
    if (this.#table?.areQuotesMeant !== false) return this.#record(this.#rows.push(line));
    if (line.bytes.length === 0) return undefined;
    return this.#record({ line: line.line, cells: line.bytes.toString('utf8').split(this.#table.separator) });
  }

  end(): SourceRecord | undefined {
    return this.#record(this.#rows.end());
  }

  #record(row: CsvRow | undefined): SourceRecord | undefined {
    if (row === undefined) return undefined;
    const { line, cells } = row;
    const names = this.#table?.names;
    const whole = names === undefined ? undefined : wholeRow(cells, names);
    if (names === undefined || whole === undefined || typeof whole === 'number') {
      const reason =
        names === undefined ? "no header of Social Feed Manager's" : `${cells.length} cells, not ${names.length}`;
      return { line, candidates: [], unreadable: { reason, bytes: Buffer.from(cells.join('\t')) } };
    }
    const columns: SfmCells = Object.fromEntries(names.map((name, at) => [name, whole[at] ?? '']));
    const identity = identityOfRow(columns);
    const payload =
      identity.kind === 'sound' ? payloadOfRow(columns, identity.id) : Buffer.from(JSON.stringify(columns));
    return {
      line,
      candidates: [{ payload, identity, isProven: identity.kind === 'sound' && isProven(columns, identity.id) }],
    };
  }
}
