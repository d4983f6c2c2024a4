/** One batch, one transaction: the ledger moves and the rows appear together, or neither. */
import { finished } from 'node:stream/promises';
import { from as copyFrom } from 'pg-copy-streams';
import { PartContents } from '../../capture/segment/part-contents.ts';
import { crashPoint } from '../../core/crash-point.ts';
import { MistnetError } from '../../core/errors.ts';
import { errorCode } from '../database-errors.ts';
import { type Client, inTransaction } from '../db.ts';
import { noteWithdrawals } from '../withdrawals/note-withdrawals.ts';
import { noteLoaded } from '../search/note-loaded.ts';
import { ACCOUNT_COLUMNS, accountRows, type Batch, POST_COLUMNS } from './batch.ts';
import type { BinaryRows } from './binary-copy.ts';
import { writeLimitNotices } from './limit-notices.ts';
import type { KnownPartitions } from './partitions.ts';
import { SeenAccounts } from './seen-accounts.ts';

export type LedgerPlace = { segmentId: number; plan: string; node: string; lane: number };

/** What one loader remembers between batches. All of it only saves work: nothing is lost with it. */
export type LoaderMemory = {
  partitions: KnownPartitions;
  accounts: SeenAccounts;
  /** Plans whose last batch met posts that were there already. */
  repeating: Set<string>;
  /** To be disposed of when the loader ends. */
  contents: PartContents;
};

export function emptyMemory(): LoaderMemory {
  return { partitions: new Set(), accounts: new SeenAccounts(), repeating: new Set(), contents: new PartContents() };
}

/**
 * Moves the ledger from `batch.start` to `batch.end` and writes the rows. Throws `ledger.conflict`, having written nothing, when
 * the ledger is not at `batch.start`, because another loader was here, or the collection keeps no rows any more.
 */
export async function writeBatch(
  client: Client,
  place: LedgerPlace,
  batch: Batch,
  memory: LoaderMemory,
): Promise<void> {
  await prepareStaging(client);
  const sights = batch.freshSights(memory.accounts);
  await inTransaction(client, async () => {
    await moveLedger(client, place.segmentId, batch);
    // The locks that adding a partition waits for, taken before any row is: else a batch that holds rows could wait for it in a circle.
    await client.query('lock table only posts, only observations in row exclusive mode');
    if (batch.observations.rows > 0) await copy(client, 'observations', batch.observationColumns, batch.observations);
    if (batch.posts.rows > 0) await writePosts(client, place.plan, batch, memory);
    if (sights.length > 0) {
      const accounts = accountRows(sights);
      await copy(client, 'staged_accounts', ACCOUNT_COLUMNS, accounts);
      accounts.release();
      await client.query(MERGE_ACCOUNTS);
    }
    if (batch.quarantined.length > 0) await writeQuarantined(client, place.segmentId, batch);
    if (batch.withdrawals.length > 0)
      await noteWithdrawals(
        { query: async (text, values) => (await client.query(text, values)).rows },
        batch.withdrawals,
      );
    const limits = batch.limits.all;
    if (limits.length > 0) await writeLimitNotices(client, place.plan, limits);
    if (batch.observations.rows > 0)
      await noteLoaded(
        { query: async (text, values) => (await client.query(text, values)).rows },
        { ...place, ...spanOf(batch) },
      );
    await addTotals(client, place, batch);
    if (batch.byCollection.size > 0) await addCollectionTotals(client, place, batch);
    // crash point load.batch-written: recovery must load the batch anew, for nothing of it was committed.
    crashPoint('load.batch-written');
  });
  memory.accounts.remember(sights);
}

/**
 * New posts go straight into their table, which costs half of merging them; the first that is there already undoes that and has
 * the batch merged. Repeated posts come in runs (a second node, a back-fill): so merging goes on until a batch had none.
 */
async function writePosts(client: Client, plan: string, batch: Batch, { repeating }: LoaderMemory): Promise<void> {
  if (!batch.repeatsItself && !repeating.has(plan)) {
    await client.query('savepoint before_posts');
    try {
      await copy(client, 'posts', POST_COLUMNS, batch.posts);
      return;
    } catch (error) {
      if (errorCode(error) !== UNIQUE_VIOLATION) throw error;
      await client.query('rollback to savepoint before_posts');
    }
  }
  await copy(client, 'staged_posts', POST_COLUMNS, batch.posts);
  const { rowCount } = await client.query(MERGE_POSTS);
  if (rowCount === batch.posts.rows) repeating.delete(plan);
  else repeating.add(plan);
}

const UNIQUE_VIOLATION = '23505';

