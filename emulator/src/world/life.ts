import type { AccountState, Change } from './model.ts';
import { Permutation } from './permutation.ts';
import { COUNTRIES } from './post-fates.ts';
import { mix, Random } from './random.ts';

const LIFE = 0x0e01;
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** Shares of the accounts, by number from the end: everybody else is public when the world begins. */
const HIDDEN = { deactivated: 0.01, deleted: 0.01, suspended: 0.02, protected: 0.04 } as const;

/** What a scenario makes of an account, from an instant on. */
export type Turn =
  | { readonly at: number; readonly account: number; readonly state: AccountState }
  | { readonly at: number; readonly account: number; readonly handle: string }
  | { readonly at: number; readonly account: number; readonly scrubsGeo: true }
  | { readonly at: number; readonly account: number; readonly withheldIn: readonly string[] };

/** What happens to an account, as far as it can be told without its posts. */
export type LifeChange =
  | Extract<Change, { kind: 'state' | 'renamed' | 'withheld' }>
  | { readonly kind: 'geo-scrubbed'; readonly at: number; readonly account: number };

/**
 * States and handles of accounts over time: those the world begins with, what happens by itself (each account has at most
 * one such event, in an order shuffled by the seed, one after the other at equal distances), and what scenarios add.
 */
export class Life {
  /** Accounts below are public at the start; the others up to `inGraph` are protected. */
  readonly publicAtStart: number;
  /** Accounts below follow and are followed; the others are suspended, deleted or deactivated at the start. */
  readonly inGraph: number;
  /** Grows with each turn that is added: what was counted before is not to be trusted. */
  revision = 0;
  readonly #size: number;
  readonly #startAt: number;
  readonly #everyMs: number;
  readonly #order: Permutation;
  readonly #random: Random;
  readonly #nativeHandle: (account: number) => string;
  /** Accounts that go out of sight: those of the first `looked` natural events, and those that scenarios speak of. */
  #leavers = { looked: 0, revision: 0, turns: new Map<number, readonly number[]>() };
  readonly #gone: { from: number; until: number; accounts: Set<number> }[] = [];
  readonly #stateTurns: Turn[] = [];
  readonly #turns = new Map<number, Turn[]>();
  /** Accounts that bore or will bear a handle that a scenario gave, by handle in lower case. */
  readonly #given = new Map<string, Set<number>>();

  constructor(seed: number, size: number, startAt: number, nativeHandle: (account: number) => string) {
    this.#size = size;
    this.#startAt = startAt;
    this.#nativeHandle = nativeHandle;
    this.#random = new Random(seed);
    const gone = HIDDEN.suspended + HIDDEN.deleted + HIDDEN.deactivated;
    this.inGraph = Math.floor(size * (1 - gone));
    this.publicAtStart = Math.floor(size * (1 - gone - HIDDEN.protected));
    this.#order = new Permutation(this.inGraph, this.#random.at(LIFE, 0).u32());
    this.#everyMs = Math.floor(DAY_MS / (24 + size / 10_000));
  }

  stateAt(account: number, at: number): AccountState {
    const turn = this.#lastTurn(account, at, 'state');
    const natural = this.#naturalState(account, at);
    if (turn === undefined) return natural.state;
    return turn.at >= natural.since ? turn.state : natural.state;
  }

  handleAt(account: number, at: number): string {
    const turn = this.#lastTurn(account, at, 'handle');
    const event = this.#eventUntil(account, at);
    const renamed = event?.kind === 'rename' ? event : undefined;
    if (turn !== undefined && (renamed === undefined || turn.at >= renamed.at)) return turn.handle;
    return renamed?.handle ?? this.#nativeHandle(account);
  }

  /** When the account last took back the places of all its posts by then; undefined: never. */
  geoScrubbedAt(account: number, at: number): number | undefined {
    const turn = this.#lastTurn(account, at, 'scrubsGeo');
    const event = this.#eventUntil(account, at);
    const natural = event?.kind === 'scrub' ? event.at : undefined;
    return turn === undefined || (natural !== undefined && natural > turn.at) ? natural : turn.at;
  }

