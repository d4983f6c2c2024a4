import { createHmac } from 'node:crypto';
import { invalidRequest, type Problem } from './problems.ts';
import { wrong } from './parameters.ts';
import type { PostTime } from '../world/model.ts';

/** Where a page of posts begins: beside an anchor, in one of two directions. What is made later doesn't move it. */
export interface PostAnchor extends PostTime {
  readonly direction: 'next' | 'previous';
  /** How many posts were walked past before this page, for horizons; 0 .. 2^31-1. */
  readonly seen: number;
}

/** Where a page of follows begins: beside a position, in one of two directions. */
export interface FollowAnchor {
  readonly direction: 'next' | 'previous';
  /** 0 .. 2^38-1 */
  readonly position: number;
}

/** How tokens of a list of posts look: these letters first, 45 in all. */
export const TIMELINE_TOKENS = '7140dibdnow9';
export const SEARCH_TOKENS = 'b26v89c19zqg';

const CHECK_BITS = 72n;
const POST_BITS = 98n;
const POST_DIGITS = 33;
const FOLLOW_CHECK_BITS = 25n;
const FOLLOW_BITS = 39n;
const FOLLOW_DIGITS = 13;
const FOLLOW_END = 'ZZZ';
const DIGITS = '0123456789abcdefghijklmnopqrstuvwxyz';

/**
 * Makes and reads tokens that say nothing to their bearer: place and check sum, the place masked by the check sum. A token
 * of another emulator seed, of another purpose, or with any character changed is not read.
 */
export class PageTokens {
  readonly #seed: number;

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** @param prefix TIMELINE_TOKENS or SEARCH_TOKENS; @param purpose what it pages through: a token is good for nothing else */
  ofPosts(prefix: string, purpose: string, { direction, at, slot, seen }: PostAnchor): string {
    // Slots begin at -1.
    const place = (((BigInt(at) << 23n) | BigInt(slot + 1)) << 32n) | (BigInt(seen) << 1n) | flagOf(direction);
    return (
      prefix + this.#seal(place, POST_BITS, CHECK_BITS, `${prefix} ${purpose}`).toString(36).padStart(POST_DIGITS, '0')
    );
  }

  /** Undefined for what `ofPosts` didn't make. */
  readPosts(prefix: string, purpose: string, token: string): PostAnchor | undefined {
    const value = token.startsWith(prefix) ? digitsOf(token.slice(prefix.length), 36, POST_DIGITS) : undefined;
    const place = value === undefined ? undefined : this.#open(value, POST_BITS, CHECK_BITS, `${prefix} ${purpose}`);
    if (place === undefined) return undefined;
    return {
      direction: directionOf(place),
      seen: Number((place >> 1n) & 0x7fff_ffffn),
      slot: Number((place >> 32n) & 0x7f_ffffn) - 1,
      at: Number(place >> 55n),
    };
  }

  ofFollows(purpose: string, { direction, position }: FollowAnchor): string {
    const place = (BigInt(position) << 1n) | flagOf(direction);
    const sealed = this.#seal(place, FOLLOW_BITS, FOLLOW_CHECK_BITS, purpose);
    return sealed.toString(32).toUpperCase().padStart(FOLLOW_DIGITS, '0') + FOLLOW_END;
  }

  readFollows(purpose: string, token: string): FollowAnchor | undefined {
    if (!token.endsWith(FOLLOW_END) || token !== token.toUpperCase()) return undefined;
    const value = digitsOf(token.slice(0, -FOLLOW_END.length).toLowerCase(), 32, FOLLOW_DIGITS);
    const place = value === undefined ? undefined : this.#open(value, FOLLOW_BITS, FOLLOW_CHECK_BITS, purpose);
    return place === undefined ? undefined : { direction: directionOf(place), position: Number(place >> 1n) };
  }

  #seal(place: bigint, bits: bigint, checkBits: bigint, purpose: string): bigint {
    const check = this.#digest(`check ${purpose} ${place}`, checkBits);
    return (check << bits) | (place ^ this.#digest(`mask ${purpose} ${check}`, bits));
  }

  #open(value: bigint, bits: bigint, checkBits: bigint, purpose: string): bigint | undefined {
    const check = value >> bits;
    const place = BigInt.asUintN(Number(bits), value) ^ this.#digest(`mask ${purpose} ${check}`, bits);
    return check === this.#digest(`check ${purpose} ${place}`, checkBits) ? place : undefined;
  }

  #digest(text: string, bits: bigint): bigint {
    const digest = createHmac('sha256', `pages of ${this.#seed}`).update(text).digest('hex');
    return BigInt(`0x${digest}`) >> (256n - bits);
  }
}

/** The platform's 400 for a token that it didn't make. */
export function brokenToken(parameter: string, token: string): Problem {
  return invalidRequest([wrong(parameter, [token], token, 'is not a valid token')]);
}

function flagOf(direction: PostAnchor['direction']): bigint {
  return direction === 'next' ? 0n : 1n;
}

function directionOf(place: bigint): PostAnchor['direction'] {
  return (place & 1n) === 0n ? 'next' : 'previous';
}

function digitsOf(text: string, base: number, count: number): bigint | undefined {
  if (text.length !== count) return undefined;
  let value = 0n;
  for (const digit of text) {
    const worth = DIGITS.indexOf(digit);
    if (worth < 0 || worth >= base) return undefined;
    value = value * BigInt(base) + BigInt(worth);
  }
  return value;
}
