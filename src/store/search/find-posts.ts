/** Pages of a search, newest first. */
import type { Database, Queryable } from '../db.ts';
import { bounded } from './bounded.ts';
import { conditionSql, notWithdrawn, type SearchCondition } from './search-filter.ts';

/** A post's place among those found: `at` as text with microseconds, `-infinity` for posts of an unknown time. */
export type FoundPost = { at: string; platform: string; postId: string };

/** At most `limit` posts behind `after`. */
export type SearchPage = { after?: FoundPost | undefined; limit: number };

/** So many of the newest posts are looked at one by one before the index of words is asked. */
const NEAR_ROWS = 20_000;
/** So many matches of one span of time are sorted at once. */
const MOST_SORTED = 5_000;
/** Each span that is asked is so many times as long as the one after it, and so many times shorter when it held too many matches. */
const GROWTH = 4;
/** Spans are as long as so many of these, in ms; what is this short is not divided any more. */
const SHORTEST_MS = 1000;
/** No platform had posts before: one span holds what is older. */
const EARLIEST_MS = Date.UTC(2006, 2, 21);
const LONGEST_S = 8;

/**
 * Words that are common now are found by going back in time post by post. For others the index of words is asked, for one span of time after the other, each
 * longer than the one before: what matches lies all over the disk, and of it only as much is read as the page may need. Throws `SearchTooSlow`.
 */
export async function findPosts(
  db: Pick<Database, 'transaction'>,
  condition: SearchCondition,
  page: SearchPage,
): Promise<FoundPost[]> {
  return await bounded(db, LONGEST_S, async (tx) => {
    const { posts, last } = await findNear(tx, condition, page);
    if (last !== undefined && posts.length < page.limit)
      await findBehind(tx, condition, { posts, last, limit: page.limit });
    return posts;
  });
}

type Row = { at: string; platform: string; post_id: string };

/** The last post that was looked at, its instant, and how long as many rows last there, both in ms; infinite where the instant is. */
type Reached = { post: FoundPost; atMs: number; spanMs: number };

/** As a number, for before version 17 PostgreSQL takes no infinite instant from another one. */
const epoch = (instant: string) => `extract(epoch from ${instant})::float8`;

/** `last` is undefined when there were no more to look at. */
async function findNear(
  tx: Queryable,
  condition: SearchCondition,
  page: SearchPage,
): Promise<{ posts: FoundPost[]; last: Reached | undefined }> {
  const values: unknown[] = [];
  const { time, tokens } = conditionSql(condition, values);
  const behind = behindSql(page.after, values);
  const rows = await tx.query<Row & { at_ms: number | null; span_ms: number | null }>(
    `with near as materialized (
        select s.at, s.platform, s.post_id, s.account_id, s.tokens, s.latitude, s.longitude from post_search s where ${time} and ${behind}
          order by s.at desc, s.post_id desc, s.platform desc limit ${NEAR_ROWS}),
      found as (select s.at, s.platform, s.post_id from near s where ${tokens} and ${notWithdrawn('s')} limit ${page.limit})
      select at::text, platform, post_id, null as at_ms, null as span_ms from found
      union all select at::text, platform, post_id, 1000 * ${epoch('at')},
        2000 * ((select ${epoch('at')} from near offset ${NEAR_ROWS / 2} limit 1) - ${epoch('at')})
        from (select at, platform, post_id from near offset ${NEAR_ROWS - 1}) last where (select count(*) from found) < ${page.limit}`,
    values,
  );
  const last = rows.find((row) => row.at_ms !== null);
  const posts = rows.filter((row) => row.at_ms === null).map(toFound);
  return { posts, last: last && { post: toFound(last), atMs: last.at_ms ?? 0, spanMs: last.span_ms ?? 0 } };
}

/** Adds to `posts` what is left of the page, span after span. */
async function findBehind(
  tx: Queryable,
  condition: SearchCondition,
  { posts, last, limit }: { posts: FoundPost[]; last: Reached; limit: number },
): Promise<void> {
  const earliestMs = Math.max(EARLIEST_MS, condition.from === undefined ? 0 : Date.parse(condition.from));
  let [untilMs, lengthMs, after] = [last.atMs, last.spanMs * GROWTH, last.post as FoundPost | undefined];
  for (let isRest = false; posts.length < limit; ) {
    lengthMs = Math.min(Math.max(Math.ceil(lengthMs / SHORTEST_MS), 1) * SHORTEST_MS, untilMs - earliestMs);
    isRest = !(untilMs - lengthMs > earliestMs);
    const span = { untilMs, after, fromMs: isRest ? undefined : untilMs - lengthMs };
    const isShortest = !(lengthMs > SHORTEST_MS);
    const found = await findWithin(tx, condition, { ...span, limit: limit - posts.length, isShortest });
    if (found === undefined) {
      lengthMs /= GROWTH;
      continue;
    }
    posts.push(...found);
    if (isRest) return;
    [untilMs, lengthMs, after] = [untilMs - lengthMs, lengthMs * GROWTH, undefined];
  }
}

/** Instants in ms; `fromMs` inclusive, undefined: all that is older. Posts of `untilMs` itself are of the span only behind `after`. */
type Span = { fromMs: number | undefined; untilMs: number; after: FoundPost | undefined };

/** Undefined when there are too many to sort; the shortest span is read in its order then. */
async function findWithin(
  tx: Queryable,
  condition: SearchCondition,
  { fromMs, untilMs, after, limit, isShortest }: Span & { limit: number; isShortest: boolean },
): Promise<FoundPost[] | undefined> {
  const values: unknown[] = [];
  const { time, tokens } = conditionSql(condition, values);
  const instant = (ms: number) => `to_timestamp($${values.push(ms)}::float8 / 1000)`;
  const behind = after === undefined ? `s.at < ${instant(untilMs)}` : behindSql(after, values);
  const matching = `${tokens} and ${time} and ${behind} ${fromMs === undefined ? '' : `and s.at >= ${instant(fromMs)}`}`;
  const newest = 'order by s.at desc, s.post_id desc, s.platform desc';
  const rows = await tx.query<(Row | { at: null }) & { isTooMany: boolean }>(
    `with matches as materialized (
        select s.at, s.platform, s.post_id, s.account_id from post_search s where ${matching} limit ${MOST_SORTED + 1})
      select many as "isTooMany", at, platform, post_id from (select count(*) > ${MOST_SORTED} as many from matches) counted
        left join lateral (select s.at::text, s.platform, s.post_id from matches s where not many and ${notWithdrawn('s')}
          ${newest} limit ${limit}) found on true`,
    values,
  );
  if (rows[0]?.isTooMany !== true) return rows.flatMap((row) => (row.at === null ? [] : toFound(row)));
  if (!isShortest) return undefined;
  const inOrder = await tx.query<Row>(
    `select s.at::text, s.platform, s.post_id from post_search s where ${matching} and ${notWithdrawn('s')} ${newest} limit ${limit}`,
    values,
  );
  return inOrder.map(toFound);
}

/** The first part of it says the same of the instant alone, by which the planner leaves out months. */
function behindSql(after: FoundPost | undefined, values: unknown[]): string {
  if (after === undefined) return 'true';
  const parameter = (value: unknown) => `$${values.push(value)}`;
  const at = `${parameter(after.at)}::timestamptz`;
  return `s.at <= ${at} and (s.at, s.post_id, s.platform) < (${at}, ${parameter(after.postId)}::text, ${parameter(after.platform)}::text)`;
}

function toFound({ at, platform, post_id }: Row): FoundPost {
  return { at, platform, postId: post_id };
}
