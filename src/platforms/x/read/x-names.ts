/** What people write for an account or a post: `@name`, a name, an id, an address of X. */
import { type AccountId, parseAccountId, parsePostId, type PostId } from '../../../core/ids.ts';

const HANDLE = /^[A-Za-z0-9_]{1,15}$/;
const HOST = /^(?:https?:\/\/)?(?:www\.|mobile\.|m\.)?(?:twitter|x)\.com\//i;

/** Undefined when it is neither. Digits alone are an id unless `digitsAreHandles` says otherwise; `@123` is always a handle. */
export function readAccountName(
  text: string,
  { digitsAreHandles = false }: { digitsAreHandles?: boolean } = {},
): { id: AccountId } | { handle: string } | undefined {
  const trimmed = text.replace(/^\uFEFF/, '').trim();
  const isAddress = HOST.test(trimmed);
  const path = trimmed.replace(HOST, '').split(/[?#]/, 1)[0] ?? '';
  const byId = isAddress ? /^(?:i\/user|intent\/user\/?)\/?(\d{1,19})\/?$/.exec(path)?.[1] : undefined;
  if (byId !== undefined) return { id: byId as AccountId };
  const name = isAddress ? (path.split('/')[0] ?? '') : trimmed;
  const id = !isAddress && !digitsAreHandles && /^\d{1,19}$/.test(name) ? parseAccountId(name) : undefined;
  if (id !== undefined) return { id };
  const handle = name.replace(/^@/, '');
  return HANDLE.test(handle) ? { handle } : undefined;
}

/** A post by its id or its address. */
export function readPostName(text: string): PostId | undefined {
  const trimmed = text.trim();
  return parsePostId(HOST.test(trimmed) ? /\/status(?:es)?\/(\d{1,19})/.exec(trimmed)?.[1] : trimmed);
}
