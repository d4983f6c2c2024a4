/** Lists of ids that workers ask for: an outcome for each, no post bought twice after a kill, a pause for money, a second look that tells what changed. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { silentLog } from '../../src/core/log.ts';
import { type HydrationWork, hydrateIds } from '../../src/jobs/hydrations/hydrate-ids.ts';
import { createHttpCaller, type HttpCaller } from '../../src/platforms/http-call.ts';
import { openJobDesk } from '../../src/jobs/job-list.ts';
import { openQueue } from '../../src/jobs/queue.ts';
import type { PermitSource } from '../../src/platforms/permit-source.ts';
import type { Database } from '../../src/store/db.ts';
import {
  addHydration,
  fillHydration,
  findHydration,
  hydrationsToRun,
  type HydrationFields,
  hydrationSummary,
  idOutcomes,
  recheckIds,
  setHydrationState,
} from '../../src/store/hydrations/hydrations.ts';
import { addCollection } from '../../src/store/queries/add-collection.ts';
import { runToCrashPoint } from '../support/run-to-crash-point.ts';
import { keptSegments } from '../support/system/kept-frames.ts';
import { until } from '../support/system/until.ts';
import { credential, permitsFor, quickAsker } from '../support/timelines/desk.ts';
import { expectOnce, LONG, START } from '../support/timelines/evidence.ts';
import { hydrationWork } from '../support/timelines/hydration-work.ts';
import { openOffice, type Office } from '../support/timelines/office.ts';

/** Ids that nobody ever had. */
const NEVER = ['1', '20'];

function workOf(office: Office, http: HttpCaller, permits: PermitSource): HydrationWork {
  const { bench, clock, db, emulator } = office;
  const asker = quickAsker(http, clock, permits);
  return hydrationWork({ db, clock, apiUrl: emulator.url, folder: join(bench.folder, 'n1'), node: 'n1', asker });
}

async function addList(
  office: Office,
  name: string,
  api: 'v2' | 'v1.1',
  ids: string[],
  fields?: HydrationFields,
): Promise<number> {
  const { db, clock } = office;
  await mkdir(join(office.bench.folder, 'n1', 'run'), { recursive: true });
  const wish = { name, kind: 'import', platform: 'x', api, wanted: 'stopped' } as const;
  const { collectionId } = await addCollection(db, clock, wish);
  const wanted = fields === undefined ? {} : { fields };
  const list = { collectionId, name, api, source: 'ids.txt', atMs: clock.now(), ...wanted };
  const hydrationId = await addHydration(db, list);
  const rows = ids.map((postId, position) => ({ position, postId, existed: false }));
  await fillHydration(db, hydrationId, rows.slice(0, 150));
  // The command was killed while it filled, and called again.
  expect(await addHydration(db, list)).toBe(hydrationId);
  const invalid = { position: ids.length, postId: 'no id', existed: false, invalid: 'neither an id nor a post' };
  await fillHydration(db, hydrationId, [...rows, invalid]);
  await setHydrationState(db, hydrationId, { from: ['filling'], to: 'running', atMs: clock.now() });
  return hydrationId;
}

async function outcomesOf(db: Database, hydrationId: number) {
  return (await Array.fromAsync(idOutcomes(db, hydrationId, undefined))).flat();
}

/** A database that is away once something is to be noted in it, from the nth time on. */
function awayFrom(db: Database, nth: number): Database {
  let notes = 0;
  return Object.assign(Object.create(db) as Database, {
    query: async (text: string, values?: unknown[]) => {
      if (text.startsWith('update hydration_ids') && ++notes >= nth) throw new Error('the process died here');
      return await db.query(text, values);
    },
  });
}

const keptIds = async (office: Office, name: string) =>
  (await keptSegments(join(office.bench.folder, 'n1'), name)).flatMap(({ frames }) =>
    frames.flatMap(({ id }) => id ?? []),
  );

