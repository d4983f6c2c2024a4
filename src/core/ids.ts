declare const postId: unique symbol;
declare const accountId: unique symbol;

/** A platform's id of a post, as text; X ids exceed 2^53 and must never become a number. */
export type PostId = string & { readonly [postId]: true };
/** A platform's id of an account, as text. */
export type AccountId = string & { readonly [accountId]: true };

export type Platform = 'x';

const DIGITS = /^[0-9]{1,20}$/;
/** X never writes leading zeros, and two posts must not differ by them alone. */
const POST_ID = /^(?:0|[1-9][0-9]{0,19})$/;

/** X's ids are 1 to 20 decimal digits without leading zeros. Returns undefined for anything else, numbers included. */
export function parsePostId(value: unknown): PostId | undefined {
  return typeof value === 'string' && POST_ID.test(value) ? (value as PostId) : undefined;
}

/** 1 to 20 decimal digits, for accounts. */
export function parseAccountId(value: unknown): AccountId | undefined {
  return typeof value === 'string' && DIGITS.test(value) ? (value as AccountId) : undefined;
}

/** Orders decimal ids by their value without reading them as numbers: the longer is greater, then text order. */
export function compareIds(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : a > b ? 1 : 0;
}
