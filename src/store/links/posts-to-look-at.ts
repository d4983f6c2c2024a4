/** Reads stored posts in batches, to find their links. */
import type { Queryable } from '../db.ts';
import type { PostKey } from './note-links.ts';

/** `postedFrom` is inclusive, `postedTo` exclusive, both by the platform's word, ISO 8601 with Z. All absent: whatever is stored. */
export type LinkSelection = {
  postedFrom?: string;
  postedTo?: string;
  account?: { platform: string; accountId: string };
  collectionId?: number;
};

export type PostToLookAt = PostKey & { payload: string };

/** An id's instant and the platform's word of when a post was made are the same but for parts of a second. */
const SLACK_MS = 24 * 3_600_000;

/** Yields batches in the order of the keys; each is a query of its own, so that no snapshot is held for the hours that following takes. */
export async function* postsToLookAt(
  db: Queryable,
  selection: LinkSelection,
  batchRows: number,
): AsyncGenerator<PostToLookAt[]> {
  const { condition, values } = conditionOf(selection);
  let after: PostKey = { platform: '', postId: '' };
  for (;;) {
    const rows = await db.query<{ platform: string; post_id: string; payload: string }>(
      `select p.platform, p.post_id, p.payload::text as payload from posts p
        where (p.platform, p.post_id) > ($1, $2) and ${condition}
        order by p.platform, p.post_id limit ${Math.floor(batchRows)}`,
      [after.platform, after.postId, ...values],
    );
    const last = rows.at(-1);
    if (last === undefined) return;
    after = { platform: last.platform, postId: last.post_id };
    yield rows.map(({ platform, post_id, payload }) => ({ platform, postId: post_id, payload }));
    if (rows.length < batchRows) return;
  }
}

export async function countPostsToLookAt(db: Queryable, selection: LinkSelection): Promise<number> {
  const { condition, values } = conditionOf(selection);
  const [row] = await db.query<{ posts: string }>(
    `select count(*) as posts from posts p where $1::text is not null and $2::text is not null and ${condition}`,
    ['', '', ...values],
  );
  return Number(row?.posts);
}

/** Parameters from $3 on. The instants of ids spare the months outside of the window. */
function conditionOf({ postedFrom, postedTo, account, collectionId }: LinkSelection): {
  condition: string;
  values: unknown[];
} {
  const values: unknown[] = [];
  const parameter = (value: unknown) => `$${values.push(value) + 2}`;
  const conditions = ['true'];
  const shifted = (instant: string, ms: number) => new Date(Date.parse(instant) + ms).toISOString();
  if (postedFrom !== undefined)
    conditions.push(
      `p.posted_at >= ${parameter(postedFrom)}::timestamptz`,
      `(p.id_at >= ${parameter(shifted(postedFrom, -SLACK_MS))}::timestamptz or p.id_at = '-infinity')`,
    );
  if (postedTo !== undefined)
    conditions.push(
      `p.posted_at < ${parameter(postedTo)}::timestamptz`,
      `p.id_at < ${parameter(shifted(postedTo, SLACK_MS))}::timestamptz`,
    );
  if (account !== undefined)
    conditions.push(`p.platform = ${parameter(account.platform)} and p.account_id = ${parameter(account.accountId)}`);
  if (collectionId !== undefined)
    conditions.push(
      `exists (select from observations o where o.collection_id = ${parameter(collectionId)}
        and o.platform = p.platform and o.post_id = p.post_id)`,
    );
  return { condition: conditions.join(' and '), values };
}
