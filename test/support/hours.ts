/** Builds hours for tests and reads back what was published. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { type BuildHourOptions, type BuiltHour, buildHour } from '../../src/process/build-hour.ts';
import { parseUtcHour } from '../../src/core/time.ts';

export const HOUR = parseUtcHour('2022-10-01T13Z');

/** A build with what most tests want; xz off. */
export function build(
  options: Pick<BuildHourOptions, 'nodes' | 'output'> & Partial<BuildHourOptions>,
): Promise<BuiltHour> {
  return buildHour({
    hour: HOUR,
    xzLevel: 'none',
    mode: 'whole',
    version: '0.0.0-test',
    clock: { now: () => Date.parse('2022-10-01T14:10:00Z') },
    signal: new AbortController().signal,
    ...options,
  });
}

/** The published text of an output; xz must be off. */
export function readOutput({ dayFolder, manifest }: BuiltHour, output: 'tweets' | 'users' | 'ids'): Promise<string> {
  return readFile(join(dayFolder, manifest.outputs[output].file), 'utf8');
}

/** Rows of a CSV text as RFC 4180 and the peers' readers have it: LF ends a record, a bare CR is a character like others. */
export function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (let at = 0; at < text.length; ) {
    let field = '';
    if (text[at] === '"') {
      for (at++; ; at++) {
        if (text[at] === '"' && text[at + 1] === '"') at++;
        else if (text[at] === '"' || at >= text.length) break;
        field += text[at];
      }
      at++;
    } else for (; at < text.length && text[at] !== ',' && text[at] !== '\n'; at++) field += text[at];
    row.push(field);
    if (text[at++] === ',') {
      if (at < text.length) continue;
      row.push('');
    }
    rows.push(row);
    row = [];
  }
  return rows;
}

/** Rows of a CSV text by the names of its header. */
export function parseNamedCsv(text: string): Record<string, string>[] {
  const [header = [], ...rows] = parseCsv(text);
  return rows.map((row) => Object.fromEntries(header.map((name, index) => [name, row[index] ?? ''])));
}

/** Rows of the published Parquet file, 64-bit numbers as text; or of any query over it, as `posts`. */
export async function readParquet(
  { dayFolder, manifest }: BuiltHour,
  query = 'select * from posts',
): Promise<Record<string, unknown>[]> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  try {
    await connection.run("set TimeZone = 'UTC'");
    await connection.run(`create view posts as select * from '${join(dayFolder, manifest.outputs.posts.file)}'`);
    return (await connection.runAndReadAll(query)).getRowObjectsJson() as Record<string, unknown>[];
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
