/** A line of words: a space is AND, a comma is OR. */
import { isPlainWord, quoteText } from './grammar.ts';
import { isTooCommon } from './stop-words.ts';

/** One thing that must (or, negated, must not) be in a post. `text` without sign and quotes. */
export type Term = {
  kind: 'word' | 'phrase' | 'hashtag' | 'mention' | 'cashtag';
  text: string;
  isNegated: boolean;
};

/** All terms of an alternative must hold; `written` is what the person typed. */
export type Alternative = { terms: Term[]; written: string };

/**
 * The alternatives of a line. Line breaks count as spaces, typographic quotes as plain ones; empty alternatives are dropped. Each problem
 * is a sentence for the person.
 */
export function parseWords(line: string): { alternatives: Alternative[]; problems: string[] } {
  const text = line.replace(/[\r\n\t]+/g, ' ').replace(/[“”„‟«»＂]/g, '"');
  const problems: string[] = [];
  const alternatives: Alternative[] = [];
  for (const written of splitOutsideQuotes(text)) {
    if ((written.match(/"/g)?.length ?? 0) % 2 === 1) {
      problems.push(`A quotation mark is not closed in "${written}".`);
      continue;
    }
    const terms = termsOf(written, problems);
    if (terms.length === 0) continue;
    if (terms.every(({ isNegated }) => isNegated))
      problems.push(`"${written}" only excludes. Say first what the posts shall contain.`);
    else if (terms.every((term) => term.isNegated || isStopWord(term)))
      problems.push(`"${written}" is too common a word to be asked for alone.`);
    else alternatives.push({ terms, written });
  }
  return { alternatives, problems };
}

/** A term in the platform's grammar, quoted where it would mean something else unquoted. */
export function termText({ kind, text, isNegated }: Term): string {
  const sign = isNegated ? '-' : '';
  if (kind === 'hashtag') return `${sign}#${text}`;
  if (kind === 'mention') return `${sign}@${text}`;
  if (kind === 'cashtag') return `${sign}$${text}`;
  return sign + (kind === 'word' && isPlainWord(text) ? text : quoteText(text));
}

function splitOutsideQuotes(text: string): string[] {
  const parts: string[] = [];
  let part = '';
  let quoted = false;
  for (const char of text) {
    if (char === '"') quoted = !quoted;
    if (char === ',' && !quoted) {
      parts.push(part);
      part = '';
    } else part += char;
  }
  return [...parts, part].map((each) => each.trim()).filter((each) => each !== '');
}

function termsOf(written: string, problems: string[]): Term[] {
  const terms: Term[] = [];
  for (const [, minus, quoted, bare] of written.matchAll(/(-?)(?:"([^"]*)"|([^\s"]+))/g)) {
    const isNegated = minus === '-';
    const text = (quoted ?? bare ?? '').trim().replace(/\s+/g, ' ');
    const term = quoted === undefined ? bareTerm(text, problems) : phrase(text, problems);
    if (term !== undefined) terms.push({ ...term, isNegated });
  }
  return terms;
}

function phrase(text: string, problems: string[]): Omit<Term, 'isNegated'> | undefined {
  if (!HAS_SUBSTANCE.test(text)) {
    if (text !== '') problems.push(`"${text}" has no letter, digit or emoji that could be found.`);
    return undefined;
  }
  return { kind: 'phrase', text };
}

function bareTerm(text: string, problems: string[]): Omit<Term, 'isNegated'> | undefined {
  if (text === '' || text === '-') return undefined;
  const [, sign = '', rest = ''] = /^([#＃@$])(.*)$/su.exec(text) ?? [];
  if (sign === '#' || sign === '＃') {
    if (/^[\p{L}\p{M}\p{N}_·]+$/u.test(rest) && /[\p{L}\p{M}_]/u.test(rest)) return { kind: 'hashtag', text: rest };
    problems.push(`"${text}" is not a hashtag: letters, digits and _ only, and not digits alone.`);
    return undefined;
  }
  if (sign === '@') {
    if (/^[A-Za-z0-9_]{1,15}$/.test(rest)) return { kind: 'mention', text: rest };
    problems.push(`"${text}" is not a name on the platform: letters, digits and _ only, at most 15.`);
    return undefined;
  }
  if (sign === '$') {
    if (/^[A-Za-z]{1,6}(?:[._][A-Za-z]{1,2})?$/.test(rest)) return { kind: 'cashtag', text: rest };
    if (/^[A-Za-z]/.test(rest)) {
      problems.push(`"${text}" is not a cashtag: one to six letters.`);
      return undefined;
    }
  }
  if (HAS_SUBSTANCE.test(text)) return { kind: 'word', text };
  problems.push(`"${text}" has no letter, digit or emoji that could be found.`);
  return undefined;
}

const HAS_SUBSTANCE = /[\p{L}\p{N}\p{Extended_Pictographic}\p{Regional_Indicator}]/u;

function isStopWord({ kind, text }: Term): boolean {
  return (kind === 'word' || kind === 'phrase') && isTooCommon(text);
}
