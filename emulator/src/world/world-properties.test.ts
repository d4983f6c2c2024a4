import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { postId, postTime } from './ids.ts';
import { comparePosts, type Post, startOf } from './model.ts';
import { SeededWorld } from './seeded-world.ts';

const startAt = Date.UTC(2026, 10, 22, 13);
const MINUTE_MS = 60_000;
const now = startAt + 20 * MINUTE_MS;
const make = (seed: number, accounts = 2000): SeededWorld => new SeededWorld({ seed, startAt, density: 5, accounts });
const world = make(11);

/** Everything a face could ask about a stretch of the world, as text. */
function told(of: SeededWorld): string {
  const posts = [...of.posts({ after: startOf(startAt - MINUTE_MS) }, 'oldest-first', now)];
  const people = Array.from({ length: 300 }, (_, n) => {
    const account = (n * 7) % of.accounts;
    return [of.account(account), of.handleAt(account, now), of.stateAt(account, now), of.countsAt(account, now)];
  });
  const lists = [...of.followers(3, {}, now)].concat([...of.following(50, {}, now)]);
  const changes = [...of.changes(startAt, now)];
  return JSON.stringify([posts, posts.slice(0, 200).map((post) => of.metricsAt(post, now)), people, lists, changes]);
}

describe('one seed', () => {
  it('gives the same world, byte for byte, however it was asked before; another seed gives another', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }), (seed) => {
        const first = make(seed);
        const second = make(seed);
        for (const _ of second.postsOf(1, {}, now)) break;
        for (let index = 900; index > 0; index -= 7) second.sampled(index);
        expect(told(second)).toBe(told(first));
        expect(told(make((seed + 1) % Number.MAX_SAFE_INTEGER))).not.toBe(told(first));
      }),
      { numRuns: 3 },
    );
  });

  it.each([1000, 1_000_000, 5_000_000])(
    'makes a world of %i accounts where each is found by its id and its handle',
    (accounts) => {
      const big = make(3, accounts);
      for (let n = 0; n < 500; n++) {
        const number = Math.floor((n / 500) * accounts);
        expect(big.accountById(big.account(number).id, now)).toBe(number);
        expect(big.accountByHandle(big.handleAt(number, now).toUpperCase(), now)).toBe(number);
      }
    },
  );
});

describe('posts of accounts that are older than the ids of posts', () => {
  it('have ids all the same, for they begin with them', () => {
    const old = Array.from({ length: world.accounts }, (_, n) => n).filter(
      (n) => world.account(n).createdAt < Date.UTC(2010, 10, 4),
    );
    expect(old.length).toBeGreaterThan(100);
    let eldest = Number.POSITIVE_INFINITY;
    for (const account of old) {
      for (const post of world.postsOf(account, {}, now)) {
        for (const named of [post, post.about ?? post, post.alsoQuotes ?? post, post.thread])
          expect(postId(named)).toMatch(/^[1-9]\d{0,18}$/);
        eldest = Math.min(eldest, post.at);
      }
    }
    expect(eldest).toBeLessThan(Date.UTC(2011, 0));
  });
});

