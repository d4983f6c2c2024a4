import type { Side } from './operators.ts';
import type { WordOptions } from './words.ts';

/** How queries meet posts. The defaults of a side are the platform's, as far as it is documented. */
export interface QueryOptions extends WordOptions {
  readonly side: Side;
  /** Look into the post that a post quotes as well. */
  readonly matchQuoted: boolean;
  /** Words and phrases are found in reposts. Search stopped that on 2026-05-04. */
  readonly keywordsMatchReposts: boolean;
  /** Words and phrases are found in the full addresses of links, too. */
  readonly keywordsMatchLinks: boolean;
}

/** The platform's options for a side, with changes. Stream: accents count, quoted posts are looked into, reposts are found. */
export function queryOptions(side: Side, changes: Partial<Omit<QueryOptions, 'side'>> = {}): QueryOptions {
  const stream = side === 'stream';
  return {
    foldDiacritics: !stream,
    splitUnspacedScripts: true,
    matchQuoted: stream,
    keywordsMatchReposts: stream,
    keywordsMatchLinks: true,
    ...changes,
    side,
  };
}
