/**
 * How many posts a second go from sealed segments to rows, by the loader as it ships, on the PostgreSQL that comes along, with
 * the settings that come along; beside each run two plain COPYs by `psql \copy` where there is a psql, else from here: of the same posts, prepared as
 * text, into the simplest table for them; and of the very rows that the loader made, into the same tables with their indexes. `node bench/load.ts [--posts 100000] [--connections 1,2] [--repeat 3] [--no-peer] [--output FILE]`
 * Prints JSON. CPU time is that of all of both sides; posts a second depend on who else is at work.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { from as copyFrom } from 'pg-copy-streams';
import { type Database, openDatabase } from '../src/store/db.ts';
import { startEmbeddedPostgres } from '../src/store/embedded/embedded-postgres.ts';
import { ACCOUNT_COLUMNS, OBSERVATION_COLUMNS, POST_COLUMNS } from '../src/store/load/batch.ts';
import { followSegments } from '../src/store/load/follow-segments.ts';
import { ensurePartitionsAhead } from '../src/store/load/partitions.ts';
import { migrate } from '../src/store/migrate.ts';
import { addCollection } from '../src/store/queries/add-collection.ts';
import { databaseUrl } from '../test/support/postgres-global-setup.ts';
import { writeSealedSegment } from '../test/support/write-segment.ts';
import { ownCpuSeconds, serverCpuSeconds } from './cpu-seconds.ts';
import { circumstances, median, round2, tell } from './outcome.ts';
import { LINE_BYTES, postLines } from './post-lines.ts';

const { values } = parseArgs({
  options: {
    posts: { type: 'string', default: '100000' },
    connections: { type: 'string', default: '1,2' },
    repeat: { type: 'string', default: '3' },
    'no-peer': { type: 'boolean', default: false },
    output: { type: 'string' },
  },
});

const POSTS_PER_SEGMENT = 12_500;
const START = Date.parse('2026-11-22T13:00:00.000Z');
const posts = Number(values.posts);
const clock = { now: () => START };
const signal = new AbortController().signal;
/** Tables that a load fills, with the columns that it gives. */
const TABLES = {
  posts: POST_COLUMNS.join(', '),
  observations: OBSERVATION_COLUMNS.join(', '),
  accounts: ACCOUNT_COLUMNS.join(', '),
};

await using cleanup = new AsyncDisposableStack();
const folder = await mkdtemp(join(tmpdir(), 'mistnet-bench-'));
cleanup.defer(async () => rm(folder, { recursive: true, force: true }));
const segmentsFolder = join(folder, 'segments');
await writeSegments();
const server = cleanup.use(
  await startEmbeddedPostgres({ folder: join(folder, 'postgres'), logFolder: join(folder, 'logs'), signal }),
);
const postmaster = Number((await readFile(join(folder, 'postgres/data/postmaster.pid'), 'utf8')).split('\n')[0]);

