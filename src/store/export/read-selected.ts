/** Reads what an export selects, in the order of ids, in batches, within one snapshot. */
import type { Reference } from '../../core/post.ts';
import { type CopiedRows, copiedRows } from './copied-rows.ts';
import { isAt, type PostSelection, selectionSql } from './selection.ts';
import type { Snapshot } from './snapshot.ts';
import { marksSql, withdrawnReferencesSql } from './withdrawn-sql.ts';

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
 * A post and the meeting that its counts are from. `payload` is as received, in UTF-8, `capturedAt` when; `observedAt` is when the counts were. `withdrawn`: what the platform
 * said of it and its author since, `withdrawnReferences` ids that it points at and that are withdrawn, a blank between. `identity` names what the row was made of: equal
 * bytes, equal rows. Bytes hold until the next batch is asked for.
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
  payload: Buffer;
  capturedAt: string;
  collectionId: number;
  observedAt: string;
  counts: SelectedCounts;
  withdrawn: string | null;
  withdrawnReferences: string | null;
  identity: Buffer;
};

/**
 * Which ids there can be at all: with bounds that are known beforehand PostgreSQL looks for no post in months that have none. ISO 8601 or -infinity, both inclusive;
 * undefined where there are no rows.
 */
export type IdSpan = { first: string; last: string } | undefined;

/**
 * Yields batches by instant of the id, then id; with all meetings also by time. Rows before `payloadsFrom` have no payload and no texts: who resumes, or
 * wants ids, does without. A meeting whose post is not there yields nothing; comparing with `countSelected` finds it.
 */
export async function* readSelected(
  snapshot: Snapshot,
  selection: PostSelection,
  { span, payloadsFrom = 0 }: { span: IdSpan; payloadsFrom?: number },
): AsyncGenerator<SelectedPost[]> {
  if (span === undefined) return;
  const { text, values } = selectedQuery(selection, span, payloadsFrom);
  let lastPlace = 0;
  for await (const rows of copiedRows(snapshot.copy(text, values), FIELDS.length)) {
    const posts: SelectedPost[] = [];
    for (let row = 0; row < rows.length; row++) {
      const place = Number(rows.int8(row, FIELD.place));
      if (place <= lastPlace) throw new Error('PostgreSQL gave rows in another order than it sorted them.');
      lastPlace = place;
      posts.push(toSelectedPost(rows, row));
    }
    yield posts;
  }
}

/** In the order in which they are copied. What a row is made of comes first: those before `conversation_id` are its identity. */
const FIELDS = [
  ...['place', 'platform', 'post_id', 'collection_id', 'observed_at', 'observed_segment', 'observed_offset'],
  ...['reposts', 'replies', 'likes', 'quotes', 'bookmarks', 'impressions'],
  ...['account_id', 'posted_at', 'captured_at', 'segment_id', 'content_offset', 'withdrawn', 'withdrawn_references'],
  ...['conversation_id', 'text', 'lang', 'source', 'post_references', 'altered', 'payload'],
] as const;
type FieldName = (typeof FIELDS)[number];
const FIELD = Object.fromEntries(FIELDS.map((name, at) => [name, at])) as Record<FieldName, number>;

/**
 * The id's instant is a function of the id, so ordering by it first keeps the posts of a month, which lie together, together. Only keys and counts are
 * sorted; posts are looked up one by one in that order, by their primary key, whatever the planner knows of the tables: `offset 0` keeps it from joining
 * in another way, and from sorting payloads. All is copied in the binary format: as text, instants and counts cost both sides more than all other columns.
 */
