/** Accounts that go out of sight while they are read: what was not read is a gap, until they come back. */
import { describe, expect, it } from 'vitest';
import type { PermitSource } from '../../src/platforms/permit-source.ts';
import { listRuns } from '../../src/store/timelines/timelines.ts';
import { until } from '../support/system/until.ts';
import { credential, permitsFor } from '../support/timelines/desk.ts';
import { expectOnce, gapsOf, held, kept, LONG, MIDDLE, START } from '../support/timelines/evidence.ts';
import { openOffice } from '../support/timelines/office.ts';

describe('an account that goes in the middle of its pages', () => {
  it('leaves a gap of what was not read, which is filled when it comes back, whichever node reads it then', async () => {
    const events = [
      { at: '+6h', do: 'delete-account', account: LONG.id },
      { at: '+6h', do: 'deactivate', account: MIDDLE.id },
      { at: '+11h', do: 'reactivate', account: MIDDLE.id },
    ];
    await using office = await openOffice({ speed: 1000, start: START, events });
    const collectionId = await office.addTimelines('press');
    await office.follow([LONG.id, MIDDLE.id]);
    const stateIs = (account: { id: string }, state: RegExp) =>
      until(`${account.id} to be ${state}`, async () => state.test((await office.standing(account.id)).state), {
        withinMs: 60_000,
      });
    const gone = Promise.all([stateIs(LONG, /^deleted/), stateIs(MIDDLE, /^deactivated/)]).then(() => undefined);
    const permits: Record<string, PermitSource> = {};
    const source: PermitSource = {
      acquire: (wish, signal) =>
        (permits['first'] ??= held(permitsFor([credential('first')]), 7, gone)).acquire(wish, signal),
    };
    await using desk = office.openDesk({ permits: source });
    expect(await office.readDue(desk)).toBe(2);
    await office.load();
    const runs = await listRuns(office.db, { collectionId, onlyErrors: true, limit: 10 });
    expect(runs.map(({ outcome }) => outcome)).toEqual(['gone', 'gone']);
    expect(runs.reduce((sum, { pages }) => sum + pages, 0)).toBe(6);
    const gaps = await gapsOf(office);
    expect(gaps.map(({ cause, uncovered_ms }) => [cause, Number(uncovered_ms) > 0])).toEqual([
      ['account-unreadable', true],
      ['account-unreadable', true],
    ]);

    // From now on another node reads: what is one's gap is the other's to fill.
    await desk[Symbol.asyncDispose]();
    await using second = office.openDesk({ permits: source, node: 'n2' });
    await stateIs(MIDDLE, /^public/);
    await office.check([LONG, MIDDLE].map(({ id }) => ({ platform: 'x', accountId: id })));
    await office.db.query("update timelines set due_at = '2000-01-01'");
    expect(await office.readDue(second), 'the one that is back').toBe(1);
    expect(await office.readDue(second), 'until it is due again').toBe(0);
    await office.db.query("update timelines set due_at = '2000-01-01'");
    await office.readDue(second);
    await second[Symbol.asyncDispose]();
    // In whichever order the nodes tell of their gaps, and however often.
    await office.load(['n2', 'n1']);
    await office.load(['n1', 'n2']);
    const [ofFirst, ofSecond] = [await kept(office, 'press'), await kept(office, 'press', 'n2')];
    const ids = [...ofFirst.ids, ...ofSecond.ids];
    const pages = [...ofFirst.pages, ...ofSecond.pages];
    expect(ofSecond.pages.length).toBeGreaterThan(0);
    expectOnce(pages, 'pages that were bought twice');
    expectOnce(ids, 'posts that are there twice');
    const filled = await gapsOf(office);
    expect(filled.filter(({ uncovered_ms }) => uncovered_ms === '0').map(({ evidence }) => evidence)).toEqual([
      `account ${MIDDLE.id}: it came back and was read on`,
    ]);
    expect(filled.filter(({ uncovered_ms }) => uncovered_ms !== '0').map(({ evidence }) => evidence)).toEqual([
      expect.stringMatching(new RegExp(`^account ${LONG.id}: it went out of sight while it was read \\(/2/users`)),
    ]);
    const sixth = Date.parse(START) + 6 * 3_600_000;
    const back = sixth + 5 * 3_600_000;
    const stored = new Set(await office.stored(MIDDLE.id));
    const should = (await office.truth(MIDDLE.id)).filter((id) => {
      const ms = Number((BigInt(id) >> 22n) + 1_288_834_974_657n);
      return ms < sixth || (ms > back && ms < back + 60_000);
    });
    expect(should.filter((id) => !stored.has(id))).toEqual([]);
  });
});
