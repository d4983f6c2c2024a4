/**
 * Many filter collections on one stream, changed all the time while posts come, judged by the emulator: a second app of its own has a rule for every
 * word for ever, and the emulator says of each post which of them matched. What a collection asked for from before a post was made
 * until after it has arrived must have found it.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { zstdDecompressSync } from 'node:zlib';
import { filterDefinition } from '../../../src/core/rules/definition.ts';
import { systemClock } from '../../../src/core/time.ts';
import { type Database, openDatabase } from '../../../src/store/db.ts';
import { addFilterCollection, saveFilterVersion } from '../../../src/store/filters/filter-collections.ts';
import { setWanted } from '../../../src/store/queries/set-wanted.ts';
import { type EmulatorProgram, startEmulator } from '../system/emulator.ts';
import { until } from '../system/until.ts';
import { MISTNET, openWorkbench, type Workbench } from '../system/workbench.ts';
import { instantOf, judgeLosses, type Standing, type Verdict } from './judge-losses.ts';
import { openWitness, type Witness } from './witness.ts';

export type LoadWish = {
  databaseUrl: string;
  seed: number;
  collections: number;
  /** Clauses that only the platform can judge, each a rule of its own; and words, which share rules. */
  lone: number;
  words: number;
  /** Posts a second of the emulator's world. */
  rate: number;
  /** How long changes go on. */
  seconds: number;
  /** Pause between two changes. */
  everyMs: number;
};

export type LoadReport = Verdict & {
  /** Where each lost post still was: the first of them. */
  lastSeen: LastSeen[];
  seed: number;
  collections: number;
  changes: number;
  /** Most rules of ours that were at the platform at once, and how often they were changed there. */
  rulesAtOnce: number;
  ruleRequests: number;
  postsPerSec: number;
  connections: number;
  gaps: number;
  /** From a change to the platform's having it, in order: median and longest, seconds. */
  reachedMedianSec: number;
  reachedLongestSec: number;
  cpuSec: Record<string, number>;
};

/** `isDelivered`: the emulator handed it to mistnet; `files`: of the segments that hold it; `collections`: which have it. */
type LastSeen = { postId: string; isDelivered: boolean; files: string[]; isRow: boolean; collections: number };

const CREDENTIAL = 'environment';
const MOST_LOOKED_FOR = 20;
const TICKS_PER_SEC = 100;

export async function changeUnderLoad(wish: LoadWish): Promise<LoadReport> {
  await using bench = await openWorkbench();
  const emulator = await startEmulator(bench, ['--seed', String(wish.seed), '--rate', String(wish.rate)]);
  await using db = await openDatabase(wish.databaseUrl, { max: 4, applicationName: 'mistnet load' });
  await using witness = await openWitness(emulator.url, wish);
  const driver = new Driver(db, witness, wish);
  await driver.begin();
  const env = {
    MISTNET_X_API_URL: emulator.url,
    MISTNET_X_BEARER_TOKEN: 'emulator-token',
    MISTNET_DATABASE_URL: wish.databaseUrl,
  };
  const mistnet = bench.start(MISTNET, ['start'], { env });
  await mistnet.hears(/Page:? +(http:\S+)/, 90_000);
  await driver.untilSynced(120_000);
  const fromMs = witness.nowMs();
  const sentBefore = await delivered(emulator);
  const cpuBefore = await cpuOf(bench);
  for (const endMs = performance.now() + wish.seconds * 1000; performance.now() < endMs; ) {
    await driver.changeOne();
    await sleep(wish.everyMs);
  }
  const untilMs = witness.nowMs();
  const cpuAfter = await cpuOf(bench);
  const sent = (await delivered(emulator)) - sentBefore;
  await driver.untilSynced(120_000);
  await untilSent(emulator, untilMs);
  const connections = await filterConnections(emulator);
  await witness[Symbol.asyncDispose]();
  const gaps = await gapsOf(db);
  await emulator.endOfStream();
  await untilLoaded(db, emulator);
  const verdict = judgeLosses({
    ...{ fromMs, untilMs, standings: driver.standings, posts: witness.posts },
    found: await observed(db),
    gaps,
  });
  const lastSeen = await lookFor(verdict.postsLost.slice(0, MOST_LOOKED_FOR), { bench, emulator, db });
  mistnet.child.kill('SIGTERM');
  await mistnet.ended;
  const reached = driver.reachedSec.toSorted((a, b) => a - b);
  return {
    ...verdict,
    lastSeen,
    ...{ seed: wish.seed, collections: wish.collections, changes: driver.changes, connections: connections.length },
    ...(await ruleHistory(emulator)),
    postsPerSec: Math.round(sent / wish.seconds),
    gaps: gaps.length,
    reachedMedianSec: reached[reached.length >> 1] ?? 0,
    reachedLongestSec: reached.at(-1) ?? 0,
    cpuSec: Object.fromEntries(
      [...cpuAfter].map(([role, sec]) => [role, Math.round((sec - (cpuBefore.get(role) ?? 0)) * 10) / 10]),
    ),
  };
}

