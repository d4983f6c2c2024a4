import type { Activity } from './activity.ts';
import type { Calendar } from './calendar.ts';
import type { Change, PostReference, Withholding } from './model.ts';
import { mix } from './random.ts';

/** What a scenario does to the posts that an account made before an instant: to each with the chance `share` (0 .. 1), the same posts for the same share. */
export interface PostRuling {
  readonly account: number;
  readonly at: number;
  readonly share: number;
  readonly what: 'delete' | 'drop' | 'undrop' | { readonly withholdIn: readonly string[] };
}

/**
 * What becomes of posts, by number: taken back by their authors, dropped by the platform and perhaps put back, withheld in some
 * countries. It follows from the number alone, so nothing is kept of it but what scenarios add.
 */
export class PostFates {
  readonly #calendar: Calendar;
  readonly #activity: Activity;
  readonly #exists: (number: number) => boolean;
  readonly #rulings = new Map<number, PostRuling[]>();
  /** Grows with each ruling: what was counted before is not to be trusted. */
  revision = 0;

  constructor(calendar: Calendar, activity: Activity, exists: (number: number) => boolean) {
    this.#calendar = calendar;
    this.#activity = activity;
    this.#exists = exists;
  }

  add(ruling: PostRuling): void {
    const rulings = this.#rulings.get(ruling.account) ?? [];
    rulings.push(ruling);
    rulings.sort((a, b) => a.at - b.at);
    this.#rulings.set(ruling.account, rulings);
    this.revision++;
  }

