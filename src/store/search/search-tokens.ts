/**
 * What of a post can be searched for, as tokens: the same for what is stored and for what is asked. No database here.
 *
 * Words are folded: lower case, without accents, so that `Über` is found by `uber`. Scripts that put no spaces between words (Chinese, Japanese,
 * Thai, Lao, Khmer, Burmese) and Korean are cut into overlapping pairs of letters, so that any part of a text is found whatever a dictionary thinks
 * of it. Each emoji is a word.
 */

/** A word and its place in the text, counted from 1. Pairs of one text follow each other by one. */
export type Word = { token: string; position: number };

/** The most words of a post that are indexed: PostgreSQL counts places no further. */
export const MOST_WORDS = 16_000;
const LONGEST_WORD = 80;

/** Marks begin with a sign that no word begins with. */
export const MARKS = {
  hashtag: '#',
  mention: '@',
  /** The author's handle when it was captured. */
  handle: '~',
  account: '<',
  language: '=',
  collection: '+',
  kind: '!',
  has: '?',
  /** Of an address that a link leads to, and the domains above it. */
  host: '/',
  /** Three hexadecimal digits, evenly spread over posts: a sample of them. */
  sample: '%',
} as const;

/** Lower case without accents, vowel points and letter forms; of equal length neither in letters nor bytes. */
export function fold(text: string): string {
  return text
    .normalize('NFKD')
    .toLowerCase()
    .replace(DROPPED, '')
    .replace(REPLACED, (letter) => REPLACEMENTS[letter] ?? letter)
    .normalize('NFC');
}

/** Accents of Latin, Greek and Cyrillic, Hebrew and Arabic points, the Arabic stretching sign, joiners, soft hyphens, emoji styles and skins. */
const DROPPED =
  /[\u0300-\u036f\u0591-\u05bd\u05bf-\u05c7\u0610-\u061a\u064b-\u065f\u0670]|[\u0640\u00ad\u200b-\u200f]|[\ufe0e\ufe0f]|[\u{1f3fb}-\u{1f3ff}]/gu;
const REPLACEMENTS: Readonly<Record<string, string>> = {
  ...{ ß: 'ss', æ: 'ae', œ: 'oe', ø: 'o', ł: 'l', đ: 'd', ð: 'd', þ: 'th', ı: 'i', ς: 'σ' },
  ...{ '\u06cc': '\u064a', '\u0649': '\u064a', '\u06a9': '\u0643', '\u0629': '\u0647' },
};
const REPLACED = new RegExp(`[${Object.keys(REPLACEMENTS).join('')}]`, 'gu');

const WITHOUT_SPACES =
  '\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Hangul}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}\u30fc';
const RUN = new RegExp(
  `(?<address>https?://\\S+)|(?<dense>[${WITHOUT_SPACES}][${WITHOUT_SPACES}\\p{M}]*)|` +
    `(?<word>(?:(?![${WITHOUT_SPACES}])[\\p{L}\\p{N}\\p{M}_])+)|(?<emoji>\\p{Regional_Indicator}{2}|\\p{Extended_Pictographic})`,
  'gu',
);

/** The words of a text in their order. Addresses are left out: they are cut short in texts, and posts are found by where links lead otherwise. */
export function wordsOf(text: string): Word[] {
  const words: Word[] = [];
  for (const { groups } of fold(text).matchAll(RUN)) {
    if (words.length >= MOST_WORDS) break;
    const { dense, word, emoji } = groups ?? {};
    if (dense !== undefined) addPairs(words, Array.from(dense));
    else if (word !== undefined) words.push({ token: cut(word), position: words.length + 1 });
    else if (emoji !== undefined) words.push({ token: emoji, position: words.length + 1 });
  }
  return words;
}

/** Letters of a run as overlapping pairs; the last one alone, so that every letter begins a token. */
function addPairs(words: Word[], letters: string[]): void {
  for (let at = 0; at < letters.length && words.length < MOST_WORDS; at++)
    words.push({ token: `${letters[at]}${letters[at + 1] ?? ''}`, position: words.length + 1 });
}

/** Tags, handles and codes are of one piece whatever script they are of. */
export function markToken(mark: keyof typeof MARKS, value: string): string {
  return MARKS[mark] + cut(fold(value));
}

const HASHTAG =
  /(?<![\p{L}\p{N}_&/])[#\uff03]([\p{L}\p{N}\p{M}_\u30fb\u200c\u200d]*\p{L}[\p{L}\p{N}\p{M}_\u30fb\u200c\u200d]*)/gu;
const MENTION = /(?<![\p{L}\p{N}_@/])@([A-Za-z0-9_]{1,50})/gu;

/** The hashtags that stand in a text, without #, as written. */
export function hashtagsIn(text: string): string[] {
  return Array.from(text.matchAll(HASHTAG), ([, tag = '']) => tag);
}

/** The @names that stand in a text, without @, as written. */
export function mentionsIn(text: string): string[] {
  return Array.from(text.matchAll(MENTION), ([, handle = '']) => handle);
}

/** Three hexadecimal digits of an id: FNV-1a, for ids that follow each other must not fall on the same ones. */
export function sampleDigits(postId: string): string {
  let hash = 0x811c9dc5;
  for (let at = 0; at < postId.length; at++) hash = Math.imul(hash ^ postId.charCodeAt(at), 0x01000193);
  return ((hash ^ (hash >>> 15)) & 0xfff).toString(16).padStart(3, '0');
}

/** A token as PostgreSQL reads it in a tsvector or tsquery. */
export function quoteToken(token: string): string {
  return `'${token.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}

/** A tsvector's text: each word with its places, marks without. */
export function vectorText(words: readonly Word[], marks: Iterable<string>): string {
  const positions = new Map<string, number[]>();
  for (const { token, position } of words) {
    const known = positions.get(token);
    if (known === undefined) positions.set(token, [position]);
    else if (known.length < MOST_PLACES) known.push(position);
  }
  const parts: string[] = [];
  for (const [token, places] of positions) parts.push(`${quoteToken(token)}:${places.join(',')}`);
  for (const mark of new Set(marks)) parts.push(quoteToken(mark));
  return parts.join(' ');
}

/** PostgreSQL keeps no more places of one word. */
const MOST_PLACES = 255;

function cut(word: string): string {
  return word.length <= LONGEST_WORD ? word : Array.from(word).slice(0, LONGEST_WORD).join('');
}
