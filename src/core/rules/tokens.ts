/** Text as the platform's keyword search sees it: cut at punctuation, symbols and spaces, in small letters. */

const UNSPACED = '\\p{sc=Han}\\p{sc=Hiragana}\\p{sc=Katakana}\\p{sc=Thai}\\p{sc=Lao}\\p{sc=Khmer}\\p{sc=Myanmar}ー々';
const PICTURE = '[\\p{Extended_Pictographic}--[\\u0000-\\u00ff]][\\u{1f3fb}-\\u{1f3ff}]?';
/** An emoji is a word; so is each character of scripts that are written without spaces. */
const TOKEN = new RegExp(
  `[a-z0-9]+(?![\\p{L}\\p{M}\\p{N}])|[[\\p{L}\\p{M}\\p{N}]--[${UNSPACED}]]+|[${UNSPACED}]|\\p{RI}{2}|${PICTURE}(?:\\u200d${PICTURE})*`,
  'gv',
);

/** The words of a text in their order. `lenient`: without accents, for a second look. */
export function tokensOf(text: string, lenient = false): string[] {
  return folded(text, lenient).match(TOKEN) ?? [];
}

/** How names and tags are compared. */
export function folded(text: string, lenient = false): string {
  const lower = text.toLowerCase().replaceAll('\ufe0f', '');
  return lenient
    ? lower
        .normalize('NFD')
        .replace(/[\u0300-\u036f]+/g, '')
        .normalize('NFC')
    : lower.normalize('NFC');
}

/** Whether the words stand side by side, in this order. Never for none. */
export function holdsRun(text: readonly string[], words: readonly string[]): boolean {
  const [first] = words;
  if (first === undefined) return false;
  for (let at = text.indexOf(first); at >= 0; at = text.indexOf(first, at + 1)) {
    if (words.every((word, index) => text[at + index] === word)) return true;
  }
  return false;
}
