/** Which post a parsed payload is, as far as its ids can be trusted one by one. */
import { parsePostId } from '../../core/ids.ts';
import { contradiction, isNumberText } from './damaged-ids.ts';

export type Json = Record<string, unknown>;

/**
 * `sound`: by its own look; what the file's other ids say comes later. `mended`: its `id` was rounded, `id_str` has it whole. `damaged`: the id
 * cannot be told. `other`: no post at all.
 */
export type Identity =
  | { kind: 'sound'; id: string; mended: boolean }
  | { kind: 'damaged'; id: string; reason: string }
  | { kind: 'other'; what: string };

/** Ids beside the post's own; each may have a twin that ends in `_str`, which is text. */
const OTHER_IDS = ['author_id', 'conversation_id', 'in_reply_to_user_id', 'in_reply_to_status_id', 'quoted_status_id'];

/** `text`: what was parsed, to find out how a number was written. */
export function identityOf(post: Json, text: string): Identity {
  if (!isPost(post)) return { kind: 'other', what: whatElse(post) };
  const written = post.id_str ?? post.id;
  const id = parsePostId(written);
  if (id === undefined) return { kind: 'damaged', id: shown(written, text), reason: whyNoId(written, post) };
  const reason = mismatch(post, id) ?? contradiction(id, postedAt(post)) ?? otherDamage(post);
  if (reason !== undefined) return { kind: 'damaged', id, reason };
  return { kind: 'sound', id, mended: typeof post.id === 'number' && !isWrittenSo(text, id) };
}

/** Everything that has a text; accounts, counts, deletions and notices have none. */
function isPost(value: Json): boolean {
  if (value.id === undefined && value.id_str === undefined) return false;
  return typeof value.text === 'string' || typeof value.full_text === 'string';
}

function whatElse(value: Json): string {
  if (value.username !== undefined || value.screen_name !== undefined) return 'an account';
  if (value.tweet_count !== undefined || value.post_count !== undefined) return 'a count';
  return `no post (${Object.keys(value).slice(0, 3).join(', ') || 'empty'})`;
}

function whyNoId(written: unknown, { id_str: text }: Json): string {
  if (typeof written === 'number') {
    if (Number.isSafeInteger(written)) return 'the id is a number and there is no id_str';
    return 'the id is a number beyond 2^53 and there is no id_str that has it whole';
  }
  const name = text === undefined ? 'id' : 'id_str';
  if (typeof written === 'string' && isNumberText(written)) return `the ${name} has been a number`;
  return `the ${name} is not 1 to 20 digits`;
}

/** A rounded `id` is as good as none beside `id_str`; another post's is not. */
function mismatch({ id, id_str: text }: Json, postId: string): string | undefined {
  if (text === undefined || id === undefined) return undefined;
  if (typeof id === 'string' && isNumberText(id)) return undefined;
  if (typeof id !== 'number') return id === postId ? undefined : 'id and id_str name different posts';
  // Fifteen digits are what a rounding keeps at least.
  const apart = Math.abs(id - Number(postId));
  return apart <= Number(postId) * 1e-14 ? undefined : 'id and id_str name different posts';
}

function otherDamage(post: Json): string | undefined {
  for (const name of OTHER_IDS) {
    const twin = post[`${name}_str`];
    const value = twin ?? post[name];
    if (typeof value === 'string' && isNumberText(value)) return `${name} has been a number`;
    if (typeof value === 'number' && !Number.isSafeInteger(value)) return `${name} is a number beyond 2^53`;
  }
  return undefined;
}

function postedAt({ created_at: at }: Json): number | undefined {
  return typeof at === 'string' ? Date.parse(at) : undefined;
}

function isWrittenSo(text: string, id: string): boolean {
  return text.includes(`:${id}`) || text.includes(`: ${id}`);
}

/** An id as it stands in the file, where a number in memory has other digits. */
function shown(written: unknown, text: string): string {
  if (typeof written !== 'number') return typeof written === 'string' ? written.slice(0, 40) : String(written);
  const found = [...text.matchAll(/"id"\s*:\s*([\d.eE+-]+)/g)].find((match) => Number(match[1]) === written);
  return found?.[1] ?? String(written);
}