type Compared = { measured: Measured; ratio: number; cpuRatio: number };
type Run = { connections: number; load: Measured; simplestTable?: Compared; sameRows?: Compared };
const hasPsql = spawnSync('psql', ['--version']).status === 0;
const runs: Run[] = [];
for (let round = 0; round < Number(values.repeat); round++) {
  for (const connections of values.connections.split(',').map(Number)) {
    const load = await inFreshDatabase(async (db) => {
      const measured = await measureLoad(db, connections);
      if (!values['no-peer']) await writeRows(db, connections);
      return measured;
    });
    if (values['no-peer']) {
      runs.push({ connections, load });
      continue;
    }
    const compared = async (peer: (db: Database, connections: number) => Promise<Measured>): Promise<Compared> => {
      const measured = await inFreshDatabase(async (db) => peer(db, connections));
      const cpu = ({ clientCpuPer100k, serverCpuPer100k }: Measured) => clientCpuPer100k + serverCpuPer100k;
      const ratio = round2(load.postsPerSecond / measured.postsPerSecond);
      return { measured, ratio, cpuRatio: round2(cpu(measured) / cpu(load)) };
    };
    const simplestTable = await compared(measureSimplestTable);
    runs.push({ connections, load, simplestTable, sameRows: await compared(measureSameRows) });
  }
}
const result = {
  bench: 'load',
  question: 'posts per second from sealed segments to rows, default settings, against a plain COPY of the same posts',
  ...circumstances(),
  posts,
  lineBytes: LINE_BYTES,
  peer: hasPsql ? 'psql \\copy' : 'COPY from Node',
  runs,
};
const last = runs.filter(({ connections }) => connections === runs.at(-1)?.connections);
const against = (what: 'simplestTable' | 'sameRows', words: string) => {
  const comparer = `${result.peer} ${words}, ${last[0]?.connections} connections`;
  const of = (figure: (compared: Compared) => number) =>
    median(last.map((run) => (run[what] === undefined ? 0 : figure(run[what]))));
  return [
    { name: 'rate', figure: of(({ ratio }) => ratio), goal: '>= 0.65', comparer },
    { name: 'CPU of the COPY in ours', figure: of(({ cpuRatio }) => cpuRatio), goal: '>= 0.65', comparer },
  ] as const;
};
const speed = {
  name: 'posts a second',
  figure: median(last.map(({ load }) => load.postsPerSecond)),
  goal: '>= 20000',
  comparer: `${last[0]?.connections} connections`,
} as const;
const measures = [
  speed,
  ...against('simplestTable', 'of the same posts into the simplest table'),
  ...against('sameRows', 'of the same rows into the same tables'),
];
await tell(result, values['no-peer'] ? [speed] : measures, values.output);

type Measured = {
  seconds: number;
  postsPerSecond: number;
  clientCpuPer100k: number;
  serverCpuPer100k: number;
  clientRssMb: number;
};

async function measureLoad(db: Database, connections: number): Promise<Measured> {
  await migrate(db);
  await addCollection(db, clock, { name: 'bench', kind: 'sample', platform: 'x', api: 'v2' });
  await db.query('checkpoint');
  let lastAt = 0;
  const measured = await measure(
    async () => {
      await followSegments({
        ...{ db, segmentsFolder, node: 'bench', clock, signal, connections, stopWhenSettled: true },
        log: { info: () => {}, warn: console.error, error: console.error },
        onProgress: () => {
          lastAt = performance.now();
        },
      });
    },
    () => lastAt,
  );
  const [counted] = await db.query<{ posts: string; observations: string }>(
    'select (select count(*) from posts) as posts, (select count(*) from observations) as observations',
  );
  if (Number(counted?.posts) !== posts || Number(counted?.observations) !== posts)
    throw new Error(`loaded ${JSON.stringify(counted)} of ${posts}`);
  return measured;
}

/** What `psql \copy` of a prepared file does: nothing is decoded, one table, one index. */
async function measureSimplestTable(db: Database, connections: number): Promise<Measured> {
  await db.query(
    'create table tweet (id bigint primary key, created_at timestamptz not null, author_id bigint not null, doc jsonb not null)',
  );
  const files = await Promise.all(Array.from({ length: connections }, (_, part) => writeCopyFile(part, connections)));
  await db.query('checkpoint');
  return measure(async () => {
    await Promise.all(files.map(async (file) => copyFile(db, 'tweet', file)));
  });
}

function rowsFile(table: string, part: number): string {
  return join(folder, `rows-${table}-${part}.txt`);
}

/** What the loader made, as the text that COPY reads: a file for each table and connection, in the order in which it was written. */
async function writeRows(db: Database, parts: number): Promise<void> {
  for (const [table, columns] of Object.entries(TABLES))
    for (let part = 0; part < parts; part++) {
      const sliced = `select ${columns}, ntile(${parts}) over (order by captured) as slice from (select *, ctid as captured from ${table}) t`;
      await db.query(
        `copy (select ${columns} from (${sliced}) rows where slice = ${part + 1}) to '${rowsFile(table, part)}'`,
      );
    }
}

