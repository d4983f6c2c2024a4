/** What the posts of a search have in common: how many, when, by whom, about what, where. Exact for few; estimated from an even sample of many. */
import type { Database, Queryable } from '../db.ts';
import { bounded } from './bounded.ts';
import { conditionSql, notWithdrawn, placed, placesTakenBack, sampled, type SearchCondition } from './search-filter.ts';
import type { PostKind } from '../../core/post.ts';

/** Up to here posts are counted one by one. */
export const COUNTED_EXACTLY = 10_000;
const LONGEST_S = 8;
const TOP = 15;
const MOST_CELLS = 400;

/** `count`: of posts, or an estimate: then `exact` is false and there are more than COUNTED_EXACTLY. */
export type Total = { count: number; exact: boolean };
export type Share<Value> = { value: Value; count: number };

/** Counts are estimates unless the total is exact. `collections`: ids, of those that may be seen. */
export type Facets = {
  total: Total;
  langs: Share<string>[];
  hashtags: Share<string>[];
  kinds: Share<PostKind>[];
  authors: (Share<string> & { platform: string; handle: string | null; name: string | null })[];
  collections: Share<number>[];
};

/** `from`: when a bucket begins; `unit` says how long each is. All buckets from the first to the last, empty ones too; none without posts. */
export type Timeline = { total: Total; unit: BucketUnit; buckets: { from: string; count: number }[] };

/** Posts of a cell of a grid, at the middle of where they were written. */
export type Cell = { latitude: number; longitude: number; count: number; place: string | null };
export type Places = { total: Total; cells: Cell[]; withoutPoint: number };

/** Lengths in seconds; months and years as the calendar has them. */
const UNITS = {
  minute: 60,
  '10 minutes': 600,
  hour: 3600,
  '6 hours': 21_600,
  day: 86_400,
  week: 604_800,
  month: 2_629_746,
  year: 31_556_952,
} as const;
export type BucketUnit = keyof typeof UNITS;
export const bucketUnits = Object.keys(UNITS) as [BucketUnit, ...BucketUnit[]];
const MOST_BUCKETS = 120;

/** Throws `SearchTooSlow`. */
export async function facetsOf(db: Pick<Database, 'transaction'>, condition: SearchCondition): Promise<Facets> {
  return await bounded(db, LONGEST_S, async (tx) => {
    const sample = await sampleOf(tx, condition);
    const values: unknown[] = [];
    const matched = matchedSql(
      sample.condition,
      values,
      's.platform, s.account_id, s.lang, s.kind, s.hashtags, s.collection_ids',
    );
    const top = (facet: string, value: string, from: string) =>
      `(select '${facet}' as facet, ${value} as value, platform, count(*) as count from ${from} group by 2, 3 order by 4 desc, 2 limit ${TOP})`;
    const rows = await tx.query<{
      facet: string;
      value: string;
      platform: string | null;
      count: string;
      handle: string | null;
      name: string | null;
    }>(
      `with matched as materialized (${matched}), tops as (
          ${top('lang', 'lang', '(select lang, null::text as platform from matched where lang is not null) m')}
          union all ${top('hashtag', 'tag', '(select unnest(hashtags) as tag, null::text as platform from matched) m')}
          union all ${top('kind', 'kind', '(select kind, null::text as platform from matched) m')}
          union all ${top('author', 'account_id', '(select account_id, platform from matched where account_id is not null) m')}
          union all ${top('collection', 'id::text', '(select unnest(collection_ids) as id, null::text as platform from matched) m').replace(`limit ${TOP}`, 'limit 500')})
        select t.facet, t.value, t.platform, t.count, a.handle, a.name
          from tops t left join accounts a on t.facet = 'author' and a.platform = t.platform and a.account_id = t.value
          order by t.count desc, t.value`,
      values,
    );
    const of = (facet: string) =>
      rows.filter((row) => row.facet === facet).map((row) => ({ ...row, count: Number(row.count) * sample.factor }));
    return {
      total: sample.total,
      langs: of('lang').map(({ value, count }) => ({ value, count })),
      hashtags: of('hashtag').map(({ value, count }) => ({ value, count })),
      kinds: of('kind').map(({ value, count }) => ({ value: value as PostKind, count })),
      authors: of('author').map(({ value, count, platform, handle, name }) => ({
        ...{ value, count, platform: platform ?? '', handle, name },
      })),
      collections: of('collection').map(({ value, count }) => ({ value: Number(value), count })),
    };
  });
}

/** Throws `SearchTooSlow`. */
export async function timelineOf(db: Pick<Database, 'transaction'>, condition: SearchCondition): Promise<Timeline> {
  return await bounded(db, LONGEST_S, async (tx) => {
    const sample = await sampleOf(tx, condition);
    const values: unknown[] = [];
    const rows = await tx.query<{ at: string; count: string }>(
      // Minutes first: the bounds that decide on the unit are not known before.
      `with matched as materialized (${matchedSql(sample.condition, values, 's.at')})
        select date_bin('1 minute', at, '2000-01-01') as at, count(*) as count from matched where at > '-infinity' group by 1 order by 1`,
      values,
    );
    const minutes = rows.map(({ at, count }) => ({ ms: Date.parse(at), count: Number(count) * sample.factor }));
    return { total: sample.total, ...bucketsOf(minutes, condition) };
  });
}

