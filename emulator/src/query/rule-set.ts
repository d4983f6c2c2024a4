import type { QueryNode } from './ast.ts';
import { compileNode } from './compile-query.ts';
import { parseQuery } from './parse-query.ts';
import { PostView, type Predicate } from './post-view.ts';
import { type QueryLimits, UNLIMITED } from './query-limits.ts';
import { type QueryOptions, queryOptions } from './query-options.ts';
import type { QueryPost } from './query-post.ts';
import { type RequiredKey, requiredKeys, RuleIndex } from './rule-index.ts';

export interface Rule {
  readonly id: string;
  /** As it was given. */
  readonly value: string;
  readonly tag: string | undefined;
}

interface CompiledRule extends Rule {
  readonly order: number;
  readonly matches: Predicate;
  /** Undefined: it must be tried on every post. */
  readonly keys: readonly RequiredKey[] | undefined;
  /** Number of the last post that it was tried on. */
  tried: number;
}

/** The rules of one stream, and which of them a post matches. Adding and deleting take effect at once. */
export class RuleSet {
  readonly #options: QueryOptions;
  readonly #rules = new Map<string, CompiledRule>();
  readonly #idsByValue = new Map<string, string>();
  readonly #index = new RuleIndex<CompiledRule>();
  readonly #unindexed = new Set<CompiledRule>();
  #added = 0;
  #posts = 0;

  constructor(options: QueryOptions = queryOptions('stream')) {
    this.#options = options;
  }

  get size(): number {
    return this.#rules.size;
  }

  /**
   * Parses and adds a rule. Throws QueryError when the platform would refuse it, and RangeError when the id or the value is there
   * already (ask `findByValue` before). How many rules there may be is for the caller to say.
   */
  add(rule: Rule, limits: QueryLimits = UNLIMITED): void {
    if (this.#rules.has(rule.id) || this.#idsByValue.has(rule.value))
      throw new RangeError(`rule ${rule.id} is there already`);
    const compiled = this.#compile(rule, parseQuery(rule.value, this.#options.side, limits));
    this.#rules.set(rule.id, compiled);
    this.#idsByValue.set(rule.value, rule.id);
    if (compiled.keys === undefined) this.#unindexed.add(compiled);
    else this.#index.add(compiled.keys, compiled);
  }

  /** False when there is none of that id. */
  delete(id: string): boolean {
    const rule = this.#rules.get(id);
    if (rule === undefined) return false;
    this.#rules.delete(id);
    this.#idsByValue.delete(rule.value);
    if (rule.keys === undefined) this.#unindexed.delete(rule);
    else this.#index.delete(rule.keys, rule);
    return true;
  }

  get(id: string): Rule | undefined {
    return shown(this.#rules.get(id));
  }

  findByValue(value: string): Rule | undefined {
    return shown(this.#rules.get(this.#idsByValue.get(value) ?? ''));
  }

  /** In the order in which they were added. */
  list(): Rule[] {
    return Array.from(this.#rules.values(), (rule) => show(rule));
  }

  /** The rules that a post matches, in the order in which they were added. */
  match(post: QueryPost): Rule[] {
    const view = new PostView(post, this.#options);
    const number = ++this.#posts;
    const found: CompiledRule[] = [];
    const attempt = (rule: CompiledRule) => {
      if (rule.tried === number) return;
      rule.tried = number;
      if (rule.matches(view)) found.push(rule);
    };
    this.#index.visit(view, attempt);
    this.#unindexed.forEach(attempt);
    return found.sort((one, other) => one.order - other.order).map(show);
  }

  #compile(rule: Rule, root: QueryNode): CompiledRule {
    return {
      ...rule,
      order: this.#added++,
      matches: compileNode(root, this.#options),
      keys: requiredKeys(root, this.#options),
      tried: 0,
    };
  }
}

function show({ id, value, tag }: CompiledRule): Rule {
  return { id, value, tag };
}

function shown(rule: CompiledRule | undefined): Rule | undefined {
  return rule === undefined ? undefined : show(rule);
}
