import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HAS_SPECIFICATIONS, Specification } from './support/specification.ts';
import { addRules, callV2, RULES } from './support/rules-client.ts';
import { ended, hasPosts, openStream, orderFault, truthIds, truthOf, until } from './support/stream-client.ts';
import { queryablePost } from '../src/api/queryable-post.ts';
import { compileQuery } from '../src/query/compile-query.ts';
import { parseQuery } from '../src/query/parse-query.ts';
import { startEmulator } from '../src/start-emulator.ts';
import { postTime } from '../src/world/ids.ts';
import { startOf } from '../src/world/model.ts';
import { SeededWorld } from '../src/world/seeded-world.ts';

const PATH = '/2/tweets/search/stream';
const start = new Date('2026-11-22T13:00:00Z');
const ACCOUNTS = 2000;

interface Told {
  readonly data: { readonly id: string };
  readonly matching_rules: readonly { readonly id: string; readonly tag: string }[];
}

const toldOn = (lines: readonly string[]): Told[] => lines.map((line) => JSON.parse(line) as Told);
const timeOf = (id: string): number => postTime(id)?.at ?? Number.NaN;

/** What the world holds, by trying every rule on every post. */
function naively(
  rate: number,
  rules: readonly { readonly id: string; readonly value: string }[],
  from: number,
  to: number,
): Map<string, string[]> {
  const world = new SeededWorld({ seed: 3, startAt: start.getTime(), density: rate, accounts: ACCOUNTS });
  const compiled = rules.map(({ id, value }) => ({ id, matches: compileQuery(parseQuery(value, 'stream'), 'stream') }));
  const found = new Map<string, string[]>();
  for (const post of world.posts({ after: startOf(from), before: startOf(to) }, 'oldest-first', to)) {
    const shown = queryablePost(world, post, post.at);
    const ids = compiled.filter(({ matches }) => matches(shown)).map(({ id }) => id);
    if (ids.length > 0) found.set(post.id, ids);
  }
  return found;
}