function selectedQuery(
  selection: PostSelection,
  span: { first: string; last: string },
  payloadsFrom: number,
): { text: string; values: unknown[] } {
  const { values, observed, posts, needsPosts, shared } = selectionSql(selection);
  const { withdrawals } = selection;
  const post = 'o.id_at, length(o.post_id), o.post_id, o.platform';
  const newest = selection.observations === 'newest';
  const time = newest ? 'desc' : 'asc';
  const keys = `select ${newest ? `distinct on (${post})` : ''} o.platform, o.post_id, o.id_at, o.collection_id, o.captured_at, o.segment_id, o.content_offset,
        o.reposts, o.replies, o.likes, o.quotes, o.bookmarks, o.impressions
      from observations o ${needsPosts ? `join posts p on p.platform = o.platform and p.post_id = o.post_id and ${isAt('p.id_at', 'o.id_at')}` : ''}
      where ${observed} and ${posts}
      order by ${post}, o.captured_at ${time}, o.segment_id ${time}, o.content_offset ${time}, o.collection_id`;
  const wanted = (column: string, type: string) => {
    if (!Number.isFinite(payloadsFrom)) return `null::${type}`;
    return payloadsFrom === 0 ? column : `case when k.place > ${Math.floor(payloadsFrom)} then ${column} end`;
  };
  const [first, last] = [values.push(span.first), values.push(span.last)];
  const sql: Record<FieldName, string> = {
    ...{ place: 'k.place', platform: 'k.platform', post_id: 'k.post_id', collection_id: 'k.collection_id' },
    ...{ observed_at: 'k.captured_at', observed_segment: 'k.segment_id', observed_offset: 'k.content_offset' },
    ...{ reposts: 'k.reposts', replies: 'k.replies', likes: 'k.likes', quotes: 'k.quotes' },
    ...{ bookmarks: 'k.bookmarks', impressions: 'k.impressions' },
    ...{ account_id: 'p.account_id', posted_at: 'p.posted_at', captured_at: 'p.captured_at' },
    ...{ segment_id: 'p.segment_id', content_offset: 'p.content_offset' },
    withdrawn: marksSql(withdrawals),
    withdrawn_references: withdrawnReferencesSql(withdrawals),
    conversation_id: wanted('p.conversation_id', 'text'),
    text: wanted('p.text', 'text'),
    lang: wanted('p.lang', 'text'),
    source: wanted('p.source', 'text'),
    post_references: wanted('p.post_references', 'jsonb'),
    altered: 'array_to_json(p.altered)',
    payload: wanted('p.payload', 'json'),
  };
  const inside = FIELDS.map((name) => `${sql[name]} as ${name}`).join(', ');
  return {
    values,
    text: `select ${FIELDS.map((name) => `r.${name}`).join(', ')}
      from (select sorted.*, row_number() over () as place from (${keys}) sorted) k
      cross join lateral (
        select ${inside}
        from posts p where p.platform = k.platform and p.post_id = k.post_id and p.id_at = k.id_at
          and p.id_at between $${first}::timestamptz and $${last}::timestamptz and ${shared} offset 0) r`,
  };
}

function toSelectedPost(rows: CopiedRows, row: number): SelectedPost {
  const altered = rows.text(row, FIELD.altered);
  return {
    platform: rows.text(row, FIELD.platform) ?? '',
    postId: rows.text(row, FIELD.post_id) ?? '',
    accountId: rows.text(row, FIELD.account_id),
    conversationId: rows.text(row, FIELD.conversation_id),
    postedAt: rows.instant(row, FIELD.posted_at),
    text: rows.text(row, FIELD.text),
    lang: rows.text(row, FIELD.lang),
    source: rows.text(row, FIELD.source),
    references: (rows.jsonb(row, FIELD.post_references) as Reference[] | undefined) ?? [],
    altered: altered === null ? [] : (JSON.parse(altered) as string[]),
    payload: rows.bytes(row, FIELD.payload) ?? NONE,
    collectionId: rows.int4(row, FIELD.collection_id),
    observedAt: rows.instant(row, FIELD.observed_at) ?? '',
    capturedAt: rows.instant(row, FIELD.captured_at) ?? '',
    counts: {
      reposts: rows.int8(row, FIELD.reposts),
      replies: rows.int8(row, FIELD.replies),
      likes: rows.int8(row, FIELD.likes),
      quotes: rows.int8(row, FIELD.quotes),
      bookmarks: rows.int8(row, FIELD.bookmarks),
      impressions: rows.int8(row, FIELD.impressions),
    },
    withdrawn: rows.text(row, FIELD.withdrawn),
    withdrawnReferences: rows.text(row, FIELD.withdrawn_references),
    identity: rows.bytesBefore(row, FIELD.conversation_id),
  };
}

const NONE = Buffer.alloc(0);
