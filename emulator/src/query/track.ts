import type { QueryPost } from './query-post.ts';

/** The terms of one phrase: all must occur, in any order. */
export type TrackPhrase = readonly string[];

const FRONT = /^[^\p{L}\p{M}\p{N}@#]+/u;
const LETTER = /[\p{L}\p{M}\p{N}]/u;
const RUNS = /[\p{L}\p{M}\p{N}_]+/gu;

/** A phrase's terms, as they must be found: lower case, cut at spaces only, punctuation kept. */
export function trackPhrase(phrase: string): TrackPhrase {
  return phrase.toLowerCase().split(/\s+/).filter(Boolean);
}

/**
 * Everything in a post that a term of `track` can equal. A post's words count with their punctuation, without that at their
 * edges, and cut at it, so that `hello` finds `hello.`, `example com` finds `www.example.com/page`, `twitter's` finds `Twitter's`
 * but not `@Twitter's`. Tags and names count with and without their sign, links in full, without protocol, and without `www.`.
 * Texts without spaces stay whole, as on the platform. A repost counts with what it reposts.
 */
export function trackTerms(post: QueryPost): ReadonlySet<string> {
  const terms = new Set<string>();
  for (const part of post.repostOf === undefined ? [post] : [post, post.repostOf]) {
    for (const word of part.text.toLowerCase().split(/\s+/)) addWord(terms, word);
    for (const tag of part.hashtags) addName(terms, '#', tag);
    for (const { handle } of part.mentions) addName(terms, '@', handle);
    for (const { expandedUrl } of [...part.links, ...part.media]) addAddress(terms, expandedUrl.toLowerCase());
  }
  terms.delete('');
  return terms;
}

function addWord(terms: Set<string>, word: string): void {
  terms.add(word);
  terms.add(withoutEdges(word));
  addRuns(terms, word);
}

/** A loop, for a pattern anchored at the end would take quadratic time on a text of nothing but dots. */
function withoutEdges(word: string): string {
  let end = word.length;
  while (end > 0 && !LETTER.test(lastCharacter(word, end))) end -= lastCharacter(word, end).length;
  return word.slice(0, end).replace(FRONT, '');
}

function lastCharacter(text: string, end: number): string {
  const pair = text.slice(Math.max(0, end - 2), end);
  return pair.length === 2 && (pair.codePointAt(0) ?? 0) > 0xffff ? pair : text.slice(end - 1, end);
}

function addName(terms: Set<string>, sign: string, name: string): void {
  const lower = name.toLowerCase();
  terms.add(lower);
  terms.add(sign + lower);
}

function addAddress(terms: Set<string>, address: string): void {
  const bare = address.replace(/^https?:\/\//, '').replace(/\/$/, '');
  terms.add(address);
  terms.add(bare);
  terms.add(bare.replace(/^www\./, ''));
  addRuns(terms, bare);
}

function addRuns(terms: Set<string>, text: string): void {
  for (const run of text.match(RUNS) ?? []) terms.add(run);
}
