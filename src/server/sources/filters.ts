/** What the pages ask about filters: are they well formed, what would they bring, which versions were there, which words find something. */
import { type Clause, compileFilter, type FilterApi, ruleValue, wholeRule } from '../../core/rules/compile.ts';
import type { FilterDefinition } from '../../core/rules/definition.ts';
import { ruleLimits } from '../../core/rules/limits.ts';
import { plainWords } from '../../core/rules/plain-words.ts';
import { type Validation, validateFilter } from '../../core/rules/validate.ts';
import { DEFAULT_LEVEL, priceOf } from '../../core/permits/price-table.ts';
import type { Clock } from '../../core/time.ts';
import type { CountBucket } from '../../platforms/read-adapter.ts';
import { ENVIRONMENT_LABEL } from '../../store/credentials/credentials.ts';
import type { Database } from '../../store/db.ts';
import {
  currentFilter,
  filterCredential,
  filterHistory,
  type FilterVersion,
  requireFilterCollection,
  saveFilterVersion,
  usualFilterCredential,
} from '../../store/filters/filter-collections.ts';
import {
  type CollectionSeed,
  type CollectionStream,
  rulesOfCollection,
  seedsOfCollection,
} from '../../store/filters/filter-reports.ts';
import { loadPrices } from '../../store/permits/budgets.ts';

/** What asks the platform for counts, through the permits and budgets that all share. */
export type FilterAsking = {
  hasEnvironmentToken(): Promise<boolean>;
  /** Posts of the last seven days by hour, oldest first, or why they cannot be told, one sentence. `credential`: asked with that one alone. */
  countHours(
    wish: { query: string; credential?: string },
    signal: AbortSignal,
  ): Promise<{ hours: CountBucket[] } | { why: string }>;
};

/** `words`: sentences. `rule`: the whole in the platform's grammar. */
export type CheckedFilter = Validation & { words: string[]; rule: string; clauses: number };

/**
 * `hours`: of the last seven days. `isAbout`: parts were counted one by one, so that a post may count twice, or `isPart`: only some parts were.
 * Null where it cannot be told; `why` says so.
 */
export type FilterPreview = {
  hours: { start: string; posts: number }[] | null;
  isAbout: boolean;
  isPart: boolean;
  why: string | null;
  postsPerDay: number | null;
  /** Where posts are billed one by one; 0 where they are not. */
  costPerDayMicros: number | null;
};

/**
 * `credential` absent: what would be taken when nobody says; `owner`: e-mail of who asks, whose own will do. `collection`: one that is there,
 * whose interface and credential are taken instead.
 */
export type FilterWish = {
  definition: FilterDefinition;
  api: FilterApi;
  credential?: string;
  owner?: string;
  collection?: string;
};

/** All that name a collection throw `collection.unknown`, and `collection.invalid` when it is no filter. */
export type FilterSources = {
  check(wish: FilterWish): Promise<CheckedFilter>;
  preview(wish: FilterWish): Promise<FilterPreview>;
  current(name: string): Promise<FilterVersion & CheckedFilter & { stream: CollectionStream | null }>;
  history(name: string, page: { before?: number; limit: number }): Promise<FilterVersion[]>;
  /** Throws `filter.refused`, and `filter.changed` when it is no longer the version that `basedOn` names. */
  save(
    name: string,
    change: { definition: FilterDefinition; by: string; reason: string; basedOn?: number },
  ): Promise<Validation['warnings']>;
  seeds(name: string, days: number): Promise<CollectionSeed[]>;
};

/** A count is good for so long: it is of seven days. */
const COUNT_AGE_MS = 10 * 60_000;
const KEPT_COUNTS = 200;
/** So many questions a preview may cost. */
const MOST_PARTS = 4;
const PATIENCE_MS = 20_000;
const STREAM = 'GET /2/tweets/search/stream';

