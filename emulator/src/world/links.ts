import type { Link } from './model.ts';

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const LENGTH = 10;
const PAGE_FACTOR = 1_048_573;
const PAGE_BASE = 62 ** 8;
/** Post numbers, which may be negative, are moved up by this. */
const POST_BASE = 2 ** 44;
const POST_FACTOR = 127;

const POST_KINDS = ['post', 'media', 'rest'] as const;

/** Ten letters and digits; the last says which family of links it is of. */
export function codeOfLink(link: Link): string {
  if (link.kind === 'page') return encode(link.key * PAGE_FACTOR + PAGE_BASE, LENGTH);
  const value = (link.number + POST_BASE) * POST_FACTOR + POST_KINDS.indexOf(link.kind);
  return `${encode(value, LENGTH - 1)}B`;
}

export function linkOfCode(code: string): Link | undefined {
  if (code.length !== LENGTH) return undefined;
  const isPost = code.endsWith('B');
  const value = decode(isPost ? code.slice(0, -1) : code);
  if (value === undefined) return undefined;
  if (!isPost) {
    const key = (value - PAGE_BASE) / PAGE_FACTOR;
    return Number.isInteger(key) && key >= 0 && key < 2 ** 32 ? { kind: 'page', key } : undefined;
  }
  const kind = POST_KINDS[value % POST_FACTOR];
  return kind && { kind, number: Math.floor(value / POST_FACTOR) - POST_BASE };
}

/** Where the page of a key is: nowhere, for no such host exists; with `host`, a page that the emulator itself serves there. */
export function pageAddress(key: number, host?: string): string {
  const page = key.toString(36);
  return host === undefined ? `https://news.example/${page}` : `http://${host}/_emulator/pages/${page}`;
}

function encode(value: number, length: number): string {
  let left = value;
  let code = '';
  for (let n = 0; n < length; n++) {
    code += DIGITS.charAt(left % 62);
    left = Math.floor(left / 62);
  }
  return code;
}

function decode(code: string): number | undefined {
  let value = 0;
  for (let n = code.length - 1; n >= 0; n--) {
    const digit = DIGITS.indexOf(code.charAt(n));
    if (digit < 0) return undefined;
    value = value * 62 + digit;
  }
  return Number.isSafeInteger(value) ? value : undefined;
}
