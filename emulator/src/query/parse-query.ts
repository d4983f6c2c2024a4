import { conjunction, disjunction, type QueryNode, type Term } from './ast.ts';
import { checkCounts, checkKeywords, checkNegations, checkWhole, lastFirst } from './check-query.ts';
import { type OperatorToken, type QuotedToken, type Token, tokenise } from './lexer.ts';
import { findOperator, type Side } from './operators.ts';
import { readValue } from './operator-value.ts';
import { EMPTY_QUERY, QueryError, type QueryProblem } from './query-error.ts';
import { type QueryLimits, UNLIMITED } from './query-limits.ts';

/** Parentheses in parentheses in … : deeper than any query of the allowed lengths that a person writes, shallow enough for any stack. */
const MOST_NESTING = 100;
const MOST_DISTANCE = 6;

/**
 * Parses a rule (`stream`) or a query (`search`). Throws QueryError, and nothing else, when the platform would refuse it:
 * unreadable characters first, else the first fault of grammar, else everything that is wrong with its clauses.
 * Takes time linear in its length.
 */
export function parseQuery(source: string, side: Side, limits: QueryLimits = UNLIMITED): QueryNode {
  if (source.length > limits.length) {
    const message = `Rule length must be less than or equal to ${limits.length} characters`;
    throw new QueryError([{ message, position: undefined }]);
  }
  if (side === 'search' && source.trim() === '') throw new QueryError([{ message: EMPTY_QUERY, position: undefined }]);
  const { tokens, problems } = tokenise(source);
  if (problems.length > 0) throw new QueryError(problems);
  const parser = new Parser(tokens, side, limits);
  const root = parser.whole();
  const found = [
    ...checkWhole(root),
    ...checkKeywords(root),
    ...lastFirst(parser.unknown),
    ...checkNegations(root),
    ...lastFirst(parser.unfit),
    ...checkCounts(root, limits),
  ];
  if (found.length > 0) throw new QueryError(found);
  return root;
}

/** Recursive descent: alternatives of conjunctions of clauses and groups. Throws QueryError at the first fault of grammar. */
class Parser {
  /** References to operators that aren't there. */
  readonly unknown: QueryProblem[] = [];
  /** Values that don't suit their operator. */
  readonly unfit: QueryProblem[] = [];
  readonly #tokens: readonly Token[];
  readonly #side: Side;
  readonly #limits: QueryLimits;
  #next = 0;
  #depth = 0;

  /** @param tokens with `end` as the last */
  constructor(tokens: readonly Token[], side: Side, limits: QueryLimits) {
    this.#tokens = tokens;
    this.#side = side;
    this.#limits = limits;
  }

  whole(): QueryNode {
    const root = this.#alternatives();
    const token = this.#peek();
    if (token.kind !== 'end') throw fault(`missing EOF at '${token.text}'`, token.position);
    return root;
  }

  #alternatives(): QueryNode {
    const parts = [this.#clauses()];
    while (this.#peek().kind === 'or') {
      this.#next++;
      parts.push(this.#clauses());
    }
    return disjunction(parts);
  }

  #clauses(): QueryNode {
    const parts = [this.#part()];
    while (!['or', 'close', 'end'].includes(this.#peek().kind)) parts.push(this.#part());
    return conjunction(parts);
  }

  #part(): QueryNode {
    const token = this.#take();
    if (token.kind === 'open') return this.#group(token.position);
    if (token.kind !== 'minus')
      return { kind: 'clause', negated: false, term: this.#term(token), position: token.position };
    const negated = this.#take();
    // `- cat`: the dash belongs to nothing. `-(a b)`: only single clauses can be negated.
    if (negated.position !== token.position + token.text.length) throw unexpected(token);
    return { kind: 'clause', negated: true, term: this.#term(negated), position: token.position };
  }

  #group(position: number): QueryNode {
    if (++this.#depth > MOST_NESTING) throw fault('Rules must not be nested so deeply', position);
    const inner = this.#alternatives();
    const token = this.#take();
    if (token.kind !== 'close') throw fault(`missing ')' at '${token.text}'`, token.position);
    this.#depth--;
    return inner;
  }

  #term(token: Token): Term {
    switch (token.kind) {
      case 'word':
        return { kind: 'word', text: token.text };
      case 'quoted':
        return this.#quoted(token);
      case 'hashtag':
      case 'mention':
        return { kind: token.kind, name: token.text.slice(1) };
      case 'cashtag':
        if (this.#limits.refused.has('cashtag')) this.#refuse('cashtag', token.position);
        return { kind: 'cashtag', name: token.text.slice(1) };
      case 'operator':
        return this.#operator(token);
      default:
        throw unexpected(token);
    }
  }

  #quoted(token: QuotedToken): Term {
    const { content, distance } = token;
    if (content.trim() === '') throw unexpected(token);
    if (distance === undefined) return { kind: 'phrase', text: content };
    if (this.#side === 'search')
      throw fault("no viable alternative at character '~'", token.position + token.text.lastIndexOf('~'));
    if (distance < 1 || distance > MOST_DISTANCE)
      this.unfit.push({ message: `Proximity must be between 1 and ${MOST_DISTANCE}`, position: token.position });
    return { kind: 'near', text: content, distance };
  }

  #operator(token: OperatorToken): Term {
    const { value, position } = token;
    if (value === undefined) throw unexpected(this.#peek());
    const written = token.name.toLowerCase();
    const isFlag = written === 'is' || written === 'has';
    const spec = findOperator(isFlag ? `${written}:${value.content.toLowerCase()}` : written, this.#side);
    if (spec === undefined || this.#limits.refused.has(spec.name)) {
      this.#refuse(isFlag ? `${token.name}:${value.content}` : token.name, position);
      return { kind: 'operator', name: written, value: { kind: 'text', text: value.content } };
    }
    if (isFlag)
      return { kind: 'operator', name: written, value: { kind: 'text', text: spec.name.slice(written.length + 1) } };
    const read = readValue(spec.value, value);
    if (read !== undefined) return { kind: 'operator', name: spec.name, value: read };
    this.unfit.push({ message: `Invalid value '${value.content}' for operator '${token.name}'`, position });
    return { kind: 'operator', name: spec.name, value: { kind: 'text', text: value.content } };
  }

  #refuse(name: string, position: number): void {
    const message =
      `Reference to invalid operator '${name}'. Operator is not available in current product or product packaging. ` +
      'Please refer to complete available operator list at http://t.co/operators.';
    this.unknown.push({ message, position });
  }

  #peek(): Token {
    // Nothing is taken after `end`, which is always there.
    return this.#tokens[Math.min(this.#next, this.#tokens.length - 1)] as Token;
  }

  #take(): Token {
    const token = this.#peek();
    this.#next++;
    return token;
  }
}

function unexpected(token: Token): QueryError {
  return fault(`no viable alternative at input '${token.text}'`, token.position);
}

function fault(message: string, position: number): QueryError {
  return new QueryError([{ message, position }]);
}