/** The same by `psql \copy` of what stands in the tables after a load, into the same tables, partitions and indexes. */
async function measureSameRows(db: Database, connections: number): Promise<Measured> {
  await migrate(db);
  await ensurePartitionsAhead(db, START);
  await db.query('checkpoint');
  return measure(async () => {
    await Promise.all(
      Array.from({ length: connections }, async (_, part) => {
        for (const [table, columns] of Object.entries(TABLES))
          await copyFile(db, `${table} (${columns})`, rowsFile(table, part));
      }),
    );
  });
}

async function copyFile(db: Database, table: string, file: string): Promise<void> {
  return hasPsql ? copyByPsql(table, file) : copyFromHere(db, table, file);
}

async function copyByPsql(table: string, file: string): Promise<void> {
  const url = databaseUrl(server.url, 'bench');
  const child = spawn('psql', ['--quiet', '-d', url, '-c', `\\copy ${table} from '${file}'`], { stdio: 'inherit' });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`psql ended with ${code}`);
}

async function copyFromHere(db: Database, table: string, file: string): Promise<void> {
  await db.withClient(async (client) => {
    await pipeline(
      createReadStream(file, { highWaterMark: 256 * 1024 }),
      client.query(copyFrom(`copy ${table} from stdin`)),
    );
  });
}

async function measure(work: () => Promise<void>, endedAt = () => performance.now()): Promise<Measured> {
  const client = clientCpuSeconds();
  const backend = await serverCpuSeconds(postmaster);
  const began = performance.now();
  await work();
  const seconds = (endedAt() - began) / 1000;
  const clientCpu = clientCpuSeconds() - client;
  const server = (await serverCpuSeconds(postmaster)) - backend;
  return {
    seconds: round2(seconds),
    postsPerSecond: Math.round(posts / seconds),
    clientCpuPer100k: round2((clientCpu / posts) * 100_000),
    serverCpuPer100k: round2((server / posts) * 100_000),
    clientRssMb: Math.round(process.memoryUsage.rss() / 1024 / 1024),
  };
}

async function inFreshDatabase(work: (db: Database) => Promise<Measured>): Promise<Measured> {
  await using admin = await openDatabase(server.url, { max: 1, applicationName: 'mistnet bench' });
  await admin.query('drop database if exists bench');
  await admin.query('create database bench');
  await using db = await openDatabase(databaseUrl(server.url, 'bench'), { max: 6, applicationName: 'mistnet bench' });
  return await work(db); // awaited here: the pool is closed on return
}

async function writeSegments(): Promise<void> {
  const lines = postLines({ seed: 7, count: posts, startMs: START });
  for (let sequence = 1, written = 0; written < posts; sequence++, written += POSTS_PER_SEGMENT) {
    const openedAtMs = START + sequence * 1000;
    const frames: { payload: Buffer; atMs: number }[] = [];
    for (let at = 0; at < POSTS_PER_SEGMENT; at++) {
      const { value: payload } = lines.next();
      if (payload === undefined) break;
      frames.push({ payload, atMs: openedAtMs + Math.floor(at / 50) }); // lines of one read share their instant
    }
    await writeSealedSegment({ segmentsFolder, plan: 'bench', node: 'bench', openedAtMs, sequence, frames });
  }
}

/** The posts of one part in the text format of COPY. */
async function writeCopyFile(part: number, parts: number): Promise<string> {
  const path = join(folder, `peer-${part}.txt`);
  await using file = await open(path, 'w');
  let at = 0;
  let rows: string[] = [];
  for (const line of postLines({ seed: 7, count: posts, startMs: START })) {
    if (Math.floor((at++ * parts) / posts) !== part) continue;
    const { data } = JSON.parse(line.toString()) as { data: { id: string; created_at: string; author_id: string } };
    const doc = line.toString().replaceAll('\\', '\\\\');
    rows.push(`${data.id}\t${data.created_at}\t${data.author_id}\t${doc}\n`);
    if (rows.length < 1000) continue;
    await file.appendFile(rows.join(''));
    rows = [];
  }
  await file.appendFile(rows.join(''));
  return path;
}

/** This process and psql. */
function clientCpuSeconds(): number {
  const { own, children } = ownCpuSeconds();
  return own + children;
}
