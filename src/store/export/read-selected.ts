/** Reads what an export selects, in the order of ids, in batches, within one snapshot. */
import type { Reference } from '../../core/post.ts';
import { type Queryable, timestampToIso } from '../db.ts';
import { type PostSelection, selectionSql } from './selection.ts';
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
 * A post and the meeting that its counts are from. `payload` is as received, `capturedAt` when; `observedAt` is when the counts were. `withdrawn`: what the platform
 * said of it and its author since, `withdrawnReferences` ids that it points at and that are withdrawn, a blank between. `identity` names what the row was made of: equal
 * texts, equal rows.
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
  withdrawn: string | null;
  withdrawnReferences: string | null;
  identity: string;
};

/** `packed`: what can hold no tab, in one text, for a driver's work grows with the number of columns. In the order of `PACKED`; nothing for null. */
type Row = {
  packed: string;
  conversation_id: string | null;
  text: string | null;
  lang: string | null;
  source: string | null;
  post_references: Reference[] | null;
  altered: string[] | null;
  payload: string | null;
  withdrawn: string | null;
  withdrawn_references: string | null;
};

const PACKED = [
  ...['k.place', 'k.platform', 'k.post_id', 'k.collection_id', 'k.captured_at', 'k.segment_id', 'k.content_offset'],
  ...['k.reposts', 'k.replies', 'k.likes', 'k.quotes', 'k.bookmarks', 'k.impressions'],
  ...['p.account_id', 'p.posted_at', 'p.captured_at', 'p.segment_id', 'p.content_offset'],
];

/** So many posts are in memory at a time, twice over. */
const BATCH_ROWS = 500;

/**
 * Yields batches by instant of the id, then id; with all meetings also by time. Rows before `payloadsFrom` have no payload and no texts: who resumes, or
 * wants ids, does without. A meeting whose post is not there yields nothing; comparing with `countSelected` finds it.
 */
export async function* readSelected(
  snapshot: Queryable,
  selection: PostSelection,
  { payloadsFrom = 0 }: { payloadsFrom?: number } = {},
): AsyncGenerator<SelectedPost[]> {
  const { text, values } = selectedQuery(selection, payloadsFrom);
  await snapshot.query("set local timezone = 'UTC'; set local datestyle = 'ISO'");
  await snapshot.query(`declare selected no scroll cursor for ${text}`, values);
  const next = () => snapshot.query<Row>(`fetch ${BATCH_ROWS} from selected`);
  let lastPlace = 0;
  try {
    for (let batch = next(); ; ) {
      const rows = await batch;
      const [first] = rows;
      if (first === undefined) return;
      const last = placeOf(rows.at(-1));
      if (placeOf(first) <= lastPlace || last < lastPlace + rows.length)
        throw new Error('PostgreSQL gave rows in another order than it sorted them.');
      lastPlace = last;
      batch = next(); // PostgreSQL works on it while the caller works on this one
      batch.catch(() => {}); // told when it is awaited, or to nobody who still wants to know
      yield rows.map(toSelectedPost);
    }
  } finally {
    // The caller may read again in the same snapshot; in a failed one nothing can be closed, nor needs to be.
    await snapshot.query('close selected').catch(() => {});
  }
}

/**
 * The id's instant is a function of the id, so ordering by it first keeps the posts of a month, which lie together, together. Only keys and counts are
 * sorted; posts are looked up one by one in that order, by their primary key, whatever the planner knows of the tables: `offset 0` keeps it from joining
 * in another way, and from sorting payloads. Instants come as text, for reading them takes longer than all other columns together.
 */
