/** The ledger: how much of which segment is in the database. One row per segment, open and sealed form alike. */
import type { Manifest } from '../../capture/segment/manifest.ts';
import type { SegmentFiles } from '../../capture/segment/layout.ts';
import { type Client, type Queryable, inTransaction } from '../db.ts';

export type LedgerState = 'open' | 'sealed' | 'loaded';
export type LedgerRow = { segmentId: number; plan: string; segment: string; state: LedgerState; loadedOffset: number };

/** Where the rows of a plan's posts go. `rebuilds` grows whenever they were thrown away to be loaded anew. */
export type LoadPlan = {
  plan: string;
  /** None where collections share the plan: its frames say whose they are. */
  collectionIds: number[];
  isShared: boolean;
  keepsRows: boolean;
  rebuilds: number;
};

export async function readLoadPlans(db: Queryable): Promise<Map<string, LoadPlan>> {
  const rows = await db.query<{ plan: string; collection_id: number | null; keep: string | null; rebuilds: number }>(
    'select plan, collection_id, keep, rebuilds from plans left join collections using (collection_id)',
  );
  return new Map(
    rows.map(({ plan, collection_id, keep, rebuilds }) => [
      plan,
      {
        plan,
        collectionIds: collection_id === null ? [] : [collection_id],
        isShared: collection_id === null,
        keepsRows: keep !== 'files',
        rebuilds,
      },
    ]),
  );
}

type Row = { segment_id: string; plan: string; segment: string; state: LedgerState; loaded_offset: string };

/** Enters segments that are new and returns the rows of all that were given. */
export async function registerSegments(
  db: Queryable,
  segments: (SegmentFiles & { hourMs: number })[],
): Promise<LedgerRow[]> {
  const plans = segments.map(({ plan }) => plan);
  const names = segments.map(({ segment }) => segment);
  await db.query(
    `insert into segments (plan, node, segment, hour)
      select * from unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[]) on conflict (plan, segment) do nothing`,
    [plans, segments.map(({ node }) => node), names, segments.map(({ hourMs }) => new Date(hourMs).toISOString())],
  );
  const rows = await db.query<Row>(
    `select segment_id, plan, segment, state, loaded_offset from segments
      join unnest($1::text[], $2::text[]) as given (plan, segment) using (plan, segment)`,
    [plans, names],
  );
  return rows.map(toLedgerRow);
}

/** Notes that segments are sealed, with what their manifests say. Those known as sealed or loaded stay as they are. */
export async function markSealed(db: Queryable, sealed: { segmentId: number; manifest: Manifest }[]): Promise<void> {
  await db.query(
    `update segments as s set state = 'sealed', frames = g.frames, posts = g.posts, bytes = g.bytes, sealed_at = now()
      from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[]) as g (segment_id, frames, posts, bytes)
      where s.segment_id = g.segment_id and s.state = 'open'`,
    [
      sealed.map(({ segmentId }) => segmentId),
      sealed.map(({ manifest }) => manifest.frames),
      sealed.map(({ manifest }) => manifest.posts + manifest.malformed),
      sealed.map(({ manifest }) => manifest.bytes),
    ],
  );
}

/** Where the ledger stands now; undefined when it does not know the segment, or its collection keeps no rows. */
export async function readLedger(client: Client, segmentId: number): Promise<LedgerRow | undefined> {
  const { rows } = await client.query<Row>(
    `select segment_id, plan, segment, state, loaded_offset from segments
      join plans using (plan) left join collections using (collection_id)
      where segment_id = $1 and keep is distinct from 'files'`,
    [segmentId],
  );
  return rows[0] === undefined ? undefined : toLedgerRow(rows[0]);
}

/** Bytes of a sealed segment that are no frames, and how many frames are lost in them by what its manifest says. */
export type Damage = { offset: number; reason: string; expectedPosts: number };

/**
 * Notes that all of a sealed segment is loaded. With damage: one quarantined row stands for the frames that its manifest
 * promised and that cannot be read, so that what was captured is still loaded plus quarantined. Does nothing when the ledger
 * is not at `offset`.
 */
export async function markLoaded(
  client: Client,
  place: { segmentId: number; plan: string; node: string; lane: number; offset: number; atMs: number },
  damage: Damage | undefined,
): Promise<void> {
  const { segmentId, plan, node, lane, offset, atMs } = place;
  await inTransaction(client, async () => {
    const { rows } = await client.query<{ lost: string }>(
      `update segments set state = 'loaded', loaded_at = now(), damage = $3,
          quarantined = quarantined + greatest(0, $4::bigint - loaded - quarantined)
        where segment_id = $1 and loaded_offset = $2 and state <> 'loaded'
        returning quarantined - (select s.quarantined from segments s where s.segment_id = $1) as lost`,
      [segmentId, offset, damage?.reason ?? null, damage?.expectedPosts ?? 0],
    );
    const lost = rows[0]?.lost;
    if (lost === undefined || damage === undefined) return;
    await client.query(
      `insert into quarantined_frames (segment_id, content_offset, reason, captured_at, frames) values ($1, $2, $3, $4, $5)
        on conflict (segment_id, content_offset) do update set frames = quarantined_frames.frames + excluded.frames`,
      [segmentId, damage.offset, damage.reason, new Date(atMs).toISOString(), lost],
    );
    await client.query(
      `insert into load_totals as t (plan, node, lane, loaded, quarantined, control) values ($1, $2, $3, 0, $4, 0)
        on conflict (plan, node, lane) do update set quarantined = t.quarantined + excluded.quarantined`,
      [plan, node, lane, lost],
    );
  });
}

function toLedgerRow(row: Row): LedgerRow {
  const { plan, segment, state } = row;
  return { segmentId: Number(row.segment_id), plan, segment, state, loadedOffset: Number(row.loaded_offset) };
}
