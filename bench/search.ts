/**
 * How long the first page of a search takes over many posts on the embedded PostgreSQL, how fast posts are indexed, and what indexing costs loading.
 * `--posts 5000000` rows of the index and of posts are invented, with words, authors and tags as frequent as Zipf has them; `--folder` keeps them for a second run.
 */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { from as copyFrom } from 'pg-copy-streams';
import { systemClock } from '../src/core/time.ts';
import { postSources, type PostQuery } from '../src/server/sources/posts.ts';
import { type Database, openDatabase } from '../src/store/db.ts';
import { startEmbeddedPostgres } from '../src/store/embedded/embedded-postgres.ts';
import { followSegments } from '../src/store/load/follow-segments.ts';
import { monthBounds } from '../src/store/load/partitions.ts';
import { migrate } from '../src/store/migrate.ts';
import { addCollection } from '../src/store/queries/add-collection.ts';
import { indexBesideLoader } from '../src/store/search/give-way.ts';
import { indexNext } from '../src/store/search/index-backlog.ts';
import { MARKS, sampleDigits, vectorText } from '../src/store/search/search-tokens.ts';
import { databaseUrl } from '../test/support/postgres-global-setup.ts';
import { seededRandom, snowflakeAt } from '../test/support/sample-posts.ts';
import { writeSealedSegment } from '../test/support/write-segment.ts';
import { circumstances, median, round2, tell } from './outcome.ts';

const { values } = parseArgs({
  options: {
    posts: { type: 'string', default: '5000000' },
    loaded: { type: 'string', default: '60000' },
    pairs: { type: 'string', default: '5' },
    questions: { type: 'string', default: '40' },
    folder: { type: 'string' },
    output: { type: 'string' },
  },
});

const DAYS = 100;
const END = Date.parse('2026-11-22T00:00:00.000Z');
const START = END - DAYS * 86_400_000;
const WORDS = 200_000;
const AUTHORS = 500_000;
const TAGS = 50_000;
/** Towns in which posts are written, the first ones most; about two of a hundred posts say where. */
const TOWNS = 500;
const LANGS = ['en', 'en', 'en', 'ja', 'ja', 'es', 'ar', 'pt', 'de', 'th'];
const posts = Number(values.posts);
const signal = new AbortController().signal;
const random = seededRandom(11);
const word = zipf(WORDS);
const author = zipf(AUTHORS, 0.8);
const tag = zipf(TAGS);
const town = zipf(TOWNS, 0.8);

await using cleanup = new AsyncDisposableStack();
const folder = values.folder ?? (await mkdtemp(join(tmpdir(), 'mistnet-bench-')));
if (values.folder === undefined) cleanup.defer(async () => rm(folder, { recursive: true, force: true }));
const server = cleanup.use(
  await startEmbeddedPostgres({ folder: join(folder, 'postgres'), logFolder: join(folder, 'logs'), signal }),
);
await inDatabase('searched', fill);
const searched = await inDatabase('searched', measureSearch, 1);
const loading = await measureLoading();
const first = searched.filter(({ of }) => of === 'first page');
const measures = [
  ...first.map(({ what, p95Ms }) => ({
    ...{ name: `p95 of the first page, ${what}, ms`, figure: p95Ms, goal: '<= 300' as const },
    comparer: `${posts} posts`,
  })),
  { name: 'loading beside the index job', figure: loading.ratio, goal: '>= 0.9' as const, comparer: 'loading alone' },
];
await tell(
  {
    bench: 'search',
    question: 'milliseconds of a first page over many posts; posts indexed a second; loading with and without the job',
    ...circumstances(),
    posts,
    searched,
    loading,
  },
  measures,
  values.output,
);

async function fill(db: Database): Promise<void> {
  await migrate(db);
  const known = await db.query('select from collections');
  for (const name of known.length > 0 ? [] : ['wide', 'narrow'])
    await addCollection(db, systemClock, { name, kind: 'sample', platform: 'x', api: 'v2' });
  for (let at = START; at < END; at += 28 * 86_400_000) await addMonth(db, at);
  await addMonth(db, END);
  const [kept] = await db.query<{ posts: string }>('select count(*) as posts from post_search');
  const from = Number(kept?.posts ?? 0);
  if (from >= posts && (await hasIndex(db))) return;
  // Built at once at the end: the shape is the same, and it takes a tenth of the time.
  await db.query('drop index if exists post_search_tokens');
  await db.query("set synchronous_commit = 'off'");
  const began = performance.now();
  for (let at = from; at < posts; at += 250_000) {
    const rows = Array.from({ length: Math.min(250_000, posts - at) }, (_, nth) => makePost(at + nth));
    await copyInto(
      db,
      'posts (platform, post_id, id_at, account_id, posted_at, text, lang, payload, captured_at, segment_id, content_offset)',
      rows.map(({ post }) => post),
    );
    await copyInto(
      db,
      'post_search (platform, post_id, at, account_id, lang, kind, hashtags, latitude, longitude, collection_ids, segment_id, content_offset, tokens)',
      rows.map(({ row }) => row),
    );
    process.stderr.write(`${at + rows.length} posts, ${Math.round((performance.now() - began) / 1000)} s\n`);
  }
  await db.query(
    "set maintenance_work_mem = '512MB'; create index post_search_tokens on post_search using gin (tokens)",
  );
  await db.query('vacuum analyze post_search');
  await db.query('analyze posts');
  process.stderr.write(`indexed, ${Math.round((performance.now() - began) / 1000)} s\n`);
}

