import { complaint, json, own, sendLines } from './control.ts';
import type { FaceParts } from './face-parts.ts';
import type { Answer, Exchange } from './http/exchange.ts';
import type { Route } from './http/route.ts';
import { postId } from './world/ids.ts';

const DEFAULT_LIMIT = 5000;
const MINUTE_MS = 60_000;

/** What exists, and which calls were made: `/_emulator/truth/…` beside the streams' own. */
export function truthRoutes(parts: FaceParts): Route[] {
  const { world, calls, clock } = parts;
  return [
    own('GET', '/_emulator/truth/streams', () => json(200, { streams: streamsOf(parts) })),
    own('GET', '/_emulator/truth/rules', () => json(200, { changes: ruleChanges(parts) })),
    own('GET', '/_emulator/truth/refusals', () => json(200, { refusals: parts.truth.refusals() })),
    own('GET', '/_emulator/truth/calls', () => json(200, { calls: calls.tell() })),
    own('GET', '/_emulator/truth/world', () =>
      json(200, {
        seed: world.seed,
        accounts: world.accounts,
        now: new Date(world.now()).toISOString(),
        speed: clock.speed,
      }),
    ),
    own('GET', '/_emulator/truth/account', (exchange) =>
      withAccount(exchange, parts, (number) => account(parts, number)),
    ),
    own('GET', '/_emulator/truth/account/posts', (exchange) =>
      withAccount(exchange, parts, (number) => {
        const posts = Iterator.from(world.postsOf(number, {}, world.now()));
        return lines(
          exchange,
          posts.take(limitOf(exchange)).map(({ id }) => id),
        );
      }),
    ),
    own('GET', '/_emulator/truth/account/followers', (exchange) =>
      withAccount(exchange, parts, (number) => {
        const follows = Iterator.from(world.followers(number, {}, world.now()));
        return lines(
          exchange,
          follows.take(limitOf(exchange)).map((follow) => world.account(follow.account).id),
        );
      }),
    ),
    own('GET', '/_emulator/truth/account/following', (exchange) =>
      withAccount(exchange, parts, (number) => {
        const follows = Iterator.from(world.following(number, {}, world.now()));
        return lines(
          exchange,
          follows.take(limitOf(exchange)).map((follow) => world.account(follow.account).id),
        );
      }),
    ),
    own('GET', '/_emulator/truth/changes', (exchange) => {
      const minutes = Number(exchange.url.searchParams.get('minutes') ?? '15');
      if (!(minutes > 0 && minutes <= 1440)) return complaint(400, 'minutes must be a number up to 1440.');
      const now = world.now();
      const changes = Iterator.from(world.changes(now - minutes * MINUTE_MS, now));
      return lines(
        exchange,
        changes.map((change) => {
          const { at, account: number, ...rest } = change;
          const post = 'post' in rest ? { post: postId(rest.post) } : {};
          const upTo = 'upTo' in rest ? { upTo: postId(rest.upTo) } : {};
          return JSON.stringify({
            at: new Date(at).toISOString(),
            ...rest,
            ...post,
            ...upTo,
            account: world.account(number).id,
          });
        }),
      );
    }),
  ];
}

/** What the list of connections doesn't say: whose they are, what their names in lists are, which faults struck them. */
function streamsOf({ streams }: FaceParts): object[] {
  return streams.entries.map(({ uuid, app, endpoint, query, record: { id, path, struck } }) => ({
    id,
    path,
    query,
    app,
    endpoint,
    uuid,
    struck,
  }));
}

/** Every change of every app's rules; `from` is the instant of world time from which on posts are matched with it. */
function ruleChanges({ rules }: FaceParts): object[] {
  const all = [...rules].flatMap(([app, { changes }]) => changes.map((change) => ({ app, ...change })));
  return all
    .toSorted((a, b) => a.at - b.at)
    .map(({ app, at, from, added, deleted }) => ({
      app,
      at: new Date(at).toISOString(),
      from: new Date(from).toISOString(),
      added,
      deleted: deleted.map(({ id }) => id),
    }));
}

function account({ world }: FaceParts, number: number): Answer {
  const now = world.now();
  const { id } = world.account(number);
  const handle = world.handleAt(number, now);
  return json(200, { number, id, handle, state: world.stateAt(number, now), ...world.countsAt(number, now) });
}

async function withAccount(
  { url }: Exchange,
  { world, examples }: FaceParts,
  answer: (number: number) => Answer | undefined | Promise<Answer | undefined>,
): Promise<Answer | undefined> {
  const name = url.searchParams.get('account');
  if (name === null)
    return complaint(400, 'Say which account: ?account= with a handle, an id, or a name such as user_public.');
  const now = world.now();
  const number =
    examples.get(name) ??
    (/^\d+$/.test(name) ? world.accountById(name, now) : world.accountByHandle(name.replace(/^@/, ''), now));
  return number === undefined ? complaint(404, `Nobody is called ${name}.`) : answer(number);
}

function limitOf({ url }: Exchange): number {
  const limit = Number(url.searchParams.get('limit') ?? DEFAULT_LIMIT);
  return Number.isSafeInteger(limit) && limit >= 0 ? limit : DEFAULT_LIMIT;
}

async function lines({ response }: Exchange, items: Iterable<string>): Promise<undefined> {
  await sendLines(response, 'text/plain; charset=utf-8', items);
}
