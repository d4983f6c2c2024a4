import {
  type Fields,
  MEDIA_FIELDS,
  PLACE_FIELDS,
  POLL_FIELDS,
  TWEET_EXPANSIONS,
  TWEET_FIELDS,
  USER_FIELDS,
} from './field-names.ts';
import type { ParameterError } from './problems.ts';

/** In the order in which the platform's messages name them. `post.fields` is the newer name of `tweet.fields`. */
const LISTS = new Map<string, readonly string[]>([
  ['expansions', TWEET_EXPANSIONS],
  ['tweet.fields', TWEET_FIELDS],
  ['media.fields', MEDIA_FIELDS],
  ['poll.fields', POLL_FIELDS],
  ['place.fields', PLACE_FIELDS],
  ['user.fields', USER_FIELDS],
]);
const MAX_BACKFILL_MINUTES = 5;

/** What a client wants to see of each post. */
export type StreamFields = Fields;

export interface StreamParameters {
  readonly fields: StreamFields;
  /** 0 .. 5 */
  readonly backfillMinutes: number;
  /** From 1; 1 where the endpoint has none. */
  readonly partition: number;
  /** What a recovery stream is to tell: from <= at < to, Unix ms; undefined for a live one. */
  readonly span: { readonly from: number; readonly to: number } | undefined;
}

/** What an endpoint takes. */
export interface StreamShape {
  /** How many partitions it has; `partition` is required then. */
  readonly partitions?: number;
  /** Whether it takes `start_time` and `end_time`; both are of the world, of which this is the present (Unix ms). */
  readonly now?: number;
  /** Whether it tells posts, and takes fields and expansions; default true. */
  readonly posts?: boolean;
  /** Whether the caller's level of access includes backfill and recovery; default true. */
  readonly backfill?: boolean;
}

const RECOVERY_MS = 24 * 3_600_000;

/** Reads the query of a stream. Blank values are allowed; every fault is reported. */
export function readStreamParameters(
  query: URLSearchParams,
  { partitions, now, posts = true, backfill = true }: StreamShape = {},
): { ok: true; parameters: StreamParameters } | { ok: false; errors: readonly ParameterError[] } {
  const errors: ParameterError[] = [];
  const values = new Map<string, ReadonlySet<string>>();
  const lists = posts ? LISTS : NO_LISTS;
  const names = [
    'backfill_minutes',
    ...(partitions === undefined ? [] : ['partition']),
    ...(now === undefined ? [] : ['start_time', 'end_time']),
    ...lists.keys(),
  ];
  let backfillMinutes = 0;
  for (const given of new Set(query.keys())) {
    const name = given === 'post.fields' ? 'tweet.fields' : given;
    const raw = query.getAll(given).filter((value) => value !== '');
    const allowed = lists.get(name);
    if (allowed !== undefined) {
      const list = raw.flatMap((value) => value.split(',')).filter((value) => value !== '');
      const unknown = list.find((value) => !allowed.includes(value));
      if (unknown !== undefined) errors.push(valueError(given, raw, unknown, `is not one of [${allowed.join(',')}]`));
      values.set(name, new Set([...(values.get(name) ?? []), ...list]));
    } else if (name === 'backfill_minutes') {
      const value = raw[0] ?? '0';
      backfillMinutes = /^[+-]?\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
      if (!(backfillMinutes >= 0 && backfillMinutes <= MAX_BACKFILL_MINUTES)) {
        errors.push(valueError(given, raw, value, `is not between 0 and ${MAX_BACKFILL_MINUTES}`));
      }
    } else if (!names.includes(name)) {
      const message = `The query parameter [${given}] is not one of [${names.join(',')}]`;
      errors.push({ parameters: { [given]: query.getAll(given) }, message });
    }
  }
  const partition = partitions === undefined ? 1 : readPartition(query, partitions, errors);
  const span = now === undefined ? undefined : readSpan(query, now, errors);
  if (!backfill && (backfillMinutes > 0 || span !== undefined)) {
    for (const name of ['backfill_minutes', 'start_time', 'end_time'].filter((each) => query.has(each))) {
      const message = `The query parameter [${name}] is not available at your level of access`;
      errors.push({ parameters: { [name]: query.getAll(name) }, message });
    }
  }
  if (errors.length > 0) return { ok: false, errors };
  const given = (name: string): ReadonlySet<string> => values.get(name) ?? new Set();
  const fields: StreamFields = {
    tweet: given('tweet.fields'),
    user: given('user.fields'),
    media: given('media.fields'),
    poll: given('poll.fields'),
    place: given('place.fields'),
    expansions: given('expansions'),
  };
  return { ok: true, parameters: { fields, backfillMinutes, partition, span } };
}

function readPartition(query: URLSearchParams, partitions: number, errors: ParameterError[]): number {
  const raw = query.getAll('partition');
  const [value = ''] = raw.filter((each) => each !== '');
  const partition = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
  if (value === '') {
    errors.push({ parameters: { partition: raw }, message: 'The `partition` query parameter can not be empty' });
  } else if (!(partition >= 1 && partition <= partitions)) {
    errors.push(valueError('partition', raw, value, `is not between 1 and ${partitions}`));
  }
  return partition;
}

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?Z$/;

/** One bound alone: from a day ago, or until now. What lies in the future is not waited for. */
function readSpan(
  query: URLSearchParams,
  now: number,
  errors: ParameterError[],
): { from: number; to: number } | undefined {
  const [from, to] = ['start_time', 'end_time'].map((name) => {
    const raw = query.getAll(name).filter((each) => each !== '');
    const [value] = raw;
    if (value === undefined) return undefined;
    const at = INSTANT.test(value) ? Date.parse(value) : Number.NaN;
    if (Number.isNaN(at)) errors.push(valueError(name, raw, value, 'is not a valid RFC3339 timestamp'));
    else if (at < now - RECOVERY_MS) {
      const message = `Invalid '${name}':'${value}'. '${name}' must be less than 24 hours in the past`;
      errors.push({ parameters: { [name]: raw }, message });
    }
    return at;
  });
  if (from === undefined && to === undefined) return undefined;
  const span = { from: from ?? now - RECOVERY_MS, to: Math.min(to ?? now, now) };
  if (errors.length === 0 && span.from >= span.to) {
    const parameters = Object.fromEntries(
      ['start_time', 'end_time'].flatMap((name) => (query.has(name) ? [[name, query.getAll(name)]] : [])),
    );
    errors.push({ parameters, message: "Invalid 'start_time'. 'start_time' must be before 'end_time' and before now" });
  }
  return span;
}

const NO_LISTS: typeof LISTS = new Map();

function valueError(name: string, raw: readonly string[], value: string, complaint: string): ParameterError {
  return { parameters: { [name]: raw }, message: `The \`${name}\` query parameter value [${value}] ${complaint}` };
}
