import type { Clause, QueryNode } from '../../query/ast.ts';
import { postTime } from '../../world/ids.ts';
import { comparePosts, type Post, type PostRange, type PostTime, type World } from '../../world/model.ts';
import { LONGEST_EDIT_MS } from '../../world/writing.ts';

/**
 * The posts that a query pins down by naming an account, a conversation or another post: all that can match it, newest
 * first, each in its latest version and in public sight at `at`. Undefined when only a walk through all posts can tell.
 */
export function pinnedPosts(
  world: World,
  root: QueryNode,
  at: number,
): ((range: PostRange) => Iterable<Post>) | undefined {
  const pins = pinsOf(root, world, at);
  if (pins === undefined) return undefined;
  const sources = pins.flatMap((pin) => sourcesOf(world, pin, at));
  return (range) => merged(sources.map((source) => source(range)));
}

/** What an operator names: `account`, `answered` and `reposted` by handle or id, the others by the id of a post. */
type Pin = {
  readonly kind: 'account' | 'answered' | 'reposted' | 'conversation' | 'replies' | 'quotes' | 'reposts';
  readonly name: string;
};
type PostPin = Exclude<Pin['kind'], 'account' | 'answered' | 'reposted'>;
type Source = (range: PostRange) => Iterable<Post>;

const PINNING: ReadonlyMap<string, Pin['kind']> = new Map([
  ['from', 'account'],
  ['to', 'answered'],
  ['retweets_of', 'reposted'],
  ['conversation_id', 'conversation'],
  ['in_reply_to_tweet_id', 'replies'],
  ['quotes_of_tweet_id', 'quotes'],
  ['retweets_of_tweet_id', 'reposts'],
]);
/** What no post of any world here has: annotations, and membership of lists. */
const NEVER: ReadonlySet<string> = new Set(['list', 'context', 'entity']);
/** Accounts have most posts, and more answers. */
const COSTS: Partial<Record<Pin['kind'], number>> = { account: 10, answered: 20 };

/** One of the pins holds every match; of a conjunction's parts the cheapest is taken. */
function pinsOf(node: QueryNode, world: World, at: number): readonly Pin[] | undefined {
  if (node.kind === 'clause') return pinsOfClause(node, world, at);
  const parts = node.parts.map((part) => pinsOf(part, world, at));
  if (node.kind === 'or') {
    const all: Pin[] = [];
    for (const pins of parts) {
      if (pins === undefined) return undefined;
      all.push(...pins);
    }
    return all;
  }
  return parts
    .filter((pins) => pins !== undefined)
    .toSorted((a, b) => costOf(a) - costOf(b))
    .at(0);
}

function pinsOfClause({ negated, term }: Clause, world: World, at: number): readonly Pin[] | undefined {
  if (negated || term.kind !== 'operator' || term.value.kind !== 'text') return undefined;
  if (NEVER.has(term.name)) return [];
  const kind = PINNING.get(term.name);
  if (kind === undefined) return undefined;
  const name = term.value.text;
  // Who reposts an account, no list of the world tells; nor who answers an imported one without naming it.
  if (kind === 'reposted') return accountsNamed(world, name, at).length === 0 ? [] : undefined;
  if (kind === 'answered' && accountsNamed(world, name, at).some((one) => one >= world.accounts)) return undefined;
  return [{ kind, name }];
}

function costOf(pins: readonly Pin[]): number {
  return pins.reduce((sum, { kind }) => sum + (COSTS[kind] ?? 1), 0);
}

function sourcesOf(world: World, { kind, name }: Pin, at: number): Source[] {
  if (kind === 'account') {
    return accountsNamed(world, name, at).map((account) => (range) => authored(world, account, range, at));
  }
  if (kind === 'answered') {
    // Answers to oneself are nobody's mentions.
    return accountsNamed(world, name, at).flatMap((account): Source[] => [
      (range) => authored(world, account, range, at),
      (range) => mentions(world, account, range, at),
    ]);
  }
  if (kind === 'reposted') return [];
  const time = postTime(name);
  if (time === undefined) return [];
  return [(range) => latestVersions(world, answersTo(world, kind, time, at), range, at)];
}

function accountsNamed(world: World, name: string, at: number): readonly number[] {
  const accounts = new Set([world.accountByHandle(name, at), world.accountById(name, at)]);
  return [...accounts].filter((account) => account !== undefined);
}

/** Posts of others that name the account, in their latest versions, newest first. */
function* mentions(world: World, account: number, { after, before }: PostRange, at: number): Generator<Post> {
  // Versions come up to five minutes after the first, and may overtake younger posts.
  let waiting: Post[] = [];
  const earlier = after && { ...after, at: after.at - LONGEST_EDIT_MS };
  for (const post of world.mentionsOf(account, { after: earlier, before }, at)) {
    const settled = waiting.findIndex((other) => other.at <= post.at + LONGEST_EDIT_MS);
    yield* waiting.splice(0, settled < 0 ? waiting.length : settled);
    const latest = latestVersions(world, [post], { after, before }, at);
    if (latest.length > 0) waiting = [...waiting, ...latest].sort((a, b) => comparePosts(b, a));
  }
  yield* waiting;
}

function* authored(world: World, account: number, range: PostRange, at: number): Generator<Post> {
  for (const post of world.postsOf(account, range, at)) if (world.postStateAt(post, at) === 'public') yield post;
}

function answersTo(world: World, kind: PostPin, time: PostTime, at: number): Iterable<Post> {
  switch (kind) {
    case 'conversation':
      return world.conversation(time, {}, at);
    case 'replies':
      return world.repliesTo(time, {}, at);
    case 'quotes':
      return world.quotesOf(time, {}, at);
    case 'reposts':
      return world.repostsOf(time, {}, at);
  }
}

/** Such lists name posts by their first versions, and are short enough to be put in order again. */
function latestVersions(world: World, posts: Iterable<Post>, { after, before }: PostRange, at: number): Post[] {
  const latest: Post[] = [];
  for (const post of posts) {
    const version = post.versions.findLast((one) => one.at <= at);
    const shown = version === undefined || comparePosts(version, post) === 0 ? post : world.post(version);
    if (shown === undefined) continue;
    if (after !== undefined && comparePosts(shown, after) <= 0) continue;
    if (before !== undefined && comparePosts(shown, before) >= 0) continue;
    latest.push(shown);
  }
  return latest.sort((a, b) => comparePosts(b, a));
}

/** Several lists, newest first, as one; what is in more than one of them comes once. */
function* merged(lists: readonly Iterable<Post>[]): Generator<Post> {
  const iterators = lists.map((list) => list[Symbol.iterator]());
  const heads = iterators.map((iterator) => headOf(iterator));
  let last: Post | undefined;
  for (;;) {
    let newest = -1;
    for (const [n, head] of heads.entries()) {
      if (head === undefined) continue;
      const best = heads[newest];
      if (best === undefined || comparePosts(head, best) > 0) newest = n;
    }
    const post = heads[newest];
    const iterator = iterators[newest];
    if (post === undefined || iterator === undefined) return;
    if (last === undefined || comparePosts(post, last) !== 0) yield post;
    last = post;
    heads[newest] = headOf(iterator);
  }
}

function headOf(iterator: Iterator<Post>): Post | undefined {
  const next = iterator.next();
  return next.done === true ? undefined : next.value;
}
