/** What a query may be. Lengths are UTF-16 units, so that an emoji counts twice; Infinity where nothing is known of a limit. */
export interface QueryLimits {
  readonly length: number;
  readonly positiveClauses: number;
  readonly negativeClauses: number;
  /** Operators that the product doesn't offer, by canonical name (`place`, `has:geo`), and `cashtag`. */
  readonly refused: ReadonlySet<string>;
}

/** What an access level allows. `archive` is undefined where the full archive can't be searched. */
export interface LevelLimits {
  readonly rules: number;
  readonly stream: QueryLimits;
  readonly recent: QueryLimits;
  readonly archive: QueryLimits | undefined;
}

export type QueryLevel = 'essential' | 'elevated' | 'academic' | 'basic' | 'pro' | 'pay-per-use' | 'enterprise';

/** Operators that came with the academic level or a contract in 2021. */
const ADVANCED = [
  'cashtag',
  'has:cashtags',
  'has:geo',
  'is:nullcast',
  'bio',
  'bio_name',
  'bio_location',
  'place',
  'place_country',
  'point_radius',
  'bounding_box',
];
const SEMANTIC = ['embedding', 'embedding_threshold'];
const METRICS = ['min_likes', 'min_replies', 'min_reposts'];

/** No limit but the language itself. */
export const UNLIMITED: QueryLimits = limits(Number.POSITIVE_INFINITY, []);

/**
 * Limits of the access levels, of today (pay-per-use, enterprise) and of the past. Full-archive search has no `entity:`.
 * The platform publishes no bound on the number of clauses; set `positiveClauses` and `negativeClauses` to have one.
 */
export const QUERY_LIMITS: Readonly<Record<QueryLevel, LevelLimits>> = {
  essential: level(5, 512, 512, undefined, [...ADVANCED, ...SEMANTIC, ...METRICS]),
  elevated: level(25, 512, 512, undefined, [...ADVANCED, ...SEMANTIC, ...METRICS]),
  academic: level(1000, 1024, 1024, 1024, [...SEMANTIC, ...METRICS]),
  basic: level(25, 512, 512, undefined, [...ADVANCED, ...SEMANTIC, ...METRICS]),
  pro: level(1000, 1024, 1024, 1024, SEMANTIC),
  'pay-per-use': level(1000, 1024, 512, 1024, SEMANTIC),
  enterprise: level(25_000, 2048, 4096, 4096, []),
};

function level(
  rules: number,
  stream: number,
  recent: number,
  archive: number | undefined,
  refused: readonly string[],
): LevelLimits {
  return {
    rules,
    stream: limits(stream, refused),
    recent: limits(recent, refused),
    archive: archive === undefined ? undefined : limits(archive, [...refused, 'entity']),
  };
}

function limits(length: number, refused: readonly string[]): QueryLimits {
  const endless = Number.POSITIVE_INFINITY;
  return { length, positiveClauses: endless, negativeClauses: endless, refused: new Set(refused) };
}
