/**
 * What an export of many posts costs: CPU seconds per 100,000 rows of this process and its children, of PostgreSQL, and the most memory, for each
 * format; and whether memory grows with the rows. `node bench/export.ts [--posts 1000000] [--formats csv,xlsx,…] [--repeat 1] [--lines FILE] [--output FILE]`
 * Prints JSON. `--lines`: payloads to load instead of the generated ones, one a line, ids increasing. CPU seconds, for they tell the same on a busy machine.
 */
import { execFile, execFileSync } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs, promisify } from 'node:util';
import { systemClock } from '../src/core/time.ts';
import { toExportRequest } from '../src/share/export-request.ts';
import { runExport } from '../src/share/run-export.ts';
import { openDatabase } from '../src/store/db.ts';
import { startEmbeddedPostgres } from '../src/store/embedded/embedded-postgres.ts';
import { followSegments } from '../src/store/load/follow-segments.ts';
import { migrate } from '../src/store/migrate.ts';
import { addCollection } from '../src/store/queries/add-collection.ts';
import { writeSealedSegment } from '../test/support/write-segment.ts';
import { ownCpuSeconds, serverCpuSeconds } from './cpu-seconds.ts';
import { round2 } from './outcome.ts';
import { postLines } from './post-lines.ts';

const { values } = parseArgs({
  options: {
    posts: { type: 'string', default: '1000000' },
    formats: { type: 'string', default: 'csv,jsonl,ids,parquet,xlsx' },
    repeat: { type: 'string', default: '1' },
    lines: { type: 'string' },
    output: { type: 'string' },
    /** Used by the benchmark itself: one export in a process of its own, as JSON {url, folder, format, capturedTo}. */
    one: { type: 'string' },
  },
});

const POSTS_PER_SEGMENT = 12_500;
const START = Date.parse('2026-11-22T13:00:00.000Z');
/** A row is captured so long after the one before. */
const STEP_MS = 3;
const signal = new AbortController().signal;

type One = { url: string; folder: string; format: string; capturedTo?: string };

if (values.one !== undefined) await exportOne(JSON.parse(values.one) as One);
else await bench(Number(values.posts));

/** Prints what it took. */
async function exportOne({ url, folder, format, capturedTo }: One): Promise<void> {
  await using db = await openDatabase(url, { max: 3, applicationName: 'mistnet bench export' });
  const began = process.cpuUsage();
  const { rows } = await runExport({
    ...{ db, name: 'bench', folder, version: 'bench', clock: systemClock, signal },
    request: toExportRequest({ from: { kind: 'collection', name: 'bench' }, format, capturedTo }, 'UTC'),
  });
  const { user, system } = process.cpuUsage(began);
  const childrenS = ownCpuSeconds().children;
  const peakRssMb = Math.round(process.resourceUsage().maxRSS / 1024);
  process.stdout.write(JSON.stringify({ rows, ownS: (user + system) / 1e6, childrenS, peakRssMb }));
}

async function bench(posts: number): Promise<void> {
  await using cleanup = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'mistnet-bench-'));
  cleanup.defer(async () => rm(folder, { recursive: true, force: true }));
  const server = cleanup.use(
    await startEmbeddedPostgres({ folder: join(folder, 'postgres'), logFolder: join(folder, 'logs'), signal }),
  );
  const postmaster = Number((await readFile(join(folder, 'postgres/data/postmaster.pid'), 'utf8')).split('\n')[0]);
  const loaded = await load(server.url, join(folder, 'segments'), posts);
  const runs: object[] = [];
  for (let round = 0; round < Number(values.repeat); round++) {
    for (const format of values.formats.split(',')) {
      runs.push(await measure({ url: server.url, folder: join(folder, 'out'), format }, postmaster));
      process.stderr.write(`${JSON.stringify(runs.at(-1))}\n`);
    }
    const tenth = new Date(START + (loaded / 10) * STEP_MS).toISOString();
    runs.push(
      await measure({ url: server.url, folder: join(folder, 'out'), format: 'csv', capturedTo: tenth }, postmaster),
    );
    process.stderr.write(`${JSON.stringify(runs.at(-1))}\n`);
  }
  const result = {
    bench: 'export',
    question:
      'CPU seconds per 100,000 rows and most memory of an export, by format; the last row of a round has a tenth of the posts',
    commit: execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim(),
    at: new Date().toISOString(),
    machine: { cpu: cpus()[0]?.model, cores: cpus().length, loadAfter: loadavg().map(round2), node: process.version },
    posts: loaded,
    payloads: values.lines === undefined ? 'generated, 706 bytes' : 'given',
    runs,
  };
  const text = `${JSON.stringify(result, null, 2)}\n`;
  process.stdout.write(text);
  if (values.output !== undefined) await writeFile(values.output, text);
}

