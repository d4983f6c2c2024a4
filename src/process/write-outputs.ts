/** The four files of an hour, from index and spill. Each is one pass of its own: rows are gathered again, nothing is kept. */
import { join } from 'node:path';
import { CsvWriter, TWEET_COLUMNS, USER_COLUMNS } from './csv-row.ts';
import type { DatasetOutput } from './dataset-manifest.ts';
import { escapeText } from './interim-row.ts';
import { createOutputFile } from './output-file.ts';
import { writeParquet } from './parquet/write-parquet.ts';
import { emptied, type RowIndex, idKeyToText } from './row-index.ts';
import type { Spill } from './spill.ts';
import { type XzLevel, xzThreads } from './xz.ts';

export const outputKinds = ['tweets', 'users', 'ids', 'posts'] as const;
export type OutputKind = (typeof outputKinds)[number];

export type WriteOutputsOptions = {
  /** The build folder, and the start of each name. */
  folder: string;
  label: string;
  /** Used up: released when the last output has been given its rows, for the longest of the work needs none of it. */
  index: RowIndex;
  spill: Spill;
  /** `InterimRowWriter.escapedFields` of all rows. */
  escapedFields: number;
  nodeNames: string[];
  xzLevel: XzLevel | 'none';
  /** Goes into the Parquet file. */
  metadata: Record<string, string>;
  signal: AbortSignal;
  onWritten: (output: OutputKind) => void;
};

const CHUNK_BYTES = 1 << 20;

/** Writes all four, durable on return; `file` of each is its name in the folder. */
export async function writeOutputs(options: WriteOutputsOptions): Promise<Record<OutputKind, DatasetOutput>> {
  const { folder, label, index, xzLevel, onWritten } = options;
  const byId = index.sortedById();
  const users = index.latestByAuthor();
  const [allRows, allUsers] = [byId.length, users.length];
  index.settle();
  const ending = xzLevel === 'none' ? '' : '.xz';
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);

  const written = async (
    kind: OutputKind,
    name: string,
    rows: number,
    write: (path: string) => Promise<{ bytes: number; sha256: string }>,
  ) => {
    const file = `${label}_${name}`;
    try {
      const output = { file, ...(await write(join(folder, file))), rows };
      onWritten(kind);
      return output;
    } catch (error) {
      stop.abort(error); // the other outputs are worth nothing without this one
      throw error;
    }
  };
  const packed = (kind: OutputKind, name: string, rows: number, threads: number, chunks: AsyncIterable<Buffer>) =>
    written(kind, `${name}${ending}`, rows, async (path) => {
      await using output = await createOutputFile(path, { level: xzLevel, threads, givesWay: kind === 'ids' }, signal);
      for await (const chunk of lastReleases(chunks)) await output.write(chunk);
      if (kind === 'tweets') tweetsGiven.resolve();
      return await output.end(); // awaited here: disposing comes first otherwise
    });

  let passes = outputKinds.length;
  async function* lastReleases(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    yield* chunks;
    if (--passes > 0) return;
    index.release();
    emptied(byId);
    emptied(users);
  }

  const tweetsGiven = Promise.withResolvers<void>();
  const threads = xzLevel === 'none' ? 1 : xzThreads(xzLevel);
  const tweets = packed('tweets', 'tweets.csv', allRows, threads, tweetLines(options, byId));
  const latestUsers = packed('users', 'users.csv', allUsers, 1, userLines(options, users));
  const rest = () => [
    packed('ids', 'IDs.txt', allRows, 1, idLines(index, byId)),
    written('posts', 'posts.parquet', allRows, (path) => {
      const job = {
        rowsPath: join(folder, 'posts.rows'),
        path,
        temporaryFolder: folder,
        longestRow: longestPost(options),
        escapedFields: options.escapedFields,
        metadata: options.metadata,
      };
      return writeParquet(job, allRows, lastReleases(postLines(options, byId)), signal);
    }),
  ];
  // Packing takes all cores and most of the memory. What takes longest on one core goes first: the users, which are one block, beside the
  // tweets. The last blocks of the tweets leave cores idle; ids and Parquet fill the gaps, and give way, for those must not wait for them.
  if (xzLevel !== 'none') await Promise.race([tweetsGiven.promise, Promise.allSettled([tweets, latestUsers])]);
  const results = await Promise.allSettled([tweets, latestUsers, ...rest()]);
  if (stop.signal.aborted) throw stop.signal.reason;
  const [tweetsOutput, usersOutput, idsOutput, postsOutput] = results.map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  }) as [DatasetOutput, DatasetOutput, DatasetOutput, DatasetOutput];
  return { tweets: tweetsOutput, users: usersOutput, ids: idsOutput, posts: postsOutput };
}

