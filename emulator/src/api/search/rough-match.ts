import { clausesOf, type QueryNode } from '../../query/ast.ts';
import type { QueryOptions } from '../../query/query-options.ts';
import type { QueryPost } from '../../query/query-post.ts';
import { fold, wordsOf } from '../../query/words.ts';

type Rough = (texts: readonly string[]) => boolean;

/**
 * A test that lets through all that a query can match, and little else: whether the letters of its words occur at all.
 * Far cheaper than cutting every post into words. Undefined when the query demands no words.
 */
export function roughMatch(root: QueryNode, options: QueryOptions): ((post: QueryPost) => boolean) | undefined {
  const hasWords = [...clausesOf(root)].some(({ negated, term }) => !negated && isWords(term.kind));
  if (!hasWords) return undefined;
  const test = build(root, options);
  return (post) => test(textsOf(post, options));
}

function build(node: QueryNode, options: QueryOptions): Rough {
  if (node.kind === 'clause') {
    const { negated, term } = node;
    if (negated || (term.kind !== 'word' && term.kind !== 'phrase')) return () => true;
    const words = wordsOf(term.text, options);
    return (texts) => texts.some((text) => words.every((word) => text.includes(word)));
  }
  const parts = node.parts.map((part) => build(part, options));
  return node.kind === 'and'
    ? (texts) => parts.every((test) => test(texts))
    : (texts) => parts.some((test) => test(texts));
}

function isWords(kind: string): boolean {
  return kind === 'word' || kind === 'phrase';
}

/** What words are looked for in; nothing where words of reposts don't count. */
function textsOf(post: QueryPost, options: QueryOptions): string[] {
  const { repostOf } = post;
  if (repostOf !== undefined && !options.keywordsMatchReposts) return [];
  const texts: string[] = [];
  for (const part of [post, repostOf, ...(options.matchQuoted ? [post.quoteOf, repostOf?.quoteOf] : [])]) {
    if (part === undefined) continue;
    texts.push(fold(part.text, options));
    if (options.keywordsMatchLinks) for (const { expandedUrl } of part.links) texts.push(fold(expandedUrl, options));
  }
  return texts;
}