async function hasIndex(db: Database): Promise<boolean> {
  const [found] = await db.query<{ oid: string | null }>("select to_regclass('post_search_tokens')::text as oid");
  return found?.oid != null;
}

async function addMonth(db: Database, atMs: number): Promise<void> {
  const month = new Date(atMs).toISOString().slice(0, 7).replace('-', '_');
  const { from, to } = monthBounds(month);
  for (const table of ['posts', 'post_search'])
    await db.query(
      `create table if not exists ${table}_${month} partition of ${table} for values from ('${from}') to ('${to}')`,
    );
}

function makePost(nth: number): { post: string; row: string } {
  const ms = START + Math.floor((nth * (END - START)) / posts);
  const id = snowflakeAt(ms, nth % 4_000_000);
  const at = new Date(ms).toISOString();
  const words = Array.from({ length: 6 + Math.floor(random() * 14) }, () => `w${word().toString(36)}`);
  const account = String(1_000_000 + author());
  const lang = LANGS[Math.floor(random() * LANGS.length)] ?? 'en';
  const tags =
    random() < 0.25 ? Array.from({ length: 1 + Math.floor(random() * 2) }, () => `t${tag().toString(36)}`) : [];
  const kind = random() < 0.35 ? 'repost' : random() < 0.4 ? 'reply' : 'original';
  const collections = random() < 0.1 ? [1, 2] : [1];
  const place = random() < 0.02 ? placeIn(town()) : undefined;
  const marks = [
    ...[
      MARKS.sample + sampleDigits(id),
      MARKS.kind + kind,
      MARKS.account + account,
      `${MARKS.handle}u${account}`,
      MARKS.language + lang,
    ],
    ...tags.map((each) => MARKS.hashtag + each),
    ...collections.map((each) => MARKS.collection + String(each)),
    ...(random() < 0.2 ? [`${MARKS.has}media`] : []),
    ...(place === undefined ? [] : [`${MARKS.has}geo`]),
  ];
  const tokens = vectorText(
    words.map((token, place) => ({ token, position: place + 1 })),
    marks,
  );
  const text = words.join(' ');
  const payload = JSON.stringify({ data: { id, text, author_id: account, created_at: at, lang } });
  return {
    post: ['x', id, at, account, at, text, lang, payload, at, '1', String(nth)].join('\t'),
    row: [
      'x',
      id,
      at,
      account,
      lang,
      kind,
      tags.length === 0 ? '\\N' : `{${tags.join(',')}}`,
      ...(place === undefined ? ['\\N', '\\N'] : [String(place.latitude), String(place.longitude)]),
      `{${collections.join(',')}}`,
      '1',
      String(nth),
      tokens,
    ].join('\t'),
  };
}

/** Somewhere within about ten kilometres of the middle of a town. */
function placeIn(nth: number): { latitude: number; longitude: number } {
  const { latitude, longitude } = middleOf(nth);
  return { latitude: latitude + (random() - 0.5) / 5, longitude: longitude + (random() - 0.5) / 5 };
}

/** Spread over the inhabited latitudes. */
function middleOf(nth: number): { latitude: number; longitude: number } {
  return { latitude: ((nth * 37) % 100) - 40, longitude: ((nth * 101) % 340) - 170 };
}

async function copyInto(db: Database, table: string, rows: string[]): Promise<void> {
  await db.withClient(async (client) => {
    await pipeline(
      Readable.from(
        (function* () {
          for (let at = 0; at < rows.length; at += 2_000) yield `${rows.slice(at, at + 2_000).join('\n')}\n`;
        })(),
      ),
      client.query(copyFrom(`copy ${table} from stdin`)),
    );
  });
}

