/*
 * Text is cut at punctuation, symbols and separators: `coca-cola` is two words. An emoji is a word (with its skin tone and joiners,
 * without its variation selector). Scripts that write without spaces give a word per character, so that a keyword in them is found
 * as a run of neighbours, that is, anywhere in a sentence.
 */
const UNSPACED = '[\\p{sc=Han}\\p{sc=Hiragana}\\p{sc=Katakana}\\p{sc=Thai}\\p{sc=Lao}\\p{sc=Khmer}\\p{sc=Myanmar}ー々]';
const LETTERS = '[\\p{L}\\p{M}\\p{N}]';
const EMOJI =
  '\\p{Regional_Indicator}{2}|[\\p{Extended_Pictographic}--[\\x00-\\xff]][\\u{1f3fb}-\\u{1f3ff}]?(?:\\u200d[\\p{Extended_Pictographic}--[\\x00-\\xff]][\\u{1f3fb}-\\u{1f3ff}]?)*';
/** Most words even of mixed texts; tried first because looking up large sets of characters is slow. */
const PLAIN = `[a-z0-9]+(?!${LETTERS})`;
const WORDS = new RegExp(`${PLAIN}|[${LETTERS}--${UNSPACED}]+|${UNSPACED}|${EMOJI}`, 'gv');
const WORDS_ALL_SPACED = new RegExp(`${PLAIN}|${LETTERS}+|${EMOJI}`, 'gv');
const ASCII_WORDS = /[a-z0-9]+/g;
const ASCII = /^\p{ASCII}*$/u;
const NO_WORDS: readonly string[] = [];

export interface WordOptions {
  /** Compare without accents: `diacrítica` is `diacritica`. */
  readonly foldDiacritics: boolean;
  /** One word per character in Chinese, Japanese, Thai, Lao, Khmer and Burmese, instead of one per run. */
  readonly splitUnspacedScripts: boolean;
}

/** The words of a text, lower case, in their order. Linear in its length. */
export function wordsOf(text: string, options: WordOptions): readonly string[] {
  const folded = fold(text, options);
  if (ASCII.test(folded)) return folded.match(ASCII_WORDS) ?? NO_WORDS;
  return folded.match(options.splitUnspacedScripts ? WORDS : WORDS_ALL_SPACED) ?? NO_WORDS;
}

/** How names and texts are compared: lower case, composed, without variation selectors; perhaps without accents. */
export function fold(text: string, { foldDiacritics }: Pick<WordOptions, 'foldDiacritics'>): string {
  const lower = text.toLowerCase();
  if (ASCII.test(lower)) return lower;
  const plain = lower.replaceAll('\ufe0f', '');
  // Only the accents of Latin, Greek and Cyrillic: in other scripts a mark is part of the letter.
  return foldDiacritics
    ? plain
        .normalize('NFD')
        .replace(/[\u0300-\u036f]+/g, '')
        .normalize('NFC')
    : plain.normalize('NFC');
}

/** Words so common that a query can't consist of them. The platform publishes no list; this is the usual English one. */
export const STOP_WORDS: ReadonlySet<string> = new Set(
  (
    'a an and are as at be but by for i if in into is it no not of on or s such t that the their then there these they this to was ' +
    'will with you'
  ).split(' '),
);