describe('posts', () => {
  const all = [...world.posts({ after: startOf(startAt - MINUTE_MS) }, 'oldest-first', now)];

  it('come in the order of their ids, each once, the same in both directions', () => {
    for (const [n, post] of all.entries()) {
      if (n > 0) expect(comparePosts(all[n - 1] ?? post, post)).toBeLessThan(0);
    }
    const back = [...world.posts({ after: startOf(startAt - MINUTE_MS) }, 'newest-first', now)];
    expect(back.toReversed().map(({ id }) => id)).toEqual(all.map(({ id }) => id));
    expect(all.length).toBeGreaterThan(4000);
  });

  it('are found by their ids, and nothing is found by the ids beside them', () => {
    for (const post of all.slice(0, 1500)) {
      const time = postTime(post.id);
      expect(time && world.post(time)).toEqual(post);
      expect(world.post({ at: post.at, slot: post.slot ^ 1 })).toBeUndefined();
    }
  });

  it('in the milliseconds of the sample are exactly the posts of the sample', () => {
    const inWindow = all.filter(({ at }) => at >= startAt && at % 1000 >= 657 && at % 1000 <= 666).map(({ id }) => id);
    const sampled: string[] = [];
    for (let index = 0; ; index++) {
      const post = world.sampled(index);
      if (post.at > now) break;
      if (world.isSampleVisible(index) && world.postStateAt(post, now) === 'public') sampled.push(post.id);
    }
    expect(inWindow).toEqual(sampled);
  });

  it('of all kinds are there: media, polls, places, coordinates, long ones, edits', () => {
    const some = (what: (post: Post) => boolean): boolean => all.some(what);
    expect(some(({ media }) => media.length > 1)).toBe(true);
    expect(some(({ poll }) => poll !== undefined)).toBe(true);
    expect(some(({ place }) => place !== undefined)).toBe(true);
    expect(some(({ coordinates }) => coordinates !== undefined)).toBe(true);
    expect(some(({ long }) => long)).toBe(true);
    expect(some(({ versions, id }) => versions.length > 1 && postId(versions[1] ?? startOf(0)) === id)).toBe(true);
  });

  it('know who answered them: replies, reposts and quotes are found from both ends, and counted', () => {
    const answered = new Map<string, string[]>();
    for (const post of all) {
      // Later editions of an answer are the same answer.
      if (post.about === undefined || post.versions[0]?.slot !== post.slot) continue;
      const key = `${post.kind} ${postId(post.about)}`;
      answered.set(key, [...(answered.get(key) ?? []), post.id]);
    }
    let checked = 0;
    for (const post of all.slice(0, 2000)) {
      const metrics = world.metricsAt(post, now);
      const lists = { reply: world.repliesTo(post, {}, now), repost: world.repostsOf(post, {}, now) };
      for (const [kind, list] of Object.entries(lists)) {
        const ids = [...list].map(({ id }) => id).toReversed();
        if (post.versions[0]?.slot === post.slot) expect(ids).toEqual(answered.get(`${kind} ${post.id}`) ?? []);
        expect(ids).toHaveLength(kind === 'reply' ? metrics.replies : metrics.reposts);
        checked += ids.length;
      }
    }
    expect(checked).toBeGreaterThan(500);
  });

  it('are the same in slices of a second as in one walk, later versions of edited ones among them', () => {
    const [from, to] = [startAt - 60 * MINUTE_MS, startAt + MINUTE_MS];
    const idsIn = (after: number, before: number, order: 'oldest-first' | 'newest-first'): string[] =>
      [...wide.posts({ after: startOf(after), before: startOf(before) }, order, now)].map(({ id }) => id);
    const wide = make(11, 100_000);
    const whole = idsIn(from, to, 'oldest-first');
    expect(idsIn(from, to, 'newest-first').toReversed()).toEqual(whole);
    const seconds = Array.from({ length: (to - from) / 1000 }, (_, n) => from + n * 1000);
    for (const order of ['oldest-first', 'newest-first'] as const) {
      expect(seconds.flatMap((second) => idsIn(second, second + 1000, order)).toSorted()).toEqual(whole.toSorted());
    }
  });

  it('of years ago are answered by posts that exist, and counted alike in whatever order instants are asked about', () => {
    const wide = make(11, 100_000);
    const old = startAt - 3 * 365 * 86_400_000;
    const busy = [...wide.posts({ after: startOf(old), before: startOf(old + 7_200_000) }, 'oldest-first', now)]
      .filter((post) => [...wide.repostsOf(post, {}, now)].length > 20)
      .slice(0, 5);
    expect(busy.length).toBeGreaterThan(0);
    for (const post of busy) {
      const lists = [wide.repostsOf(post, {}, now), wide.repliesTo(post, {}, now), wide.quotesOf(post, {}, now)];
      const answers = lists.map((list) => [...list]);
      expect(answers.flat().filter((answer) => wide.post(answer)?.id !== answer.id)).toEqual([]);
      // Late first, then while answers still came in, then late again.
      for (const at of [now, post.at + 60_000, post.at + 3_600_000, now, post.at + 600_000]) {
        const { reposts, replies, quotes } = wide.metricsAt(post, at);
        expect(make(11, 100_000).metricsAt(post, at)).toEqual(wide.metricsAt(post, at));
        if (at === now) expect([reposts, replies, quotes]).toEqual(answers.map((list) => list.length));
      }
    }
  });

  it('belong to a conversation that holds them', () => {
    for (const post of all.filter(({ kind }) => kind === 'reply').slice(0, 60)) {
      const ids = [...world.conversation(post.thread, {}, now)].map(({ id }) => id);
      expect(ids).toContain(postId(post.versions[0] ?? post));
    }
  });
});

