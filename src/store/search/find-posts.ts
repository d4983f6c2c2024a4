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
/** So many matches are sorted at once. */
const MOST_SORTED = 20_000;
const LONGEST_S = 8;

/**
 * Three ways, each for what the others are slow at. Words that are common now are found soon by going back in time. What is rare is found by the index of
 * words, all of it, and sorted. What is common, but not now, is looked for month by month. Throws `SearchTooSlow`.
 */
export async function findPosts(
  db: Pick<Database, 'transaction'>,
  condition: SearchCondition,
  page: SearchPage,
): Promise<FoundPost[]> {
  return await bounded(db, LONGEST_S, async (tx) => {
    const near = await findNear(tx, condition, page);
    if (near.isAll || near.posts.length >= page.limit) return near.posts;
    const all = await findAll(tx, condition, page);
    return all ?? (await findByMonth(tx, condition, page));
  });
}

type Row = { at: string; platform: string; post_id: string };

/** `isAll`: there were no more to look at. */
async function findNear(
  tx: Queryable,
  condition: SearchCondition,
  page: SearchPage,
): Promise<{ posts: FoundPost[]; isAll: boolean }> {
  const values: unknown[] = [];
  const { time, tokens } = conditionSql(condition, values);
  const behind = behindSql(page, values);
  const rows = await tx.query<Row & { seen: string }>(
    `with near as materialized (
        select s.at, s.platform, s.post_id, s.account_id, s.tokens, s.latitude, s.longitude from post_search s where ${time} and ${behind}
          order by s.at desc, s.post_id desc, s.platform desc limit ${NEAR_ROWS}),
      found as (select s.at, s.platform, s.post_id from near s where ${tokens} and ${notWithdrawn('s')} limit ${page.limit})
      select at::text, platform, post_id, case when (select count(*) from found) < ${page.limit} then (select count(*) from near) end as seen from found
      union all select null, null, null, (select count(*) from near) where not exists (select from found)`,
    values,
  );
  const seen = rows[0]?.seen;
  return { posts: rows.filter(({ at }) => at !== null).map(toFound), isAll: seen !== null && Number(seen) < NEAR_ROWS };
}

/** Undefined when there are too many to sort. */
async function findAll(tx: Queryable, condition: SearchCondition, page: SearchPage): Promise<FoundPost[] | undefined> {
  const values: unknown[] = [];
  const { time, tokens } = conditionSql(condition, values);
  const behind = behindSql(page, values);
  const rows = await tx.query<Row & { matches: string }>(
    `with matches as materialized (
        select s.at, s.platform, s.post_id, s.account_id from post_search s where ${tokens} and ${time} and ${behind} limit ${MOST_SORTED + 1})
      select s.at::text, s.platform, s.post_id, (select count(*) from matches) as matches from matches s where ${notWithdrawn('s')}
        order by s.at desc, s.post_id desc, s.platform desc limit ${page.limit}`,
    values,
  );
  if (Number(rows[0]?.matches ?? 0) > MOST_SORTED) return undefined;
  return rows.map(toFound);
}

/** One month after the other, until the page is full. */
async function findByMonth(tx: Queryable, condition: SearchCondition, page: SearchPage): Promise<FoundPost[]> {
  const found: FoundPost[] = [];
  for (const table of await monthsOf(tx)) {
    const values: unknown[] = [];
    const { time, tokens } = conditionSql(condition, values);
    const behind = behindSql(page, values);
    const rows = await tx.query<Row>(
      `select s.at::text, s.platform, s.post_id from ${table} s where ${tokens} and ${time} and ${behind} and ${notWithdrawn('s')}
        order by s.at desc, s.post_id desc, s.platform desc limit ${page.limit - found.length}`,
      values,
    );
    found.push(...rows.map(toFound));
    if (found.length >= page.limit) break;
  }
  return found;
}

/** The tables of the index, newest month first; what is of no month comes last. */
async function monthsOf(tx: Queryable): Promise<string[]> {
  const rows = await tx.query<{ name: string }>(
    `select c.relname::text as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
      where i.inhparent = 'post_search'::regclass order by c.relname ~ '_default$', c.relname desc`,
  );
  return rows.map(({ name }) => name);
}

function behindSql({ after }: SearchPage, values: unknown[]): string {
  if (after === undefined) return 'true';
  const parameter = (value: unknown) => `$${values.push(value)}`;
  return `(s.at, s.post_id, s.platform) < (${parameter(after.at)}::timestamptz, ${parameter(after.postId)}::text, ${parameter(after.platform)}::text)`;
}

function toFound({ at, platform, post_id }: Row): FoundPost {
  return { at, platform, postId: post_id };
}
