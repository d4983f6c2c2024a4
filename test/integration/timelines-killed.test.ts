/** Workers that are killed or overtaken while they read a timeline: nothing is lost, nothing is doubled, no page that was kept is bought again. */
import { describe, expect, it } from 'vitest';
import { endRun, listRuns } from '../../src/store/timelines/timelines.ts';
import { runToCrashPoint } from '../support/run-to-crash-point.ts';
import { until } from '../support/system/until.ts';
import { credential, permitsFor } from '../support/timelines/desk.ts';
import { keyOf, openOffice } from '../support/timelines/office.ts';
import { ENDLESS, expectOnce, expectWhole, gapsOf, held, kept, LONG, START } from '../support/timelines/evidence.ts';

describe('a worker that is killed while it reads a timeline', () => {
  it.each([
    ['page.appended', LONG, 4],
    ['page.noted', LONG, 4],
    ['gap.recorded', ENDLESS, 1],
  ] as const)('at %s goes on where it stood, and pays for no page twice', async (name, account, nth) => {
    await using office = await openOffice({ speed: 1, start: START });
    const collectionId = await office.addTimelines('press');
    await office.follow([account.id]);
    const program = 'test/support/timelines/read-due.ts';
    const args = [office.databaseUrl, office.emulator.url, office.bench.folder, 'n1', 'press'];
    const killed = await runToCrashPoint(program, args, { name, nth, signal: 'SIGKILL' });
    expect(killed, killed.stderr).toMatchObject({ signal: 'SIGKILL' });
    await office.db.query('update timelines set due_at = now()');
    const ended = await runToCrashPoint(program, args);
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
    await office.load();

    const { ids, pages } = await kept(office, 'press');
    expectOnce(ids, 'posts that are there twice');
    expectOnce(pages, 'pages that were bought twice');
    expect(await office.pagesBought()).toBe(pages.length);
    const runs = await listRuns(office.db, { collectionId, onlyErrors: false, limit: 10 });
    expect(runs.map(({ outcome }) => outcome)).toEqual(['done', 'interrupted']);
    expect(runs.reduce((sum, run) => sum + run.pages, 0)).toBe(pages.length);
    expect(runs.reduce((sum, run) => sum + run.posts, 0)).toBe(ids.length);
    expect((await office.stored(account.id)).toSorted()).toEqual(ids.toSorted());
    const gaps = await gapsOf(office);
    if (account === LONG) {
      await expectWhole(office, account, ids);
      expect(gaps).toEqual([]);
    } else {
      expect(ids.length).toBeGreaterThan(3000);
      expect(gaps, 'one gap, though its end was told twice').toMatchObject([{ cause: 'horizon' }]);
    }
  });
});

describe('two workers at one timeline', () => {
  it('never both move it: the one that was overtaken stops, and nothing is doubled but the page it had on its way', async () => {
    await using office = await openOffice({ speed: 1, start: START });
    const collectionId = await office.addTimelines('press');
    await office.follow([LONG.id]);
    const gate = Promise.withResolvers<void>();
    const slow = held(permitsFor([credential('first')]), 4, gate.promise);
    await using first = office.openDesk({ node: 'n1', permits: slow });
    await using second = office.openDesk({ node: 'n2' });
    const key = keyOf(collectionId, LONG.id);
    await first.look();
    const overtaken = first.read(key);
    await until('three pages of the first', async () => slow.asked === 4);
    expect(await second.read(key)).toMatchObject({ outcome: 'done' });
    const after = await office.db.query('select newest_id, sweep from timelines');
    gate.resolve();
    expect(await overtaken).toMatchObject({ outcome: 'taken' });
    expect(
      await office.db.query('select newest_id, sweep from timelines'),
      'the timeline as the second left it',
    ).toEqual(after);
    const runs = await listRuns(office.db, { collectionId, onlyErrors: false, limit: 10 });
    expect(runs.map(({ outcome }) => outcome)).toEqual(['done', 'interrupted']);

    // Told late of an end that is not its own any more.
    const [stale] = await office.db.query<{ run_id: string }>(
      "select run_id from timeline_runs where outcome = 'interrupted'",
    );
    const end = { run: stale?.run_id ?? '', outcome: 'done', atMs: office.clock.now() } as const;
    const state = { newestId: '1', sweptAt: START };
    expect(await endRun(office.db, key, end, { dueMs: 0, failures: 0, state })).toBe(false);
    expect(await office.db.query('select newest_id, sweep from timelines')).toEqual(after);

    await first[Symbol.asyncDispose]();
    await second[Symbol.asyncDispose]();
    await office.load(['n1', 'n2']);
    const [ofFirst, ofSecond] = [await kept(office, 'press', 'n1'), await kept(office, 'press', 'n2')];
    expect(ofFirst.pages.length, 'three, and the one on its way').toBe(4);
    expectOnce(ofFirst.ids, 'posts that are there twice');
    expectOnce(ofSecond.ids, 'posts that are there twice');
    const doubled = ofFirst.ids.filter((id) => ofSecond.ids.includes(id));
    expect(doubled.length).toBeLessThanOrEqual(100);
    await expectWhole(office, LONG, await office.stored(LONG.id));
  });
});
