import type { Queryable } from '../db.ts';

/** A post as it is shown in a list. Instants ISO 8601 with Z; null where the platform said nothing. */
export type RecentPost = {
  platform: string;
  postId: string;
  accountId: string | null;
  handle: string | null;
  name: string | null;
  text: string | null;
  lang: string | null;
  postedAt: string | null;
  capturedAt: string;
};

type Row = {
  platform: string;
  post_id: string;
  account_id: string | null;
  handle: string | null;
  name: string | null;
  text: string | null;
  lang: string | null;
  posted_at: string | null;
  captured_at: string;
};

/**
 * The posts that a collection met last, newest first, each once. Plan: the newest observations by their primary key backwards, then one look-up each; the
 * age of the collection does not matter.
 */
export async function recentPosts(db: Queryable, collectionId: number, limit: number): Promise<RecentPost[]> {
  const rows = await db.query<Row>(
    `select o.platform, o.post_id, p.account_id, a.handle, a.name, p.text, p.lang, p.posted_at, o.captured_at
      from (select platform, post_id, id_at, captured_at from observations
          where collection_id = $1 order by captured_at desc, segment_id desc, content_offset desc limit $2) o
        join posts p using (platform, post_id, id_at)
        left join accounts a on (a.platform, a.account_id) = (p.platform, p.account_id)
      order by o.captured_at desc`,
    [collectionId, limit],
  );
  const seen = new Set<string>();
  return rows
    .filter(({ platform, post_id }) => {
      const isNew = !seen.has(`${platform} ${post_id}`);
      seen.add(`${platform} ${post_id}`);
      return isNew;
    })
    .map((row) => ({
      ...{ platform: row.platform, postId: row.post_id, accountId: row.account_id, handle: row.handle, name: row.name },
      ...{ text: row.text, lang: row.lang, postedAt: row.posted_at, capturedAt: row.captured_at },
    }));
}
