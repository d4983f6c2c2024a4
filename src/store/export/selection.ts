/** Which posts an export reads, as values and as SQL. */

/** A platform's account. */
export type AccountKey = { platform: string; accountId: string };

/** All that is stored, what a collection met, or what accounts wrote. */
export type SelectionSource =
  | { kind: 'all' }
  | { kind: 'collection'; collectionId: number }
  | { kind: 'accounts'; accounts: AccountKey[] };

/**
 * Instants are ISO 8601 with Z; `…From` is inclusive, `…To` exclusive. `posted`: by the platform's word; a post without one is in no such window.
 * `captured`: by our clock, of the meeting. `newest`: one row a post, with the counts of its newest meeting in the window; `all`: a row a meeting.
 */
export type PostSelection = {
  source: SelectionSource;
  postedFrom?: string;
  postedTo?: string;
  capturedFrom?: string;
  capturedTo?: string;
  observations: 'newest' | 'all';
};

export type SelectionSql = { values: unknown[]; observed: string; posts: string; needsPosts: boolean };

/** Conditions on observations `o` and on posts `p`, with the values that their numbered parameters stand for. */
export function selectionSql(selection: PostSelection): SelectionSql {
  const values: unknown[] = [];
  const parameter = (value: unknown) => `$${values.push(value)}`;
  const observed: string[] = [];
  const posts: string[] = [];
  const { source, postedFrom, postedTo, capturedFrom, capturedTo } = selection;
  if (source.kind === 'collection') observed.push(`o.collection_id = ${parameter(source.collectionId)}`);
  if (source.kind === 'accounts') {
    const platforms = parameter(source.accounts.map(({ platform }) => platform));
    const ids = parameter(source.accounts.map(({ accountId }) => accountId));
    posts.push(`(p.platform, p.account_id) in (select * from unnest(${platforms}::text[], ${ids}::text[]))`);
  }
  if (capturedFrom !== undefined) observed.push(`o.captured_at >= ${parameter(capturedFrom)}::timestamptz`);
  if (capturedTo !== undefined) observed.push(`o.captured_at < ${parameter(capturedTo)}::timestamptz`);
  if (postedFrom !== undefined) posts.push(`p.posted_at >= ${parameter(postedFrom)}::timestamptz`);
  if (postedTo !== undefined) posts.push(`p.posted_at < ${parameter(postedTo)}::timestamptz`);
  return {
    values,
    observed: conjunction(observed),
    posts: conjunction(posts),
    needsPosts: posts.length > 0,
  };
}

function conjunction(conditions: string[]): string {
  return conditions.length === 0 ? 'true' : conditions.join(' and ');
}