describe('pages', () => {
  it('of a timeline give each post once under any page size while new posts arrive', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 200 }),
        fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 3, maxLength: 12 }),
        (account, sizes) => {
          const before = new Set([...world.postsOf(account, {}, startAt)].slice(0, 400).map(({ id }) => id));
          let at = startAt;
          let bound: Post | undefined;
          const got: string[] = [];
          for (let n = 0; n < 400; n++) {
            const size = sizes[n % sizes.length] ?? 1;
            const page = [...Iterator.from(world.postsOf(account, { before: bound }, at)).take(size)];
            if (page.length === 0) break;
            got.push(...page.map(({ id }) => id));
            bound = page.at(-1);
            at += 1000;
            if (got.length > 400) break;
          }
          expect(new Set(got).size).toBe(got.length);
          for (const post of [...before].slice(0, got.length)) {
            const known = world.post(postTime(post) ?? startOf(0));
            const gone =
              known === undefined || world.postStateAt(known, at) !== 'public' || world.isSuperseded(known, at);
            if (!gone) expect(got).toContain(post);
          }
        },
      ),
      { numRuns: 15 },
    );
  });

  it('of mentions name each post that names the account, once, under any page size', () => {
    const named = new Map<number, string[]>();
    for (const post of world.posts({ after: startOf(startAt - MINUTE_MS) }, 'newest-first', now)) {
      if (post.kind === 'repost' || post.versions[0]?.slot !== post.slot) continue;
      const accounts = new Set(post.body.flatMap((piece) => (piece.kind === 'mention' ? piece.account : [])));
      accounts.delete(post.author);
      for (const account of accounts) named.set(account, [...(named.get(account) ?? []), post.id]);
    }
    const kinds = new Set<string>();
    for (const [account, ids] of [...named].toSorted((a, b) => b[1].length - a[1].length).slice(0, 60)) {
      const found: string[] = [];
      const size = 1 + (account % 7);
      for (let before = startOf(now + 1); ; ) {
        const range = { after: startOf(startAt - MINUTE_MS), before };
        const page = [...Iterator.from(world.mentionsOf(account, range, now)).take(size)];
        for (const post of page) kinds.add(post.kind);
        found.push(...page.map(({ id }) => id));
        const last = page.at(-1);
        if (last === undefined) break;
        before = { at: last.at, slot: last.slot };
      }
      expect(found, String(account)).toEqual(ids);
    }
    expect(kinds).toEqual(new Set(['original', 'reply', 'quote']));
    const inSight = [...named.values()].reduce((sum, ids) => sum + ids.length, 0);
    expect(inSight).toBeGreaterThan(1000);
  });

  it('of followers agree with the count, with the other direction, and with any page size', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1900 }), fc.integer({ min: 1, max: 300 }), (account, size) => {
        const got: number[] = [];
        let bound: number | undefined;
        for (let at = now; ; at += MINUTE_MS) {
          const page = [...Iterator.from(world.followers(account, { before: bound }, at)).take(size)];
          if (page.length === 0) break;
          got.push(...page.map((follow) => follow.account));
          bound = page.at(-1)?.position;
        }
        expect(got).toHaveLength(new Set(got).size);
        expect(got).toHaveLength(world.countsAt(account, now).followers);
        for (const follower of got.slice(0, 20)) {
          expect(world.follows(follower, account, now)).toBe(true);
          expect([...world.following(follower, {}, now)].map((follow) => follow.account)).toContain(account);
        }
        expect([...world.following(account, {}, now)]).toHaveLength(world.countsAt(account, now).following);
      }),
      { numRuns: 25 },
    );
  });

  it('of followers have a heavy tail', () => {
    const counts = Array.from({ length: 1900 }, (_, account) => world.countsAt(account, now).followers);
    expect(Math.max(...counts)).toBeGreaterThan(150);
    expect(counts.toSorted((a, b) => a - b)[950]).toBeLessThan(10);
  });
});

