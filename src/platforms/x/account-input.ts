/** What people write when they mean an account of X: a name, an address of its page, or its uid. */
export type AccountInput =
  | { kind: 'handle'; handle: string }
  | { kind: 'uid'; uid: string }
  | { kind: 'invalid'; why: string };

const HANDLE = /^[A-Za-z0-9_]{1,15}$/;
const UID = /^[0-9]{1,20}$/;
/** What becomes of long numbers in spreadsheets. */
const ROUNDED = /^[0-9]+(?:[.,][0-9]+)?E\+?[0-9]+$|^[0-9]+[.,][0-9]+$/i;
const HOSTS = /^(?:https?:\/\/)?(?:(?:www|mobile|m)\.)?(?:twitter|x)\.com\/(.*)$/i;
/** First parts of addresses that are pages of the platform, not of an account. */
const PAGES = new Set([
  'home',
  'explore',
  'search',
  'hashtag',
  'settings',
  'notifications',
  'messages',
  'login',
  'share',
  'tos',
  'privacy',
]);

/**
 * Digits alone are a uid, for that is how lists of uids look; a name of digits is written with `@`. Blanks around and a byte order mark are
 * left out.
 */
export function parseAccountInput(text: string): AccountInput {
  const input = text.replace(/^\uFEFF/, '').trim();
  if (input === '') return { kind: 'invalid', why: 'it is empty' };
  const address = HOSTS.exec(input)?.[1];
  if (address !== undefined) return ofAddress(address);
  if (UID.test(input)) return { kind: 'uid', uid: input };
  if (ROUNDED.test(input))
    return { kind: 'invalid', why: 'it is a uid that a spreadsheet has rounded: take it from the source' };
  if (/^https?:\/\//i.test(input)) return { kind: 'invalid', why: 'it is an address of another site' };
  return ofHandle(input.replace(/^[@＠]/, ''));
}

function ofAddress(address: string): AccountInput {
  const [path = '', query = ''] = address.split(/[?#]/, 2);
  const parts = path.split('/').filter((part) => part !== '');
  const [first = '', second = '', third = ''] = parts;
  if (first === 'i' && second === 'user' && UID.test(third)) return { kind: 'uid', uid: third };
  if (first === 'intent') {
    const parameters = new URLSearchParams(query);
    const uid = parameters.get('user_id');
    if (uid !== null && UID.test(uid)) return { kind: 'uid', uid };
    return ofHandle(parameters.get('screen_name') ?? '');
  }
  if (first === '' || first === 'i' || PAGES.has(first.toLowerCase()))
    return { kind: 'invalid', why: 'it is the address of no account' };
  return ofHandle(first.replace(/^@/, ''));
}

function ofHandle(handle: string): AccountInput {
  if (HANDLE.test(handle)) return { kind: 'handle', handle };
  if (/[\s,]/.test(handle)) return { kind: 'invalid', why: 'it is more than one word: write one account a line' };
  return { kind: 'invalid', why: 'a name has 1 to 15 letters, digits and underscores' };
}