export function filterSources({
  db,
  clock,
  asking,
}: {
  db: Database;
  clock: Clock;
  asking: FilterAsking;
}): FilterSources {
  const counts = new Map<string, { at: number; answer: ReturnType<FilterAsking['countHours']> }>();

  /** Asked once however many people look at the same rule with the same credential; what failed is asked again. */
  async function countOnce(wish: { query: string; credential?: string }): ReturnType<FilterAsking['countHours']> {
    const key = JSON.stringify([wish.credential, wish.query]);
    const known = counts.get(key);
    if (known !== undefined && clock.now() - known.at < COUNT_AGE_MS) return known.answer;
    const answer = asking.countHours(wish, AbortSignal.timeout(PATIENCE_MS));
    counts.delete(key);
    counts.set(key, { at: clock.now(), answer });
    for (const oldest of counts.keys()) if (counts.size > KEPT_COUNTS) counts.delete(oldest);
    const forget = () => counts.delete(key);
    answer.then((said) => ('why' in said ? forget() : undefined), forget);
    return answer;
  }

  /** As a collection that is there is captured. */
  async function settled({ collection, ...wish }: FilterWish): Promise<Omit<FilterWish, 'collection'>> {
    if (collection === undefined) return wish;
    const { collectionId, api } = await requireFilterCollection(db, collection);
    const { credential } = await filterCredential(db, collectionId);
    return { definition: wish.definition, api, credential };
  }

  async function levelOf({ credential, api, owner }: Omit<FilterWish, 'definition'>): Promise<string | undefined> {
    const usual = async () => {
      const hasEnvironmentToken = await asking.hasEnvironmentToken();
      return await usualFilterCredential(db, { api, hasEnvironmentToken, ...(owner === undefined ? {} : { owner }) });
    };
    const label = credential ?? (await usual());
    const [row] = await db.query<{ level: string | null }>('select level from credentials where label = $1', [
      label ?? ENVIRONMENT_LABEL,
    ]);
    return row?.level ?? undefined;
  }

  async function check(wish: FilterWish): Promise<CheckedFilter> {
    const { definition, api, ...who } = await settled(wish);
    const limits = ruleLimits(await levelOf({ api, ...who }));
    const { problems, warnings } = validateFilter(definition, { api, limits });
    const clauses = compileFilter(definition, api);
    return {
      problems,
      warnings,
      words: plainWords(definition, api),
      rule: wholeRule(clauses),
      clauses: clauses.length,
    };
  }

  return {
    check,
    async preview(wish) {
      const { definition, api, ...who } = await settled(wish);
      const level = await levelOf({ api, ...who });
      // People are counted by name before anybody has looked them up.
      const people = definition.people.map((each) => ({
        ...each,
        accountId: each.accountId ?? each.name?.replace(/^@/, ''),
      }));
      const clauses = compileFilter({ ...definition, people: people as FilterDefinition['people'] }, 'v2');
      if (clauses.length === 0) return nothingTold('Nothing is asked for yet.');
      const parts = partsOf(clauses, ruleLimits(level).length);
      const own = who.credential === ENVIRONMENT_LABEL ? undefined : who.credential;
      const named = api === 'v2' && own !== undefined ? { credential: own } : {};
      const told = await Promise.all(parts.slice(0, MOST_PARTS).map((query) => countOnce({ query, ...named })));
      const refused = told.find((each): each is { why: string } => 'why' in each);
      if (refused !== undefined) return nothingTold(refused.why);
      const hours = sumHours(told.flatMap((each) => ('hours' in each ? each.hours : [])));
      const spanDays = Math.max(1 / 24, hours.length / 24);
      const postsPerDay = hours.reduce((sum, { posts }) => sum + posts, 0) / spanDays;
      const postMicros = priceOf(await loadPrices(db), {
        ...{ platform: 'x', level: level ?? DEFAULT_LEVEL, resource: 'post', endpoint: STREAM },
      });
      return {
        ...{ hours, isAbout: parts.length > 1, isPart: parts.length > MOST_PARTS, why: null, postsPerDay },
        costPerDayMicros: Math.round(postsPerDay * postMicros),
      };
    },
    async current(name) {
      const { collectionId, api } = await requireFilterCollection(db, name);
      const [version, stream, { credential }] = await Promise.all([
        currentFilter(db, collectionId),
        rulesOfCollection(db, collectionId),
        filterCredential(db, collectionId),
      ]);
      return {
        ...version,
        ...(await check({ definition: version.definition, api, credential })),
        stream: stream ?? null,
      };
    },
    async history(name, page) {
      const { collectionId } = await requireFilterCollection(db, name);
      return filterHistory(db, collectionId, page);
    },
    async save(name, change) {
      const { warnings } = await db.transaction((tx) => saveFilterVersion(tx, clock, name, change));
      return warnings;
    },
    async seeds(name, days) {
      const { collectionId, api } = await requireFilterCollection(db, name);
      const { definition } = await currentFilter(db, collectionId);
      const current = compileFilter(definition, api).flatMap(({ sources }) => sources);
      const since = new Date(clock.now() - days * 86_400_000).toISOString();
      return seedsOfCollection(db, collectionId, { current, since });
    },
  };
}

function nothingTold(why: string): FilterPreview {
  return { hours: null, isAbout: false, isPart: false, why, postsPerDay: null, costPerDayMicros: null };
}

/** As few questions as their length allows, in the order of the clauses. */
function partsOf(clauses: readonly Clause[], length: number): string[] {
  const parts: string[] = [];
  let bodies: string[] = [];
  const suffix = clauses[0]?.suffix ?? '';
  for (const { body } of clauses) {
    if (bodies.length > 0 && ruleValue([...bodies, body], suffix).length > length) {
      parts.push(ruleValue(bodies, suffix));
      bodies = [];
    }
    bodies.push(body);
  }
  return [...parts, ruleValue(bodies, suffix)];
}

function sumHours(buckets: readonly CountBucket[]): { start: string; posts: number }[] {
  const sums = new Map<string, number>();
  for (const { start, count } of buckets) {
    const hour = `${new Date(Date.parse(start)).toISOString().slice(0, 13)}:00:00.000Z`;
    sums.set(hour, (sums.get(hour) ?? 0) + count);
  }
  return [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([start, posts]) => ({ start, posts }));
}