  /** Whether a post that exists was taken back by then. */
  isDeleted(number: number, at: number): boolean {
    const delay = deletedAfter(number);
    if (delay !== undefined && this.#calendar.timeOf(number).at + delay <= at) return true;
    return this.#rulings.size > 0 && this.#rulingsOn(number, at).some(({ what }) => what === 'delete');
  }

  /** Whether the platform has it out of sight then. */
  isDropped(number: number, at: number): boolean {
    const last = this.#rulings.size === 0 ? undefined : this.#rulingsOn(number, at).findLast(isDrop);
    const span = droppedFor(number);
    const madeAt = span === undefined ? 0 : this.#calendar.timeOf(number).at;
    const drop = span !== undefined && madeAt + span.after <= at ? span : undefined;
    if (drop === undefined) return last?.what === 'drop';
    const backAt = madeAt + drop.until;
    const isBack = backAt <= at;
    const since = isBack ? backAt : madeAt + drop.after;
    return last !== undefined && last.at >= since ? last.what === 'drop' : !isBack;
  }

  /** Deleted or dropped. */
  isAway(number: number, at: number): boolean {
    return this.isDeleted(number, at) || this.isDropped(number, at);
  }

  /** Whether a post ever goes: says so quickly. */
  mayGo(number: number): boolean {
    return this.#rulings.size > 0 || deletedAfter(number) !== undefined || droppedFor(number) !== undefined;
  }

  /** The instants at which a post goes and comes back, oldest first: gone since each even one, back since each odd one. Few posts have any. */
  turnsOf(number: number): readonly number[] {
    const instants = this.#instantsOf(number);
    if (instants.length === 0) return instants;
    const turns: number[] = [];
    for (const at of instants.toSorted((a, b) => a - b)) {
      if (this.isAway(number, at) !== (turns.length % 2 === 1)) turns.push(at);
    }
    return turns;
  }

  /** In which countries a post is withheld by then, whatever its author is. */
  withheldBy(number: number, at: number): Withholding | undefined {
    const own = withholdingOf(number);
    const isOwn = own !== undefined && this.#calendar.timeOf(number).at + own.after <= at;
    const ruled =
      this.#rulings.size === 0
        ? []
        : this.#rulingsOn(number, at).flatMap(({ what }) => (typeof what === 'object' ? what.withholdIn : []));
    if (!isOwn && ruled.length === 0) return undefined;
    const countries = new Set([...(isOwn ? own.countries : []), ...ruled]);
    return { countries: [...countries], forCopyright: isOwn && own.forCopyright };
  }

  /** What became of posts, after < at <= until, in no order. */
  *changes(after: number, until: number): Generator<Change> {
    for (const delay of DELETE_DELAYS_MS) {
      const [first, end] = this.#madeBetween(after - delay, until - delay);
      for (let number = first; number < end; number++) {
        if (deletedAfter(number) === delay) yield* this.#change(number, 'post-deleted', delay);
      }
    }
    for (const { after: delay, until: back } of DROPS) {
      yield* this.#rareChanges(DROPPED_REST, after - delay, until - delay, (number) =>
        droppedFor(number)?.after === delay ? this.#change(number, 'post-dropped', delay) : [],
      );
      if (back === Number.POSITIVE_INFINITY) continue;
      yield* this.#rareChanges(DROPPED_REST, after - back, until - back, (number) =>
        droppedFor(number)?.until === back ? this.#change(number, 'post-undropped', back) : [],
      );
    }
    for (const delay of WITHHOLD_DELAYS_MS) {
      yield* this.#rareChanges(WITHHELD_REST, after - delay, until - delay, (number) =>
        withholdingOf(number)?.after === delay ? this.#withheld(number, delay) : [],
      );
    }
    for (const rulings of this.#rulings.values()) {
      for (const ruling of rulings) if (ruling.at > after && ruling.at <= until) yield* this.#changesBy(ruling);
    }
  }

  *#changesBy({ account, at, share, what }: PostRuling): Generator<Change> {
    let left = MOST_TOLD;
    for (const number of this.#activity.postsBefore(account, this.#calendar.firstSince(at))) {
      if (!this.#exists(number) || left-- === 0) return;
      if (chanceOf(number) >= share || this.isDeleted(number, at - 1)) continue;
      const post = this.#reference(number);
      if (typeof what === 'object') {
        yield {
          kind: 'post-withheld',
          at,
          account,
          post,
          withholding: { countries: what.withholdIn, forCopyright: false },
        };
      } else if (what === 'delete') yield { kind: 'post-deleted', at, account, post };
      else if (this.isDropped(number, at - 1) !== (what === 'drop')) {
        yield { kind: what === 'drop' ? 'post-dropped' : 'post-undropped', at, account, post };
      }
    }
  }

  *#rareChanges(
    rest: number,
    after: number,
    until: number,
    change: (number: number) => Iterable<Change>,
  ): Generator<Change> {
    const [first, end] = this.#madeBetween(after, until);
    for (let number = first + modulo(rest - first, RARE); number < end; number += RARE) yield* change(number);
  }

  /** Only what is new: what was taken back before is not dropped any more. */
  *#change(number: number, kind: 'post-deleted' | 'post-dropped' | 'post-undropped', delay: number): Generator<Change> {
    if (!this.#exists(number)) return;
    const post = this.#reference(number);
    const at = post.at + delay;
    if (kind !== 'post-deleted' && this.isDeleted(number, at)) return;
    yield { kind, at, account: post.author, post };
  }

  *#withheld(number: number, delay: number): Generator<Change> {
    if (!this.#exists(number)) return;
    const post = this.#reference(number);
    const at = post.at + delay;
    const own = withholdingOf(number);
    if (own === undefined || this.isDeleted(number, at)) return;
    const withholding = { countries: own.countries, forCopyright: own.forCopyright };
    yield { kind: 'post-withheld', at, account: post.author, post, withholding };
  }

  /** Numbers made after < at <= until: from the first on, before the second. */
  #madeBetween(after: number, until: number): [first: number, end: number] {
    return [this.#calendar.firstSince(after + 1), this.#calendar.firstSince(until + 1)];
  }

  #rulingsOn(number: number, at: number): PostRuling[] {
    const rulings = this.#rulings.get(this.#activity.authorOf(number));
    if (rulings === undefined) return [];
    const madeAt = this.#calendar.timeOf(number).at;
    return rulings.filter((ruling) => ruling.at <= at && madeAt < ruling.at && chanceOf(number) < ruling.share);
  }

  #instantsOf(number: number): number[] {
    const instants: number[] = [];
    const delay = deletedAfter(number);
    const drop = droppedFor(number);
    if (delay !== undefined || drop !== undefined) {
      const madeAt = this.#calendar.timeOf(number).at;
      if (delay !== undefined) instants.push(madeAt + delay);
      if (drop !== undefined) instants.push(madeAt + drop.after);
      if (drop !== undefined && drop.until !== Number.POSITIVE_INFINITY) instants.push(madeAt + drop.until);
    }
    if (this.#rulings.size > 0) {
      instants.push(...this.#rulingsOn(number, Number.POSITIVE_INFINITY).map(({ at }) => at));
    }
    return instants;
  }

  #reference(number: number): PostReference {
    const { at, slot } = this.#calendar.timeOf(number);
    return { at, slot, author: this.#activity.authorOf(number) };
  }
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DELETE_DELAYS_MS: readonly number[] = [45_000, 300_000, 3_600_000, 32_400_000, 259_200_000];
const WITHHOLD_DELAYS_MS: readonly number[] = [10 * MINUTE_MS, 3 * HOUR_MS, 48 * HOUR_MS];
const DROPS: readonly { readonly after: number; readonly until: number }[] = [
  { after: 20 * MINUTE_MS, until: 6 * HOUR_MS },
  { after: 5 * HOUR_MS, until: Number.POSITIVE_INFINITY },
];
/** Enough for any account's last years; a compliance stream must not hang on a chatterbox of 1 M posts. */
const MOST_TOLD = 10_000;
/** Only numbers with the right rest are worth asking. On the grid, so none is a repost; and none is ever edited. */
const RARE = 256;
const WITHHELD_REST = 44;
const DROPPED_REST = 100;