async function moveLedger(client: Client, segmentId: number, batch: Batch): Promise<void> {
  const { rowCount } = await client.query(
    `update segments set loaded_offset = $3, loaded = loaded + $4, quarantined = quarantined + $5, control = control + $6
      where segment_id = $1 and loaded_offset = $2 and state <> 'loaded'
        and exists (select from plans p left join collections using (collection_id) where p.plan = segments.plan and keep is distinct from 'files')`,
    [segmentId, batch.start, batch.end, batch.loaded, quarantinedFrames(batch), batch.control],
  );
  if (rowCount !== 1)
    throw new MistnetError(
      'ledger.conflict',
      `Another loader moved the ledger of segment ${segmentId} away from ${batch.start}.`,
    );
}

async function writeQuarantined(client: Client, segmentId: number, batch: Batch): Promise<void> {
  await client.query(
    `insert into quarantined_frames (segment_id, content_offset, reason, captured_at, frames)
      select $1, o, r, c, f from unnest($2::bigint[], $3::text[], $4::timestamptz[], $5::bigint[]) as t (o, r, c, f)`,
    [
      segmentId,
      batch.quarantined.map(({ offset }) => offset),
      batch.quarantined.map(({ reason }) => reason),
      batch.quarantined.map(({ capturedAtMs }) => new Date(capturedAtMs).toISOString()),
      batch.quarantined.map(({ frames }) => frames),
    ],
  );
}

function spanOf({ start, end, firstCapturedMs, lastCapturedMs }: Batch) {
  return { start, end, firstCapturedMs, lastCapturedMs };
}

/** Last in the transaction, for nobody else should wait for this row. */
async function addTotals(client: Client, { plan, node, lane }: LedgerPlace, batch: Batch): Promise<void> {
  await client.query(
    `insert into load_totals as t (plan, node, lane, loaded, quarantined, control) values ($1, $2, $3, $4, $5, $6)
      on conflict (plan, node, lane) do update set loaded = t.loaded + excluded.loaded,
        quarantined = t.quarantined + excluded.quarantined, control = t.control + excluded.control`,
    [plan, node, lane, batch.loaded, quarantinedFrames(batch), batch.control],
  );
}

/** Of a shared stream: how much of it was whose. */
async function addCollectionTotals(client: Client, { plan, node, lane }: LedgerPlace, batch: Batch): Promise<void> {
  const owners = [...batch.byCollection].sort(([a], [b]) => a - b);
  await client.query(
    `insert into filter_totals as t (collection_id, plan, node, lane, loaded)
      select c, $1, $2, $3, n from unnest($4::integer[], $5::bigint[]) as g (c, n)
      on conflict (collection_id, plan, node, lane) do update set loaded = t.loaded + excluded.loaded`,
    [plan, node, lane, owners.map(([collectionId]) => collectionId), owners.map(([, posts]) => posts)],
  );
}

function quarantinedFrames(batch: Batch): number {
  return batch.quarantined.reduce((sum, { frames }) => sum + frames, 0);
}

async function copy(client: Client, table: string, columns: string[], rows: BinaryRows): Promise<void> {
  const sink = client.query(copyFrom(`copy ${table} (${columns.join(', ')}) from stdin (format binary)`));
  // Refused while some of it is still to be sent: the library would go on sending on a connection that it has let go of.
  sink.once('error', () => sink.destroy());
  const buffer = rows.finish();
  for (let at = 0; at < buffer.length; at += SLICE_BYTES) sink.write(buffer.subarray(at, at + SLICE_BYTES)); // all of it is in memory anyway
  sink.end();
  await finished(sink);
}

/** One message each: PostgreSQL works on the first while the rest is under way. */
const SLICE_BYTES = 64 * 1024;

const prepared = new WeakSet<Client>();

/** Temporary tables of this connection, emptied at each commit; what is in them costs no log. */
async function prepareStaging(client: Client): Promise<void> {
  if (prepared.has(client)) return;
  await client.query("set temp_buffers = '32MB'").catch(() => {}); // refused once temporary tables were used: then it stays as it is
  await client.query("set work_mem = '32MB'");
  await client.query(CREATE_STAGING);
  prepared.add(client);
}

const CREATE_STAGING = `
  create temporary table if not exists staged_posts (
    platform text collate "C", post_id text collate "C", id_at timestamptz, account_id text collate "C",
    conversation_id text collate "C", posted_at timestamptz, text text, lang text, source text, post_references jsonb,
    altered text[], payload json, captured_at timestamptz, segment_id bigint, content_offset bigint
  ) on commit delete rows;
  create temporary table if not exists staged_accounts (
    platform text collate "C", account_id text collate "C", handle text, name text, created_at timestamptz, location text,
    description text, verified boolean, protected boolean, followers bigint, following bigint, posts bigint, listed bigint,
    altered text[], first_seen_at timestamptz, seen_at timestamptz
  ) on commit delete rows;`;

