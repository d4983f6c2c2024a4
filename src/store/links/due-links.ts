/** Links that are to be followed now, and what came of those that were. */
import type { Queryable } from '../db.ts';
import type { PostKey } from './note-links.ts';

/** `tries`: so many there were. */
export type DueLink = { linkId: string; url: string; tries: number };

/** A due link and one of the posts that were asked about. */
export type DueLinkOfPost = DueLink & { post: string };

type Row = { link_id: string; url: string; tries: number };

/** The due links of posts; one that several posts have comes with each of them. `post` is "platform id". */
export async function dueOfPosts(db: Queryable, posts: readonly PostKey[], nowMs: number): Promise<DueLinkOfPost[]> {
  const rows = await db.query<Row & { platform: string; post_id: string }>(
    `select link_id, url, tries, platform, post_id from post_links join links using (link_id)
      where (platform, post_id) in (select * from unnest($1::text[], $2::text[])) and state = 'due' and due_at <= $3
      order by platform, post_id, position`,
    [posts.map(({ platform }) => platform), posts.map(({ postId }) => postId), new Date(nowMs).toISOString()],
  );
  return rows.map((row) => ({ ...toDue(row), post: `${row.platform} ${row.post_id}` }));
}

/** Whatever is due, the longest due first. */
export async function dueLinks(db: Queryable, nowMs: number, limit: number): Promise<DueLink[]> {
  const rows = await db.query<Row>(
    `select link_id, url, tries from links where state = 'due' and due_at <= $1 order by due_at, link_id limit ${Math.floor(limit)}`,
    [new Date(nowMs).toISOString()],
  );
  return rows.map(toDue);
}

/** What came of one try. `dueAt`: when there will be another; with it the state is `due`. */
export type TriedLink = {
  state: 'done' | 'refused' | 'unreachable';
  dueAt?: string;
  history: unknown[];
  finalUrl: string;
  finalStatus?: number;
  finalHeaders?: object;
  durationMs: number;
  checkedAt: string;
  cause?: string;
};

/** Notes what came of a try; false when somebody else tried it meanwhile, whose word stands. */
export async function noteTried(db: Queryable, { linkId, tries }: DueLink, tried: TriedLink): Promise<boolean> {
  const { state, dueAt, history, finalUrl, finalStatus, finalHeaders, durationMs, checkedAt, cause } = tried;
  const rows = await db.query(
    `update links set state = $3, due_at = $4, tries = tries + 1, history = $5, final_url = $6, final_status = $7,
        final_headers = $8, duration_ms = $9, checked_at = $10, cause = $11
      where link_id = $1 and tries = $2 and state = 'due' returning link_id`,
    [
      linkId,
      tries,
      dueAt === undefined ? state : 'due',
      dueAt ?? null,
      JSON.stringify(history),
      finalUrl,
      finalStatus ?? null,
      finalHeaders === undefined ? null : JSON.stringify(finalHeaders),
      durationMs,
      checkedAt,
      cause ?? null,
    ],
  );
  return rows.length > 0;
}

function toDue({ link_id, url, tries }: Row): DueLink {
  return { linkId: link_id, url, tries };
}