async function* tweetLines({ spill, index }: WriteOutputsOptions, order: Uint32Array): AsyncGenerator<Buffer> {
  const csv = new CsvWriter();
  csv.header(TWEET_COLUMNS);
  yield* csvLines(csv, spill, index, order, (bytes, from, to) => csv.tweet(bytes, from, to));
}

async function* userLines({ spill, index }: WriteOutputsOptions, order: Uint32Array): AsyncGenerator<Buffer> {
  const csv = new CsvWriter();
  csv.header(USER_COLUMNS);
  yield* csvLines(csv, spill, index, order, (bytes, from, to) => csv.user(bytes, from, to));
}

async function* csvLines(
  csv: CsvWriter,
  spill: Spill,
  index: RowIndex,
  order: Uint32Array,
  append: (bytes: Buffer, from: number, to: number) => void,
): AsyncGenerator<Buffer> {
  for await (const { numbers, starts, bytes } of spill.gather(order, index)) {
    for (let at = 0; at < numbers.length; at++) {
      const from = starts[at] as number;
      append(bytes, from, from + (index.length[numbers[at] as number] as number));
      if (csv.length < CHUNK_BYTES) continue;
      yield csv.bytes.subarray(0, csv.length);
      csv.length = 0;
    }
  }
  yield csv.bytes.subarray(0, csv.length);
}

async function* idLines(index: RowIndex, order: Uint32Array): AsyncGenerator<Buffer> {
  for (let from = 0; from < order.length; from += 16_384) {
    let text = '';
    for (const row of order.subarray(from, from + 16_384))
      text += `${idKeyToText(index.idHigh[row] as number, index.idLow[row] as number)}\n`;
    yield Buffer.from(text, 'latin1');
  }
}

/** Interim rows with the name of the copy's node and the number of nodes that had the post. */
async function* postLines(options: WriteOutputsOptions, order: Uint32Array): AsyncGenerator<Buffer> {
  const { spill, index } = options;
  const nodes = options.nodeNames.map((name) => Buffer.from(`\t${escapeText(name)}\t`));
  let out = Buffer.allocUnsafe(CHUNK_BYTES + longestPost(options));
  let length = 0;
  for await (const { numbers, starts, bytes } of spill.gather(order, index)) {
    for (let at = 0; at < numbers.length; at++) {
      const row = numbers[at] as number;
      const from = starts[at] as number;
      length += bytes.copy(out, length, from, from + (index.length[row] as number));
      length += (nodes[index.node[row] as number] as Buffer).copy(out, length);
      length += out.write(`${index.heldBy[row]}\n`, length, 'latin1');
      if (length < CHUNK_BYTES) continue;
      yield out.subarray(0, length);
      length = 0;
    }
  }
  yield out.subarray(0, length);
}

/** In bytes, the added columns included. */
function longestPost({ index, nodeNames }: WriteOutputsOptions): number {
  let longest = 0;
  for (let row = 0; row < index.size; row++) longest = Math.max(longest, index.length[row] as number);
  return longest + Math.max(...nodeNames.map((name) => 2 * Buffer.byteLength(name))) + 16;
}
