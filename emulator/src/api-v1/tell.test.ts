import { describe, expect, it } from 'vitest';
import { tell, type TellOptions } from './tell.ts';
import { parseExactly } from './test-client.ts';
import type { Told } from './told.ts';
import type { Post } from '../world/model.ts';
import { SeededWorld } from '../world/seeded-world.ts';

const START = Date.UTC(2026, 10, 22, 13);
const world = new SeededWorld({ seed: 2, startAt: START, density: 20, accounts: 5000, now: () => START + 3_600_000 });
const account = world.examples.get('user_public') ?? 0;
const user = world.account(account).id;

function options(changes: Partial<TellOptions> = {}): TellOptions {
  const pace = { head: () => 0, limit: () => 0, msUntil: () => 0, passed: () => undefined, tooFarBehind: () => false };
  const cap = Number.POSITIVE_INFINITY;
  return { world, pace, wants: () => true, cap, delimited: false, stallWarnings: false, ...changes };
}

const told = (post: Post): Told => ({ kind: 'post', at: post.at, post });
const linesOf = (selected: { line: string } | undefined): unknown[] =>
  (selected?.line ?? '').split('\r\n').filter(Boolean).map(parseExactly);
const first = world.sampled(0);
const some = Array.from({ length: 3000 }, (_, index) => world.sampled(index));

describe('what a stream of v1.1 tells', () => {
  it.each([
    [['DE', 'AR'], false, ['DE', 'AR']],
    [[], true, ['XY']],
  ])('tells of a post withheld in %j', (countries, forCopyright, told_in) => {
    const post = first;
    const author = world.account(post.author).id;
    const withholding = { countries, forCopyright };
    const at = post.at + 1000;
    const happened = { kind: 'post-withheld', at, account: post.author, post, withholding } as const;
    const change = { kind: 'change', at, change: happened } as const;
    expect(linesOf(tell(options())(change))).toEqual([
      { status_withheld: { id: post.id, user_id: author, withheld_in_countries: told_in } },
    ]);
    expect(tell(options({ wants: () => false }))(change)).toBeUndefined();
  });

  it.each([
    [
      'geo-scrubbed',
      (id: string) => ({
        scrub_geo: { user_id: user, user_id_str: user, up_to_status_id: id, up_to_status_id_str: id },
      }),
    ],
    ['withheld', () => ({ user_withheld: { id: user, withheld_in_countries: ['IN'] } })],
  ] as const)('tells of an account that is %s', (kind, line) => {
    const at = START + 1000;
    const [newest] = world.postsOf(account, {}, at - 1);
    const happened =
      kind === 'withheld'
        ? { kind, at, account, countries: ['IN'] }
        : { kind, at, account, upTo: newest ?? { ...first, author: account } };
    const change = { kind: 'change', at, change: happened } as const;
    expect(linesOf(tell(options())(change))).toEqual([line(newest?.id ?? '')]);
    expect(tell(options({ wants: () => false }))(change)).toBeUndefined();
  });

  it('counts what it leaves out, telling it once a second', () => {
    const inSecond = (second: number, n: number): Told => {
      const at = Math.floor(first.at / 1000) * 1000 + second * 1000 + n;
      return { kind: 'post', at, post: { ...first, at } };
    };
    const select = tell(options({ cap: 2 }));
    const kinds = [0, 0, 0, 0, 0, 1, 1, 1].map((second, n) => {
      const [line] = linesOf(select(inSecond(second, n))) as Record<string, { track: string }>[];
      return line === undefined ? 'nothing' : 'limit' in line ? `limit ${line['limit']?.track}` : 'status';
    });
    expect(kinds).toEqual(['status', 'status', 'limit 1', 'nothing', 'nothing', 'status', 'status', 'limit 4']);
  });

  it('warns a reader that falls behind, if it likes, and not all the time', () => {
    const pace = { ...options().pace, head: () => START + 60_000, tooFarBehind: (at: number) => at < START - 20_000 };
    const posts = some.slice(0, 5).map(told);
    const heads = (stallWarnings: boolean) => {
      const select = tell(options({ pace, stallWarnings }));
      return posts.map((post) => linesOf(select(post)).some((line) => Object.keys(line as object)[0] === 'warning'));
    };
    expect(heads(true)).toEqual([true, false, false, false, false]);
    expect(heads(false)).toEqual([false, false, false, false, false]);
  });

  it('says how long each line is, each on its own', () => {
    const pace = { ...options().pace, head: () => START + 60_000, tooFarBehind: () => true };
    const lines = tell(options({ pace, delimited: true, stallWarnings: true }))(told(first))?.line.split('\r\n') ?? [];
    expect(lines).toHaveLength(4);
    for (const n of [0, 2]) expect(Number(lines[n])).toBe(Buffer.byteLength(lines[n + 1] ?? '') + 2);
  });
});
