/** An office that follows accounts of an emulator in the emulator's time, of our own parts in this process: weeks pass in seconds. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../../src/core/time.ts';
import { checkAccounts } from '../../../src/jobs/accounts/check-accounts.ts';
import { importAccounts, type ImportOutcome } from '../../../src/jobs/accounts/import-accounts.ts';
import { CaptureSync } from '../../../src/jobs/sync-capture.ts';
import type { TimelineDesk } from '../../../src/jobs/timelines/timeline-desk.ts';
import { createHttpCaller } from '../../../src/platforms/http-call.ts';
import type { PermitSource } from '../../../src/platforms/permit-source.ts';
import { createXReads } from '../../../src/platforms/x/read/x-reads.ts';
import { dueForCheck } from '../../../src/store/accounts/change-followed.ts';
import type { Database } from '../../../src/store/db.ts';
import { addCollection } from '../../../src/store/queries/add-collection.ts';
import type { TimelineKey } from '../../../src/store/timelines/timelines.ts';
import { freshDatabase } from '../database.ts';
import { loadAll } from '../loader.ts';
import { type EmulatorProgram, startEmulator } from '../system/emulator.ts';
import { openWorkbench, type Workbench } from '../system/workbench.ts';
import { credential, makeDesk, permitsFor, quickAsker } from './desk.ts';

export type ScenarioEvent = { at: string; do: string; account?: string; to?: string };

export type OfficeOptions = {
  /** How many seconds of the world pass in one of ours. */
  speed: number;
  /** Posts in a second of the world. */
  rate?: number;
  /** Where world time begins. */
  start: string;
  events?: ScenarioEvent[];
};

export type DeskWish = {
  /** Whose segments; each node has a folder of its own. */
  node?: string;
  permits?: PermitSource;
  /** Another time than the world's. */
  clock?: Clock;
  /** Other leave to call for one collection. */
  permitsOf?: (collection: string) => PermitSource;
};

export type Office = AsyncDisposable & {
  bench: Workbench;
  emulator: EmulatorProgram;
  db: Database;
  databaseUrl: string;
  /** The world's time. */
  clock: Clock;
  openDesk(wish?: DeskWish): TimelineDesk;
  addTimelines(name: string, wish?: { api?: 'v2' | 'v1.1'; schedule?: object }): Promise<number>;
  follow(lines: string[], wish?: { set?: string; dryRun?: boolean; withProtected?: boolean }): Promise<ImportOutcome[]>;
  /** Reads what is due and looks at accounts that are, again and again, until the world's time. */
  liveUntil(desk: TimelineDesk, untilMs: number): Promise<void>;
  readDue(desk: TimelineDesk): Promise<number>;
  checkDue(): Promise<void>;
  check(accounts: readonly { platform: string; accountId: string }[]): Promise<void>;
  /** Loads all that was captured, and its gaps. Call it when the desks are closed. */
  load(nodes?: string[]): Promise<void>;
  /** Ids of all posts of an account, those written while it was out of sight too. */
  truth(account: string): Promise<string[]>;
  /** How many pages of timelines the platform handed out. */
  pagesBought(): Promise<number>;
  /** How many answers with what was asked for the platform gave at a path that ends so. */
  callsOf(path: string): Promise<number>;
  /** How the account stands in the world now. */
  standing(account: string): Promise<{ state: string; handle: string }>;
  /** Ids of its posts in the database. */
  stored(accountId: string): Promise<string[]>;
};

const AT_ONCE = 4;

