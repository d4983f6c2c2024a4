/** Workers that share one ledger in a real PostgreSQL: windows, money, credentials that are taken out, workers that die. */
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { BudgetReached } from '../../src/core/permits/budget.ts';
import { silentLog } from '../../src/core/log.ts';
import { type SharedPermits, sharePermits } from '../../src/jobs/permits/shared-permits.ts';
import type { CallOutcome, PermitSource, PermitWish } from '../../src/platforms/permit-source.ts';
import { budgetReport, setBudget, setPrice } from '../../src/store/permits/budgets.ts';
import { readmitCredential } from '../../src/store/permits/pauses.ts';
import { permitStandings } from '../../src/store/permits/permit-standings.ts';
import { type TestDatabase, freshDatabase } from '../support/database.ts';
import { until } from '../support/system/until.ts';
import { PlatformModel } from '../support/permits/platform-model.ts';

const clock = { now: () => performance.timeOrigin + performance.now() };
const never = new AbortController().signal;
const WINDOW_MS = 3000;
const limit = { endpoint: 'GET /2/users/:id/tweets', windowMs: WINDOW_MS, app: 40, user: undefined };
const wish: PermitWish = { limit, reserve: { resource: 'post', atMost: 100 } };

function worker(
  test: TestDatabase,
  options: { labels?: string[]; leaseMs?: number; secret?: () => string } = {},
): SharedPermits {
  const { labels = ['team'], leaseMs = 30_000, secret } = options;
  return sharePermits({
    ...{ db: test.db, databaseUrl: test.url, node: 'here', worker: randomUUID(), clock, log: silentLog, leaseMs },
    credentials: async () => {
      await test.db.query('select pg_sleep(0.1)'); // it takes its time, while several ask at once
      return labels.map((label) => ({
        ...{ label, kind: 'app' as const, authorization: () => `Bearer ${secret?.() ?? label}` },
        ...(secret === undefined ? {} : { secret: secret() }),
      }));
    },
  });
}

/** Makes one call to a platform that answers at once. */
async function call(source: PermitSource, platform: PlatformModel, billed = 0): Promise<CallOutcome> {
  const permit = await source.acquire(wish, never);
  const { status, ...headers } = platform.arrive(permit.credential, Date.now());
  const outcome: CallOutcome = { status, billed, ...headers, ...(status === 429 ? { refusal: 'rate-limited' } : {}) };
  await permit.settle(outcome);
  return outcome;
}

const ok: CallOutcome = { status: 200, billed: 0 };

