import { clausesOf, type QueryNode, type Term } from './ast.ts';
import { compileOperator } from './compile-operator.ts';
import type { Side } from './operators.ts';
import { holdsNear } from './phrase.ts';
import { PostView, type Predicate } from './post-view.ts';
import { type QueryOptions, queryOptions } from './query-options.ts';
import type { QueryPost } from './query-post.ts';
import { fold, wordsOf } from './words.ts';

/**
 * Makes a function that says whether a post matches. For many queries over one post use RuleSet, which shares what is computed
 * about the post. Give a side, or options to leave the platform's ways.
 */
export function compileQuery(root: QueryNode, sideOrOptions: Side | QueryOptions): (post: QueryPost) => boolean {
  const options = typeof sideOrOptions === 'string' ? queryOptions(sideOrOptions) : sideOrOptions;
  const matches = compileNode(root, options);
  return (post) => matches(new PostView(post, options));
}

/** The same over views, which must have been made with the same options. */
export function compileNode(root: QueryNode, options: QueryOptions): Predicate {
  return build(root, options, thresholdOf(root));
}

function build(node: QueryNode, options: QueryOptions, threshold: number): Predicate {
  if (node.kind === 'clause') {
    const matches = compileTerm(node.term, options, threshold);
    return node.negated ? (view) => !matches(view) : matches;
  }
  const parts = node.parts.map((part) => build(part, options, threshold));
  return node.kind === 'and'
    ? (view) => parts.every((matches) => matches(view))
    : (view) => parts.some((matches) => matches(view));
}

function compileTerm(term: Term, options: QueryOptions, threshold: number): Predicate {
  switch (term.kind) {
    case 'word':
    case 'phrase':
      return compileWords(wordsOf(term.text, options));
    case 'near': {
      const words = wordsOf(term.text, options);
      const near = (section: readonly string[]) => holdsNear(section, words, term.distance);
      return (view) => words.every((word) => view.words.has(word)) && view.sections.some(near);
    }
    case 'hashtag': {
      const tag = fold(term.name, options);
      return (view) => view.hashtags.has(tag);
    }
    case 'mention': {
      const handle = term.name.toLowerCase();
      return (view) => view.mentions.has(handle);
    }
    case 'cashtag': {
      const tag = term.name.toLowerCase();
      return (view) => view.cashtags.has(tag);
    }
    case 'operator':
      return compileOperator(term, options, threshold);
  }
}

function compileWords(words: readonly string[]): Predicate {
  const [word] = words;
  // Nothing but punctuation is nowhere to be found.
  if (word === undefined) return () => false;
  return words.length === 1 ? (view) => view.words.has(word) : (view) => view.hasPhrase(words);
}

const DEFAULT_THRESHOLD = 0.5;

/** `embedding_threshold:` speaks of the whole query. */
function thresholdOf(root: QueryNode): number {
  for (const { term } of clausesOf(root)) {
    if (term.kind !== 'operator' || term.name !== 'embedding_threshold') continue;
    if (term.value.kind === 'number') return term.value.number;
  }
  return DEFAULT_THRESHOLD;
}
