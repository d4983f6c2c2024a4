/** Timelines that money, keys or the account itself keep from being read: the work waits with the reason, what is missing is a gap, and it goes on without loss. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readCaptureStatus } from '../../src/capture/status.ts';
import type { PermitSource } from '../../src/platforms/permit-source.ts';
import { usableCredentials } from '../../src/jobs/credential-pool.ts';
import { readKeyring } from '../../src/store/credentials/keyring.ts';
import { addCredential, listCredentials, removeCredential } from '../../src/store/credentials/credentials.ts';
import { failingPlans, refusedCredentials } from '../../src/store/alerts/measure-facts.ts';
import { Secret } from '../../src/core/secret.ts';
import { collectionStatuses } from '../../src/store/queries/collection-status.ts';
import { CaptureSync } from '../../src/jobs/sync-capture.ts';
import { listRuns } from '../../src/store/timelines/timelines.ts';
import { until } from '../support/system/until.ts';
import { credential, permitsFor } from '../support/timelines/desk.ts';
import { keyOf, openOffice } from '../support/timelines/office.ts';
import { silentLog } from '../../src/core/log.ts';
import { steadyClock, systemClock } from '../../src/core/time.ts';
import { sharePermits } from '../../src/jobs/permits/shared-permits.ts';
import { budgetReport, setBudget } from '../../src/store/permits/budgets.ts';
import { setWanted } from '../../src/store/queries/set-wanted.ts';
import {
  ENDLESS,
  expectOnce,
  expectWhole,
  gapsOf,
  held,
  kept,
  LONG,
  MIDDLE,
  START,
} from '../support/timelines/evidence.ts';

describe('money and keys', () => {
  it('pause a collection with a sentence when its budget is reached, and it goes on without loss when there is more', async () => {
    await using office = await openOffice({ speed: 1, start: START });
    const collectionId = await office.addTimelines('press');
    await office.follow([LONG.id, MIDDLE.id]);
    const poor = permitsFor([credential('first')], 5_000_000);
    let permits: PermitSource = poor;
    let now = office.clock.now();
    await using desk = office.openDesk({ permitsOf: () => permits, clock: { now: () => now } });
    expect(await office.readDue(desk)).toBe(2);
    expect(poor.spentMicros).toBeLessThanOrEqual(5_000_000);
    expect(poor.spentMicros).toBeGreaterThan(3_000_000);
    expect(await office.readDue(desk), 'nobody tries at once again').toBe(0);
    const failed = await listRuns(office.db, { collectionId, onlyErrors: true, limit: 10 });
    expect(failed.map(({ outcome }) => outcome)).toEqual(['interrupted', 'interrupted']);
    expect(failed[0]?.error).toMatch(/^The budget of this run is reached: .* another call could cost/);
    expect(await office.db.query('select from timelines where failures > 0')).toEqual([]);
    const status = () => readCaptureStatus(join(office.bench.folder, 'n1', 'run', 'press.json'));
    await until('the pause beside the segments', async () => (await status())?.state === 'paused');
    expect((await status())?.reason).toBe(failed[0]?.error);
    now += 6 * 60_000;
    expect(await office.readDue(desk), 'one finds out whether there is money').toBe(1);
    permits = permitsFor([credential('first')]);
    now += 6 * 60_000;
    expect(await office.readDue(desk)).toBe(1);
    expect(await office.readDue(desk), 'there is: the others follow').toBe(1);
    await desk[Symbol.asyncDispose]();
    await office.load();
    const { ids, pages } = await kept(office, 'press');
    expectOnce(pages, 'pages that were bought twice');
    expectOnce(ids, 'posts that are there twice');
    await expectWhole(office, LONG, await office.stored(LONG.id));
    await expectWhole(office, MIDDLE, await office.stored(MIDDLE.id));
    expect(await gapsOf(office)).toEqual([]);
  });

  it("stop all workers within a page of the month's budget, and let them go on when the month has turned", async () => {
    await using office = await openOffice({ speed: 1, start: START });
    const { db, databaseUrl } = office;
    await office.addTimelines('press');
    await office.follow([LONG.id]);
    await setBudget(db, 'collection:press', 4_200_000);
    let now = office.clock.now();
    await using shared = sharePermits({
      ...{ db, databaseUrl, node: 'n1', worker: 'w1', clock: steadyClock, log: silentLog },
      credentials: async () => [credential('first')],
    });
    await using desk = office.openDesk({
      permitsOf: (collection) => shared.sourceFor({ collection }),
      clock: { now: () => now },
    });
    expect(await office.readDue(desk)).toBe(1);
    const status = () => readCaptureStatus(join(office.bench.folder, 'n1', 'run', 'press.json'));
    await until('the pause with its reason', async () =>
      /The budget of collection "press" for \d{4}-\d{2} is reached: .* It goes on by itself at \d{4}-\d{2}-01 00:00 UTC/.test(
        (await status())?.reason ?? '',
      ),
    );
    const spent = async () => (await budgetReport(db)).budgets[0]?.spentMicros ?? 0;
    await until('the meter', async () => (await spent()) > 4_200_000 - 500_000);
    expect(await spent()).toBeLessThanOrEqual(4_200_000);

    // A month later: what was spent is of the one before.
    await db.query("update spend set month = month - interval '1 month'");
    expect(await spent()).toBe(0);
    await until('its end', async () => {
      await db.query("update spend set month = month - interval '1 month'");
      now += 6 * 60_000;
      await office.readDue(desk);
      const [row] = await db.query<{ swept_at: string | null }>('select swept_at from timelines');
      return row?.swept_at !== null;
    });
    await desk[Symbol.asyncDispose]();
    await office.load();
    const { ids, pages } = await kept(office, 'press');
    expectOnce(pages, 'pages that were bought twice');
    await expectWhole(office, LONG, ids);
  });

  it('are not spent by a collection that is stopped while it is read: that is no failure, and it goes on where it stood', async () => {
    await using office = await openOffice({ speed: 1, start: START });
    const collectionId = await office.addTimelines('press');
    await office.follow([LONG.id]);
    const gate = Promise.withResolvers<void>();
    const slow = held(permitsFor([credential('first')]), 4, gate.promise);
    let permits: PermitSource = slow;
    await using desk = office.openDesk({ permitsOf: () => permits });
    await desk.look();
    const reading = desk.read(keyOf(collectionId, LONG.id));
    await until('three pages', async () => slow.asked === 4);
    await setWanted(office.db, 'press', 'stopped');
    const looking = desk.look();
    gate.resolve();
    expect(await looking).toEqual([]);
    expect(await reading).toMatchObject({ outcome: 'interrupted' });
    const runs = async () =>
      (await listRuns(office.db, { collectionId, onlyErrors: false, limit: 10 })).map(({ outcome, error }) => [
        outcome,
        error,
      ]);
    expect(await runs()).toEqual([['interrupted', null]]);
    permits = permitsFor([credential('first')]);
    await setWanted(office.db, 'press', 'active');
    expect(await office.readDue(desk), 'due as soon as it is started').toBe(1);
    expect((await runs())[0]).toEqual(['done', null]);
    await desk[Symbol.asyncDispose]();
    await office.load();
    const { ids, pages } = await kept(office, 'press');
    expectOnce(pages, 'pages that were bought twice');
    await expectWhole(office, LONG, ids);
  });

  it('keep nobody waiting for a collection whose folder cannot be opened, and read that one as soon as it can', async () => {
    await using office = await openOffice({ speed: 1, start: START });
    const broken = await office.addTimelines('broken');
    const whole = await office.addTimelines('whole');
    const outcomes = async (collectionId: number) =>
      (await listRuns(office.db, { collectionId, onlyErrors: false, limit: 10 })).map(({ outcome }) => outcome);
    await office.follow([MIDDLE.id]);
    const folder = join(office.bench.folder, 'n1', 'segments', 'broken');
    await mkdir(dirname(folder), { recursive: true });
    await writeFile(folder, 'a file where a folder should be');
    await using desk = office.openDesk({});
    expect(await office.readDue(desk)).toBe(1);
    expect([await outcomes(broken), await outcomes(whole)]).toEqual([[], ['done']]);
    // It is said where people look: in the collection's state, and as an alert.
    const home = join(office.bench.folder, 'n1');
    const sync = new CaptureSync(office.db, {
      segmentsFolder: join(home, 'segments'),
      runFolder: join(home, 'run'),
    });
    await sync.sync();
    const reason = expect.stringMatching(/^Its folder on node n1 cannot be opened: /);
    expect((await collectionStatuses(office.db, 'broken'))[0]).toMatchObject({ state: 'failed', reason });
    expect(await failingPlans(office.db, office.clock.now())).toMatchObject([
      { stream: 'broken', collection: 'broken', node: 'n1', reason },
    ]);
    await rm(folder);
    expect(await office.readDue(desk)).toBe(1);
    expect(await outcomes(broken)).toEqual(['done']);
    await until('the end of the trouble', async () => {
      await sync.sync();
      return (await failingPlans(office.db, office.clock.now())).length === 0;
    });
  });

  it('pause what a revoked credential was to read, with the reason; other credentials and collections go on', async () => {
    await using office = await openOffice({ speed: 1, start: START });
    const keys = (await (await fetch(new URL('/_emulator/credentials', office.emulator.url))).json()) as Record<
      string,
      string
    >;
    const person = () => credential('person', keys.oauth2_access_token, 'user');
    await office.addTimelines('ours');
    await office.addTimelines('theirs');
    await office.addTimelines('both');
    await office.follow([MIDDLE.id]);
    const basic = Buffer.from(`${keys.consumer_key}:${keys.consumer_secret}`).toString('base64');
    const revoked = await fetch(new URL('/oauth2/invalidate_token', office.emulator.url), {
      method: 'POST',
      headers: { authorization: `Basic ${basic}` },
      body: new URLSearchParams({ access_token: keys.bearer_token ?? '' }),
    });
    expect(revoked.status, await revoked.text()).toBe(200);
    const pools: Record<string, PermitSource> = {
      ours: permitsFor([credential('app')]),
      theirs: permitsFor([person()]),
      both: permitsFor([credential('app'), person()]),
    };
    await using desk = office.openDesk({ permitsOf: (collection) => pools[collection] as PermitSource });
    const due = await desk.look();
    const outcomes: Record<string, unknown> = {};
    for (const key of due) outcomes[key.collection] = await desk.read(key);
    expect(outcomes).toMatchObject({
      ours: { outcome: 'interrupted', posts: 0, paused: expect.stringMatching(/^The platform refused: HTTP 401/) },
      theirs: { outcome: 'done' },
      both: { outcome: 'done' },
    });
    expect((await desk.look()).map(({ collection }) => collection)).toEqual([]);
    await desk[Symbol.asyncDispose]();
    await office.load();
    for (const name of ['theirs', 'both']) await expectWhole(office, MIDDLE, (await kept(office, name)).ids);
  });

  it('of a kept credential that is revoked while it works pause with the reason; renewed under its label it goes on', async () => {
    await using office = await openOffice({ speed: 1, start: START });
    const { db, databaseUrl, emulator, bench } = office;
    const keys = (await (await fetch(new URL('/_emulator/credentials', emulator.url))).json()) as Record<
      string,
      string
    >;
    const authorization = `Basic ${Buffer.from(`${keys.consumer_key}:${keys.consumer_secret}`).toString('base64')}`;
    const atEmulator = async (path: string, fields: Record<string, string>) => {
      const wish = { method: 'POST', headers: { authorization }, body: new URLSearchParams(fields) };
      return (await (await fetch(new URL(path, emulator.url), wish)).json()) as { access_token: string };
    };
    const ring = await readKeyring({ path: join(bench.folder, 'secrets.key'), mayMake: true });
    const keep = (token: string) =>
      addCredential(db, ring, systemClock, {
        ...{ label: 'library', platform: 'x', kind: 'app', owner: '' },
        fields: new Map([['bearer_token', new Secret(token)]]),
      });
    await keep(keys.bearer_token ?? '');
    await office.addTimelines('press');
    await office.follow([LONG.id]);
    let now = office.clock.now();
    let asked = 0;
    await using shared = sharePermits({
      ...{ db, databaseUrl, node: 'n1', worker: 'w1', clock: steadyClock, log: silentLog },
      credentials: () =>
        usableCredentials({ db, ring, clock: systemClock, environmentToken: undefined, log: silentLog }),
    });
    const source = shared.sourceFor({ collection: 'press' });
    const permits: PermitSource = {
      acquire: async (wish, signal) => {
        const permit = await source.acquire(wish, signal);
        if (++asked === 4) await atEmulator('/oauth2/invalidate_token', { access_token: keys.bearer_token ?? '' });
        return permit;
      },
    };
    await using desk = office.openDesk({ permits, clock: { now: () => now } });
    expect(await office.readDue(desk)).toBe(1);
    const reason = expect.stringMatching(/^The platform refused/);
    const [run] = await listRuns(db, { collectionId: 1, onlyErrors: false, limit: 1 });
    expect(run).toMatchObject({ outcome: 'interrupted', pages: 3, error: reason });
    await until('the reason in the list of credentials', async () => (await listCredentials(db))[0]?.refused !== null);
    expect((await refusedCredentials(db))[0]).toMatchObject({
      label: 'library',
      refused: expect.stringMatching(/^The platform refused credential "library" \(401\)/),
    });
    now += 2 * 60_000;
    expect(await office.readDue(desk), 'nothing has changed').toBe(1);
    expect((await listRuns(db, { collectionId: 1, onlyErrors: false, limit: 1 }))[0]).toMatchObject({ pages: 0 });

    await removeCredential(db, 'library');
    await keep((await atEmulator('/oauth2/token', { grant_type: 'client_credentials' })).access_token);
    expect((await listCredentials(db))[0]?.refused).toBeNull();
    await until('its end', async () => {
      now += 2 * 60_000;
      await office.readDue(desk);
      return (await db.query('select from timelines where swept_at is not null')).length === 1;
    });
    await desk[Symbol.asyncDispose]();
    await office.load();
    const { ids, pages } = await kept(office, 'press');
    expectOnce(pages, 'pages that were bought twice');
    await expectWhole(office, LONG, ids);
  });
});

describe('a reading that is cancelled', () => {
  it('stops between two calls and goes on where it stood at its next turn, not at once', async () => {
    await using office = await openOffice({ speed: 1, start: START });
    const collectionId = await office.addTimelines('press');
    await office.follow([LONG.id]);
    const person = new AbortController();
    const inner = permitsFor([credential('first')]);
    let asked = 0;
    const permits: PermitSource = {
      acquire: (wish, signal) => {
        if (++asked === 4) person.abort(new Error('the job was cancelled'));
        return inner.acquire(wish, signal);
      },
    };
    await using desk = office.openDesk({ permits });
    const [due] = await desk.look();
    await expect(desk.read(due ?? keyOf(collectionId, LONG.id), person.signal)).rejects.toThrow(
      'the job was cancelled',
    );
    expect(await desk.look()).toEqual([]);
    await office.db.query("update timelines set due_at = '2000-01-01'");
    expect(await office.readDue(desk)).toBe(1);
    const runs = await listRuns(office.db, { collectionId, onlyErrors: false, limit: 10 });
    expect(runs.map(({ outcome, pages }) => [outcome, pages > 3 || pages])).toEqual([
      ['done', true],
      ['interrupted', 3],
    ]);
    await desk[Symbol.asyncDispose]();
    await office.load();
    const { ids, pages } = await kept(office, 'press');
    expectOnce(pages, 'pages that were bought twice');
    await expectWhole(office, LONG, ids);
  });
});

describe('timelines of v1.1', () => {
  it('are read to their end, with the beginning of the account and its name from the posts', async () => {
    await using office = await openOffice({
      ...{ speed: 1, start: START },
      events: [{ at: '+1s', do: 'rename', account: MIDDLE.id, to: 'NewName_1' }],
    });
    await office.addTimelines('old', { api: 'v1.1' });
    await office.follow([MIDDLE.id, ENDLESS.id]);
    await office.db.query("update followed_accounts set handle = 'older' where account_id = $1", [MIDDLE.id]);
    await using desk = office.openDesk();
    expect(await office.readDue(desk)).toBe(2);
    await desk[Symbol.asyncDispose]();
    await office.load();
    await expectWhole(office, MIDDLE, await office.stored(MIDDLE.id));
    expect((await office.stored(ENDLESS.id)).length).toBeGreaterThan(3000);
    const names = await office.db.query('select handle from account_names where account_id = $1 order by noted_at', [
      MIDDLE.id,
    ]);
    expect(names.at(-1)).toEqual({ handle: 'NewName_1' });
    const [gap, ...more] = await office.db.query<{ cause: string; from_at: string }>('select cause, from_at from gaps');
    expect(more).toEqual([]);
    expect(gap?.cause).toBe('horizon');
    expect(Date.parse(gap?.from_at ?? ''), 'not before the account was made').toBeGreaterThan(Date.parse('2009-01-01'));
    const profiles = await office.db.query('select from account_profiles where account_id = $1', [MIDDLE.id]);
    expect(profiles.length, 'of one form alone').toBe(1);
  });
});
