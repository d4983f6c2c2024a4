import type { QueryLimits } from '../query/query-limits.ts';
import type { QueryPost } from '../query/query-post.ts';
import { RuleSet } from '../query/rule-set.ts';

/** A rule as its app sees it. */
export interface StreamRule {
  /** Decimal, 64 bit; grows from rule to rule. */
  readonly id: string;
  readonly value: string;
  readonly tag: string | undefined;
}

/** A change of an app's rules, for truth. */
export interface RuleChange {
  /** Unix ms of the virtual clock. */
  readonly at: number;
  /** It holds for posts made at this instant or later. */
  readonly from: number;
  readonly added: readonly StreamRule[];
  readonly deleted: readonly StreamRule[];
}

export interface RuleBookParts {
  /** Unix ms of the virtual clock. */
  readonly now: () => number;
  /** Posts of the world made until then have been told; Unix ms. */
  readonly head: () => number;
  /** How much later a change takes effect, ms of the world. */
  readonly delayMs: number;
}

/** A deleted rule still matches posts made before; streams fetch back five minutes at most. */
const REMEMBERED_MS = 6 * 60_000;

/** When a rule of some value held: from <= a post's instant < until. */
interface Span {
  readonly rule: StreamRule;
  readonly from: number;
  until: number;
}

/**
 * The rules of an app. A post is matched with the rules that held when it was made, so that it doesn't matter how late a reader is:
 * a change holds for all posts that nobody has been told yet, and for no others.
 */
export class RuleBook {
  readonly changes: RuleChange[] = [];
  readonly #parts: RuleBookParts;
  /** One compiled rule for each value that holds or held lately, named by its first rule. */
  readonly #set = new RuleSet();
  readonly #spans = new Map<string, Span[]>();
  readonly #rules = new Map<string, StreamRule>();
  readonly #byValue = new Map<string, StreamRule>();

  constructor(parts: RuleBookParts) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#rules.size;
  }

  /** In the order in which they were added. */
  list(): Iterable<StreamRule> {
    return this.#rules.values();
  }

  get(id: string): StreamRule | undefined {
    return this.#rules.get(id);
  }

  findByValue(value: string): StreamRule | undefined {
    return this.#byValue.get(value);
  }

  /** Adds and deletes at one instant. Throws QueryError for a value that the limits refuse; then those before it have been added. */
  change(added: readonly StreamRule[], deleted: readonly StreamRule[], limits: QueryLimits): void {
    if (added.length === 0 && deleted.length === 0) return;
    const from = this.#parts.head() + 1 + this.#parts.delayMs;
    for (const rule of deleted) {
      this.#rules.delete(rule.id);
      this.#byValue.delete(rule.value);
      const span = this.#spansOf(rule.value)?.findLast((each) => each.rule.id === rule.id);
      if (span !== undefined) span.until = from;
    }
    this.#forget(from - REMEMBERED_MS);
    for (const rule of added) {
      const spans = this.#spansOf(rule.value);
      const span = { rule, from, until: Number.POSITIVE_INFINITY };
      if (spans === undefined) {
        this.#set.add(rule, limits);
        this.#spans.set(rule.id, [span]);
      } else spans.push(span);
      this.#rules.set(rule.id, rule);
      this.#byValue.set(rule.value, rule);
    }
    this.changes.push({ at: this.#parts.now(), from, added, deleted });
  }

  /** The rules that match a post and held at that instant (Infinity: that are not deleted), in the order of their ids. */
  match(post: QueryPost, at: number): StreamRule[] {
    const found = this.#set.match(post).flatMap(({ id }) => {
      const span = this.#spans
        .get(id)
        ?.find(({ from, until }) => from <= at && (at < until || until === Number.POSITIVE_INFINITY));
      return span?.rule ?? [];
    });
    return found.length < 2 ? found : found.sort(byId);
  }

  #spansOf(value: string): Span[] | undefined {
    const compiled = this.#set.findByValue(value);
    return compiled && this.#spans.get(compiled.id);
  }

  #forget(before: number): void {
    for (const [id, spans] of this.#spans) {
      if (spans.some(({ until }) => until >= before)) continue;
      this.#spans.delete(id);
      this.#set.delete(id);
    }
  }
}

function byId({ id: a }: StreamRule, { id: b }: StreamRule): number {
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : Number(a > b);
}

/** The rules of all apps. */
export class RuleBooks {
  readonly #parts: RuleBookParts;
  readonly #books = new Map<string, RuleBook>();

  constructor(parts: RuleBookParts) {
    this.#parts = parts;
  }

  /** @param app its id */
  of(app: string): RuleBook {
    let book = this.#books.get(app);
    if (book === undefined) {
      book = new RuleBook(this.#parts);
      this.#books.set(app, book);
    }
    return book;
  }

  [Symbol.iterator](): Iterator<[app: string, book: RuleBook]> {
    return this.#books.entries();
  }
}