/** Starts collections and changes them by a seed, and remembers what stood when. */
class Driver {
  readonly standings: Standing[] = [];
  readonly reachedSec: number[] = [];
  changes = 0;
  readonly #db: Database;
  readonly #witness: Witness;
  readonly #wish: LoadWish;
  readonly #asked = new Map<string, Set<string>>();
  readonly #stopped = new Set<string>();
  #watching: { revision: number; atMs: number }[] = [];
  #state: number;

  constructor(db: Database, witness: Witness, wish: LoadWish) {
    this.#db = db;
    this.#witness = witness;
    this.#wish = wish;
    this.#state = wish.seed;
  }

  /** All collections at once, with all clauses dealt out among them. */
  async begin(): Promise<void> {
    const { collections } = this.#wish;
    for (let n = 0; n < collections; n++) this.#asked.set(`c${String(n).padStart(3, '0')}`, new Set());
    const names = [...this.#asked.keys()];
    // A third of the words is kept back for changes, and some are asked for by two.
    this.#witness.clauses.forEach((clause, at) => {
      if (at % 3 === 2 && !this.#witness.isLone(clause)) return;
      this.#asked.get(names[at % names.length] ?? '')?.add(clause);
      if (at % 5 === 0) this.#asked.get(names[(at * 7 + 1) % names.length] ?? '')?.add(clause);
    });
    for (const name of names) {
      const definition = this.#definition(name);
      await this.#db.transaction((tx) =>
        addFilterCollection(tx, systemClock, {
          ...{ name, api: 'v2', credential: CREDENTIAL, definition, by: 'load', reason: 'to begin with' },
        }),
      );
    }
    const revision = await this.#revision();
    for (const name of names) for (const clause of this.#asked.get(name) ?? []) this.#ask(name, clause, revision);
  }