export async function openOffice({ speed, rate = 50, start, events = [] }: OfficeOptions): Promise<Office> {
  await using starting = new AsyncDisposableStack();
  const bench = starting.use(await openWorkbench());
  const test = starting.use(await freshDatabase({ max: 12 }));
  const http = starting.use(createHttpCaller());
  for (const node of ['n1', 'n2']) await mkdir(join(bench.folder, node, 'run'), { recursive: true });
  const scenario = join(bench.folder, 'scenario.json');
  await writeFile(scenario, JSON.stringify({ events }));
  const emulator = await startEmulator(bench, [
    ...['--seed', '5', '--rate', String(rate), '--clock', String(speed), '--start', start, '--scenario', scenario],
  ]);
  const get = async (path: string) => {
    const response = await fetch(new URL(path, emulator.url), { headers: { connection: 'close' } });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return await response.text();
  };
  const answered = async (isMeant: (path: string) => boolean) => {
    const { calls } = JSON.parse(await get('/_emulator/truth/calls')) as {
      calls: { path: string; byStatus: Record<string, number> }[];
    };
    return calls.filter(({ path }) => isMeant(path)).reduce((sum, { byStatus }) => sum + (byStatus['200'] ?? 0), 0);
  };
  const clock = await worldClock(get);
  const stop = new AbortController();
  const deskStack = new AsyncDisposableStack();
  const v2 = createXReads({ apiUrl: emulator.url });
  const shared = quickAsker(http, clock, permitsFor([credential('first')]));
  const segmentsOf = (node: string) => join(bench.folder, node, 'segments');
  const { db } = test;
  const office: Omit<Office, typeof Symbol.asyncDispose> = {
    ...{ bench, emulator, db, databaseUrl: test.url, clock },
    openDesk: ({ node = 'n1', permits, permitsOf, clock: own = clock } = {}) =>
      deskStack.use(
        makeDesk({
          ...{ db, clock: own, apiUrl: emulator.url, folder: bench.folder, node, signal: stop.signal },
          askerOf: (collection) => {
            const given = permitsOf?.(collection) ?? permits;
            return given === undefined ? shared : quickAsker(http, clock, given);
          },
        }),
      ),
    addTimelines: async (name, { api = 'v2', schedule } = {}) => {
      const wish = { name, kind: 'timeline', platform: 'x', api, ...(schedule === undefined ? {} : { schedule }) };
      return (await addCollection(db, clock, wish as Parameters<typeof addCollection>[2])).collectionId;
    },
    follow: async (lines, { set, dryRun = false, withProtected = false } = {}) => {
      const options = { db, asker: shared, questions: v2, clock, signal: stop.signal, dryRun, withProtected };
      const wish = { ...options, ...(set === undefined ? {} : { set }) };
      return await Array.fromAsync(importAccounts(wish, each(lines)));
    },
    readDue: async (desk) => {
      const due = await desk.look();
      const read = async () => {
        for (let key = due.shift(); key !== undefined; key = due.shift()) await desk.read(key);
      };
      const count = due.length;
      await Promise.all(Array.from({ length: AT_ONCE }, read));
      return count;
    },
    checkDue: async () => office.check(await dueForCheck(db, clock.now(), 1000)),
    check: async (due) => {
      const options = { db, asker: shared, questions: v2, signal: stop.signal };
      for await (const { unsaid } of checkAccounts(options, due))
        if (unsaid.length > 0) throw new Error(`nothing was said of ${unsaid.join(', ')}`);
    },
    liveUntil: async (desk, untilMs) => {
      while (clock.now() < untilMs) {
        await office.readDue(desk);
        await office.checkDue();
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
    },
    load: async (nodes = ['n1']) => {
      for (const node of nodes) {
        await loadAll({ db, segmentsFolder: segmentsOf(node), node });
        await new CaptureSync(db, {
          segmentsFolder: segmentsOf(node),
          runFolder: join(bench.folder, node, 'run'),
        }).sync();
      }
    },
    truth: async (account) =>
      (await get(`/_emulator/truth/account/posts?account=${account}&limit=100000`))
        .split('\n')
        .filter((line) => line !== ''),
    pagesBought: () => answered((path) => /users.*tweets|user_timeline/.test(path)),
    callsOf: (path) => answered((called) => called.endsWith(path)),
    standing: async (account) => JSON.parse(await get(`/_emulator/truth/account?account=${account}`)),
    stored: async (accountId) => {
      const rows = await db.query<{ post_id: string }>('select post_id from posts where account_id = $1', [accountId]);
      return rows.map(({ post_id }) => post_id);
    },
  };
  const parts = starting.move();
  return {
    ...office,
    [Symbol.asyncDispose]: async () => {
      stop.abort(new Error('the test ends'));
      await deskStack.disposeAsync();
      await parts.disposeAsync();
    },
  };
}

/** Follows the world's time from one answer on. */
async function worldClock(get: (path: string) => Promise<string>): Promise<Clock> {
  const asked = performance.now();
  const { now, speed } = JSON.parse(await get('/_emulator/truth/world')) as { now: string; speed: number };
  const zero = Date.parse(now) - ((performance.now() + asked) / 2) * speed;
  return { now: () => Math.round(zero + performance.now() * speed) };
}

export function keyOf(collectionId: number, accountId: string): TimelineKey {
  return { collectionId, platform: 'x', accountId };
}

async function* each(lines: string[]): AsyncGenerator<string> {
  yield* lines;
}
