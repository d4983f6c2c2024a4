/** All that is known of one post. */
import type { Queryable } from '../db.ts';
import { editHistory } from './edit-history.ts';
import type { CollectionSight } from './search-filter.ts';
import { markToken, quoteToken } from './search-tokens.ts';
import { idAt, type PostKey, postSummaries, type StoredPost } from './post-summaries.ts';

/** One meeting of a collection and the post. Counts as of then; null where the platform did not say. */
export type PostMeeting = {
  collectionId: number;
  capturedAt: string;
  /** Which words, people or places of a filter found it; empty where it is none, or that is not known. */
  foundBy: { kind: string; text: string }[];
  reposts: number | null;
  replies: number | null;
  likes: number | null;
  quotes: number | null;
  bookmarks: number | null;
  impressions: number | null;
};

/** What a platform took back, newest first; `liftedAt`: since then it is so no more. */
export type PostTakenBack = {
  of: 'post' | 'account';
  kind: 'deleted' | 'not_found' | 'protected' | 'suspended' | 'withheld';
  notedAt: string;
  liftedAt: string | null;
  countries: string[];
};

/**
 * `post`: undefined while the platform has taken it back: then nothing of it is handed out. `meetings`: of collections that may be seen, newest first,
 * MOST_MEETINGS at most of `met`. `related`: posts that it points at, as far as they are stored and may be seen. `versions`: what its author made of it,
 * the first one first, this one included, later ones as far as one of them is stored; empty where it was not edited, or no payload says so.
 */
export type PostView = {
  post: StoredPost | undefined;
  met: number;
  meetings: PostMeeting[];
  takenBack: PostTakenBack[];
  related: StoredPost[];
  versions: PostVersion[];
};

/** `post`: undefined where that version is not stored, not to be seen, or taken back. */
export type PostVersion = { postId: string; post: StoredPost | undefined };

export const MOST_MEETINGS = 500;

/** Undefined when there is none, or only collections out of sight met it: nobody learns which. */
export async function viewPost(db: Queryable, key: PostKey, sight: CollectionSight): Promise<PostView | undefined> {
  const meetings = await meetingsOf(db, key, sight);
  const [first] = meetings;
  if (first === undefined) return undefined;
  const takenBack = await takenBackOf(db, key);
  const [post] = await postSummaries(db, [key], sight, { unindexed: true });
  const related =
    post === undefined
      ? []
      : await postSummaries(
          db,
          post.references.map(({ postId }) => ({ platform: key.platform, postId })),
          sight,
        );
  const versions = post === undefined ? [] : await versionsOf(db, post, sight);
  return { post, met: Number(first.met), meetings: meetings.map(toMeeting), takenBack, related, versions };
}

/** Each edit is a post with an id of its own, and says which ones were before it. */
async function versionsOf(db: Queryable, post: StoredPost, sight: CollectionSight): Promise<PostVersion[]> {
  const own = editHistory(post.payload);
  if (!own.includes(post.postId)) return [];
  const later = await laterVersions(db, post, sight);
  // The last one knows them all.
  const ids = later.map(({ payload }) => editHistory(payload)).at(-1) ?? own;
  if (ids.length < 2) return [];
  const keys = ids.map((postId) => ({ platform: post.platform, postId }));
  const stored = await postSummaries(db, keys, sight, { unindexed: true });
  return ids.map((postId) => ({ postId, post: stored.find((each) => each.postId === postId) }));
}

/** X lets a post be edited for an hour. */
const EDITED_WITHIN_MS = 3_600_000;
/** Of an account that writes more in an hour, not all are looked through. */
const MOST_LATER = 200;

/** A post does not know what was made of it later; the author's next posts are asked, oldest first. Plan: the index of words for the account. */
async function laterVersions(db: Queryable, post: StoredPost, sight: CollectionSight): Promise<StoredPost[]> {
  const { platform, postId, accountId, at } = post;
  if (accountId === null || at === '-infinity') return [];
  const rows = await db.query<{ post_id: string }>(
    `select post_id from post_search where tokens @@ $1::tsquery and platform = $2 and at >= $3::timestamptz and at <= $4::timestamptz and post_id <> $5
      order by at, post_id limit ${MOST_LATER}`,
    [
      quoteToken(markToken('account', accountId)),
      ...[platform, at, new Date(Date.parse(at) + EDITED_WITHIN_MS).toISOString(), postId],
    ],
  );
  const keys = rows.map((row) => ({ platform, postId: row.post_id }));
  const posts = keys.length === 0 ? [] : await postSummaries(db, keys, sight);
  return posts.filter(({ payload }) => {
    const ids = editHistory(payload);
    return ids.includes(postId) && ids.at(-1) !== postId;
  });
}

type MeetingRow = {
  collection_id: number;
  captured_at: string;
  met: string;
  found_by: { kind: string; text: string }[] | null;
  reposts: string | null;
  replies: string | null;
  likes: string | null;
  quotes: string | null;
  bookmarks: string | null;
  impressions: string | null;
};

async function meetingsOf(db: Queryable, { platform, postId }: PostKey, sight: CollectionSight): Promise<MeetingRow[]> {
  return await db.query<MeetingRow>(
    `select collection_id, captured_at, reposts, replies, likes, quotes, bookmarks, impressions, count(*) over () as met,
        (select json_agg(json_build_object('kind', s.kind, 'text', s.text) order by s.kind, s.text)
          from filter_seeds s where s.seed_id = any(matched)) as found_by
      from observations where post_id = $2 and platform = $1 and ($3::integer[] is null or collection_id = any($3))
        and captured_at >= $4::timestamptz
      order by captured_at desc, collection_id limit ${MOST_MEETINGS}`,
    [platform, postId, sight === 'all' ? null : sight, earliestCapture(postId)],
  );
}

/** Nothing is met before it was posted; clocks may be a day apart. It spares a look into all days before. */
function earliestCapture(postId: string): string {
  const at = idAt(postId);
  return at === '-infinity' ? at : new Date(Date.parse(at) - 86_400_000).toISOString();
}

async function takenBackOf(db: Queryable, { platform, postId }: PostKey): Promise<PostTakenBack[]> {
  const rows = await db.query<{
    of: 'post' | 'account';
    kind: PostTakenBack['kind'];
    noted_at: string;
    lifted_at: string | null;
    countries: string[] | null;
  }>(
    `select 'post' as of, kind, noted_at, lifted_at, countries from post_withdrawals where platform = $1 and post_id = $2
      union all select 'account', w.kind, w.noted_at, w.lifted_at, w.countries from account_withdrawals w
        join posts p on p.platform = w.platform and p.account_id = w.account_id
        where p.platform = $1 and p.post_id = $2 and p.id_at = $3 and w.kind <> 'places'
      order by noted_at desc`,
    [platform, postId, idAt(postId)],
  );
  return rows.map(({ of, kind, noted_at, lifted_at, countries }) => ({
    ...{ of, kind, notedAt: noted_at, liftedAt: lifted_at, countries: countries ?? [] },
  }));
}

function toMeeting({ collection_id, captured_at, found_by, met: _met, ...counts }: MeetingRow): PostMeeting {
  const number = (count: string | null) => (count === null ? null : Number(count));
  return {
    collectionId: collection_id,
    capturedAt: captured_at,
    foundBy: found_by ?? [],
    reposts: number(counts.reposts),
    replies: number(counts.replies),
    likes: number(counts.likes),
    quotes: number(counts.quotes),
    bookmarks: number(counts.bookmarks),
    impressions: number(counts.impressions),
  };
}
