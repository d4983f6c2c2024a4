import { type Clause, clausesOf, positionOf, type QueryNode } from './ast.ts';
import type { QueryLimits } from './query-limits.ts';
import type { QueryProblem } from './query-error.ts';
import { findOperator } from './operators.ts';
import { STOP_WORDS, wordsOf } from './words.ts';

const NON_NEGATED = 'Rules must contain a non-negation term';
const NON_STOPWORD = 'Rules must contain at least one positive, non-stopword clause';
const CONJUNCTION = 'is/has/lang cannot be used as a standalone operator';

/**
 * What is wrong with a query as a whole: it must not match the better part of all posts. Every alternative needs a clause that is
 * neither negated, nor a stop word, nor one of the operators that need another beside them.
 */
export function checkWhole(root: QueryNode): QueryProblem[] {
  const alternative = firstBroad(root);
  if (alternative === undefined) return [];
  const position = positionOf(alternative);
  if (!holds(alternative, (clause) => !clause.negated)) {
    return [
      { message: NON_NEGATED, position },
      { message: NON_STOPWORD, position },
    ];
  }
  const onlyFlags = [...clausesOf(alternative)].every((clause) => clause.negated || !standsAlone(clause));
  return [{ message: onlyFlags ? CONJUNCTION : NON_STOPWORD, position }];
}

/** Words that could have been meant as operators: `and` in any case, and `or` unless it is written OR. */
export function checkKeywords(root: QueryNode): QueryProblem[] {
  const problems: QueryProblem[] = [];
  for (const { term, position, negated } of clausesOf(root)) {
    if (term.kind !== 'word') continue;
    const word = term.text.toLowerCase();
    if (word !== 'and' && word !== 'or') continue;
    const cure = word === 'and' ? 'Use a space to logically join two clauses' : 'Use OR to logically join two clauses';
    const message = `Ambiguous use of ${word} as a keyword. ${cure}, or "${word}" to find occurrences of ${word} in text`;
    problems.push({ message, position: negated ? position + 1 : position });
  }
  return lastFirst(problems);
}

/** Operators negated though they must not be, or not negated though they must. */
export function checkNegations(root: QueryNode): QueryProblem[] {
  const problems: QueryProblem[] = [];
  for (const { term, position, negated } of clausesOf(root)) {
    if (term.kind !== 'operator') continue;
    const name = operatorName(term);
    const negation = (findOperator(name, 'stream') ?? findOperator(name, 'search'))?.negation;
    if (negation === 'never' && negated) problems.push({ message: `${name} cannot be negated`, position });
    if (negation === 'always' && !negated) problems.push({ message: `${name} must be negated`, position });
  }
  return lastFirst(problems);
}

/** How many clauses there may be, and that `list:` comes once. */
export function checkCounts(root: QueryNode, limits: QueryLimits): QueryProblem[] {
  const clauses = [...clausesOf(root)];
  const negative = clauses.filter((clause) => clause.negated).length;
  const lists = clauses.filter(({ term }) => term.kind === 'operator' && term.name === 'list');
  const problems: QueryProblem[] = [];
  if (clauses.length - negative > limits.positiveClauses)
    problems.push({
      message: `Rules must not contain more than ${limits.positiveClauses} positive terms`,
      position: 1,
    });
  if (negative > limits.negativeClauses)
    problems.push({
      message: `Rules must not contain more than ${limits.negativeClauses} negation terms`,
      position: 1,
    });
  if (lists[1] !== undefined)
    problems.push({ message: 'Only one list operator can be used', position: lists[1].position });
  return problems;
}

/** The platform lists faults of one kind from the end of the query to its beginning. */
export function lastFirst(problems: readonly QueryProblem[]): QueryProblem[] {
  return problems.toReversed();
}

/** The first alternative that nothing keeps narrow. */
function firstBroad(node: QueryNode): QueryNode | undefined {
  if (node.kind === 'or') {
    for (const part of node.parts) {
      const found = firstBroad(part);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  return holds(node, (clause) => !clause.negated && standsAlone(clause) && !isStopword(clause)) ? undefined : node;
}

/** Whether a clause that passes is required by every way of matching. */
function holds(node: QueryNode, passes: (clause: Clause) => boolean): boolean {
  if (node.kind === 'clause') return passes(node);
  const test = (part: QueryNode) => holds(part, passes);
  return node.kind === 'and' ? node.parts.some(test) : node.parts.every(test);
}

function standsAlone({ term }: Clause): boolean {
  if (term.kind !== 'operator') return true;
  if (term.name === 'is' || term.name === 'has') return false;
  // An operator that nobody knows is told of once, as that.
  return (findOperator(term.name, 'stream') ?? findOperator(term.name, 'search'))?.standalone ?? true;
}

function isStopword({ term }: Clause): boolean {
  if (term.kind !== 'word' && term.kind !== 'phrase' && term.kind !== 'near') return false;
  const words = wordsOf(term.text, { foldDiacritics: true, splitUnspacedScripts: true });
  return words.every((word) => STOP_WORDS.has(word));
}

/** As in the table of operators: `is:retweet`, `from`. */
function operatorName({ name, value }: { name: string; value: { kind: string; text?: string } }): string {
  return name === 'is' || name === 'has' ? `${name}:${value.text}` : name;
}