describe('the filtered stream', () => {
  it('is refused as long as there are no rules', async () => {
    await using emulator = await startEmulator();
    using client = await openStream(emulator.url, { path: PATH });
    await ended(client);
    expect(client.status).toBe(409);
    expect(client.body().toString()).toBe(
      '{"title":"ConnectionException","detail":"Rules must be configured before connecting.","connection_issue":"RuleConfigurationIssue","type":"https://api.twitter.com/2/problems/streaming-connection"}',
    );
    const { refusals } = (await (await fetch(`${emulator.url}/_emulator/truth/refusals`)).json()) as {
      refusals: object[];
    };
    expect(refusals).toMatchObject([{ path: PATH, status: 409, why: 'no-rules', app: '1001' }]);
  });

  it('tells exactly the posts of the world that match, each once with all rules that it matched: live', async () => {
    const rate = 2000;
    await using emulator = await startEmulator({ seed: 3, start, rate, accounts: ACCOUNTS });
    const values = ['today lang:en', 'coffee OR music', 'is:retweet love', '#music', 'always -is:retweet lang:en'];
    const ids = await addRules(emulator.url, ...values.map((value, n) => ({ value, tag: `tag ${n}` })));
    const rules = values.map((value, n) => ({ id: ids[n] ?? '', value }));
    await orderFault(emulator.url, { kind: 'disconnect', after: 200 });
    using client = await openStream(emulator.url, { path: PATH, query: 'expansions=author_id' });
    await ended(client);
    const told = toldOn(client.posts().slice(0, -1));
    expect(told).toHaveLength(200);
    expect(await truthIds(emulator.url, '1')).toEqual(told.map(({ data }) => data.id));
    const first = timeOf(told[0]?.data.id ?? '');
    const last = timeOf(told.at(-1)?.data.id ?? '');
    const expected = naively(rate, rules, first, last);
    // The first and the last millisecond can be told in part.
    const whole = told.filter(({ data }) => timeOf(data.id) < last && timeOf(data.id) > first);
    const inside = [...expected].filter(([id]) => timeOf(id) > first);
    expect(whole.map(({ data, matching_rules }) => [data.id, matching_rules.map(({ id }) => id)])).toEqual(inside);
    for (const { matching_rules } of told) {
      for (const { id, tag } of matching_rules) expect(tag).toBe(`tag ${ids.indexOf(id)}`);
    }
  });

  it('recovers exactly what matched in a span, whatever the rules (property)', async () => {
    const rate = 300;
    await using emulator = await startEmulator({ seed: 3, start, rate, accounts: ACCOUNTS, maxBehindSec: 600 });
    await until('some seconds of the world have passed', async () => {
      const world = (await (await fetch(`${emulator.url}/_emulator/truth/world`)).json()) as { now: string };
      return Date.parse(world.now) > start.getTime() + 3000;
    });
    const term = fc.constantFrom(
      'coffee',
      'music',
      'train',
      '#love',
      'has:links lang:en',
      'is:reply lang:ja',
      'from:nobody',
      'today',
    );
    const rule = fc.array(term, { minLength: 1, maxLength: 3 }).map((terms) => terms.join(' OR '));
    const usable = rule.filter((value) => {
      try {
        parseQuery(value, 'stream');
        return true;
      } catch {
        // Not every mixture is a rule: the generator makes another.
        return false;
      }
    });
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(usable, { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 0, max: 1500 }),
        fc.integer({ min: 1, max: 1500 }),
        async (values, after, length) => {
          await callV2(emulator.url, `${RULES}?delete_all=true`, { body: '' });
          const ids = await addRules(emulator.url, ...values.map((value) => ({ value })));
          expect(ids).toHaveLength(values.length);
          const from = start.getTime() + after;
          const [a, b] = [from, from + length].map((at) => new Date(at).toISOString());
          using client = await openStream(emulator.url, { path: PATH, query: `start_time=${a}&end_time=${b}` });
          await ended(client);
          expect([client.status, client.ending()]).toEqual([200, 'end']);
          const told = toldOn(client.posts()).map(({ data, matching_rules }) => [
            data.id,
            matching_rules.map(({ id }) => id),
          ]);
          const rules = values.map((value, n) => ({ id: ids[n] ?? '', value }));
          expect(told).toEqual([...naively(rate, rules, from, from + length)]);
        },
      ),
      { numRuns: 8 },
    );
  });

  it('follows changes of rules without a reconnect, and truth says from which post on', async () => {
    const rate = 1500;
    await using emulator = await startEmulator({ seed: 3, start, rate, accounts: ACCOUNTS });
    const [first] = await addRules(emulator.url, { value: 'lang:en has:links OR coffee', tag: 'one' });
    expect(first).toBeUndefined();
    const [one] = await addRules(emulator.url, { value: 'coffee OR music', tag: 'one' });
    using client = await openStream(emulator.url, { path: PATH });
    await hasPosts(client, 20);
    const [two] = await addRules(emulator.url, { value: 'today', tag: 'two' });
    await until('both match', () =>
      toldOn(client.posts()).some(({ matching_rules }) => matching_rules.some(({ id }) => id === two)),
    );
    await callV2(emulator.url, RULES, { body: { delete: { ids: [one] } } });
    const count = client.posts().length;
    await hasPosts(client, count + 30);
    const { changes } = (await (await fetch(`${emulator.url}/_emulator/truth/rules`)).json()) as {
      changes: { from: string; added: { id: string; value: string }[]; deleted: string[] }[];
    };
    expect(changes.map(({ added, deleted }) => [added.map(({ id }) => id), deleted])).toEqual([
      [[one], []],
      [[two], []],
      [[], [one]],
    ]);
    const [, addedFrom = 0, deletedFrom = 0] = changes.map(({ from }) => Date.parse(from));
    const told = toldOn(client.posts());
    const begin = timeOf(told[0]?.data.id ?? '');
    const end = timeOf(told.at(-1)?.data.id ?? '');
    const ones = naively(rate, [{ id: one ?? '', value: 'coffee OR music' }], begin + 1, Math.min(deletedFrom, end));
    const twos = naively(rate, [{ id: two ?? '', value: 'today' }], addedFrom, end);
    const expected = new Set([...ones.keys(), ...twos.keys()]);
    const inside = told.map(({ data }) => data.id).filter((id) => timeOf(id) > begin && timeOf(id) < end);
    expect(inside).toEqual([...expected].toSorted());
    expect(inside.length).toBeGreaterThan(30);
  });

  it('with backfill tells again what matched in the last minutes, and goes on', async () => {
    await using emulator = await startEmulator({
      seed: 3,
      start,
      rate: 1500,
      accounts: ACCOUNTS,
      access: 'enterprise',
    });
    await addRules(emulator.url, { value: 'coffee OR music' });
    using early = await openStream(emulator.url, { path: PATH });
    await hasPosts(early, 30);
    using late = await openStream(emulator.url, { path: PATH, query: 'backfill_minutes=1' });
    await hasPosts(late, 60);
    await hasPosts(early, 60);
    const ids = toldOn(early.posts()).map(({ data }) => data.id);
    const again = toldOn(late.posts()).map(({ data }) => data.id);
    // What was told before the first one came is part of it, too.
    const from = again.indexOf(ids[0] ?? '');
    expect(from).toBeGreaterThanOrEqual(0);
    const common = Math.min(ids.length, again.length - from);
    expect(again.slice(from, from + common)).toEqual(ids.slice(0, common));
  });

  it('is one for each app at a time, or two by contract; a place comes back late when it is told to', async () => {
    await using emulator = await startEmulator({ access: 'pay-per-use', slotReleaseMs: 300_000, clock: 1000, rate: 1 });
    await addRules(emulator.url, { value: 'coffee' });
    {
      using first = await openStream(emulator.url, { path: PATH });
      using second = await openStream(emulator.url, { path: PATH });
      await ended(second);
      expect([first.status, second.status]).toEqual([200, 429]);
      expect(second.body().toString()).toBe(
        '{"title":"ConnectionException","detail":"This stream is currently at the maximum allowed connection limit.","connection_issue":"TooManyConnections","type":"https://api.twitter.com/2/problems/streaming-connection"}',
      );
    }
    await until(
      'truth knows that the first has left',
      async () => (await truthOf(emulator.url)).connections[0]?.closedAt !== null,
    );
    using third = await openStream(emulator.url, { path: PATH });
    expect(third.status).toBe(429);
    await until('the place is free again', async () => {
      using again = await openStream(emulator.url, { path: PATH });
      return again.status === 200;
    });
    await using contract = await startEmulator({ access: 'enterprise' });
    await addRules(contract.url, { value: 'coffee' });
    using one = await openStream(contract.url, { path: PATH });
    using two = await openStream(contract.url, { path: PATH });
    using three = await openStream(contract.url, { path: PATH });
    expect([one.status, two.status, three.status]).toEqual([200, 200, 429]);
  });

  it('asks for a contract before it fetches back, where the level has none', async () => {
    await using emulator = await startEmulator({ access: 'pay-per-use' });
    await addRules(emulator.url, { value: 'coffee' });
    using client = await openStream(emulator.url, { path: PATH, query: 'backfill_minutes=2' });
    await ended(client);
    expect(client.status).toBe(400);
    expect(client.body().toString()).toContain('backfill_minutes');
  });

  it.skipIf(!HAS_SPECIFICATIONS)(
    'tells lines as the platform describes them (skipped: the description is absent)',
    async () => {
      await using emulator = await startEmulator({ rate: 2000 });
      await addRules(emulator.url, { value: 'lang:en -is:nullcast coffee', tag: 'x' }, { value: 'music' });
      const query =
        'expansions=author_id,referenced_tweets.id&tweet.fields=created_at,public_metrics,entities,referenced_tweets&user.fields=public_metrics';
      using client = await openStream(emulator.url, { path: PATH, query });
      await hasPosts(client, 40);
      const validate = new Specification('2.166').validator('FilteredStreamingTweetResponse');
      for (const line of client.posts()) expect(validate(JSON.parse(line)), line).toEqual([]);
    },
  );
});
