/** Three weeks of accounts that are renamed, protected, suspended, deleted, and whose names others take over: what is stored is what was true. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { snowflakeToMs } from '../../src/core/snowflake.ts';
import { findFollowed, historyOf } from '../../src/store/accounts/find-followed.ts';
import { listRuns } from '../../src/store/timelines/timelines.ts';
import { loadedOfCollection } from '../support/loader.ts';
import { keptSegments } from '../support/system/kept-frames.ts';
import { openOffice, type Office } from '../support/timelines/office.ts';

const START = '2026-03-02T00:00:00Z';
const DAY_MS = 86_400_000;
const day = (n: number) => Date.parse(START) + n * DAY_MS;

// Accounts of the world with seed 5.
const RENAMED = { id: '1542283123026851057', handle: 'nour2943984', to: 'press_taken', day: 6 };
const TAKER = { id: '1625860922', handle: 'noah9355964', to: 'nour2943984', day: 8 };
const CAPITALS = { id: '1076034604598724198', handle: 'snipe2301407', to: 'SNIPE2301407', day: 7 };
const SUSPENDED = { id: '3055947503', handle: '_yuki6954628', from: 7, to: 12 };
const PROTECTED = { id: '1306942536', handle: 'rail2344228', from: 7, to: 13 };
const DELETED = { id: '836410276664668052', handle: 'minji3124937', from: 8, to: 1000 };
const PLAIN = { id: '740883546304106882', handle: 'minji9750259' };
const ALL = [RENAMED, TAKER, CAPITALS, SUSPENDED, PROTECTED, DELETED, PLAIN];

const events = [
  ...[RENAMED, TAKER, CAPITALS].map(({ id, to, day: at }) => ({ at: `+${at}d`, do: 'rename', account: id, to })),
  { at: `+${SUSPENDED.from}d`, do: 'suspend', account: SUSPENDED.id },
  { at: `+${SUSPENDED.to}d`, do: 'unsuspend', account: SUSPENDED.id },
  { at: `+${PROTECTED.from}d`, do: 'protect', account: PROTECTED.id },
  { at: `+${PROTECTED.to}d`, do: 'unprotect', account: PROTECTED.id },
  { at: `+${DELETED.from}d`, do: 'delete-account', account: DELETED.id },
];

/** Posts that could be seen: not those of the time out of sight, nor those after the last reading. */
async function visible(office: Office, account: { id: string; from?: number; to?: number }, untilMs: number) {
  return (await office.truth(account.id)).filter((id) => {
    const ms = snowflakeToMs(id) ?? 0;
    return ms < untilMs && !(account.from !== undefined && ms >= day(account.from) && ms < day(account.to ?? 0));
  });
}

