/** Looks at accounts, one after the other and in any order: which histories they leave. */
import { describe, expect, it } from 'vitest';
import { setActive, unfollow } from '../../src/store/accounts/change-followed.ts';
import { findFollowed, historyOf, listFollowed } from '../../src/store/accounts/find-followed.ts';
import { type AccountSight, follow, noteSights } from '../../src/store/accounts/note-sights.ts';
import { pageFollowed } from '../../src/store/accounts/page-followed.ts';
import { addCollection } from '../../src/store/queries/add-collection.ts';
import { addSeed, countFollowed, listSeeds, removeSeed } from '../../src/store/timelines/timeline-collections.ts';
import { dueTimelines, enrolTimelines } from '../../src/store/timelines/timelines.ts';
import { addToSet, ensureSet } from '../../src/store/accounts/change-followed.ts';
import { freshDatabase } from '../support/database.ts';

const START = Date.parse('2026-03-02T00:00:00Z');
const DAY_MS = 86_400_000;
const clock = { now: () => START };

function sight(accountId: string, at: number, more: Partial<AccountSight> = {}): AccountSight & { handle: string } {
  const { handle = `name${accountId}`, ...rest } = more;
  return {
    ...{ platform: 'x', accountId, atMs: START + at * DAY_MS, state: 'public', handle },
    ...{ endpoint: '/2/users', evidence: 'the profile is there', profile: { id: accountId, username: handle } },
    ...rest,
  };
}

/** The platform shows nothing of it. */
function absence(accountId: string, at: number, state: 'gone' | 'suspended'): AccountSight {
  const { handle: _, profile: __, ...rest } = sight(accountId, at, { state, evidence: `HTTP 200, ${state}` });
  return rest;
}

const of = (accountId: string) => ({ platform: 'x', accountId });

describe('sights of accounts', () => {
  it('leave a row for each name, state and profile that is new, and none for what was known or is older', async () => {
    await using test = await freshDatabase();
    const { db } = test;
    expect([...(await follow(db, [sight('12', 0)]))]).toEqual(['12']);
    expect([...(await follow(db, [sight('12', 0)]))]).toEqual([]);
    const counted = { id: '12', public_metrics: { followers_count: 5 }, username: 'name12', most_recent_tweet_id: '9' };
    expect(await noteSights(db, [sight('12', 1, { profile: counted })])).toEqual([
      { accountId: '12', profileChanged: false },
    ]);
    const [renamed] = await noteSights(db, [sight('12', 2, { handle: 'NAME12' })]);
    expect(renamed).toEqual({ accountId: '12', renamed: { from: 'name12', to: 'NAME12' }, profileChanged: true });
    expect(await noteSights(db, [sight('12', 1.5, { handle: 'late' })]), 'older than the last').toEqual([]);
    const [went] = await noteSights(db, [absence('12', 3, 'suspended')]);
    expect(went).toEqual({ accountId: '12', stateChanged: { from: 'public', to: 'suspended' }, profileChanged: false });
    await noteSights(db, [absence('12', 4, 'suspended'), sight('12', 5, { handle: 'name12' }), sight('99', 5)]);
    const { names, states, profiles } = await historyOf(db, of('12'));
    expect(names.map(({ notedAt, handle }) => [notedAt.slice(0, 10), handle])).toEqual([
      ['2026-03-02', 'name12'],
      ['2026-03-04', 'NAME12'],
      ['2026-03-07', 'name12'],
    ]);
    expect(states.map(({ since, state }) => [since.slice(0, 10), state])).toEqual([
      ['2026-03-02', 'public'],
      ['2026-03-05', 'suspended'],
      ['2026-03-07', 'public'],
    ]);
    expect(profiles.length).toBe(3);
    expect(await findFollowed(db, '12')).toMatchObject({
      handle: 'name12',
      state: 'public',
      checkedAt: expect.any(String),
    });
    expect(
      (await listFollowed(db, {})).map(({ accountId }) => accountId),
      'nobody follows 99',
    ).toEqual(['12']);
  });

  it('keep texts that PostgreSQL would refuse as characters, and long numbers as they came', async () => {
    await using test = await freshDatabase();
    const profile = { id: '12', username: 'a', description: 'nul \u0000, half \ud83d, emoji 🐦', pinned_tweet_id: '1' };
    await follow(test.db, [sight('12', 0, { profile })]);
    const [kept] = (await historyOf(test.db, of('12'))).profiles;
    expect(kept?.profile).toEqual(profile);
    const [again] = await noteSights(test.db, [sight('12', 1, { handle: 'name12', profile })]);
    expect(again?.profileChanged).toBe(false);
  });

  it('tell who bears a name: one that is there, though one that went with it was looked at later', async () => {
    await using test = await freshDatabase();
    const { db } = test;
    await follow(db, [sight('1', 0, { handle: 'wanted' })]);
    await noteSights(db, [absence('1', 1, 'gone')]);
    await follow(db, [sight('2', 2, { handle: 'Wanted' })]);
    await noteSights(db, [absence('1', 3, 'gone')]);
    expect((await findFollowed(db, '@wanted')).accountId).toBe('2');
    await noteSights(db, [sight('2', 4, { handle: 'other' })]);
    expect((await findFollowed(db, 'wanted')).accountId, 'nobody else bears it').toBe('1');
    await follow(db, [sight('3', 4, { handle: 'third' })]);
    await noteSights(db, [sight('3', 5, { handle: 'fourth' }), sight('2', 5, { handle: 'third' })]);
    await noteSights(db, [sight('2', 6, { handle: 'fifth' })]);
    await expect(findFollowed(db, 'third')).rejects.toThrow(/Several accounts bore the name "third": .*Give the uid/);
    expect((await findFollowed(db, '3')).handle).toBe('fourth');
  });
});

