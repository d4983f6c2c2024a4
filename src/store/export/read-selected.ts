/** Reads what an export selects, in the order of ids, in batches, within one snapshot. */
import type { Reference } from '../../core/post.ts';
import type { Queryable } from '../db.ts';
import { type PostSelection, selectionSql } from './selection.ts';

/** Counts as text, for they are int8. Null: the platform did not send it. */
export type SelectedCounts = {
  reposts: string | null;
  replies: string | null;
  likes: string | null;
  quotes: string | null;
  bookmarks: string | null;
  impressions: string | null;
};

/**
 * A post and the meeting that its counts are from. `payload` is as received, `capturedAt` when; `observedAt` is when the counts were. `identity` names
 * what the row was made of: equal texts, equal rows.
 */
export type SelectedPost = {
  platform: string;
  postId: string;
  accountId: string | null;
  conversationId: string | null;
  postedAt: string | null;
  text: string | null;
  lang: string | null;
  source: string | null;
  references: Reference[];
  altered: string[];
  payload: string;
  capturedAt: string;
  collectionId: number;
  observedAt: string;
  counts: SelectedCounts;
  identity: string;
};

type KeyRow = SelectedCounts & {
  platform: string;
  post_id: string;
  id_at: string;
  collection_id: number;
  captured_at: string;
  segment_id: string;
  content_offset: string;
};

type PostRow = {
  place: string;
  account_id: string | null;
  conversation_id: string | null;
  posted_at: string | null;
  text: string | null;
  lang: string | null;
  source: string | null;
  post_references: Reference[] | null;
  altered: string[] | null;
  payload: string | null;
  captured_at: string;
  segment_id: string;
  content_offset: string;
};

/** So many posts are in memory at a time, twice over. */
const BATCH_ROWS = 500;

/**
 * Yields batches by instant of the id, then id; with all meetings also by time. Rows before `payloadsFrom` have no payload and no texts: who resumes, or
 * wants ids, does without. A meeting whose post is not there yields nothing; comparing with `countSelected` finds it.
 */
export async function* readSelected(
  snapshot: Queryable,
  selection: PostSelection,
  { payloadsFrom = 0, batchRows = BATCH_ROWS }: { payloadsFrom?: number; batchRows?: number } = {},
): AsyncGenerator<SelectedPost[]> {
  const { text, values } = keysQuery(selection);
  await snapshot.query(`declare selected no scroll cursor for ${text}`, values);
  // A batch is looked up by its keys; a scan of a table instead would be one for each key.
  await snapshot.query('set local enable_seqscan = off');
  let rows = 0;
  const next = async (): Promise<SelectedPost[] | undefined> => {
    const keys = await snapshot.query<KeyRow>(`fetch ${batchRows} from selected`);
    if (keys.length === 0) return undefined;
    rows += keys.length;
    return readPosts(snapshot, keys, rows > payloadsFrom);
  };
  try {
    for (let batch = next(); ; ) {
      const posts = await batch;
      if (posts === undefined) return;
      batch = next(); // PostgreSQL works on it while the caller works on this one
      batch.catch(() => {}); // told when it is awaited, or to nobody who still wants to know
      yield posts;
    }
  } finally {
    // The caller may read again in the same snapshot; in a failed one nothing can be closed, nor needs to be.
    await snapshot.query('close selected; set local enable_seqscan = on').catch(() => {});
  }
}

/** The id's instant is a function of the id, so ordering by it first keeps the posts of a month, which lie together, together. */
function keysQuery(selection: PostSelection): { text: string; values: unknown[] } {
  const { values, observed, posts, needsPosts } = selectionSql(selection);
  const post = 'o.id_at, length(o.post_id), o.post_id, o.platform';
  const newest = selection.observations === 'newest';
  const time = newest ? 'desc' : 'asc';
  return {
    values,
    text: `select ${newest ? `distinct on (${post})` : ''} o.platform, o.post_id, o.id_at, o.collection_id, o.captured_at, o.segment_id, o.content_offset,
        o.reposts, o.replies, o.likes, o.quotes, o.bookmarks, o.impressions
      from observations o ${needsPosts ? 'join posts p on p.platform = o.platform and p.post_id = o.post_id and p.id_at = o.id_at' : ''}
      where ${observed} and ${posts}
      order by ${post}, o.captured_at ${time}, o.segment_id ${time}, o.content_offset ${time}, o.collection_id`,
  };
}

async function readPosts(snapshot: Queryable, keys: KeyRow[], whole: boolean): Promise<SelectedPost[]> {
  const found = await snapshot.query<PostRow>(whole ? WHOLE_POSTS : IDENTITIES, [
    keys.map((key) => key.platform),
    keys.map((key) => key.post_id),
    keys.map((key) => key.id_at),
    keys[0]?.id_at, // bounds that the planner sees spare it all other months
    keys.at(-1)?.id_at,
  ]);
  const byPlace = new Map(found.map((row) => [Number(row.place), row]));
  return keys.flatMap((key, index) => {
    const row = byPlace.get(index + 1);
    return row === undefined ? [] : toSelectedPost(key, row);
  });
}

function toSelectedPost(key: KeyRow, row: PostRow): SelectedPost {
  const { platform, post_id, collection_id, captured_at, segment_id, content_offset } = key;
  const { reposts, replies, likes, quotes, bookmarks, impressions } = key;
  return {
    platform,
    postId: post_id,
    accountId: row.account_id,
    conversationId: row.conversation_id,
    postedAt: row.posted_at,
    text: row.text,
    lang: row.lang,
    source: row.source,
    references: row.post_references ?? [],
    altered: row.altered ?? [],
    payload: row.payload ?? '',
    capturedAt: row.captured_at,
    collectionId: collection_id,
    observedAt: captured_at,
    counts: { reposts, replies, likes, quotes, bookmarks, impressions },
    identity: `${post_id} ${collection_id} ${captured_at} ${segment_id} ${content_offset} ${row.segment_id} ${row.content_offset}`,
  };
}

/** One look into the primary key for each key, whatever the planner knows of the tables: `offset 0` keeps it from joining in another way. */
const lookUp = (columns: string) => `select k.place, p.*
  from unnest($1::text[], $2::text[], $3::timestamptz[]) with ordinality as k (platform, post_id, id_at, place)
  cross join lateral (select ${columns}, p.captured_at, p.segment_id, p.content_offset from posts p
    where p.platform = k.platform and p.post_id = k.post_id and p.id_at = k.id_at and p.id_at between $4 and $5 offset 0) p`;
const WHOLE_POSTS = lookUp(
  'p.account_id, p.conversation_id, p.posted_at, p.text, p.lang, p.source, p.post_references, p.altered, p.payload::text as payload',
);
const IDENTITIES = lookUp(
  'p.account_id, null as conversation_id, p.posted_at, null as text, null as lang, null as source, null as post_references, p.altered, null as payload',
);
