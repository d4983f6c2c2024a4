/** Lists of ids that workers ask for: an outcome for each, no post bought twice after a kill, a pause for money, a second look that tells what changed. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openPageLog } from '../../src/capture/page-log.ts';
import { type CapturePlan, savePlan } from '../../src/capture/plan.ts';
import { silentLog } from '../../src/core/log.ts';
import { type HydrationWork, hydrateIds } from '../../src/jobs/hydrations/hydrate-ids.ts';
import { createHttpCaller } from '../../src/platforms/http-call.ts';
import type { PermitSource } from '../../src/platforms/permit-source.ts';
import { classifyLine } from '../../src/platforms/x/classify-line.ts';
import { createLegacyXReads, createXReads } from '../../src/platforms/x/read/x-reads.ts';
import type { Database } from '../../src/store/db.ts';
import {
  addHydration,
  fillHydration,
  findHydration,
  hydrationsToRun,
  hydrationSummary,
  idOutcomes,
  recheckIds,
  setHydrationState,
} from '../../src/store/hydrations/hydrations.ts';
import { addCollection } from '../../src/store/queries/add-collection.ts';
import { keptSegments } from '../support/system/kept-frames.ts';
import { credential, permitsFor, quickAsker } from '../support/timelines/desk.ts';
import { expectOnce, LONG, START } from '../support/timelines/evidence.ts';
import { openOffice, type Office } from '../support/timelines/office.ts';

/** Ids that nobody ever had. */
const NEVER = ['1', '20'];

function workOf(office: Office, http: ReturnType<typeof createHttpCaller>, permits: PermitSource): HydrationWork {
  const { bench, clock, db, emulator } = office;
  const home = join(bench.folder, 'n1');
  const { signal } = new AbortController();
  const [v2, legacy] = [createXReads({ apiUrl: emulator.url }), createLegacyXReads({ apiUrl: emulator.url })];
  return {
    ...{ db, clock, signal, node: 'n1', log: silentLog, segmentsFolder: join(home, 'segments') },
    askerOf: () => quickAsker(http, clock, permits),
    question: (api, ids) => (api === 'v2' ? v2.posts(ids) : legacy.posts(ids)),
    openPages: async ({ name, api }) => {
      const plan: CapturePlan = {
        ...{ format: 1, plan: name, kind: 'import', platform: 'x', api },
        ...{ backfillMinutes: 0, wanted: 'stopped', revision: 1 },
      };
      await savePlan(join(home, 'segments', name), plan);
      return await openPageLog({
        ...{ plan, clock, classifyLine, node: 'n1', log: silentLog, sealAgeMs: 60_000, sealBytes: 2 ** 22 },
        ...{ segmentsFolder: join(home, 'segments'), runFolder: join(home, 'run') },
        quarantineFolder: join(home, 'quarantine'),
      });
    },
  };
}

async function addList(office: Office, name: string, api: 'v2' | 'v1.1', ids: string[]): Promise<number> {
  const { db, clock } = office;
  await mkdir(join(office.bench.folder, 'n1', 'run'), { recursive: true });
  const wish = { name, kind: 'import', platform: 'x', api, wanted: 'stopped' } as const;
  const { collectionId } = await addCollection(db, clock, wish);
  const list = { collectionId, name, api, source: 'ids.txt', atMs: clock.now() };
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
    expect(await hydrationsToRun(db, office.clock.now())).toEqual([hydrationId]);
    await expect(hydrateIds({ ...rich, db: awayFrom(db, 3) }, hydrationId, none)).rejects.toThrow(/died here/);
    const before = await keptIds(office, 'again');
    expect(before.length).toBeGreaterThanOrEqual(400);

    // Three pages may be bought, then the purse is empty: it is paused with the reason, and goes on when there is more.
    await hydrateIds(workOf(office, http, permitsFor([credential('first')], 1_000_000)), hydrationId, none);
    const paused = await findHydration(db, 'again');
    expect(paused).toMatchObject({ state: 'paused', reason: expect.stringMatching(/budget of this run is reached/) });
    expect(await hydrationsToRun(db, office.clock.now())).toEqual([]);
    expect(await hydrationsToRun(db, office.clock.now() + 6 * 60_000)).toEqual([hydrationId]);
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
});