describe('time', () => {
  it('takes posts away, and says so in its changes', () => {
    const changes = [...world.changes(startAt, now)];
    expect(changes.map(({ at }) => at)).toEqual(changes.map(({ at }) => at).toSorted((a, b) => a - b));
    const deleted = changes.flatMap((change) => (change.kind === 'post-deleted' ? [change] : []));
    expect(deleted.length).toBeGreaterThan(10);
    for (const { at, post } of deleted) {
      const found = world.post(post);
      expect(found && world.postStateAt(found, at)).toBe('deleted');
      expect(found && world.postStateAt(found, at - 1)).not.toBe('deleted');
    }
  });

  it('changes names and states, and what was found by name is found by the new one alone', () => {
    const month = startAt + 30 * 86_400_000;
    const changes = [...world.life.changes(startAt, month)];
    for (const change of changes) {
      if (change.kind === 'state') {
        expect(world.stateAt(change.account, change.at)).toBe(change.to);
        expect(world.stateAt(change.account, change.at - 1)).toBe(change.from);
      } else if (change.kind === 'renamed') {
        expect(world.accountByHandle(change.to, change.at)).toBe(change.account);
        const byOld = world.accountByHandle(change.from, change.at);
        expect(byOld).toBe(change.from.toLowerCase() === change.to.toLowerCase() ? change.account : undefined);
      }
    }
    expect(new Set(changes.map(({ kind }) => kind))).toEqual(new Set(['state', 'renamed', 'geo-scrubbed', 'withheld']));
  });

  it('counts answers as its lists show them, also when posts and authors have gone and come back', () => {
    const busy = [...world.posts({ after: startOf(startAt) }, 'oldest-first', startAt + 5 * MINUTE_MS)]
      .filter((post) => [...world.repostsOf(post, {}, startAt + 86_400_000)].length > 4)
      .slice(0, 12);
    expect(busy.length).toBeGreaterThan(3);
    for (const days of [0.1, 1, 5, 30]) {
      const at = startAt + days * 86_400_000;
      for (const post of busy) {
        if (world.postStateAt(post, at) !== 'public') continue;
        const { reposts, replies, quotes } = world.metricsAt(post, at);
        const lists = [world.repostsOf(post, {}, at), world.repliesTo(post, {}, at), world.quotesOf(post, {}, at)];
        expect([reposts, replies, quotes]).toEqual(lists.map((list) => [...list].length));
      }
    }
  });

  it('drops posts and puts some back, withholds posts and accounts, takes places back: changes and states agree', () => {
    const quiet = new SeededWorld({ seed: 11, startAt, density: 0.5, accounts: 2000 });
    const until = startAt + 2 * 86_400_000;
    const changes = [...quiet.changes(startAt, until)];
    const kinds = new Map<string, number>();
    for (const change of changes) {
      kinds.set(change.kind, (kinds.get(change.kind) ?? 0) + 1);
      const { at } = change;
      const post = 'post' in change ? quiet.post(change.post) : undefined;
      if (post === undefined) continue;
      const states = [at - 1, at].map((instant) => quiet.postStateAt(post, instant));
      if (change.kind === 'post-dropped') expect(states[1]).toBe('dropped');
      if (change.kind === 'post-undropped') {
        expect(states[0]).toBe('dropped');
        expect(states[1]).not.toBe('dropped');
      }
      if (change.kind === 'post-withheld') {
        const { countries, forCopyright } = change.withholding;
        expect(quiet.withholdingAt(post, at)?.countries).toEqual(expect.arrayContaining([...countries]));
        expect(countries.length > 0 || forCopyright).toBe(true);
        const before = quiet.withholdingAt(post, at - 1);
        expect(before === undefined || quiet.withheldInAt(post.author, at - 1).length > 0).toBe(true);
      }
    }
    for (const kind of ['post-dropped', 'post-undropped', 'post-withheld']) {
      expect(kinds.get(kind), kind).toBeGreaterThan(3);
    }
    const month = [...quiet.life.changes(startAt, startAt + 60 * 86_400_000)];
    const scrubs = month.filter(({ kind }) => kind === 'geo-scrubbed');
    expect(scrubs.length).toBeGreaterThan(3);
    let scrubbed = 0;
    for (const { account, at } of scrubs) {
      for (const post of Iterator.from(quiet.postsOf(account, {}, at)).take(400)) {
        if (post.place === undefined) continue;
        expect(quiet.placeAt(post, at - 1)).toEqual({ place: post.place, coordinates: post.coordinates });
        expect(quiet.placeAt(post, at)).toBeUndefined();
        scrubbed++;
      }
    }
    expect(scrubbed).toBeGreaterThan(5);
    for (const change of month) {
      if (change.kind !== 'withheld') continue;
      expect(quiet.withheldInAt(change.account, change.at)).toEqual(change.countries);
      expect(quiet.withheldInAt(change.account, change.at - 1)).toEqual([]);
    }
  });

  it('lets metrics only grow while nothing is deleted', () => {
    for (let index = 0; index < 200; index++) {
      const post = world.sampled(index);
      let last = 0;
      for (const at of [post.at, post.at + MINUTE_MS, post.at + 3_600_000]) {
        const { likes } = world.metricsAt(post, at);
        expect(likes).toBeGreaterThanOrEqual(last);
        last = likes;
      }
    }
  });

  it('keeps links: each code leads back to where it was made for', () => {
    const post = world.sampled(5);
    for (const kind of ['post', 'media', 'rest'] as const) {
      expect(world.linkTarget(world.linkCode({ kind, post }))).toEqual({
        kind,
        post: { at: post.at, slot: post.slot },
      });
    }
    expect(world.linkTarget(world.linkCode({ kind: 'page', key: 123 }))).toMatchObject({ kind: 'page' });
    expect(world.linkTarget('nothing')).toBeUndefined();
    expect(world.linkTarget('AAAAAAAAA?')).toBeUndefined();
  });
});
