/**
 * Fills the text index behind the loader. What was indexed leaves the backlog in the transaction that indexed it: so each row is indexed once, whoever is
 * killed when; several workers may do it at the same time.
 */
import { crashPoint } from '../../core/crash-point.ts';
import type { Reference } from '../../core/post.ts';
import type { Database, Queryable } from '../db.ts';
import { lockPartitions, monthBounds } from '../load/partitions.ts';
import { searchRow, type SearchRow } from './search-row.ts';

/** Observations of one transaction. Adding partitions to posts waits for it: it must be short. */
const BATCH_ROWS = 1_000;

/** `observations`: looked at; `posts`: written, new or changed. */
export type Indexed = { observations: number; posts: number };

/** Months of the index that are known to exist. Only saves work. */
export type KnownMonths = Set<string>;

/** Indexes the next `rows` of the backlog; undefined when there is none that nobody else works on. Throws when the database is away. */
export async function indexNext(db: Database, known: KnownMonths, rows = BATCH_ROWS): Promise<Indexed | undefined> {
  const made: string[] = [];
  const indexed = await db.transaction(async (tx) => {
    const item = await takeItem(tx);
    if (item === undefined) return undefined;
    await tx.query("set local timezone = 'UTC'"); // months are cut out of texts
    // Whoever removes observations waits, or is waited for: what is read here is so when it is written.
    await tx.query('lock table only posts, only observations in row exclusive mode');
    const observed = await nextObservations(tx, item, rows);
    const stale = await stalePosts(tx, observed);
    const searchable = stale.map((post) => ({ post, row: searchRow(post, post.collectionIds) }));
    made.push(
      ...(await ensureMonths(
        tx,
        stale.map(({ at }) => at),
        known,
      )),
    );
    if (searchable.length > 0) await writeRows(tx, searchable);
    await moveOn(tx, item, observed.length < rows ? undefined : observed.at(-1));
    // crash point search.batch-written: recovery must index the rows anew, for nothing of it was committed.
    crashPoint('search.batch-written');
    return { observations: observed.length, posts: stale.length };
  });
  // crash point search.batch-committed: recovery must go on behind it, for the backlog moved with the rows.
  if (indexed !== undefined) crashPoint('search.batch-committed');
  for (const month of made) known.add(month);
  return indexed;
}

/** Whether anything waits to be indexed. */
export async function hasBacklog(db: Queryable): Promise<boolean> {
  return (await db.query('select from search_backlog limit 1')).length > 0;
}

/** Since when the oldest of what is loaded and not indexed waits; undefined when nothing does. */
export async function waitingSince(db: Queryable): Promise<string | undefined> {
  const [row] = await db.query<{ noted_at: string }>('select noted_at from search_backlog order by item_id limit 1');
  return row?.noted_at;
}

type Item = {
  item_id: string;
  segment_id: string | null;
  from_offset: string | null;
  to_offset: string | null;
  captured_from: string;
  captured_to: string;
  done_collection_id: number | null;
  done_captured_at: string | null;
  done_segment_id: string | null;
  done_offset: string | null;
};

/** Newest first: what was captured just now is looked for most, also while days of work lie behind. */
async function takeItem(tx: Queryable): Promise<Item | undefined> {
  const [item] = await tx.query<Item>(
    `select item_id, segment_id, from_offset, to_offset, captured_from::text, captured_to::text,
        done_collection_id, done_captured_at::text, done_segment_id, done_offset
      from search_backlog order by item_id desc limit 1 for update skip locked`,
  );
  return item;
}

type Observed = {
  collection_id: number;
  captured_at: string;
  segment_id: string;
  content_offset: string;
  platform: string;
  post_id: string;
  id_at: string;
};

/** By the key of observations: there is no other index that loading would have to keep. */
async function nextObservations(tx: Queryable, item: Item, rows: number): Promise<Observed[]> {
  const values: unknown[] = [item.captured_from, item.captured_to];
  const parameter = (value: unknown) => `$${values.push(value)}`;
  const conditions = ['collection_id = any(array(select collection_id from collections))'];
  if (item.segment_id !== null)
    conditions.push(
      `segment_id = ${parameter(item.segment_id)} and content_offset >= ${parameter(item.from_offset)} and content_offset < ${parameter(item.to_offset)}`,
    );
  if (item.done_collection_id !== null)
    conditions.push(
      `(collection_id, captured_at, segment_id, content_offset) > (${parameter(item.done_collection_id)}::integer, ` +
        `${parameter(item.done_captured_at)}::timestamptz, ${parameter(item.done_segment_id)}::bigint, ${parameter(item.done_offset)}::bigint)`,
    );
  return await tx.query<Observed>(
    `select collection_id, captured_at::text, segment_id, content_offset, platform, post_id, id_at::text
      from observations where captured_at >= $1 and captured_at <= $2 and ${conditions.join(' and ')}
      order by observations.collection_id, observations.captured_at, observations.segment_id, observations.content_offset limit ${rows}`,
    values,
  );
}

type StalePost = {
  platform: string;
  postId: string;
  at: string;
  accountId: string | null;
  text: string | null;
  lang: string | null;
  references: Reference[];
  payload: string;
  segmentId: string;
  contentOffset: string;
  handle: string | null;
  collectionIds: number[];
};

/** The instant by which a post is searched: a function of its row. */
export const SEARCH_AT = (post: string) =>
  `case when ${post}.id_at > '-infinity' then ${post}.id_at else coalesce(${post}.posted_at, '-infinity') end`;