describe('what a collection follows', () => {
  it('is all active accounts until it gets a seed; then its seeds, and nobody when the last one is taken out', async () => {
    await using test = await freshDatabase();
    const { db } = test;
    for (const id of ['1', '2', '3']) await follow(db, [sight(id, 0)]);
    const wish = { name: 'press', kind: 'timeline', platform: 'x', api: 'v2' } as const;
    const { collectionId } = await addCollection(db, clock, wish);
    const dueNow = async () => {
      await enrolTimelines(db, START);
      return (await dueTimelines(db, START + 1, 100)).map(({ accountId }) => accountId).toSorted();
    };
    expect(await dueNow()).toEqual(['1', '2', '3']);
    await setActive(db, of('3'), false);
    expect(await dueNow()).toEqual(['1', '2']);
    await setActive(db, of('3'), true);

    const { setId } = await ensureSet(db, clock, 'Papers');
    expect(await ensureSet(db, clock, 'papers')).toEqual({ setId, isNew: false });
    await addToSet(db, clock, setId, [of('1')]);
    expect(await addSeed(db, clock, collectionId, { set: 'papers' })).toBe(true);
    expect(await addSeed(db, clock, collectionId, { set: 'Papers' })).toBe(false);
    expect(await dueNow()).toEqual(['1']);
    expect(await addSeed(db, clock, collectionId, { account: '@name2' })).toBe(true);
    expect(await dueNow()).toEqual(['1', '2']);
    await addToSet(db, clock, setId, [of('3')]);
    expect(await dueNow(), 'whoever joins the set').toEqual(['1', '2', '3']);
    expect((await listSeeds(db, collectionId)).map(({ kind, name, accounts }) => [kind, name, accounts])).toEqual([
      ['set', 'Papers', 2],
      ['account', '@name2', 1],
    ]);

    await removeSeed(db, clock, collectionId, { set: 'papers' });
    await expect(removeSeed(db, clock, collectionId, { set: 'papers' })).rejects.toThrow(/not among the seeds/);
    expect(await dueNow()).toEqual(['2']);
    await db.transaction((tx) => unfollow(tx, clock, of('2')));
    expect(await dueNow(), 'the last seed is deleted: everybody is not followed instead').toEqual([]);
    expect(await countFollowed(db, collectionId)).toBe(0);
    await addSeed(db, clock, collectionId, { account: '3' });
    expect(await dueNow()).toEqual(['3']);
  });
});

describe('pages of accounts', () => {
  it('are by name, or drawn at random from those that fit, each once', async () => {
    await using test = await freshDatabase();
    const ids = Array.from({ length: 40 }, (_, at) => String(100 + at));
    for (const id of ids) await follow(test.db, [sight(id, 0)]);
    await setActive(test.db, of('100'), false);
    const drawn = async () =>
      (await pageFollowed(test.db, { limit: 25, active: true, atRandom: true })).map(({ accountId }) => accountId);
    const draws = [await drawn(), await drawn(), await drawn()];
    for (const draw of draws) {
      expect(new Set(draw).size).toBe(25);
      expect(draw).not.toContain('100');
    }
    // Three equal draws of 25 of 39 in order: less likely than a broken machine.
    expect(new Set(draws.map((draw) => draw.join())).size).toBe(3);
    const byName = await pageFollowed(test.db, { limit: 25 });
    expect(byName.map(({ accountId }) => accountId)).toEqual(ids.slice(0, 25));
  });
});
