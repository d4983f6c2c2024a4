export type Side = 'stream' | 'search';

export type ValueKind =
  | 'account'
  | 'id'
  | 'text'
  | 'language'
  | 'country'
  | 'context'
  | 'integer'
  | 'range'
  | 'percent'
  | 'threshold'
  | 'circle'
  | 'box';

/** `negation`: `never` is refused with a `-`, `always` without one. */
export interface OperatorSpec {
  readonly name: string;
  readonly sides: readonly Side[];
  /** Whether a query may consist of it alone. */
  readonly standalone: boolean;
  readonly value: ValueKind;
  readonly negation: 'allowed' | 'never' | 'always';
}

const BOTH: readonly Side[] = ['stream', 'search'];
const STREAM: readonly Side[] = ['stream'];
const SEARCH: readonly Side[] = ['search'];

/** Operators with a value of the writer's choice, by canonical name. */
const VALUED: readonly OperatorSpec[] = [
  ...standalone(BOTH, 'account', ['from', 'to', 'retweets_of']),
  ...standalone(BOTH, 'id', ['conversation_id', 'in_reply_to_tweet_id', 'retweets_of_tweet_id']),
  ...standalone(BOTH, 'text', ['url', 'entity', 'place']),
  ...standalone(BOTH, 'context', ['context']),
  ...standalone(BOTH, 'country', ['place_country']),
  ...standalone(BOTH, 'circle', ['point_radius']),
  ...standalone(BOTH, 'box', ['bounding_box']),
  ...standalone(STREAM, 'text', ['bio', 'bio_name', 'bio_location', 'url_title', 'url_description', 'url_contains']),
  ...standalone(STREAM, 'text', ['source']),
  ...standalone(STREAM, 'account', ['from_affiliate_of', 'to_affiliate_of']),
  ...standalone(STREAM, 'integer', ['min_followers']),
  ...standalone(STREAM, 'range', ['followers_count', 'tweets_count', 'following_count', 'listed_count']),
  ...standalone(SEARCH, 'id', ['list', 'quotes_of_tweet_id']),
  ...standalone(SEARCH, 'integer', ['min_likes', 'min_replies', 'min_reposts']),
  { name: 'lang', sides: BOTH, standalone: false, value: 'language', negation: 'allowed' },
  { name: 'sample', sides: STREAM, standalone: false, value: 'percent', negation: 'never' },
  { name: 'embedding', sides: STREAM, standalone: true, value: 'text', negation: 'never' },
  { name: 'embedding_threshold', sides: STREAM, standalone: false, value: 'threshold', negation: 'never' },
];

/** Operators whose value belongs to their name. All need another one beside them. */
const FLAGS: readonly OperatorSpec[] = [
  ...flags('is', ['retweet', 'reply', 'quote', 'verified']),
  { name: 'is:nullcast', sides: BOTH, standalone: false, value: 'text', negation: 'always' },
  ...flags('has', ['hashtags', 'cashtags', 'links', 'mentions', 'media', 'images', 'video_link', 'geo']),
];

const ALIASES: ReadonlyMap<string, string> = new Map([
  ['retweets_of_user', 'retweets_of'],
  ['in_reply_to_status_id', 'in_reply_to_tweet_id'],
  ['retweets_of_status_id', 'retweets_of_tweet_id'],
  ['quotes_of_status_id', 'quotes_of_tweet_id'],
  ['geo_bounding_box', 'bounding_box'],
  ['statuses_count', 'tweets_count'],
  ['friends_count', 'following_count'],
  ['has:media_link', 'has:media'],
  ['has:videos', 'has:video_link'],
]);

/** Every operator that has a name, `is:retweet` and the like included. */
export const OPERATORS: ReadonlyMap<string, OperatorSpec> = new Map(
  [...VALUED, ...FLAGS].map((spec) => [spec.name, spec]),
);

/** Finds an operator by lower-case name or alias; undefined when there is none on that side. `is:` and `has:` with their value. */
export function findOperator(name: string, side: Side): OperatorSpec | undefined {
  const spec = OPERATORS.get(ALIASES.get(name) ?? name);
  return spec?.sides.includes(side) ? spec : undefined;
}

function standalone(sides: readonly Side[], value: ValueKind, names: readonly string[]): OperatorSpec[] {
  return names.map((name) => ({ name, sides, standalone: true, value, negation: 'allowed' }));
}

function flags(prefix: string, values: readonly string[]): OperatorSpec[] {
  return values.map((value) => ({
    name: `${prefix}:${value}`,
    sides: BOTH,
    standalone: false,
    value: 'text',
    negation: 'allowed',
  }));
}
