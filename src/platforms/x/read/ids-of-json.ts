/** Ids of posts or accounts out of one line of any known shape: a page, a stream's line, a flattened post, a status of v1.1, a frame, bare ids. */
import { parseExact } from '../../../core/exact-json.ts';
import { parseAccountId, parsePostId } from '../../../core/ids.ts';
import type { JsonObject } from '../../read-adapter.ts';
import { isObject } from '../json-values.ts';

export type IdKind = 'posts' | 'accounts';

/**
 * `ids`: in their order; `bare`: they stood alone, so that nothing is known of them but that somebody wrote them down. `damaged`: ids there
 * that were rounded or cut (`1.2E+18`, numbers that lost their digits before they were written): they are not given out.
 */
export type FoundIds = { ids: string[]; bare: boolean; damaged: number };

/** Reads a line; undefined when it is of no shape that holds ids. A blank line holds none. */
export function idsOfLine(line: string, kind: IdKind): FoundIds | undefined {
  const text = line.replace(/^\uFEFF/, '').trim();
  if (text === '') return { ids: [], bare: true, damaged: 0 };
  const bare = /^"?(\d{1,19})"?,?$/.exec(text);
  if (bare !== null) return { ids: [bare[1] as string], bare: true, damaged: 0 };
  if (DAMAGED.test(text)) return { ids: [], bare: true, damaged: 1 };
  let value: unknown;
  try {
    value = parseExact(text);
  } catch {
    return undefined;
  }
  const found: FoundIds = { ids: [], bare: false, damaged: 0 };
  return collect(value, kind, found) ? found : undefined;
}

/** What a spreadsheet makes of an id. */
const DAMAGED = /^"?\d+(?:[.,]\d+)?E\+\d+"?$/i;

function collect(value: unknown, kind: IdKind, found: FoundIds): boolean {
  if (Array.isArray(value)) return value.map((one) => collect(one, kind, found)).some(Boolean) || value.length === 0;
  if (!isObject(value)) return false;
  // A frame of a segment holds the payload as text, or as the value itself.
  if (value.payload !== undefined && value.endpoint !== undefined) return collectFrame(value.payload, kind, found);
  if (isObject(value.data)) return collectItem(value.data, kind, found);
  if (Array.isArray(value.data)) return collect(value.data, kind, found);
  if (Array.isArray(value.statuses)) return collect(value.statuses, kind, found);
  if (kind === 'accounts' && Array.isArray(value.users)) return collect(value.users, kind, found);
  if (kind === 'accounts' && Array.isArray(value.ids)) return collectIds(value.ids, found);
  if (isObject(value.id)) return collect(Object.values(value.id).filter(isObject), kind, found);
  if (value.id === undefined && value.id_str === undefined) return isPageWithoutItems(value);
  return collectItem(value, kind, found);
}

function collectFrame(payload: unknown, kind: IdKind, found: FoundIds): boolean {
  if (typeof payload !== 'string') return collect(payload, kind, found);
  try {
    return collect(parseExact(payload), kind, found);
  } catch {
    return true; // a malformed line that was captured as such: it holds no id, and that is known
  }
}

function collectItem(item: JsonObject, kind: IdKind, found: FoundIds): boolean {
  const isAccount = item.screen_name !== undefined || item.username !== undefined;
  if (kind === 'posts') return !isAccount && add(item.id_str ?? item.id, found);
  if (isAccount) return add(item.id_str ?? item.id, found);
  const user = isObject(item.user) ? item.user : undefined;
  return add(user === undefined ? item.author_id : (user.id_str ?? user.id), found);
}

function collectIds(ids: unknown[], found: FoundIds): boolean {
  return ids.map((id) => add(id, found)).every(Boolean);
}

function add(id: unknown, found: FoundIds): boolean {
  // A number beyond 2^53 arrives here as its digits; whether these were rounded before nobody can see, but for their zeros.
  const text = typeof id === 'number' && Number.isSafeInteger(id) ? String(id) : id;
  const parsed = parsePostId(text) ?? parseAccountId(text);
  if (parsed === undefined) {
    if (typeof id !== 'number' && typeof id !== 'string') return false;
    found.damaged++;
  } else found.ids.push(parsed);
  return true;
}

function isPageWithoutItems(value: JsonObject): boolean {
  return isObject(value.meta) || Array.isArray(value.errors);
}