  /** Two letters each; empty for nearly all. */
  withheldInAt(account: number, at: number): readonly string[] {
    const turn = this.#lastTurn(account, at, 'withheldIn');
    const event = this.#eventUntil(account, at);
    if (event?.kind === 'withhold' && (turn === undefined || event.at > turn.at)) return event.countries;
    return turn?.withheldIn ?? NOWHERE;
  }

  /** All handles that scenarios give, lower case. */
  handlesGiven(): Iterable<string> {
    return this.#given.keys();
  }

  /** Accounts that a scenario gave that handle at some time. */
  accountsGiven(handle: string): Iterable<number> {
    return this.#given.get(handle.toLowerCase()) ?? [];
  }

  add(turn: Turn): void {
    const turns = this.#turns.get(turn.account) ?? [];
    turns.push(turn);
    turns.sort((a, b) => a.at - b.at);
    this.#turns.set(turn.account, turns);
    this.#gone.length = 0;
    this.revision++;
    if ('state' in turn) this.#stateTurns.push(turn);
    if (!('handle' in turn)) return;
    const key = turn.handle.toLowerCase();
    const accounts = this.#given.get(key) ?? new Set();
    this.#given.set(key, accounts.add(turn.account));
  }

  /** `turnsOf` all accounts that go out of sight by then; of others perhaps, too. */
  leaversUntil(until: number): ReadonlyMap<number, readonly number[]> {
    if (this.#leavers.revision !== this.revision) {
      this.#leavers = { looked: 0, revision: this.revision, turns: new Map() };
      for (const account of this.#turns.keys()) this.#leavers.turns.set(account, this.turnsOf(account));
    }
    const { turns } = this.#leavers;
    for (
      ;
      this.#leavers.looked < this.inGraph && this.#eventAt(this.#leavers.looked) <= until;
      this.#leavers.looked++
    ) {
      const account = this.#order.at(this.#leavers.looked);
      const found = this.turnsOf(account);
      if (found.length > 0) turns.set(account, found);
    }
    return turns;
  }

  /**
   * The instants at which an account that was public at the start goes out of sight and comes back, of all time, oldest first:
   * out of sight since each even one, back since each odd one.
   */
  turnsOf(account: number): readonly number[] {
    const event = this.#eventUntil(account, Number.POSITIVE_INFINITY);
    const instants = this.#turns.get(account)?.flatMap((turn) => ('state' in turn ? turn.at : [])) ?? [];
    if (instants.length === 0 && (event === undefined || !isHiding(event.kind))) return NEVER;
    if (event !== undefined) instants.push(event.at);
    if (event?.kind === 'deactivate') instants.push(event.at + BACK_AFTER_MS);
    const turns: number[] = [];
    for (const at of instants.sort((a, b) => a - b)) {
      if ((this.stateAt(account, at) !== 'public') !== (turns.length % 2 === 1)) turns.push(at);
    }
    return turns;
  }

  /** Whether by then anything has happened to any account that can take posts of the world's authors out of sight. */
  isQuiet(at: number): boolean {
    if (at >= this.#startAt + this.#everyMs) return false;
    return !this.#stateTurns.some((turn) => turn.at <= at);
  }

  /** Accounts of the follow graph that have left since the start and are still away. The same set while nothing changes. */
  goneAt(at: number): ReadonlySet<number> {
    const kept = this.#gone.find(({ from, until }) => from <= at && at < until);
    if (kept !== undefined) return kept.accounts;
    const accounts = new Set<number>();
    const moments = [this.#startAt];
    for (let n = 0; n < this.inGraph; n++) {
      const eventAt = this.#eventAt(n);
      const account = this.#order.at(n);
      moments.push(eventAt, eventAt + BACK_AFTER_MS);
      if (eventAt > at) break;
      if (isGone(this.stateAt(account, at))) accounts.add(account);
    }
    for (const [account, turns] of this.#turns) {
      for (const turn of turns) moments.push(turn.at);
      if (account < this.inGraph && isGone(this.stateAt(account, at))) accounts.add(account);
    }
    const from = moments.reduce(
      (last, moment) => (moment <= at ? Math.max(last, moment) : last),
      Number.NEGATIVE_INFINITY,
    );
    const until = moments.reduce(
      (next, moment) => (moment > at ? Math.min(next, moment) : next),
      Number.POSITIVE_INFINITY,
    );
    this.#gone.unshift({ from, until, accounts });
    this.#gone.splice(GONE_KEPT);
    return accounts;
  }

  /** Changes of states and names, places taken back, accounts withheld; after < at <= until, oldest first. */
  changes(after: number, until: number): LifeChange[] {
    const moments: { at: number; account: number }[] = [];
    const first = Math.max(0, Math.floor((after - this.#startAt) / this.#everyMs) - 1);
    for (let n = first; n < this.inGraph && this.#eventAt(n) <= until; n++) {
      moments.push({ at: this.#eventAt(n), account: this.#order.at(n) });
    }
    // Those who come back do so later than their event.
    const back = Math.max(0, Math.floor((after - BACK_AFTER_MS - this.#startAt) / this.#everyMs) - 1);
    for (let n = back; n < this.inGraph && this.#eventAt(n) + BACK_AFTER_MS <= until; n++) {
      moments.push({ at: this.#eventAt(n) + BACK_AFTER_MS, account: this.#order.at(n) });
    }
    for (const turns of this.#turns.values()) moments.push(...turns);
    const changes: LifeChange[] = [];
    let last = { at: Number.NaN, account: -1 };
    for (const moment of moments.toSorted((a, b) => a.at - b.at || a.account - b.account)) {
      const { at, account } = moment;
      if (at <= after || at > until || (at === last.at && account === last.account)) continue;
      last = moment;
      const from = this.stateAt(account, at - 1);
      const to = this.stateAt(account, at);
      if (from !== to) changes.push({ at, account, kind: 'state', from, to });
      const before = this.handleAt(account, at - 1);
      const now = this.handleAt(account, at);
      if (before !== now) changes.push({ at, account, kind: 'renamed', from: before, to: now });
      if (this.geoScrubbedAt(account, at) === at) changes.push({ at, account, kind: 'geo-scrubbed' });
      const countries = this.withheldInAt(account, at);
      if (countries.length > 0 && countries !== this.withheldInAt(account, at - 1)) {
        changes.push({ at, account, kind: 'withheld', countries });
      }
    }
    return changes;
  }

  /** One account for each state and habit, for tests and demonstrations; nothing happens to them by itself for a month. */
  examples(): ReadonlyMap<string, number> {
    const quietFrom = Math.ceil((30 * DAY_MS) / this.#everyMs);
    const isQuiet = (account: number): boolean =>
      account >= this.inGraph || this.#order.indexOf(account) > Math.min(quietFrom, this.inGraph / 2);
    const first = (state: AccountState, from: number): number => {
      for (let account = from; account < this.#size; account++) {
        if (isQuiet(account) && this.stateAt(account, this.#startAt) === state) return account;
      }
      throw new RangeError(`no ${state} account`);
    };
    // Not the most famous: their lists are too long to try things on.
    const own = first('public', Math.floor(this.#size / 200));
    const plain = first('public', own + 1);
    const renamed = first('public', plain + 1);
    return new Map([
      ['user_public', plain],
      ['user_protected', first('protected', this.publicAtStart)],
      ['user_suspended', first('suspended', this.inGraph)],
      ['user_deleted', first('deleted', this.inGraph)],
      ['user_deactivated', first('deactivated', this.inGraph)],
      ['user_renamed', renamed],
      ['user_self', own],
    ]);
  }

  /** Renames an example long before the start, so that one account has a past. */
  renameBeforeStart(account: number): void {
    const native = this.#nativeHandle(account);
    this.add({ at: this.#startAt - 7 * DAY_MS, account, handle: changeWord(native, account) });
  }

  #lastTurn<K extends 'state' | 'handle' | 'scrubsGeo' | 'withheldIn'>(
    account: number,
    at: number,
    what: K,
  ): Extract<Turn, Record<K, unknown>> | undefined {
    const turns = this.#turns.get(account);
    return turns?.findLast((turn): turn is Extract<Turn, Record<K, unknown>> => what in turn && turn.at <= at);
  }

  #naturalState(account: number, at: number): { state: AccountState; since: number } {
    const first = this.#stateAtStart(account);
    const unchanged = { state: first, since: Number.NEGATIVE_INFINITY };
    const event = this.#eventUntil(account, at);
    if (event === undefined) return unchanged;
    switch (event.kind) {
      case 'rename':
      case 'scrub':
      case 'withhold':
        return unchanged;
      case 'protect':
        return { state: first === 'protected' ? 'public' : 'protected', since: event.at };
      case 'suspend':
        return { state: 'suspended', since: event.at };
      case 'delete':
        return { state: 'deleted', since: event.at };
      case 'deactivate': {
        const backAt = event.at + BACK_AFTER_MS;
        return backAt <= at ? { state: first, since: backAt } : { state: 'deactivated', since: event.at };
      }
    }
  }

  #stateAtStart(account: number): AccountState {
    if (account < this.publicAtStart) return 'public';
    if (account < this.inGraph) return 'protected';
    // Mixed, so that small worlds have each of them.
    return GONE_MIX[account % GONE_MIX.length] ?? 'suspended';
  }

  #eventAt(nth: number): number {
    return this.#startAt + (nth + 1) * this.#everyMs;
  }

  /** What has happened to the account by itself by then. */
  #eventUntil(account: number, until: number): NaturalEvent | undefined {
    if (account >= this.inGraph || until < this.#startAt + this.#everyMs) return undefined;
    const at = this.#eventAt(this.#order.indexOf(account));
    if (at > until) return undefined;
    const random = this.#random.at(LIFE, account + 1);
    const uniform = random.float();
    if (uniform < 0.03) return { kind: 'scrub', at };
    if (uniform < 0.06) return { kind: 'withhold', at, countries: random.pick(COUNTRIES) };
    if (uniform < 0.5) {
      const native = this.#nativeHandle(account);
      return {
        kind: 'rename',
        at,
        handle: random.chance(0.25) ? changeCase(native) : changeWord(native, mix(account)),
      };
    }
    if (uniform < 0.7) return { kind: 'protect', at };
    if (uniform < 0.82) return { kind: 'suspend', at };
    return { kind: uniform < 0.91 ? 'delete' : 'deactivate', at };
  }
}

/** Streams and requests can be on both sides of a change. */
const GONE_KEPT = 3;
const BACK_AFTER_MS = 48 * HOUR_MS;
const NOWHERE: readonly string[] = [];
const NEVER: readonly number[] = [];
const GONE_MIX: readonly AccountState[] = ['suspended', 'deleted', 'suspended', 'deactivated'];

type NaturalEvent =
  | { readonly kind: 'rename'; readonly at: number; readonly handle: string }
  | { readonly kind: 'withhold'; readonly at: number; readonly countries: readonly string[] }
  | { readonly kind: 'scrub' | 'protect' | 'suspend' | 'delete' | 'deactivate'; readonly at: number };

function isHiding(kind: NaturalEvent['kind']): boolean {
  return kind === 'protect' || kind === 'suspend' || kind === 'delete' || kind === 'deactivate';
}

export function isGone(state: AccountState): boolean {
  return state === 'suspended' || state === 'deleted' || state === 'deactivated';
}

function changeCase(handle: string): string {
  const first = handle.search(/[a-z]/i);
  const letter = handle.charAt(first);
  const other = letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase();
  return handle.slice(0, first) + other + handle.slice(first + 1);
}

/** Keeps the digits, which no other account has. */
function changeWord(handle: string, hash: number): string {
  const words = ['real', 'the', 'its', 'mx', 'un', 'not'];
  return (words[(hash >>> 0) % words.length] ?? 'real') + handle.slice(-7);
}
