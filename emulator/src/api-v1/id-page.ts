import { invalidParameter, Refused } from './errors.ts';
import { exactNumber } from './exact-number.ts';
import type { LegacyCall } from './endpoint.ts';
import type { Follow, FollowRange } from '../world/model.ts';

/** Cursors look like the platform's: numbers of 19 digits, none of them round, that grow with the position in the list. */
const BASE = 1_200_000_000_000_000_000n;
const STEP = 65_536n;
const ODD = 40_503n;

/** Keys at the end of every answer that is a page. */
export interface PageKeys {
  readonly next_cursor: unknown;
  readonly next_cursor_str: string;
  readonly previous_cursor: unknown;
  readonly previous_cursor_str: string;
  readonly total_count: null;
}

/** -1: the first page; above 0: below that position; below -1: the page above that position, next to it. */
type Cursor = { readonly kind: 'first' } | { readonly kind: 'next' | 'previous'; readonly position: number };

/** A page of followers or of accounts followed: anchored at positions, so that new follows move nothing. */
export function followPage(
  call: LegacyCall,
  most: number,
  list: (range: FollowRange) => Iterable<Follow>,
): { readonly follows: readonly Follow[]; readonly keys: PageKeys } {
  const cursor = cursorOf(call);
  if (cursor === 'end') return { follows: [], keys: onePage() };
  const follows = cursor.kind === 'previous' ? pageAbove(list, cursor.position, most) : pageBelow(list, cursor, most);
  const first = follows.at(0);
  const last = follows.at(-1);
  // One look beyond each end says whether there is more.
  const hasNext = last !== undefined && hasAny(list({ before: last.position }));
  const hasPrevious = cursor.kind !== 'first' && first !== undefined && hasAny(list({ after: first.position }));
  const next = hasNext ? encode(last.position) : 0n;
  const previous = hasPrevious ? -encode(first.position) : 0n;
  return { follows, keys: pageKeys(next, previous) };
}

/** The keys of a list that is one page. */
export function onePage(): PageKeys {
  return pageKeys(0n, 0n);
}

function pageKeys(next: bigint, previous: bigint): PageKeys {
  return {
    next_cursor: exactNumber(String(next)),
    next_cursor_str: String(next),
    previous_cursor: exactNumber(String(previous)),
    previous_cursor_str: String(previous),
    total_count: null,
  };
}

function pageBelow(list: (range: FollowRange) => Iterable<Follow>, cursor: Cursor, most: number): Follow[] {
  const range = cursor.kind === 'first' ? {} : { before: cursor.position };
  return [...Iterator.from(list(range)).take(most)];
}

/** Lists come newest first, so the page next to the position is the end of a stretch that is wide enough. */
function pageAbove(list: (range: FollowRange) => Iterable<Follow>, position: number, most: number): Follow[] {
  for (let room = 2 * most; ; room *= 4) {
    const before = position + 1 + room;
    const above = [...list({ after: position, before })];
    if (above.length >= most || !hasAny(list({ after: before - 1 }))) return above.slice(-most);
  }
}

function hasAny(follows: Iterable<Follow>): boolean {
  return Iterator.from(follows).next().done !== true;
}

function cursorOf({ parameters }: LegacyCall): Cursor | 'end' {
  const text = parameters.text('cursor') ?? '-1';
  if (text === '-1') return { kind: 'first' };
  // The end of the list was told with 0; clients that ask on get nothing.
  if (text === '0') return 'end';
  if (!/^-?\d{1,19}$/.test(text)) throw new Refused(invalidParameter('cursor'));
  const value = BigInt(text);
  return { kind: value < 0n ? 'previous' : 'next', position: decode(value < 0n ? -value : value) };
}

function encode(position: number): bigint {
  const steps = BigInt(position);
  return BASE + steps * STEP + ((steps * ODD) % STEP);
}

/** Any number is a bound, as on the platform: also one that a client has rounded. */
function decode(value: bigint): number {
  return value < BASE ? 0 : Number((value - BASE) / STEP);
}