describe('permits that workers share', () => {
  it('are never more than the platform allows, window after window', async () => {
    await using test = await freshDatabase();
    await using one = worker(test, { labels: ['a', 'b'] });
    await using two = worker(test, { labels: ['a', 'b'] });
    await using three = worker(test, { labels: ['a', 'b'] });
    const platform = new PlatformModel({ limit: 40, windowMs: WINDOW_MS, windows: 'first-call', skewMs: 2100 });
    const statuses: (number | string)[] = [];
    const callers = [one, two, three].flatMap((permits) => {
      const source = permits.sourceFor({ collection: 'news' });
      return Array.from({ length: 4 }, async () => {
        for (let made = 0; made < 15; made++) statuses.push((await call(source, platform)).status);
      });
    });
    await Promise.all(callers);
    expect(statuses.filter((status) => status === 200).length).toBe(180);
    expect(platform.refused).toBe(0);
    await Promise.all([one, two, three].map(async (permits) => permits[Symbol.asyncDispose]()));
    const { standings } = await permitStandings(test.db);
    expect(standings.map(({ credential }) => credential)).toEqual(['a', 'b']);
    expect(standings.reduce((sum, { usedToday }) => sum + usedToday, 0)).toBe(180);
    expect(standings.every(({ inFlight, lostToday }) => inFlight === 0 && lostToday === 0)).toBe(true);
  });

  it('of a worker that dies count as used until the window ends', async () => {
    await using test = await freshDatabase();
    const dead = worker(test, { leaseMs: 1200 });
    const source = dead.sourceFor({});
    await (await source.acquire(wish, never)).settle(ok);
    const held = await Promise.all(Array.from({ length: 39 }, () => source.acquire(wish, never)));
    expect(held.length).toBe(39);
    await dead[Symbol.asyncDispose]();
    await using heir = worker(test);
    const startedAt = Date.now();
    const permit = await heir.sourceFor({}).acquire(wish, never);
    await permit.settle(ok);
    expect(Date.now() - startedAt).toBeGreaterThan(1000);
    const { standings } = await permitStandings(test.db);
    expect(standings[0]?.lostToday).toBe(39);
  });

  it('stop within one page of a budget, for all workers together, and go on when it is raised', async () => {
    await using test = await freshDatabase();
    await setBudget(test.db, 'collection:news', 2_300_000);
    await setBudget(test.db, '', 9_000_000);
    await using one = worker(test);
    await using two = worker(test);
    const free = { ...wish, limit: { ...limit, app: 100_000 } };
    const spendAll = async (permits: SharedPermits): Promise<unknown> => {
      const source = permits.sourceFor({ collection: 'news' });
      for (;;) {
        try {
          await (await source.acquire(free, never)).settle({ status: 200, billed: 60 });
        } catch (reason) {
          return reason;
        }
      }
    };
    const reasons = await Promise.all([spendAll(one), spendAll(two)]);
    for (const reason of reasons) expect(reason).toBeInstanceOf(BudgetReached);
    expect((reasons[0] as BudgetReached).message).toContain('collection "news"');
    expect((reasons[0] as BudgetReached).resumesAtMs).toBeGreaterThan(Date.now());
    await one[Symbol.asyncDispose]();
    const { budgets, spend } = await budgetReport(test.db);
    const spent = budgets.find(({ scope }) => scope === 'collection:news')?.spentMicros ?? 0;
    expect(spent).toBeLessThanOrEqual(2_300_000);
    expect(spent).toBeGreaterThan(2_300_000 - 500_000);
    expect(spend).toMatchObject([{ collection: 'news', platform: 'x', resource: 'post', inDoubtMicros: 0 }]);
    await setBudget(test.db, 'collection:news', undefined);
    await setPrice(test.db, { platform: 'x', level: 'pay-per-use', resource: 'post', micros: 1 });
    const again = await two.sourceFor({ collection: 'news' }).acquire(free, never);
    await again.settle({ status: 200, billed: 100 });
  });

  it('come from no credential that was taken out, in any worker, until it is let in again', async () => {
    await using test = await freshDatabase();
    await using one = worker(test);
    await using two = worker(test);
    const permit = await one.sourceFor({}).acquire(wish, never);
    await permit.settle({ status: 401, billed: 0, refusal: 'credential-refused' });
    await expect(one.sourceFor({}).acquire(wish, never)).rejects.toMatchObject({ code: 'credential.unusable' });
    await expect.poll(async () => (await permitStandings(test.db)).pauses.length, { timeout: 20_000 }).toBe(1);
    await expect(two.sourceFor({}).acquire(wish, never)).rejects.toMatchObject({ code: 'credential.unusable' });
    expect(await readmitCredential(test.db, 'team')).toBe(1);
    await using three = worker(test);
    await (await three.sourceFor({}).acquire(wish, never)).settle(ok);
    // Those that had nothing to ask for since hear of it all the same.
    for (const old of [one, two])
      await until('it to be used again', async () => {
        const again = await old
          .sourceFor({})
          .acquire(wish, never)
          .catch(() => undefined);
        await again?.settle(ok);
        return again !== undefined;
      });
  });

  it('come again by themselves from a token of the environment that was corrected, and not from one that was not', async () => {
    await using test = await freshDatabase();
    let token = 'wrong';
    await using one = worker(test, { secret: () => token });
    await using other = worker(test, { secret: () => 'wrong' });
    const permit = await one.sourceFor({}).acquire(wish, never);
    await permit.settle({ status: 401, billed: 0, refusal: 'credential-refused' });
    await expect.poll(async () => (await permitStandings(test.db)).pauses.length, { timeout: 20_000 }).toBe(1);
    await expect(other.sourceFor({}).acquire(wish, never)).rejects.toMatchObject({
      code: 'credential.unusable',
      message: expect.stringMatching(/correct MISTNET_X_BEARER_TOKEN.*tried by itself/),
    });
    token = 'right';
    await using restarted = worker(test, { secret: () => token });
    const again = await restarted.sourceFor({}).acquire(wish, never);
    expect(again.authorization({ method: 'GET', url: new URL('http://localhost/') })).toBe('Bearer right');
    await again.settle(ok);
    expect((await permitStandings(test.db)).pauses).toEqual([]);
    // A worker that runs on reads its file anew with the next look at its pool; the notice of the change makes it look.
    await until('the running worker to ask with it', async () => {
      const own = await one
        .sourceFor({})
        .acquire(wish, never)
        .catch(() => undefined);
      await own?.settle(ok);
      return own?.authorization({ method: 'GET', url: new URL('http://localhost/') }) === 'Bearer right';
    });
    // A node whose token is still the old one is refused once more, and its pause is nobody else's.
    await until('the other node to try once more', async () => {
      const late = await other
        .sourceFor({})
        .acquire(wish, never)
        .catch(() => undefined);
      await late?.settle({ status: 401, billed: 0, refusal: 'credential-refused' });
      return late !== undefined;
    });
    await expect(other.sourceFor({}).acquire(wish, never)).rejects.toMatchObject({ code: 'credential.unusable' });
    await expect.poll(async () => (await permitStandings(test.db)).pauses.length, { timeout: 20_000 }).toBe(1);
    await (await restarted.sourceFor({}).acquire(wish, never)).settle(ok);
  });
});
