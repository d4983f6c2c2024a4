import { describe, expect, it } from 'vitest';
import { parseScenario, ScenarioError } from './scenario.ts';
import { stage } from './stage.ts';
import { startOf } from '../world/model.ts';
import { SeededWorld } from '../world/seeded-world.ts';

const startAt = Date.UTC(2026, 10, 22, 13);
const MINUTE_MS = 60_000;

function staged(events: readonly object[]) {
  const world = new SeededWorld({ seed: 5, startAt, density: 5, accounts: 2000 });
  const outages = stage(parseScenario({ events }, startAt), world, world.examples, startAt);
  const number = (name: string): number => world.examples.get(name) ?? -1;
  return { world, outages, number };
}

describe('a scenario', () => {
  it('renames at its minute: the old name is free, the new one found, case ignored', () => {
    const { world, number } = staged([
      { at: '2026-11-22T13:10:00Z', do: 'rename', account: 'user_public', to: 'New_Name' },
    ]);
    const account = number('user_public');
    const at = startAt + 10 * MINUTE_MS;
    const old = world.handleAt(account, at - 1);
    expect(world.accountByHandle('new_name', at - 1)).toBeUndefined();
    expect(world.accountByHandle('new_name', at)).toBe(account);
    expect(world.accountByHandle(old, at)).toBeUndefined();
    expect(world.handleAt(account, at)).toBe('New_Name');
  });

  it('changes states of one account or many, and hides their posts from the sample from then on', () => {
    const { world, number } = staged([
      { at: '+1m', do: 'protect', account: 'user_public' },
      { at: '+2m', do: 'unprotect', account: 'user_public' },
      { at: '+1m', do: 'suspend', accounts: { from: 0, count: 200 } },
    ]);
    const account = number('user_public');
    expect([0, 1, 2].map((minute) => world.stateAt(account, startAt + minute * MINUTE_MS))).toEqual([
      'public',
      account < 200 ? 'suspended' : 'protected',
      'public',
    ]);
    const hidden = Array.from({ length: 600 }, (_, index) => index).filter((index) => !world.isSampleVisible(index));
    expect(hidden.length).toBeGreaterThan(50);
    expect(Math.min(...hidden.map((index) => world.sampled(index).at))).toBeGreaterThanOrEqual(startAt + MINUTE_MS);
    for (const index of hidden) expect(world.sampled(index).author).toBeLessThan(200);
  });

  it('deletes many posts of an account at once', () => {
    const { world, number } = staged([{ at: '+5m', do: 'delete-posts', account: 'user_self' }]);
    const account = number('user_self');
    const at = startAt + 5 * MINUTE_MS;
    expect([...Iterator.from(world.postsOf(account, {}, at - 1)).take(10)]).toHaveLength(10);
    expect([...Iterator.from(world.postsOf(account, { before: startOf(at) }, at)).take(10)]).toEqual([]);
  });

  it('takes places back, withholds accounts and posts, drops posts and puts them back', () => {
    const { world, number } = staged([
      { at: '+1m', do: 'scrub-geo', accounts: { from: 0, count: 300 } },
      { at: '+2m', do: 'withhold', account: 'user_public', countries: ['DE', 'FR'] },
      { at: '+3m', do: 'withhold-posts', account: 'user_self', countries: ['TR'], share: 0.5 },
      { at: '+4m', do: 'drop-posts', account: 'user_self' },
      { at: '+5m', do: 'undrop-posts', account: 'user_self' },
    ]);
    const at = (minute: number): number => startAt + minute * MINUTE_MS;
    const newest = (account: number, when: number) => [...Iterator.from(world.postsOf(account, {}, when)).take(40)];
    const placed = Array.from({ length: 300 }, (_, account) => newest(account, at(1)))
      .flat()
      .filter(({ place }) => place !== undefined);
    expect(placed.length).toBeGreaterThan(50);
    for (const post of placed) {
      expect(world.placeAt(post, at(1) - 1)).toMatchObject({ place: post.place });
      expect(world.placeAt(post, at(1))).toBeUndefined();
    }
    const account = number('user_public');
    expect([at(2) - 1, at(2)].map((when) => world.withheldInAt(account, when))).toEqual([[], ['DE', 'FR']]);
    for (const post of newest(account, at(2))) {
      expect(world.withholdingAt(post, at(2))?.countries).toEqual(expect.arrayContaining(['DE', 'FR']));
    }
    const own = newest(number('user_self'), at(3)).filter(({ kind }) => kind !== 'repost');
    const withheld = own.filter((post) => world.withholdingAt(post, at(3))?.countries.includes('TR'));
    expect(withheld.length).toBeGreaterThan(2);
    expect(withheld.length).toBeLessThan(own.length - 2);
    expect(newest(number('user_self'), at(4))).toEqual([]);
    expect(own.map((post) => world.postStateAt(post, at(4)))).toEqual(own.map(() => 'dropped'));
    const changes = [...world.changes(at(0), at(5))].filter(({ account: of }) => of === number('user_self'));
    const told = (kind: string): number => changes.filter((change) => change.kind === kind).length;
    expect(told('post-withheld')).toBeGreaterThan(2);
    // Some had been dropped before by themselves.
    expect(told('post-undropped')).toBeGreaterThanOrEqual(told('post-dropped'));
    expect(own.filter((post) => world.postStateAt(post, at(5)) === 'dropped')).toEqual([]);
    expect([...world.changes(at(0), at(5))].filter((change) => change.kind === 'geo-scrubbed').length).toBeGreaterThan(
      200,
    );
  });

  it('lets people speak of something for a while', () => {
    const { world } = staged([{ at: '+1m', do: 'burst', for: '2m', tag: 'quake', share: 0.5 }]);
    const tagged = (from: number, to: number): number => {
      const posts = [
        ...world.posts(
          { after: startOf(startAt + from * MINUTE_MS), before: startOf(startAt + to * MINUTE_MS) },
          'oldest-first',
          startAt + 600_000,
        ),
      ];
      const own = posts.filter(({ kind }) => kind !== 'repost');
      return (
        own.filter(({ body }) => body.some((piece) => piece.kind === 'tag' && piece.tag === 'quake')).length /
        own.length
      );
    };
    expect(tagged(0, 1)).toBe(0);
    expect(tagged(1, 3)).toBeGreaterThan(0.35);
    expect(tagged(3, 4)).toBe(0);
  });

  it.each([
    [{}, /"at" is missing/],
    [{ at: 'soon', do: 'outage', for: '1m' }, /event 1 of the scenario: "at" must be an instant in UTC/],
    [{ at: '+1m', do: 'explode' }, /"do" must be one of rename, protect/],
    [{ at: '+1m', do: 'outage' }, /"for" is missing/],
    [{ at: '+1m', do: 'outage', for: '1m', colour: 'red' }, /"colour" means nothing here/],
    [{ at: '+1m', do: 'rename', account: 'user_public', to: 'a b' }, /"to" must be 1 to 15/],
    [{ at: '+1m', do: 'withhold', account: 'user_public' }, /"countries" must be a list/],
    [{ at: '+1m', do: 'withhold', account: 'user_public', countries: ['Germany'] }, /"countries" must be a list/],
    [{ at: '+1m', do: 'protect', account: 'nobody_at_all' }, /nobody is called "nobody_at_all"/],
    [{ at: '+1m', do: 'suspend', accounts: { from: 1990, count: 100 } }, /only 2000 accounts/],
    [{ at: '+1m', do: 'delete-posts', account: 'user_self', share: 2 }, /"share" must be a number from 0 to 1/],
  ])('refuses %j with a sentence', (event, sentence) => {
    expect(() => staged([event])).toThrow(ScenarioError);
    expect(() => staged([event])).toThrow(sentence);
  });
});
