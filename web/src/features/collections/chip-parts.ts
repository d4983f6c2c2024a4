/** Quotes as people and their phones write them; `parseWords` of the server takes the same. */
const QUOTE = /["“”„‟«»＂]/u;

/**
 * What is typed or pasted, parted at `separator`. With `keepsQuotes` not within quotes, which end with their line at the latest. One part more than
 * separators, empty ones too.
 */
export function chipParts(text: string, separator: RegExp, keepsQuotes = false): string[] {
  const parts: string[] = [];
  let part = '';
  let isQuoted = false;
  for (const letter of text) {
    if (letter === '\n') isQuoted = false;
    else if (keepsQuotes && QUOTE.test(letter)) isQuoted = !isQuoted;
    if (isQuoted || !separator.test(letter)) part += letter;
    else {
      parts.push(part);
      part = '';
    }
  }
  return [...parts, part];
}
