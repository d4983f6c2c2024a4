/** What is too common to be asked for alone. */
import { tokensOf } from './tokens.ts';

/** Whether a word or a phrase has nothing but stop words, so that the platform refuses it as the whole of a rule. */
export function isTooCommon(text: string): boolean {
  const words = tokensOf(text, true);
  return words.length > 0 && words.every((word) => STOP_WORDS.has(word));
}

/** The platform publishes no list; these are the usual ones of English. */
const STOP_WORDS: ReadonlySet<string> = new Set(
  [
    'a an and are as at be but by for i if in into is it no not of on or s such t that the their then there these they',
    'this to was will with you',
  ]
    .join(' ')
    .split(' '),
);