/** Each question is asked with other words each time, on one connection, after a round that is not counted. */
async function measureSearch(db: Database) {
  const sources = postSources({ db, clock: systemClock });
  const ranked = (from: number, to: number) => `w${(from + Math.floor(random() * (to - from))).toString(36)}`;
  const day = (days: number) => {
    const from = START + Math.floor(random() * (DAYS - days)) * 86_400_000;
    return { from: new Date(from).toISOString(), to: new Date(from + days * 86_400_000).toISOString() };
  };
  const questions: Record<string, () => PostQuery> = {
    everything: () => ({}),
    'a common word': () => ({ text: ranked(0, 20) }),
    'a word': () => ({ text: ranked(500, 5_000) }),
    'a rare word': () => ({ text: ranked(50_000, WORDS) }),
    'two common words': () => ({ text: `${ranked(0, 50)} ${ranked(0, 50)}` }),
    'a common and a rare word': () => ({ text: `${ranked(0, 20)} ${ranked(20_000, WORDS)}` }),
    'a phrase': () => ({ text: `"${ranked(0, 100)} ${ranked(0, 100)}"` }),
    'either of two, without a third': () => ({
      text: `(${ranked(100, 9_000)} OR ${ranked(100, 9_000)}) -${ranked(0, 20)}`,
    }),
    'a beginning': () => ({ text: `w${Math.floor(random() * 36 ** 2).toString(36)}*` }),
    'an author': () => ({ author: String(1_000_000 + Math.floor(random() * AUTHORS)) }),
    'a busy author': () => ({ author: `@u${1_000_000 + Math.floor(random() * 50)}` }),
    'a hashtag': () => ({ hashtag: `t${Math.floor(random() * 3_000).toString(36)}` }),
    'a common hashtag': () => ({ hashtag: `t${Math.floor(random() * 10).toString(36)}` }),
    'a time': () => day(1),
    'a word within a time': () => ({ text: ranked(100, 5_000), ...day(7) }),
    'a hashtag, a language and a time': () => ({
      hashtag: `t${Math.floor(random() * 200).toString(36)}`,
      lang: 'de',
      ...day(30),
    }),
    'near a town': () => ({ near: { ...middleOf(Math.floor(random() * TOWNS)), km: 50 } }),
    'near a big town': () => ({ near: { ...middleOf(Math.floor(random() * 10)), km: 20 } }),
    'a word near a big town': () => ({
      text: ranked(0, 200),
      near: { ...middleOf(Math.floor(random() * 10)), km: 200 },
    }),
    'a collection and a word': () => ({ collection: 'narrow', text: ranked(100, 5_000) }),
  };
  const results: { of: string; what: string; p50Ms: number; p95Ms: number; cpuP95Ms: number; found: number }[] = [];
  const [own] = await db.query<{ pid: number }>('select pg_backend_pid() as pid');
  const backend = own?.pid ?? 0;
  for (const [what, ask] of Object.entries(questions)) {
    for (const [of, call] of [
      ['first page', async (query: PostQuery) => (await sources.search(query, 'all', { limit: 50 })).posts.length],
      ['facets', async (query: PostQuery) => (await sources.facets(query, 'all')).total.count],
      ['timeline', async (query: PostQuery) => (await sources.timeline(query, 'all')).buckets.length],
    ] as const) {
      const took: number[] = [];
      const worked: number[] = [];
      const found: number[] = [];
      const rounds = of === 'first page' ? Number(values.questions) : Math.ceil(Number(values.questions) / 4);
      for (let round = -1; round < rounds; round++) {
        const query = ask();
        const [began, cpu] = [performance.now(), cpuMs(backend)];
        const count = await call(query);
        if (round < 0) continue;
        took.push(performance.now() - began);
        worked.push(cpuMs(backend) - cpu);
        found.push(count);
      }
      const p95 = percentile95(took);
      const cpuP95Ms = round2(percentile95(worked));
      results.push({ of, what, p50Ms: round2(median(took)), p95Ms: round2(p95), cpuP95Ms, found: median(found) });
      process.stderr.write(
        `${of}, ${what}: p50 ${Math.round(median(took))} ms, p95 ${Math.round(p95)} ms, of CPU ${Math.round(cpuP95Ms)} ms\n`,
      );
    }
  }
  return results;
}

/** What this process and the one connection have worked so far: what a question takes where nothing else runs and all is in memory. */
function cpuMs(backend: number): number {
  const { user, system } = process.cpuUsage();
  const [nanoseconds = '0'] = readFileSync(`/proc/${backend}/schedstat`, 'utf8').split(' ');
  return (user + system) / 1000 + Number(nanoseconds) / 1e6;
}

function percentile95(numbers: number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.ceil(numbers.length * 0.95) - 1] ?? 0;
}