describe('accounts that are followed for weeks', () => {
  it('keep their posts, names and states, whatever becomes of them', async () => {
    await using office = await openOffice({ speed: 50_000, rate: 400, start: START, events });
    const { db } = office;
    const collectionId = await office.addTimelines('press', { schedule: { kind: 'every', ms: DAY_MS / 4 } });
    const added = await office.follow(ALL.map(({ handle }) => handle));
    expect(added.map(({ outcome, uid }) => ({ outcome, uid }))).toEqual(
      ALL.map(({ id }) => ({ outcome: 'added', uid: id })),
    );
    let lastMs = 0;
    {
      await using desk = office.openDesk();
      await office.liveUntil(desk, day(20));
      lastMs = office.clock.now();
      for (let round = 0; round < 2; round++) {
        await db.query("update timelines set due_at = '2000-01-01'");
        await office.readDue(desk);
      }
    }
    await office.load();

    // Each frame is in the database once.
    const frames = (await keptSegments(join(office.bench.folder, 'n1'), 'press')).flatMap((segment) => segment.frames);
    const captured = frames.flatMap(({ id }) => (id === undefined ? [] : [id])).toSorted();
    expect((await loadedOfCollection(db, 'press')).ids.toSorted()).toEqual(captured);

    for (const account of ALL) {
      const stored = new Set(await office.stored(account.id));
      // Our clock follows the world's to within a tenth of a second, which is hours there; and who went was read some hours before.
      const untilMs = account === DELETED ? day(DELETED.from - 1) : lastMs - DAY_MS / 4;
      const should = await visible(office, account, untilMs);
      expect(stored.size, account.handle).toBeGreaterThan(5);
      expect(
        should.filter((id) => !stored.has(id)),
        `posts of ${account.handle} that are missing; ${await readingsOf(office, account.id)}`,
      ).toEqual([]);
      // What is stored beyond that was deleted since: the platform knows it no longer.
      const truth = new Set(await office.truth(account.id));
      const extra = [...stored].filter((id) => !truth.has(id));
      expect(await stillShown(office, extra), `posts of ${account.handle} that it never wrote`).toEqual([]);
    }

    const gaps = await db.query('select cause, evidence, from_at, to_at, uncovered_ms from gaps');
    expect(gaps, 'nothing was out of reach for good').toEqual([]);

    const namesOf = async ({ id }: { id: string }) => (await historyOf(db, { platform: 'x', accountId: id })).names;
    for (const { id, handle, to, day: at } of [RENAMED, TAKER, CAPITALS]) {
      const names = await namesOf({ id });
      expect(names.map((name) => name.handle)).toEqual([handle, to]);
      const noted = Date.parse(names[1]?.notedAt ?? '');
      expect(noted).toBeGreaterThan(day(at) - DAY_MS / 24);
      expect(noted, 'noted within a week').toBeLessThan(day(at + 8));
    }
    expect((await findFollowed(db, '@Nour2943984')).accountId, 'who bears the name now').toBe(TAKER.id);
    expect((await findFollowed(db, 'noah9355964')).accountId, 'a former name').toBe(TAKER.id);
    expect((await findFollowed(db, 'press_taken')).accountId).toBe(RENAMED.id);

    for (const [account, state] of [
      [SUSPENDED, 'suspended'],
      [PROTECTED, 'protected'],
    ] as const) {
      const { states } = await historyOf(db, { platform: 'x', accountId: account.id });
      expect(states.map((each) => each.state)).toEqual(['public', state, 'public']);
      expect(Date.parse(states[1]?.since ?? '')).toBeGreaterThan(day(account.from) - DAY_MS / 24);
      expect(Date.parse(states[1]?.since ?? '')).toBeLessThan(day(account.from + 2));
      expect(Date.parse(states[2]?.since ?? '')).toBeGreaterThan(day(account.to) - DAY_MS / 24);
      expect(Date.parse(states[2]?.since ?? '')).toBeLessThan(day(account.to + 2));
      expect(states.every(({ endpoint, evidence }) => endpoint.startsWith('/2/users') && evidence !== '')).toBe(true);
    }
    const gone = await findFollowed(db, DELETED.handle);
    expect(gone).toMatchObject({ state: 'gone', active: true });
    const { states } = await historyOf(db, gone);
    expect(states.at(-1)?.evidence).toMatch(/HTTP 200/);

    const profiles = (await historyOf(db, { platform: 'x', accountId: PLAIN.id })).profiles;
    expect(profiles.length, 'a profile that did not change is kept once').toBe(1);

    const runs = await listRuns(db, { collectionId, onlyErrors: true, limit: 1000 });
    expect(new Set(runs.map(({ outcome }) => outcome))).toEqual(new Set(['gone', 'protected', 'suspended']));
    expect(runs.every(({ error }) => error?.startsWith('/2/users/'))).toBe(true);
  });
});

/** For whoever has to find out why. */
async function readingsOf({ db }: Office, accountId: string): Promise<string> {
  const rows = await db.query<Record<string, unknown>>(
    'select started_at, finished_at, pages, posts, outcome from timeline_runs where account_id = $1 order by started_at',
    [accountId],
  );
  return rows.map((row) => Object.values(row).join(' ')).join(' | ');
}

/** Those of the ids that the platform still hands out. */
async function stillShown(office: Office, ids: string[]): Promise<string[]> {
  const shown: string[] = [];
  for (let from = 0; from < ids.length; from += 100) {
    const url = new URL(`/2/tweets?ids=${ids.slice(from, from + 100).join(',')}`, office.emulator.url);
    const answer = await fetch(url, { headers: { authorization: 'Bearer emulator-token', connection: 'close' } });
    const { data = [] } = (await answer.json()) as { data?: { id: string }[] };
    shown.push(...data.map(({ id }) => id));
  }
  return shown;
}
