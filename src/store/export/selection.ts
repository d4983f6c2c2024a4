/** Which posts an export reads, as values and as SQL. */
import { conditionSql, type SearchCondition } from '../search/search-filter.ts';
import { mayBeShared, type Withdrawals } from './withdrawn-sql.ts';

/** A platform's account. */
export type AccountKey = { platform: string; accountId: string };

/** All that is stored, what a collection met, or what accounts wrote. `accounts` of a collection: only what these wrote. */
export type SelectionSource =
  | { kind: 'all' }
  | { kind: 'collection'; collectionId: number; accounts?: AccountKey[] }
  | { kind: 'accounts'; accounts: AccountKey[] };

/**
 * Instants are ISO 8601 with Z; `…From` is inclusive, `…To` exclusive. `posted`: by the platform's word; a post without one is in no such window.
 * `captured`: by our clock, of the meeting. `newest`: one row a post, with the counts of its newest meeting in the window; `all`: a row a meeting.
 * `search`: only posts that the text index finds by it. `withdrawals`: what there is of them in the database; `honour`: posts that may not be shared any more are left out.
 */
export type PostSelection = {
  source: SelectionSource;
  postedFrom?: string;
  postedTo?: string;
  capturedFrom?: string;
  capturedTo?: string;
  search?: SearchCondition;
  observations: 'newest' | 'all';
  withdrawals: Withdrawals;
  honour: boolean;
};

export type SelectionSql = { values: unknown[]; observed: string; posts: string; needsPosts: boolean; shared: string };

/**
 * Conditions on observations `o` and on posts `p`, with the values that their numbered parameters stand for. `shared`: on posts too, apart because
 * it is cheaper to look at each post once it is read.
 */
export function selectionSql(selection: PostSelection): SelectionSql {
  const values: unknown[] = [];
  const parameter = (value: unknown) => `$${values.push(value)}`;
  const observed: string[] = [];
  const posts: string[] = [];
  const { source, postedFrom, postedTo, capturedFrom, capturedTo, search } = selection;
  if (source.kind === 'collection') observed.push(`o.collection_id = ${parameter(source.collectionId)}`);
  const accounts = source.kind === 'all' ? undefined : source.accounts;
  if (accounts !== undefined) {
    const platforms = parameter(accounts.map(({ platform }) => platform));
    const ids = parameter(accounts.map(({ accountId }) => accountId));
    posts.push(`(p.platform, p.account_id) in (select * from unnest(${platforms}::text[], ${ids}::text[]))`);
  }
  if (capturedFrom !== undefined) observed.push(`o.captured_at >= ${parameter(capturedFrom)}::timestamptz`);
  if (capturedTo !== undefined) observed.push(`o.captured_at < ${parameter(capturedTo)}::timestamptz`);
  if (postedFrom !== undefined) posts.push(`p.posted_at >= ${parameter(postedFrom)}::timestamptz`);
  if (postedTo !== undefined) posts.push(`p.posted_at < ${parameter(postedTo)}::timestamptz`);
  if (search !== undefined) {
    const { time, tokens } = conditionSql(search, values);
    posts.push(
      `(p.platform, p.post_id) in (select s.platform, s.post_id from post_search s where ${time} and ${tokens})`,
    );
  }
  return {
    values,
    observed: conjunction(observed),
    posts: conjunction(posts),
    needsPosts: posts.length > 0,
    shared: selection.honour ? mayBeShared(selection.withdrawals) : 'true',
  };
}

/**
 * Equality of instants, said so that the planner takes it for no rarity: the instant is a function of the id, and where both are compared as equals it expects one row of
 * millions, and looks for each by itself in all months.
 */
export function isAt(instant: string, other: string): string {
  return `${instant} >= ${other} and ${instant} <= ${other}`;
}

function conjunction(conditions: string[]): string {
  return conditions.length === 0 ? 'true' : conditions.join(' and ');
}