async function measure(one: One, postmaster: number): Promise<object> {
  const backendBefore = await serverCpuSeconds(postmaster);
  const began = performance.now();
  const run = promisify(execFile)(process.execPath, [import.meta.filename, '--one', JSON.stringify(one)]);
  const { rows, ownS, childrenS, peakRssMb } = JSON.parse((await run).stdout) as Record<
    'rows' | 'ownS' | 'childrenS' | 'peakRssMb',
    number
  >;
  const seconds = (performance.now() - began) / 1000;
  const serverS = (await serverCpuSeconds(postmaster)) - backendBefore;
  const files = (await readdir(one.folder)).filter((file) => file.startsWith('bench'));
  const sizes = await Promise.all(files.map(async (file) => (await stat(join(one.folder, file))).size));
  await rm(one.folder, { recursive: true });
  const per100k = (cpuS: number) => round2((cpuS / rows) * 100_000);
  return {
    format: one.format,
    rows,
    files: files.length,
    megabytes: Math.round(sizes.reduce((sum, size) => sum + size, 0) / 1e6),
    cpuPer100k: per100k(ownS + childrenS),
    childrenCpuPer100k: per100k(childrenS),
    serverCpuPer100k: per100k(serverS),
    peakRssMb,
    seconds: round2(seconds),
  };
}

/** Brings the posts there by the loader as it ships; answers how many there are. */
async function load(url: string, segmentsFolder: string, posts: number): Promise<number> {
  await using db = await openDatabase(url, { max: 4, applicationName: 'mistnet bench load' });
  await migrate(db);
  await addCollection(db, systemClock, { name: 'bench', kind: 'sample', platform: 'x', api: 'v2' });
  let frames: { payload: string | Buffer; atMs: number }[] = [];
  let written = 0;
  let sequence = 0;
  const flush = async () => {
    if (frames.length === 0) return;
    const openedAtMs = frames[0]?.atMs ?? START;
    await writeSealedSegment({
      segmentsFolder,
      plan: 'bench',
      node: 'bench',
      openedAtMs,
      sequence: ++sequence,
      frames,
    });
    frames = [];
  };
  for await (const payload of payloads(posts)) {
    frames.push({ payload, atMs: START + written++ * STEP_MS });
    if (frames.length === POSTS_PER_SEGMENT) await flush();
  }
  await flush();
  const log = { info: () => {}, warn: console.error, error: console.error };
  await followSegments({
    db,
    segmentsFolder,
    node: 'bench',
    clock: systemClock,
    signal,
    log,
    connections: 2,
    stopWhenSettled: true,
  });
  await rm(segmentsFolder, { recursive: true });
  await db.query('vacuum analyze');
  const [counted] = await db.query<{ posts: string }>('select count(*) as posts from posts');
  return Number(counted?.posts);
}

async function* payloads(posts: number): AsyncGenerator<string | Buffer> {
  if (values.lines === undefined) return yield* postLines({ seed: 7, count: posts, startMs: START });
  let given = 0;
  for await (const line of createInterface({ input: createReadStream(values.lines) })) if (given++ < posts) yield line;
}