/** The posts that the index lacks, has from another payload, or not with these collections. Those that it has it keeps with theirs. */
async function stalePosts(tx: Queryable, observed: Observed[]): Promise<StalePost[]> {
  if (observed.length === 0) return [];
  const rows = await tx.query<{
    platform: string;
    post_id: string;
    at: string;
    account_id: string | null;
    text: string | null;
    lang: string | null;
    post_references: Reference[] | null;
    payload: string;
    segment_id: string;
    content_offset: string;
    handle: string | null;
    collection_ids: number[];
    known_ids: number[] | null;
  }>(
    `select p.platform, p.post_id, p.at::text, p.account_id, p.text, p.lang, p.post_references, p.payload::text as payload,
        p.segment_id, p.content_offset, a.handle, p.collection_ids, s.collection_ids as known_ids
      from (
        select p.*, k.collection_ids, ${SEARCH_AT('p')} as at from (
          select platform, post_id, id_at, array_agg(distinct collection_id) as collection_ids
            from unnest($1::text[], $2::text[], $3::timestamptz[], $4::integer[]) as k (platform, post_id, id_at, collection_id)
            group by platform, post_id, id_at) k
        join posts p on p.platform = k.platform and p.post_id = k.post_id and p.id_at = k.id_at) p
      left join post_search s on s.at = p.at and s.post_id = p.post_id and s.platform = p.platform
      left join accounts a on a.platform = p.platform and a.account_id = p.account_id
      where s.post_id is null or not s.collection_ids @> p.collection_ids
        or (s.segment_id, s.content_offset) <> (p.segment_id, p.content_offset)`,
    [
      observed.map(({ platform }) => platform),
      observed.map(({ post_id }) => post_id),
      observed.map(({ id_at }) => id_at),
      observed.map(({ collection_id }) => collection_id),
    ],
  );
  return rows.map((row) => ({
    ...{ platform: row.platform, postId: row.post_id, at: row.at, accountId: row.account_id, text: row.text },
    ...{ lang: row.lang, references: row.post_references ?? [], payload: row.payload, handle: row.handle },
    ...{ segmentId: row.segment_id, contentOffset: row.content_offset },
    collectionIds: [...new Set([...row.collection_ids, ...(row.known_ids ?? [])])].sort((a, b) => a - b),
  }));
}

/** Makes the months that rows need, before any of them is locked; what lies outside of 2006 to 2100 goes to the default. Returns what was made. */
async function ensureMonths(tx: Queryable, instants: string[], known: KnownMonths): Promise<string[]> {
  const months = new Set(
    instants.flatMap((at) => (/^20(?:0[6-9]|[1-9]\d)-\d\d-/u.test(at) ? at.slice(0, 7).replace('-', '_') : [])),
  );
  const missing = [...months].filter((month) => !known.has(month)).sort();
  if (missing.length === 0) return [];
  await lockPartitions(tx);
  for (const month of missing) {
    const { from, to } = monthBounds(month);
    await tx.query(
      `create table if not exists post_search_${month} partition of post_search for values from ('${from}') to ('${to}')`,
    );
  }
  return missing;
}

/** In the order of the key, so that two who write the same posts wait for each other and never in a circle. */
async function writeRows(tx: Queryable, rows: { post: StalePost; row: SearchRow }[]): Promise<void> {
  const posts = rows.map(({ post }) => post);
  const made = rows.map(({ row }) => row);
  await tx.query(
    `insert into post_search (platform, post_id, at, account_id, lang, kind, hashtags, latitude, longitude, place, collection_ids,
        segment_id, content_offset, tokens)
      select platform, post_id, at, account_id, lang, kind, string_to_array(hashtags, ' '), latitude, longitude, place,
        string_to_array(collection_ids, ',')::integer[], segment_id, content_offset, tokens::tsvector
      from unnest($1::text[], $2::text[], $3::timestamptz[], $4::text[], $5::text[], $6::text[], $7::text[], $8::float8[], $9::float8[],
          $10::text[], $11::text[], $12::bigint[], $13::bigint[], $14::text[])
        as n (platform, post_id, at, account_id, lang, kind, hashtags, latitude, longitude, place, collection_ids, segment_id, content_offset, tokens)
      order by at, post_id, platform
      on conflict (at, post_id, platform) do update set account_id = excluded.account_id, lang = excluded.lang, kind = excluded.kind,
        hashtags = excluded.hashtags, latitude = excluded.latitude, longitude = excluded.longitude, place = excluded.place,
        collection_ids = excluded.collection_ids, segment_id = excluded.segment_id, content_offset = excluded.content_offset,
        tokens = excluded.tokens`,
    [
      posts.map(({ platform }) => platform),
      posts.map(({ postId }) => postId),
      posts.map(({ at }) => at),
      posts.map(({ accountId }) => accountId),
      posts.map(({ lang }) => lang),
      made.map(({ kind }) => kind),
      made.map(({ hashtags }) => (hashtags.length === 0 ? null : hashtags.join(' '))),
      made.map(({ latitude }) => latitude),
      made.map(({ longitude }) => longitude),
      made.map(({ place }) => place),
      posts.map(({ collectionIds }) => collectionIds.join(',')),
      posts.map(({ segmentId }) => segmentId),
      posts.map(({ contentOffset }) => contentOffset),
      made.map(({ tokens }) => tokens),
    ],
  );
}

/** `last`: the last one that was indexed; undefined when nothing of the item is left. */
async function moveOn(tx: Queryable, item: Item, last: Observed | undefined): Promise<void> {
  if (last === undefined) {
    await tx.query('delete from search_backlog where item_id = $1', [item.item_id]);
    return;
  }
  await tx.query(
    'update search_backlog set done_collection_id = $2, done_captured_at = $3, done_segment_id = $4, done_offset = $5 where item_id = $1',
    [item.item_id, last.collection_id, last.captured_at, last.segment_id, last.content_offset],
  );
}
