/** Notes which links posts have, and which of them are to be followed. */
import { createHash } from 'node:crypto';
import type { Queryable } from '../db.ts';

export type PostKey = { platform: string; postId: string };

/** A post and its links in their order; `url` is the address that is followed, `link` what the text shows. */
export type LinkedPost = PostKey & { links: { link: string; url: string; kind: 'url' | 'media' | 'text' }[] };

/** Which of the posts have links noted already. */
export async function postsWithLinks(db: Queryable, posts: readonly PostKey[]): Promise<Set<string>> {
  const rows = await db.query<{ platform: string; post_id: string }>(
    `select distinct platform, post_id from post_links
      where (platform, post_id) in (select * from unnest($1::text[], $2::text[]))`,
    [posts.map(({ platform }) => platform), posts.map(({ postId }) => postId)],
  );
  return new Set(rows.map(({ platform, post_id }) => `${platform} ${post_id}`));
}

/**
 * Notes the links of posts, in place of those that were noted of them. An address that nobody linked to is due at once; one that is known
 * keeps what is known of it. Call it in a transaction.
 */
export async function noteLinks(tx: Queryable, posts: readonly LinkedPost[], nowMs: number): Promise<void> {
  const rows = posts.flatMap(({ platform, postId, links }) =>
    links.map((each, position) => ({ platform, postId, position, ...each, key: keyOf(each.url) })),
  );
  const addresses = new Map(rows.map(({ key, url }) => [key, url]));
  // In the order of keys, so that two who note at the same time do not wait for each other in a circle.
  const sorted = [...addresses].sort(([a], [b]) => (a < b ? -1 : 1));
  await tx.query(
    `insert into links (url_sha256, url, state, due_at, noted_at)
      select decode(key, 'hex'), url, 'due', $3, $3 from unnest($1::text[], $2::text[]) as new (key, url)
      on conflict (url_sha256) do nothing`,
    [sorted.map(([key]) => key), sorted.map(([, url]) => url), new Date(nowMs).toISOString()],
  );
  await tx.query('delete from post_links where (platform, post_id) in (select * from unnest($1::text[], $2::text[]))', [
    posts.map(({ platform }) => platform),
    posts.map(({ postId }) => postId),
  ]);
  await tx.query(
    `insert into post_links (platform, post_id, position, link, kind, link_id)
      select platform, post_id, position, link, kind, link_id
        from unnest($1::text[], $2::text[], $3::smallint[], $4::text[], $5::text[], $6::text[]) as new (platform, post_id, position, link, kind, key)
        join links on url_sha256 = decode(key, 'hex')`,
    [
      rows.map(({ platform }) => platform),
      rows.map(({ postId }) => postId),
      rows.map(({ position }) => position),
      rows.map(({ link }) => link),
      rows.map(({ kind }) => kind),
      rows.map(({ key }) => key),
    ],
  );
}

/** Makes the links of posts due again, whatever is known of them, unless they were followed since. Returns how many. */
export async function makeDueAgain(db: Queryable, posts: readonly PostKey[], nowMs: number): Promise<number> {
  const rows = await db.query(
    `update links set state = 'due', due_at = $3, tries = 0
      where link_id in (select link_id from post_links where (platform, post_id) in (select * from unnest($1::text[], $2::text[])))
        and (checked_at is null or checked_at < $3) and (state <> 'due' or due_at > $3) returning link_id`,
    [posts.map(({ platform }) => platform), posts.map(({ postId }) => postId), new Date(nowMs).toISOString()],
  );
  return rows.length;
}

/** Forgets which links posts had that are no longer stored. What the addresses answered stays: the posts may come back by a rebuild. */
export async function forgetLinksOfGonePosts(db: Queryable): Promise<void> {
  await db.query(
    `delete from post_links l where not exists
      (select from posts p where p.platform = l.platform and p.post_id = l.post_id)`,
  );
}

function keyOf(url: string): string {
  return createHash('sha256').update(url).digest('hex');
}
