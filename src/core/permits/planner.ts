/**
 * Who gets leave next: pure, so that weeks can be simulated. Callers of one endpoint are served in fair turns, by weight; what is urgent goes
 * first, yet never keeps the rest waiting for ever. Calls are made as soon as they are allowed.
 */
import { type Bucket, freeAt, reopensAt, takeFrom } from './bucket.ts';

export type Waiting = {
  id: number;
  endpoint: string;
  /** Who is served in turn: a collection, mostly. Weight 2 gets twice as many turns as weight 1. */
  spender: string;
  weight: number;
  isUrgent: boolean;
  /** Labels of the credentials that will do. */
  credentials: readonly string[];
  /** What it can cost, in millionths. */
  costMicros: number;
};

/** Permits at hand of one credential at one endpoint. */
export type Stock = { credential: string; endpoint: string; free: number; limit: number };

/** Whose turn it is at each endpoint: virtual time, as of start-time fair queueing. */
export type Turns = ReadonlyMap<string, EndpointTurns>;
type EndpointTurns = { now: number; finishBySpender: ReadonlyMap<string, number>; urgentInARow: number };

export type Grant = { id: number; credential: string };

/** So many urgent calls in a row, then one that is not, when such a one waits. */
const URGENT_RUN = 7;

/**
 * Divides what is at hand among those who wait, who stand in the order in which they came. `purses`: what each spender may still spend, in millionths;
 * absent: as much as it likes.
 */
export function planGrants(
  waiting: readonly Waiting[],
  stocks: readonly Stock[],
  turns: Turns,
  purses: ReadonlyMap<string, number> = new Map(),
): { grants: Grant[]; turns: Turns } {
  if (waiting.length === 0) return { grants: [], turns };
  const next = new Map(turns);
  const left = new Map(purses);
  const grants: Grant[] = [];
  for (const [endpoint, wishes] of groupBy(waiting, (wish) => wish.endpoint)) {
    const at = stocks.filter((stock) => stock.endpoint === endpoint && stock.free > 0).map((stock) => ({ ...stock }));
    if (at.length > 0) next.set(endpoint, serve(wishes, at, next.get(endpoint), left, grants));
  }
  return { grants, turns: next };
}

/** All that one-off commands and simulations need: buckets of one process, and who waits. */
export type PlannerState = {
  /** By `bucketKey`. */
  buckets: ReadonlyMap<string, Bucket>;
  waiting: readonly Waiting[];
  turns: Turns;
};

/** Which bucket. */
export function bucketKey(credential: string, endpoint: string): string {
  return `${endpoint} ${credential}`;
}

/**
 * What happens at an instant: who gets leave, and when to look again at the latest. Undefined: only something settled or a new wish can change anything.
 * The wishes' buckets must exist.
 */
export function tick(
  state: PlannerState,
  nowMs: number,
  purses?: ReadonlyMap<string, number>,
): { state: PlannerState; grants: Grant[]; lookAgainAtMs: number | undefined } {
  if (state.waiting.length === 0) return { state, grants: [], lookAgainAtMs: undefined };
  const stocks = stocksOf(state, nowMs);
  const { grants, turns } = planGrants(state.waiting, stocks, state.turns, purses);
  if (grants.length === 0) return { state, grants, lookAgainAtMs: lookAgain(state, nowMs) };
  const buckets = new Map(state.buckets);
  const endpointById = new Map(state.waiting.map(({ id, endpoint }) => [id, endpoint]));
  for (const { id, credential } of grants) {
    const key = bucketKey(credential, endpointById.get(id) as string);
    buckets.set(key, takeFrom(buckets.get(key) as Bucket, nowMs, 1));
  }
  const served = new Set(grants.map(({ id }) => id));
  const after = { buckets, turns, waiting: state.waiting.filter(({ id }) => !served.has(id)) };
  return { state: after, grants, lookAgainAtMs: lookAgain(after, nowMs) };
}

function stocksOf({ buckets, waiting }: PlannerState, nowMs: number): Stock[] {
  const stocks: Stock[] = [];
  forEachWanted(waiting, (credential, endpoint, key) => {
    const bucket = buckets.get(key) as Bucket;
    const free = freeAt(bucket, nowMs);
    if (free > 0) stocks.push({ credential, endpoint, free, limit: bucket.limit });
  });
  return stocks;
}

function lookAgain({ buckets, waiting }: PlannerState, nowMs: number): number | undefined {
  let earliest: number | undefined;
  forEachWanted(waiting, (_credential, _endpoint, key) => {
    const at = reopensAt(buckets.get(key) as Bucket, nowMs);
    if (at !== undefined && at > nowMs) earliest = Math.min(at, earliest ?? at);
  });
  return earliest;
}