function selectedQuery(selection: PostSelection, payloadsFrom: number): { text: string; values: unknown[] } {
  const { values, observed, posts, needsPosts, shared } = selectionSql(selection);
  const { withdrawals } = selection;
  const post = 'o.id_at, length(o.post_id), o.post_id, o.platform';
  const newest = selection.observations === 'newest';
  const time = newest ? 'desc' : 'asc';
  const keys = `select ${newest ? `distinct on (${post})` : ''} o.platform, o.post_id, o.id_at, o.collection_id, o.captured_at, o.segment_id, o.content_offset,
        o.reposts, o.replies, o.likes, o.quotes, o.bookmarks, o.impressions
      from observations o ${needsPosts ? 'join posts p on p.platform = o.platform and p.post_id = o.post_id and p.id_at = o.id_at' : ''}
      where ${observed} and ${posts}
      order by ${post}, o.captured_at ${time}, o.segment_id ${time}, o.content_offset ${time}, o.collection_id`;
  const from = Number.isFinite(payloadsFrom) ? `k.place > ${Math.floor(payloadsFrom)}` : 'false';
  const wanted = (column: string) => `case when ${from} then ${column} end`;
  return {
    values,
    text: `select concat_ws(e'\\t', ${PACKED.map((column) => `coalesce(${column}::text, '')`).join(', ')}) as packed,
        p.conversation_id, p.text, p.lang, p.source, p.post_references, p.altered, p.payload, p.withdrawn, p.withdrawn_references
      from (select sorted.*, row_number() over () as place from (${keys}) sorted) k
      cross join lateral (
        select p.account_id, ${wanted('p.conversation_id')} as conversation_id, p.posted_at, ${wanted('p.text')} as text,
          ${wanted('p.lang')} as lang, ${wanted('p.source')} as source, ${wanted('p.post_references')} as post_references, p.altered,
          ${wanted('p.payload::text')} as payload, p.captured_at, p.segment_id, p.content_offset,
          ${marksSql(withdrawals)} as withdrawn, ${withdrawnReferencesSql(withdrawals)} as withdrawn_references
        from posts p where p.platform = k.platform and p.post_id = k.post_id and p.id_at = k.id_at and ${shared} offset 0) p`,
  };
}

function placeOf(row: Row | undefined): number {
  return Number.parseInt(row?.packed ?? '0', 10);
}

function toSelectedPost(row: Row): SelectedPost {
  const cells = row.packed.split('\t'); // places as in PACKED
  const cell = (at: number) => cells[at] || null;
  const postedAt = cells[14] ?? '';
  return {
    platform: cells[1] ?? '',
    postId: cells[2] ?? '',
    accountId: cell(13),
    conversationId: row.conversation_id,
    postedAt: postedAt === '' ? null : toIso(postedAt),
    text: row.text,
    lang: row.lang,
    source: row.source,
    references: row.post_references ?? [],
    altered: row.altered ?? [],
    payload: row.payload ?? '',
    capturedAt: toIso(cells[15] ?? ''),
    collectionId: Number(cells[3]),
    observedAt: toIso(cells[4] ?? ''),
    counts: {
      reposts: cell(7),
      replies: cell(8),
      likes: cell(9),
      quotes: cell(10),
      bookmarks: cell(11),
      impressions: cell(12),
    },
    withdrawn: row.withdrawn,
    withdrawnReferences: row.withdrawn_references,
    identity: `${row.packed} ${row.withdrawn ?? ''} ${row.withdrawn_references ?? ''}`,
  };
}

/** `2026-11-22 13:00:20.5+00`, as PostgreSQL writes instants in UTC, to `2026-11-22T13:00:20.500Z`; a day before Christ or after 9999 by the slower way. */
function toIso(text: string): string {
  if (text.charCodeAt(4) !== DASH || text.charCodeAt(10) !== BLANK || !text.endsWith('+00'))
    return timestampToIso(text);
  const fraction =
    text.length === WITHOUT_FRACTION ? '000' : text.slice(20, Math.min(23, text.length - 3)).padEnd(3, '0');
  return `${text.slice(0, 10)}T${text.slice(11, 19)}.${fraction}Z`;
}

const DASH = 45;
const BLANK = 32;
const WITHOUT_FRACTION = '2026-11-22 13:00:20+00'.length;