  async changeOne(): Promise<void> {
    const names = [...this.#asked.keys()];
    const name = names[this.#dice(names.length)] ?? '';
    const asked = this.#asked.get(name) ?? new Set();
    const what = this.#dice(10);
    this.changes++;
    if (this.#stopped.has(name)) {
      await setWanted(this.#db, name, 'active');
      this.#stopped.delete(name);
      const revision = await this.#revision();
      for (const clause of asked) this.#ask(name, clause, revision);
    } else if (what === 0) {
      for (const clause of asked) this.#giveUp(name, clause);
      await setWanted(this.#db, name, 'stopped');
      this.#stopped.add(name);
    } else {
      const clauses = this.#witness.clauses;
      const added = clauses[this.#dice(clauses.length)] ?? '';
      const removed = what < 5 && asked.size > 2 ? [...asked][this.#dice(asked.size)] : undefined;
      const isNew = !asked.has(added);
      if (removed !== undefined && removed !== added) {
        this.#giveUp(name, removed);
        asked.delete(removed);
      }
      asked.add(added);
      await this.#save(name);
      const revision = await this.#revision();
      if (isNew) this.#ask(name, added, revision);
    }
    await this.look();
  }

  /** Notes what has reached the platform since. */
  async look(): Promise<void> {
    const [row] = await this.#db.query<{ synced: number }>('select synced_revision as synced from filter_streams');
    const synced = row?.synced ?? -1;
    const nowMs = this.#witness.nowMs();
    for (const standing of this.standings)
      if (standing.stoodFromMs === undefined && standing.revision <= synced) standing.stoodFromMs = nowMs;
    for (const { atMs } of this.#watching.filter(({ revision }) => revision <= synced))
      this.reachedSec.push(Math.round((performance.now() - atMs) / 100) / 10);
    this.#watching = this.#watching.filter(({ revision }) => revision > synced);
  }

  async untilSynced(withinMs: number): Promise<void> {
    await until(
      'rules to reach the platform',
      async () => {
        await this.look();
        const [row] = await this.#db.query<{ is: boolean; error: string | null }>(
          'select synced_revision = revision as is, error from filter_streams',
        );
        if (row?.error != null) throw new Error(row.error);
        return row?.is === true;
      },
      { withinMs, everyMs: 200 },
    );
  }

  #ask(collection: string, clause: string, revision: number): void {
    this.standings.push({ collection, clause, wishedMs: this.#witness.nowMs(), revision });
    if (this.changes > 0) this.#watching.push({ revision, atMs: performance.now() });
  }

  #giveUp(collection: string, clause: string): void {
    const standing = this.standings.findLast(
      (each) => each.collection === collection && each.clause === clause && each.givenUpMs === undefined,
    );
    if (standing !== undefined) standing.givenUpMs = this.#witness.nowMs();
  }

  async #save(name: string): Promise<void> {
    const definition = this.#definition(name);
    await this.#db.transaction((tx) =>
      saveFilterVersion(tx, systemClock, name, { definition, by: 'load', reason: 'a change' }),
    );
  }

  #definition(name: string) {
    const clauses = [...(this.#asked.get(name) ?? [])].sort();
    return filterDefinition({
      words: clauses.filter((clause) => !this.#witness.isLone(clause)),
      raw: clauses.filter((clause) => this.#witness.isLone(clause)),
    });
  }

  async #revision(): Promise<number> {
    const [row] = await this.#db.query<{ revision: number }>('select revision from filter_streams');
    return row?.revision ?? 0;
  }

  #dice(sides: number): number {
    this.#state = (Math.imul(this.#state, 1_103_515_245) + 12_345) >>> 0;
    return (this.#state >>> 8) % sides;
  }
}

async function filterConnections(emulator: EmulatorProgram) {
  const streams = (await emulator.connections()).filter(({ path }) => path.includes('search/stream'));
  return streams.slice(1); // the first is the witness's
}

async function delivered(emulator: EmulatorProgram): Promise<number> {
  return (await filterConnections(emulator)).reduce((sum, { sent }) => sum + sent, 0);
}

/**
 * Until mistnet was sent what was made before an instant of the emulator's world. On a busy machine its connection may be seconds behind the witness's: cut
 * before that, it would lack what is judged.
 */
async function untilSent(emulator: EmulatorProgram, madeMs: number): Promise<void> {
  await until(
    'all posts to be sent',
    async () =>
      (await filterConnections(emulator)).some(
        ({ closedAt, lastId }) => closedAt === null && typeof lastId === 'string' && instantOf(lastId) > madeMs,
      ),
    { withinMs: 120_000 },
  );
}

/** Until all that the platform handed over is in the database. */
async function untilLoaded(db: Database, emulator: EmulatorProgram): Promise<void> {
  const sent = await delivered(emulator);
  await until(
    'all posts to be loaded',
    async () => {
      const [row] = await db.query<{ loaded: string }>('select sum(loaded) as loaded from load_totals');
      if (Number(row?.loaded) >= sent) return true;
      throw new Error(`${row?.loaded} of ${sent}`);
    },
    { withinMs: 300_000, everyMs: 500 },
  );
}

async function gapsOf(db: Database): Promise<{ fromMs: number; toMs: number }[]> {
  const rows = await db.query<{ from_at: string; to_at: string }>('select from_at, to_at from gaps');
  return rows.map(({ from_at: from, to_at: to }) => ({ fromMs: Date.parse(from), toMs: Date.parse(to) || Infinity }));
}

/** By `collection post`: the words that are said to have found it. */
async function observed(db: Database): Promise<Map<string, Set<string>>> {
  const rows = await db.query<{ name: string; post_id: string; words: string[] }>(
    `select c.name, o.post_id, array(select f.text from filter_seeds f where f.seed_id = any(o.matched)) as words
      from observations o join collections c using (collection_id) where o.matched is not null`,
  );
  const found = new Map<string, Set<string>>();
  for (const { name, post_id, words } of rows) {
    const key = `${name} ${post_id}`;
    found.set(key, new Set([...(found.get(key) ?? []), ...words]));
  }
  return found;
}

/** The emulator's word: how often our rules were changed, and how many there were at most. */
async function ruleHistory(emulator: EmulatorProgram): Promise<{ rulesAtOnce: number; ruleRequests: number }> {
  const response = await fetch(new URL('/_emulator/truth/rules', emulator.url), { headers: { connection: 'close' } });
  const { changes } = (await response.json()) as {
    changes: { added: { id: string; tag?: string }[]; deleted: string[] }[];
  };
  const there = new Set<string>();
  let [rulesAtOnce, ruleRequests] = [0, 0];
  for (const { added, deleted } of changes) {
    const ours = added.filter(({ tag }) => tag?.startsWith('mistnet-') === true);
    const isOurs = ours.length > 0 || deleted.some((id) => there.has(id));
    for (const { id } of ours) there.add(id);
    for (const id of deleted) there.delete(id);
    rulesAtOnce = Math.max(rulesAtOnce, there.size);
    if (isOurs) ruleRequests++;
  }
  return { rulesAtOnce, ruleRequests };
}

/** A loss that is only counted cannot be mended: which of emulator, capture, loader and attribution had the post last. */
async function lookFor(
  postIds: readonly string[],
  { bench, emulator, db }: { bench: Workbench; emulator: EmulatorProgram; db: Database },
): Promise<LastSeen[]> {
  if (postIds.length === 0) return [];
  const connections = await filterConnections(emulator);
  const delivered = new Set((await Promise.all(connections.map(({ id }) => emulator.ids(id)))).flat());
  const files = new Map(postIds.map((id): [string, string[]] => [id, []]));
  const segments = join(bench.home, 'segments');
  for (const name of await readdir(segments, { recursive: true })) {
    if (!/\.jsonl(\.zst)?$/.test(name) || name.includes('meaning-')) continue;
    const bytes = await readFile(join(segments, name)).catch(() => undefined); // sealed this moment: its other form is read
    if (bytes === undefined) continue;
    const text = (name.endsWith('.zst') ? zstdDecompressSync(bytes) : bytes).toString('latin1');
    for (const [id, found] of files) if (text.includes(id)) found.push(name);
  }
  const rows = await db.query<{ post_id: string; collections: string }>(
    `select p.post_id, count(distinct o.collection_id) as collections from posts p
      left join observations o using (platform, post_id) where p.post_id = any($1) group by 1`,
    [postIds],
  );
  const rowOf = new Map(rows.map((row) => [row.post_id, Number(row.collections)]));
  return postIds.map((postId) => ({
    ...{ postId, isDelivered: delivered.has(postId), files: files.get(postId) ?? [] },
    ...{ isRow: rowOf.has(postId), collections: rowOf.get(postId) ?? 0 },
  }));
}

/** CPU seconds so far of each role. */
async function cpuOf(bench: Workbench): Promise<Map<string, number>> {
  const spent = new Map<string, number>();
  for (const { pid, command } of await bench.processes()) {
    const role = /role (capture|worker|server)$/.exec(command)?.[1];
    if (role === undefined) continue;
    const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => ''); // ended this moment
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    spent.set(role, (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SEC);
  }
  return spent;
}