describe('a list of ids', () => {
  it('goes through whole: what is kept is not bought again after a kill, and a second look tells what changed', async () => {
    await using office = await openOffice({ speed: 1, start: START });
    using http = createHttpCaller();
    const { db } = office;
    const truth = (await office.truth(LONG.id)).slice(0, 730);
    const hydrationId = await addList(office, 'again', 'v2', [...truth, ...NEVER]);
    const none = new AbortController().signal;
    const rich = workOf(office, http, permitsFor([credential('first')]));
    expect(await hydrationsToRun(db, office.clock.now())).toEqual([{ hydrationId, name: 'again' }]);
    await expect(hydrateIds({ ...rich, db: awayFrom(db, 3) }, hydrationId, none)).rejects.toThrow(/died here/);
    const before = await keptIds(office, 'again');
    expect(before.length).toBeGreaterThanOrEqual(400);

    // Three pages may be bought, then the purse is empty: it is paused with the reason, and goes on when there is more.
    await hydrateIds(workOf(office, http, permitsFor([credential('first')], 1_000_000)), hydrationId, none);
    const paused = await findHydration(db, 'again');
    expect(paused).toMatchObject({ state: 'paused', reason: expect.stringMatching(/budget of this run is reached/) });
    expect(await hydrationsToRun(db, office.clock.now())).toEqual([]);
    expect(await hydrationsToRun(db, office.clock.now() + 6 * 60_000)).toEqual([{ hydrationId, name: 'again' }]);
    await hydrateIds(rich, hydrationId, none);
    expect(await findHydration(db, 'again')).toMatchObject({ state: 'done', reason: null });

    const ids = await keptIds(office, 'again');
    expectOnce(ids, 'posts that were bought twice');
    const told = await outcomesOf(db, hydrationId);
    expect(told.map(({ id }) => id)).toEqual([...truth, ...NEVER, 'no id']);
    expect(new Set(ids)).toEqual(new Set(told.filter(({ outcome }) => outcome === 'ok').map(({ id }) => id)));
    expect(told.slice(-3).map(({ outcome }) => outcome)).toEqual(['not_found', 'not_found', 'invalid']);
    const { outcomes } = await hydrationSummary(db, hydrationId);
    expect(outcomes.ok).toBe(ids.length);
    await office.load();
    expect((await office.stored(LONG.id)).toSorted()).toEqual(ids.toSorted());

    // One that was gone, and has come back.
    await db.query("update hydration_ids set outcome = 'deleted' where position = 0");
    expect(await recheckIds(db, hydrationId, ['deleted', 'not_found'])).toBe(3);
    await hydrateIds(rich, hydrationId, none);
    expect((await hydrationSummary(db, hydrationId)).changed).toEqual({ 'deleted -> ok': 1 });
    expect(await findHydration(db, 'again')).toMatchObject({ state: 'done', round: 2 });
  });

  it('is asked of v1.1 just as well', async () => {
    await using office = await openOffice({ speed: 1, start: START });
    using http = createHttpCaller();
    const truth = (await office.truth(LONG.id)).slice(0, 120);
    const hydrationId = await addList(office, 'old', 'v1.1', [...truth, ...NEVER]);
    const work = workOf(office, http, permitsFor([credential('first')]));
    await hydrateIds(work, hydrationId, new AbortController().signal);
    const ids = await keptIds(office, 'old');
    expectOnce(ids, 'posts that were bought twice');
    const { outcomes } = await hydrationSummary(office.db, hydrationId);
    expect(outcomes).toMatchObject({ ok: ids.length, not_found: 122 - ids.length, invalid: 1 });
    expect(ids.length).toBeGreaterThan(100);
  });

  it('goes on behind the page at which its worker is killed, and buys no page twice', async () => {
    await using office = await openOffice({ speed: 1, start: START });
    const truth = (await office.truth(LONG.id)).slice(0, 1500);
    const half = truth.length / 2;
    for (const [name, ids] of [
      ['ids.appended', truth.slice(0, half)],
      ['ids.noted', truth.slice(half)],
    ] as const) {
      const list = name.replace('.', '-');
      const hydrationId = await addList(office, list, 'v2', ids);
      const folder = join(office.bench.folder, 'n1');
      const args = [office.databaseUrl, office.emulator.url, folder, 'n1', String(hydrationId)];
      const program = 'test/support/timelines/hydrate-list.ts';
      const before = await office.callsOf('/2/tweets');
      const killed = await runToCrashPoint(program, args, { name, nth: 3, signal: 'SIGKILL' });
      expect(killed, killed.stderr).toMatchObject({ signal: 'SIGKILL' });
      const ended = await runToCrashPoint(program, args);
      expect(ended, ended.stderr).toMatchObject({ code: 0 });
      expect(await findHydration(office.db, list)).toMatchObject({ state: 'done' });
      const kept = await keptIds(office, list);
      const told = await outcomesOf(office.db, hydrationId);
      expect(new Set(kept)).toEqual(new Set(told.filter(({ outcome }) => outcome === 'ok').map(({ id }) => id)));
      expect(told.filter(({ outcome }) => outcome === null)).toEqual([]);
      // Four pages are asked for at a time: those on their way when the worker died are all that may be asked for again.
      const calls = (await office.callsOf('/2/tweets')) - before;
      expect(calls).toBeGreaterThanOrEqual(Math.ceil(ids.length / 100));
      expect(calls).toBeLessThanOrEqual(Math.ceil(ids.length / 100) + 4);
      // One of those may have been written in part when the worker died: nothing else is there twice.
      const twice = kept.length - new Set(kept).size;
      expect(twice).toBeLessThanOrEqual(100 * (calls - Math.ceil(ids.length / 100)));
    }
  });

  it('asks for the fields that were chosen, and for no others', async () => {
    await using office = await openOffice({ speed: 1, start: START });
    using http = createHttpCaller();
    const truth = (await office.truth(LONG.id)).slice(0, 40);
    const fields = { chosen: { 'tweet.fields': ['id', 'lang'], expansions: [] } };
    const hydrationId = await addList(office, 'lean', 'v2', truth, fields);
    const work = workOf(office, http, permitsFor([credential('first')]));
    await hydrateIds(work, hydrationId, new AbortController().signal);
    const posts = (await keptSegments(join(office.bench.folder, 'n1'), 'lean')).flatMap(({ frames }) =>
      frames.filter(({ id }) => id !== undefined).map(({ payload }) => JSON.parse(payload.toString()) as object),
    );
    expect(posts.length).toBeGreaterThan(30);
    for (const post of posts) {
      expect(Object.keys(post)).toEqual(['data']);
      expect(post).toMatchObject({ data: { lang: expect.any(String) } });
      expect(post).not.toHaveProperty('data.created_at');
    }
  });

  it('stays as it is when its job is taken away, and stops for good only when somebody says so', async () => {
    await using office = await openOffice({ speed: 1, start: START });
    using http = createHttpCaller();
    const { db, clock } = office;
    const hydrationId = await addList(office, 'taken', 'v2', (await office.truth(LONG.id)).slice(0, 300));
    await using queue = await openQueue({ url: office.databaseUrl, node: 'n1', log: silentLog });
    await using desk = await openJobDesk(office.databaseUrl, { db, clock });
    const work = workOf(office, http, permitsFor([credential('first')]));
    const taken = AbortSignal.abort(new Error("the job is another worker's"));
    await expect(hydrateIds(work, hydrationId, taken)).rejects.toThrow(/another worker/);
    expect(await findHydration(db, 'taken')).toMatchObject({ state: 'running' });

    await queue.enqueue('hydration', await hydrationsToRun(db, clock.now()));
    const [job] = await desk.list({ kind: 'hydration' });
    expect(job).toMatchObject({ what: 'taken', state: 'waiting' });
    expect(await desk.cancel(job?.id ?? '')).toMatchObject({ state: 'cancelled' });
    expect(await findHydration(db, 'taken')).toMatchObject({ state: 'cancelled', reason: 'its job was cancelled' });
    expect(await hydrationsToRun(db, clock.now()), 'nothing is put in line again').toEqual([]);
    await desk.retry(job?.id ?? '');
    await queue.work('hydration', (each, signal) => hydrateIds(work, each.hydrationId, signal));
    await until('the list to be done', async () => (await findHydration(db, 'taken')).state === 'done', {
      withinMs: 60_000,
    });
  });
});