/** The same segments loaded alone, loaded with the job running, and indexed after they were loaded. */
async function measureLoading() {
  const count = Number(values.loaded);
  const segmentsFolder = join(folder, `segments-${process.pid}`);
  cleanup.defer(async () => rm(segmentsFolder, { recursive: true, force: true }));
  for (let sequence = 1, at = 0; at < count; sequence++, at += 10_000) {
    const openedAtMs = END + sequence * 1000;
    const frames = Array.from({ length: Math.min(10_000, count - at) }, (_, nth) => {
      const id = snowflakeAt(END + at + nth, nth);
      const text = Array.from({ length: 6 + Math.floor(random() * 14) }, () => `w${word().toString(36)}`).join(' ');
      const account = String(1_000_000 + author());
      const data = {
        id,
        text,
        author_id: account,
        created_at: new Date(END + at + nth).toISOString(),
        lang: 'en',
        entities: { hashtags: [{ tag: `t${tag()}` }] },
      };
      return {
        payload: JSON.stringify({
          data,
          includes: { users: [{ id: account, username: `u${account}`, name: 'A bird' }] },
        }),
        atMs: openedAtMs,
      };
    });
    await writeSealedSegment({ segmentsFolder, plan: 'wide', node: 'bench', openedAtMs, sequence, frames });
  }
  const runs: { alone: number; beside: number; indexed: number }[] = [];
  const load = (isBeside: boolean) =>
    inDatabase(isBeside ? 'beside' : 'alone', (db) => timeLoading(db, segmentsFolder, count, isBeside));
  await load(false); // what is read and started for the first time is not counted
  for (let round = 0; round < Number(values.pairs); round++) {
    // Either goes first in turn: what one leaves to be written disturbs the other.
    const early = await load(round % 2 === 1);
    const late = await load(round % 2 === 0);
    const [alone, beside] = round % 2 === 0 ? [early, late] : [late, early];
    runs.push({ alone: alone.loaded, beside: beside.loaded, indexed: alone.indexed });
    process.stderr.write(`${JSON.stringify(runs.at(-1))} posts a second\n`);
  }
  return {
    posts: count,
    postsPerSecond: runs,
    indexedPerSecond: median(runs.map((run) => run.indexed)),
    ratio: round2(median(runs.map(({ alone, beside }) => beside / alone))), // each pair had the same neighbours
  };
}

async function timeLoading(db: Database, segmentsFolder: string, count: number, isBeside: boolean) {
  await migrate(db);
  await addCollection(db, systemClock, { name: 'wide', kind: 'sample', platform: 'x', api: 'v2' });
  const ended = new AbortController();
  const job = isBeside ? indexUntil(db, ended.signal) : undefined;
  let began = performance.now();
  let lastAt = began;
  await followSegments({
    ...{ db, segmentsFolder, node: 'bench', clock: systemClock, signal, connections: 2, stopWhenSettled: true },
    log: { info: () => {}, warn: console.error, error: console.error },
    onProgress: () => {
      lastAt = performance.now();
    },
  });
  const loaded = Math.round((count * 1000) / (lastAt - began));
  ended.abort();
  await job;
  if (isBeside) return { loaded, indexed: 0 };
  began = performance.now();
  const known = new Set<string>();
  while ((await indexNext(db, known)) !== undefined);
  return { loaded, indexed: Math.round((count * 1000) / (performance.now() - began)) };
}

async function indexUntil(db: Database, until: AbortSignal): Promise<void> {
  const known = new Set<string>();
  while (!until.aborted)
    if ((await indexBesideLoader(db, known, until)) === undefined)
      await new Promise((resolve) => setTimeout(resolve, 100));
}

async function inDatabase<Result>(
  name: string,
  work: (db: Database) => Promise<Result>,
  connections = 6,
): Promise<Result> {
  await using admin = await openDatabase(server.url, { max: 1, applicationName: 'mistnet bench' });
  const [known] = await admin.query('select from pg_database where datname = $1', [name]);
  if (known === undefined) await admin.query(`create database ${name}`);
  const result = await (async () => {
    await using db = await openDatabase(databaseUrl(server.url, name), {
      max: connections,
      applicationName: 'mistnet bench',
    });
    return await work(db);
  })();
  if (name !== 'searched') await admin.query(`drop database ${name} with (force)`);
  return result;
}

/** Ranks from 0 on, each as often as 1 / (rank + 1) ^ exponent. */
function zipf(ranks: number, exponent = 1): () => number {
  const sums = new Float64Array(ranks);
  let sum = 0;
  for (let rank = 0; rank < ranks; rank++) sums[rank] = sum += 1 / (rank + 1) ** exponent;
  return () => {
    const wanted = random() * sum;
    let [low, high] = [0, ranks - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sums[middle] ?? 0) < wanted) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}