/** Milliseconds after which a post is deleted; undefined for most. */
function deletedAfter(number: number): number | undefined {
  const hash = mix(number ^ mix(Math.floor(number / 0x1_0000_0000) ^ 0x7f4a7c15)) >>> 0;
  return hash % 40 === 7 ? DELETE_DELAYS_MS[Math.floor(hash / 40) % DELETE_DELAYS_MS.length] : undefined;
}

/** One in a thousand is dropped, half of them for a while. Milliseconds after it was made. */
function droppedFor(number: number): (typeof DROPS)[number] | undefined {
  if (modulo(number, RARE) !== DROPPED_REST) return undefined;
  const hash = mix(number ^ 0x0d20_9bed) >>> 0;
  return hash % 4 === 0 ? DROPS[(hash >>> 2) % DROPS.length] : undefined;
}

/** One in five hundred is withheld, a third of them everywhere for copyright. */
function withholdingOf(number: number): (Withholding & { readonly after: number }) | undefined {
  if (modulo(number, RARE) !== WITHHELD_REST) return undefined;
  const hash = mix(number ^ 0x3a1d_77c5) >>> 0;
  const after = WITHHOLD_DELAYS_MS[(hash >>> 1) % WITHHOLD_DELAYS_MS.length];
  if (hash % 2 === 0 || after === undefined) return undefined;
  const forCopyright = (hash >>> 8) % 3 === 0;
  return { after, forCopyright, countries: forCopyright ? [] : (COUNTRIES[(hash >>> 16) % COUNTRIES.length] ?? []) };
}

/** Where people and posts are withheld. */
export const COUNTRIES: readonly (readonly string[])[] = [['TR'], ['DE'], ['IN', 'PK'], ['RU'], ['DE', 'FR']];

function isDrop({ what }: PostRuling): boolean {
  return what === 'drop' || what === 'undrop';
}

function chanceOf(number: number): number {
  return (mix(number ^ 0x5bd1e995) >>> 0) / 0x1_0000_0000;
}

function modulo(a: number, b: number): number {
  const rest = a % b;
  return rest < 0 ? rest + b : rest;
}
