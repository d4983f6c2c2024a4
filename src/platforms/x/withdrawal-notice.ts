/** Notices of v1.1 streams that a post, or what an account shows, was taken back: `delete`, `scrub_geo`, `status_withheld`, `user_withheld`. */
import { parseExact } from '../../core/exact-json.ts';
import { parseAccountId, parsePostId } from '../../core/ids.ts';
import type { Withdrawal } from '../../core/withdrawal.ts';
import type { JsonObject } from '../read-adapter.ts';
import { object } from './json-values.ts';

/** Most control lines are something else, and need not be parsed once more. */
const MAYBE = /"(?:delete|scrub_geo|status_withheld|user_withheld)"/;

/** What a control line takes back; undefined when it is another message, or names nothing. Ids that are numbers keep their digits. */
export function withdrawalOf(line: string): Withdrawal | undefined {
  if (!MAYBE.test(line)) return undefined;
  const message = object(parseExact(line));
  const { delete: deleted, scrub_geo: places, status_withheld: post, user_withheld: account } = message;
  if (deleted !== undefined) return deletion(object(deleted));
  if (places !== undefined) return placesTaken(object(places));
  if (post !== undefined) return withheldPost(object(post));
  return account === undefined ? undefined : withheldAccount(object(account));
}

function deletion({ status, timestamp_ms: at }: JsonObject): Withdrawal | undefined {
  const { id_str: text, id } = object(status);
  const postId = parsePostId(text ?? asText(id));
  return postId === undefined ? undefined : { of: 'post', platform: 'x', postId, kind: 'deleted', ...instant(at) };
}

function placesTaken({
  user_id_str,
  user_id,
  up_to_status_id_str,
  up_to_status_id,
}: JsonObject): Withdrawal | undefined {
  const accountId = parseAccountId(user_id_str ?? asText(user_id));
  const upToPostId = parsePostId(up_to_status_id_str ?? asText(up_to_status_id));
  if (accountId === undefined || upToPostId === undefined) return undefined;
  return { of: 'account', platform: 'x', accountId, kind: 'places', upToPostId };
}

function withheldPost({
  id,
  id_str,
  withheld_in_countries: countries,
  timestamp_ms: at,
}: JsonObject): Withdrawal | undefined {
  const postId = parsePostId(id_str ?? asText(id));
  if (postId === undefined) return undefined;
  return { of: 'post', platform: 'x', postId, kind: 'withheld', countries: codes(countries), ...instant(at) };
}

function withheldAccount({ id, id_str, withheld_in_countries: countries, timestamp_ms: at }: JsonObject) {
  const accountId = parseAccountId(id_str ?? asText(id));
  if (accountId === undefined) return undefined;
  const kind = 'withheld' as const;
  return {
    of: 'account' as const,
    platform: 'x' as const,
    accountId,
    kind,
    countries: codes(countries),
    ...instant(at),
  };
}

/** A number as it stood in the line: one that a number could not hold is text already. */
function asText(id: unknown): unknown {
  return typeof id === 'number' ? String(id) : id;
}

function instant(at: unknown): { atMs: number } | undefined {
  return typeof at === 'string' && /^\d{12,14}$/.test(at) ? { atMs: Number(at) } : undefined;
}

/** Two letters each; whatever else stands there is no country. */
function codes(value: unknown): string[] {
  if (!Array.isArray(value)) return [];
  return value.filter((code): code is string => typeof code === 'string' && /^[A-Z]{2}$/.test(code)).toSorted();
}