/** Each bucket that somebody waits for, once. Most who wait have the same list of credentials, which is looked at once. */
function forEachWanted(
  waiting: readonly Waiting[],
  visit: (credential: string, endpoint: string, key: string) => void,
): void {
  const lists = new Map<string, Set<readonly string[]>>();
  const keys = new Set<string>();
  for (const { endpoint, credentials } of waiting) {
    const known = lists.get(endpoint) ?? new Set();
    if (known.has(credentials)) continue;
    lists.set(endpoint, known.add(credentials));
    const own = keysOf(credentials, endpoint);
    for (const [at, credential] of credentials.entries()) {
      const key = own[at] as string;
      if (keys.has(key)) continue;
      keys.add(key);
      visit(credential, endpoint, key);
    }
  }
}

/** Keys of a list's buckets, in its order: made once per list, for making them took longer than all else that a tick does. */
const keysByList = new WeakMap<readonly string[], Map<string, readonly string[]>>();

function keysOf(credentials: readonly string[], endpoint: string): readonly string[] {
  const byEndpoint = keysByList.get(credentials) ?? new Map<string, readonly string[]>();
  let keys = byEndpoint.get(endpoint);
  if (keys === undefined || keys.length !== credentials.length) {
    keys = credentials.map((credential) => bucketKey(credential, endpoint));
    keysByList.set(credentials, byEndpoint.set(endpoint, keys));
  }
  return keys;
}

/** Serves one endpoint until nothing more can be granted. Changes `stocks`, `purses` and `grants`. */
function serve(
  wishes: Waiting[],
  stocks: Stock[],
  before: EndpointTurns | undefined,
  purses: Map<string, number>,
  grants: Grant[],
): EndpointTurns {
  let now = before?.now ?? 0;
  let urgentInARow = before?.urgentInARow ?? 0;
  const finish = new Map(before?.finishBySpender);
  const lines = { urgent: linesOf(wishes, true), calm: linesOf(wishes, false) };
  for (;;) {
    const calmFirst = urgentInARow >= URGENT_RUN;
    const chosen =
      pick(calmFirst ? lines.calm : lines.urgent, stocks, finish, now, purses) ??
      pick(calmFirst ? lines.urgent : lines.calm, stocks, finish, now, purses);
    if (chosen === undefined) break;
    const { wish, stock } = chosen;
    const start = Math.max(now, finish.get(wish.spender) ?? 0);
    finish.set(wish.spender, start + 1 / wish.weight);
    now = Math.max(now, chosen.start);
    urgentInARow = wish.isUrgent && hasWaiting(lines.calm) ? urgentInARow + 1 : 0;
    stock.free--;
    const purse = purses.get(wish.spender);
    if (purse !== undefined) purses.set(wish.spender, purse - wish.costMicros);
    grants.push({ id: wish.id, credential: stock.credential });
  }
  // Whoever has been served less than the present is as good as new.
  for (const [spender, at] of finish) if (at <= now) finish.delete(spender);
  return { now, finishBySpender: finish, urgentInARow };
}

type Lines = Map<string, Waiting[]>;

function linesOf(wishes: Waiting[], isUrgent: boolean): Lines {
  return groupBy(
    wishes.filter((wish) => wish.isUrgent === isUrgent),
    (wish) => wish.spender,
  );
}

function hasWaiting(lines: Lines): boolean {
  for (const line of lines.values()) if (line.length > 0) return true;
  return false;
}

/** The first wish that can be met of the spender who has had least, taken out of its line. */
function pick(
  lines: Lines,
  stocks: Stock[],
  finish: ReadonlyMap<string, number>,
  now: number,
  purses: ReadonlyMap<string, number>,
): { wish: Waiting; stock: Stock; start: number } | undefined {
  let best: { line: Waiting[]; at: number; stock: Stock; start: number } | undefined;
  for (const [spender, line] of lines) {
    const start = Math.max(now, finish.get(spender) ?? 0);
    if (best !== undefined && start >= best.start) continue;
    const found = firstMeetable(line, stocks, purses.get(spender));
    if (found !== undefined) best = { line, ...found, start };
  }
  if (best === undefined) return undefined;
  const [wish] = best.line.splice(best.at, 1);
  return { wish: wish as Waiting, stock: best.stock, start: best.start };
}

function firstMeetable(
  line: Waiting[],
  stocks: Stock[],
  purse: number | undefined,
): { at: number; stock: Stock } | undefined {
  for (const [at, wish] of line.entries()) {
    if (purse !== undefined && wish.costMicros > purse) continue;
    const stock = fullest(stocks, wish.credentials);
    if (stock !== undefined) return { at, stock };
  }
  return undefined;
}

/** All windows are opened early and emptied evenly: so they end early, and no call waits for one while another has calls left. */
function fullest(stocks: Stock[], credentials: readonly string[]): Stock | undefined {
  let best: Stock | undefined;
  for (const stock of stocks) {
    if (stock.free <= 0 || !credentials.includes(stock.credential)) continue;
    if (best === undefined || stock.free / stock.limit > best.free / best.limit) best = stock;
  }
  return best;
}

function groupBy<Item>(items: readonly Item[], key: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group === undefined) groups.set(key(item), [item]);
    else group.push(item);
  }
  return groups;
}