/** Throws `SearchTooSlow`. */
export async function placesOf(db: Pick<Database, 'transaction'>, condition: SearchCondition): Promise<Places> {
  return await bounded(db, LONGEST_S, async (tx) => {
    const sample = await sampleOf(tx, placed(condition));
    const values: unknown[] = [];
    const rows = await tx.query<{
      latitude: number | null;
      longitude: number | null;
      count: string;
      place: string | null;
    }>(
      `with matched as materialized (${matchedSql(sample.condition, values, `s.latitude, s.longitude, s.place, ${placesTakenBack('s')} as placeless`)})
        select avg(latitude) as latitude, avg(longitude) as longitude, count(*) as count, mode() within group (order by place) as place
          from matched where not placeless group by round(latitude), round(longitude) order by avg(latitude) is null desc, count(*) desc limit ${MOST_CELLS + 1}`,
      values,
    );
    const cells: Cell[] = [];
    let withoutPoint = 0;
    for (const { latitude, longitude, count, place } of rows) {
      const posts = Number(count) * sample.factor;
      if (latitude === null || longitude === null) withoutPoint += posts;
      else cells.push({ latitude, longitude, count: posts, place });
    }
    return { total: sample.total, cells, withoutPoint };
  });
}

type Sample = { condition: SearchCondition; factor: number; total: Total };

/** Digits in a sample's mark: each leaves one of sixteen posts. */
const MOST_DIGITS = 3;

/** All matches when they are few; else a part of all posts that leaves some thousands of them, and what one of it stands for. */
async function sampleOf(tx: Queryable, condition: SearchCondition): Promise<Sample> {
  const exact = await countUpTo(tx, condition, COUNTED_EXACTLY + 1);
  if (exact <= COUNTED_EXACTLY) return { condition, factor: 1, total: { count: exact, exact: true } };
  // From the smallest part on: so nothing large is ever read to find out that it is large.
  let digits = MOST_DIGITS;
  for (; digits > 0; digits--) {
    const part = sampled(condition, '7'.repeat(digits));
    const count = await countUpTo(tx, part, 16 * COUNTED_EXACTLY);
    const factor = 16 ** digits;
    const isEnough = count >= COUNTED_EXACTLY / 16 || digits === 1;
    if (isEnough)
      return { condition: part, factor, total: { count: Math.max(count * factor, COUNTED_EXACTLY + 1), exact: false } };
  }
  throw new Error('a part of all posts was too small and too large');
}

async function countUpTo(tx: Queryable, condition: SearchCondition, limit: number): Promise<number> {
  const values: unknown[] = [];
  const { time, tokens } = conditionSql(condition, values);
  const [row] = await tx.query<{ count: string }>(
    `select count(*) from (select from post_search s where ${tokens} and ${time} and ${notWithdrawn('s')} limit ${limit}) found`,
    values,
  );
  return Number(row?.count ?? 0);
}

function matchedSql(condition: SearchCondition, values: unknown[], columns: string): string {
  const { time, tokens } = conditionSql(condition, values);
  return `select ${columns} from post_search s where ${tokens} and ${time} and ${notWithdrawn('s')} limit ${16 * COUNTED_EXACTLY}`;
}

/** The finest unit that makes no more than MOST_BUCKETS of the time that is asked for, or that posts are of. */
function bucketsOf(
  minutes: readonly { ms: number; count: number }[],
  { from, to }: SearchCondition,
): Pick<Timeline, 'unit' | 'buckets'> {
  const [first, last] = [minutes[0]?.ms, minutes.at(-1)?.ms];
  if (first === undefined || last === undefined) return { unit: 'hour', buckets: [] };
  const begin = Math.max(from === undefined ? first : Date.parse(from), Math.min(first, EARLIEST_MS));
  const end = to === undefined ? last + 60_000 : Date.parse(to);
  const unit = bucketUnits.find((each) => (end - begin) / 1000 / UNITS[each] <= MOST_BUCKETS) ?? 'year';
  const counts = new Map<number, number>();
  for (const { ms, count } of minutes) {
    const bucket = bucketStart(ms, unit);
    counts.set(bucket, (counts.get(bucket) ?? 0) + count);
  }
  const buckets: Timeline['buckets'] = [];
  for (let at = bucketStart(begin, unit); at < end && buckets.length < 4 * MOST_BUCKETS; at = nextBucket(at, unit))
    buckets.push({ from: new Date(at).toISOString(), count: counts.get(at) ?? 0 });
  return { unit, buckets };
}

/** No platform is older. */
const EARLIEST_MS = Date.UTC(2006, 0);
/** Weeks begin on Mondays. */
const A_MONDAY_MS = Date.UTC(1970, 0, 5);

function bucketStart(ms: number, unit: BucketUnit): number {
  const date = new Date(ms);
  if (unit === 'month') return Date.UTC(date.getUTCFullYear(), date.getUTCMonth());
  if (unit === 'year') return Date.UTC(date.getUTCFullYear(), 0);
  const lengthMs = UNITS[unit] * 1000;
  const origin = unit === 'week' ? A_MONDAY_MS : 0;
  return origin + Math.floor((ms - origin) / lengthMs) * lengthMs;
}

function nextBucket(at: number, unit: BucketUnit): number {
  const date = new Date(at);
  if (unit === 'month') return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1);
  if (unit === 'year') return Date.UTC(date.getUTCFullYear() + 1, 0);
  return at + UNITS[unit] * 1000;
}