/** Whether a payload was put together from another tool's columns. Within texts of a payload the quotes would be escaped. */
const isPoor = (payload: string) => `strpos(${payload}::text, '"mistnet":{"from":"sfm-csv"') > 0`;

/**
 * Of several meetings the payload captured first stays, whichever is loaded first: so loading again gives the same row. One that was put together
 * from columns gives way to any that is real. In order
 * of the key, so that two connections which meet the same posts wait for each other and never in a circle.
 */
const MERGE_POSTS = `
  insert into posts as p (${POST_COLUMNS.join(', ')})
  select distinct on (platform, post_id) platform, post_id, id_at, account_id, conversation_id, posted_at, text, lang, source,
      post_references, altered, payload, captured_at, segment_id, content_offset
    from staged_posts order by platform, post_id, ${isPoor('payload')}, captured_at, segment_id, content_offset
  on conflict (platform, post_id, id_at) do update set
    account_id = excluded.account_id, conversation_id = excluded.conversation_id, posted_at = excluded.posted_at,
    text = excluded.text, lang = excluded.lang, source = excluded.source, post_references = excluded.post_references,
    altered = excluded.altered, payload = excluded.payload, captured_at = excluded.captured_at,
    segment_id = excluded.segment_id, content_offset = excluded.content_offset, loaded_at = excluded.loaded_at
  where (${isPoor('excluded.payload')}, excluded.captured_at, excluded.segment_id, excluded.content_offset)
    < (${isPoor('p.payload')}, p.captured_at, p.segment_id, p.content_offset)`;

/**
 * Accounts are met again and again: the join leaves those alone of which nothing but counts changed within the hour, so that
 * two connections do not wait for each other at every well-known account. A field that was not sent keeps its value. Of a table without
 * statistics PostgreSQL thinks that reading all accounts is cheaper than looking up a few thousand: the join is written so that it can only look up.
 */
const MERGE_ACCOUNTS = `
  insert into accounts as a (${ACCOUNT_COLUMNS.join(', ')})
  select s.platform, s.account_id, s.handle, s.name, s.created_at, s.location, s.description, s.verified, s.protected,
      s.followers, s.following, s.posts, s.listed, s.altered, s.first_seen_at, s.seen_at
    from staged_accounts s left join lateral (select * from accounts k
        where k.platform = s.platform and k.account_id = s.account_id limit 1) a on true
    where a.account_id is null or s.first_seen_at < a.first_seen_at
      or s.seen_at >= a.seen_at + interval '1 hour'
      or (s.seen_at > a.seen_at
        and (coalesce(s.handle, a.handle), coalesce(s.name, a.name), coalesce(s.created_at, a.created_at),
             coalesce(s.location, a.location), coalesce(s.description, a.description),
             coalesce(s.verified, a.verified), coalesce(s.protected, a.protected))
          is distinct from (a.handle, a.name, a.created_at, a.location, a.description, a.verified, a.protected))
    order by s.platform, s.account_id
  on conflict (platform, account_id) do update set
    handle = case when excluded.seen_at > a.seen_at then coalesce(excluded.handle, a.handle) else a.handle end,
    name = case when excluded.seen_at > a.seen_at then coalesce(excluded.name, a.name) else a.name end,
    created_at = case when excluded.seen_at > a.seen_at then coalesce(excluded.created_at, a.created_at) else a.created_at end,
    location = case when excluded.seen_at > a.seen_at then coalesce(excluded.location, a.location) else a.location end,
    description = case when excluded.seen_at > a.seen_at then coalesce(excluded.description, a.description) else a.description end,
    verified = case when excluded.seen_at > a.seen_at then coalesce(excluded.verified, a.verified) else a.verified end,
    protected = case when excluded.seen_at > a.seen_at then coalesce(excluded.protected, a.protected) else a.protected end,
    followers = case when excluded.seen_at > a.seen_at then coalesce(excluded.followers, a.followers) else a.followers end,
    following = case when excluded.seen_at > a.seen_at then coalesce(excluded.following, a.following) else a.following end,
    posts = case when excluded.seen_at > a.seen_at then coalesce(excluded.posts, a.posts) else a.posts end,
    listed = case when excluded.seen_at > a.seen_at then coalesce(excluded.listed, a.listed) else a.listed end,
    altered = case when excluded.seen_at > a.seen_at then excluded.altered else a.altered end,
    first_seen_at = least(a.first_seen_at, excluded.first_seen_at),
    seen_at = greatest(a.seen_at, excluded.seen_at)`;
