/**
 * Which collections a frame of a shared stream belongs to, and by which of their words: told by what the stream's rules meant when the
 * frame came. Pure: the same frame and meaning give the same answer for ever, so that a rebuild gives the rows of the first load.
 */
import type { ClauseSource } from './compile.ts';
import { parseRule, type Query } from './grammar.ts';
import type { MatchablePost } from './matchable-post.ts';
import { matches, PostView } from './match.ts';
import type { StreamMeaning } from './meaning.ts';

/** `sources`: what found the post; empty where it is known that the collection's part of a rule may have, but not which. */
export type Attribution = { collection: string; version: number; sources: ClauseSource[] };

type Asker = { collection: string; version: number; sources: ClauseSource[] };
type Candidate = { key: string; query: Query | undefined; askers: Asker[] };

/** Answers for one meaning; make one per meaning and keep it, for rules are parsed once. */
export class Attributor {
  readonly #meaning: StreamMeaning;
  readonly #candidates = new Map<string, Candidate>();
  readonly #rules = new Map<string, string[]>();

  constructor(meaning: StreamMeaning) {
    this.#meaning = meaning;
    for (const { name, version, clauses } of meaning.collections)
      for (const { key, sources } of clauses) this.#candidate(key).askers.push({ collection: name, version, sources });
    for (const { names, clauses } of meaning.rules) for (const name of names) this.#rules.set(name, clauses);
  }

  /** The collections that are asked for at all. */
  get collections(): string[] {
    return this.#meaning.collections.map(({ name }) => name);
  }

  /** Whether one of these rules is of this stream, as far as that is known. */
  knows(rules: readonly string[]): boolean {
    return rules.some((name) => this.#rules.has(name));
  }

  /**
   * `rules`: by what the frame names the rules that matched (tags and ids); none on v1.1. `post` is only called where it matters. By collection, in
   * the order of the meaning.
   */
  attribute(rules: readonly string[], post: () => MatchablePost | undefined): Attribution[] {
    const known = rules.map((name) => this.#rules.get(name)).filter((clauses) => clauses !== undefined);
    const found = new Map<string, { asker: Asker; sources: ClauseSource[] }>();
    const look = new Look(post, this.#meaning.api);
    for (const clauses of known) this.#ofRule(clauses, look, found);
    // v1.1 names no rules, and a rule may be newer than what is known of it: then all that is asked for is looked through.
    if (known.length === 0)
      for (const candidate of look.matching([...this.#candidates.values()])) add(found, candidate, true);
    return this.#meaning.collections.flatMap(({ name, version }) => {
      const sources = found.get(name)?.sources;
      return sources === undefined ? [] : [{ collection: name, version, sources }];
    });
  }

  /** The platform says that one of these matched. */
  #ofRule(clauses: readonly string[], look: Look, found: Map<string, { asker: Asker; sources: ClauseSource[] }>): void {
    const candidates = clauses.map((key) => this.#candidate(key));
    const [only] = candidates;
    if (candidates.length === 1 && only !== undefined) return add(found, only, true);
    const sure = look.matching(candidates);
    for (const candidate of sure) add(found, candidate, true);
    // What we cannot see may have matched as well: better one collection too many than a post lost.
    const rest = candidates.filter((candidate) => !sure.includes(candidate));
    const open = look.undecided(rest);
    for (const candidate of sure.length > 0 || open.length > 0 ? open : rest) add(found, candidate, false);
  }

  #candidate(key: string): Candidate {
    let candidate = this.#candidates.get(key);
    if (candidate === undefined) {
      candidate = { key, query: parseRule(key).query, askers: [] };
      this.#candidates.set(key, candidate);
    }
    return candidate;
  }
}

function add(
  found: Map<string, { asker: Asker; sources: ClauseSource[] }>,
  { askers }: Candidate,
  isSure: boolean,
): void {
  for (const asker of askers) {
    const entry = found.get(asker.collection) ?? { asker, sources: [] };
    found.set(asker.collection, entry);
    if (!isSure) continue;
    for (const source of asker.sources)
      if (!entry.sources.some(({ kind, text }) => kind === source.kind && text === source.text))
        entry.sources.push(source);
  }
}

/** One post, looked at as often as needed: strictly first, then without accents. */
class Look {
  readonly #post: () => MatchablePost | undefined;
  readonly #api: StreamMeaning['api'];
  #views: { strict: PostView; lenient: PostView } | undefined | 'unseen' = 'unseen';

  constructor(post: () => MatchablePost | undefined, api: StreamMeaning['api']) {
    this.#post = post;
    this.#api = api;
  }

  /** Those that match for certain; where none does strictly, those that do when accents do not count. */
  matching(candidates: readonly Candidate[]): Candidate[] {
    const views = this.#looked();
    if (views === undefined) return [];
    const strict = candidates.filter(({ query }) => query !== undefined && matches(query, views.strict) === true);
    if (strict.length > 0) return strict;
    return candidates.filter(({ query }) => query !== undefined && matches(query, views.lenient) === true);
  }

  /** Those that cannot be ruled out. */
  undecided(candidates: readonly Candidate[]): Candidate[] {
    const views = this.#looked();
    return candidates.filter(
      ({ query }) => views === undefined || query === undefined || matches(query, views.strict) === undefined,
    );
  }

  #looked(): { strict: PostView; lenient: PostView } | undefined {
    if (this.#views === 'unseen') {
      const post = this.#post();
      this.#views =
        post === undefined
          ? undefined
          : {
              strict: new PostView(post, { api: this.#api }),
              lenient: new PostView(post, { api: this.#api, lenient: true }),
            };
    }
    return this.#views;
  }
}
