import { EMOJI, type Language } from './languages.ts';
import type { Random } from './random.ts';

/** A piece of a post's body. Text is as its writer typed it: no escapes, no shortened links. */
export type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'tag'; readonly tag: string }
  | { readonly kind: 'cashtag'; readonly symbol: string }
  | { readonly kind: 'mention'; readonly account: number }
  | { readonly kind: 'link'; readonly key: number };

/** Bodies that have broken somebody's reader before. */
const ODD_BODIES: readonly string[] = [
  'NA',
  'null',
  'nan',
  '"',
  'back\\slash \\n and "quotes"',
  '=SUM(1;2)',
  'line\u2028separator',
  'tab\there',
  'a\u0301 combining, \u200fright\u200e mark',
  '{"data":{"id":"1"}}',
  '<b>not</b> & never </b>',
];

const SYMBOLS: readonly string[] = ['BTC', 'ETH', 'TSLA', 'AAPL', 'GME', 'NVDA', 'DOGE', 'BRK.B'];

/** What bodies in any language can hold, beside emoji. */
export const WORDS_OF_ALL: readonly string[] = [...ODD_BODIES, ...SYMBOLS];

/** Writes a body of about `maxChars` characters at most (links and tags may go beyond). */
export function writeBody(random: Random, language: Language, maxChars: number): Piece[] {
  if (random.chance(0.003)) return [{ kind: 'text', text: random.pick(ODD_BODIES) }];
  const pieces: Piece[] = [];
  if (language.words.length === 0) {
    pieces.push({ kind: 'text', text: emojiRun(random) });
  } else {
    pieces.push({ kind: 'text', text: sentence(random, language, maxChars) });
    if (random.chance(0.25)) pieces.push({ kind: 'text', text: ` ${emojiRun(random)}` });
    if (random.chance(0.15)) addTags(pieces, random, language);
    if (random.chance(0.01)) {
      pieces.push({ kind: 'text', text: ' ' }, { kind: 'cashtag', symbol: random.pick(SYMBOLS) });
    }
  }
  if (random.chance(0.3) || language.code === 'qme') {
    pieces.push({ kind: 'text', text: ' ' }, { kind: 'link', key: random.u32() });
  }
  return pieces;
}

/** Accounts addressed at the front of a reply. */
export function addressees(...accounts: readonly number[]): Piece[] {
  return accounts.flatMap((account): Piece[] => [
    { kind: 'mention', account },
    { kind: 'text', text: ' ' },
  ]);
}

function sentence(random: Random, language: Language, maxChars: number): string {
  const uniform = random.float();
  // Where more room is given, it is used.
  const words = maxChars > 280 ? maxChars : 3 + Math.floor(uniform * uniform * 62);
  const breaks = random.chance(0.17);
  const { spaced } = language;
  let text = '';
  for (let n = 0; n < words && text.length < maxChars; n++) {
    // Squared: common words come first in the lists, and often.
    let word = language.words[Math.floor(random.float() ** 2 * language.words.length)] ?? '';
    if (n === 0) word = word.charAt(0).toUpperCase() + word.slice(1);
    else if (breaks && random.chance(0.12)) text += random.chance(0.6) ? '\n' : '\n\n';
    else if (spaced) text += ' ';
    else if (random.chance(0.1)) text += '、';
    text += word;
    if (spaced && random.chance(0.09)) text += random.pick(MARKS);
  }
  return random.chance(0.05) ? `"${text}"` : text;
}

const MARKS: readonly string[] = [',', '.', '!', '?', '...', ' &', ' <3', ';'];

function emojiRun(random: Random): string {
  return random.pick(EMOJI).repeat(1 + random.below(3));
}

function addTags(pieces: Piece[], random: Random, language: Language): void {
  for (let n = 1 + random.below(2); n > 0; n--) {
    pieces.push({ kind: 'text', text: ' ' }, { kind: 'tag', tag: random.pick(language.tags) });
  }
}
