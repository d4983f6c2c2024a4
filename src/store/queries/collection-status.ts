import { type CaptureState, type CaptureStatus, captureStatusSchema } from '../../capture/status.ts';
import type { Queryable } from '../db.ts';
import type { Collection, Wanted } from './collection.ts';
import { type ListeningRecord, listeningRecords } from './listening-records.ts';
import { heardPercent, silentColumn } from './wanted-spans.ts';

/**
 * What a person sees of a collection, all nodes together. `captured`: post frames kept since it began, malformed and repeated
 * ones included; at rest captured = loaded + quarantined, but for files-only collections, where nothing is loaded.
 * `gaps`: those with time that stays uncovered, `uncoveredMs` all that time; `interruptions`: all rows of the ledger, back-filled ones too, and the
 * years of a timeline that the platform no longer shows, which nobody missed. `bytes`: of payload.
 * `reason`: why it is not connected, one sentence. `keep`: files, all or days:N.
 */
export type CollectionStatus = {
  name: string;
  kind: Collection['kind'];
  state: CaptureState;
  captured: number;
  loaded: number;
  quarantined: number;
  openSegments: number;
  sealedSegments: number;
  gaps: number;
  lastByteAt: string | null;
  reason?: string;
  postsPerSecond: number;
  bytes: number;
  keep: string;
  uncoveredMs: number;
  interruptions: number;
  /** Of the time in which it was meant to listen, with two decimals, cut; null for what does not listen. */
  heardPercent: number | null;
  /** Posts that fitted and were not delivered, by the platform's own count (v1.1): at least so many. */
  heldBack: number;
};

type Row = {
  silent_s: string;
  name: string;
  kind: Collection['kind'];
  wanted: Wanted;
  loaded: string;
  quarantined: string;
  keep: string;
  nodes: { status: unknown; silent_s: number }[];
  /** Its posts come on a stream that it shares: what nodes count there is not its own. */
  is_shared: boolean;
  stream_error: string | null;
  is_new: boolean;
  newest: string;
};

/** A node that said nothing for so long is taken for dead; capture speaks each second. */
const SILENT_S = 10;
/** Of a shared stream's collection the rate is that of its rows of so many seconds. */
const RATE_S = 10;
/** Of several nodes the one that does best speaks for the collection. */
const BEST_FIRST: CaptureState[] = ['connected', 'reconnecting', 'starting', 'paused', 'failed', 'stopped'];

/** Where records come from: the database, or what was asked of it a little while ago. */
export type RecordsOf = (db: Queryable, only?: string) => Promise<ReadonlyMap<string, ListeningRecord>>;

/**
 * The status of all collections by name, or of one. But for the records (`listening-records.ts`) it reads a few rows per node and plan, whatever
 * the collection's age.
 */
export async function collectionStatuses(
  db: Queryable,
  only?: string,
  recordsOf: RecordsOf = listeningRecords,
): Promise<CollectionStatus[]> {
  const records = recordsOf(db, only);
  records.catch(() => undefined); // told below
  const rows = await db.query<Row>(
    `select c.name, c.kind, c.wanted, c.keep, ${silentColumn({ from: "'-infinity'::timestamptz" })},
        (select coalesce(sum(t.loaded), 0)::bigint from load_totals t join plans p using (plan)
          where p.collection_id = c.collection_id)
        + (select coalesce(sum(t.loaded), 0)::bigint from filter_totals t where t.collection_id = c.collection_id) as loaded,
        (select coalesce(sum(t.quarantined), 0)::bigint from load_totals t join plans p using (plan)
          where p.collection_id = c.collection_id) as quarantined,
        (select coalesce(jsonb_agg(jsonb_build_object('status', s.status,
            'silent_s', extract(epoch from now() - s.stored_at)) order by s.plan, s.node), '[]')
          from plan_status s join collection_plans p using (plan)
          where p.collection_id = c.collection_id and p.to_at = 'infinity') as nodes,
        c.kind = 'filter' as is_shared, f.error as stream_error, f.plan is not null and f.synced_revision < 0 as is_new,
        case when c.kind = 'filter' then (select count(*) from observations o where o.collection_id = c.collection_id
          and o.captured_at > now() - interval '${RATE_S} s') else 0 end as newest
      from collections c
        left join filter_members m on m.collection_id = c.collection_id and m.to_at is null
        left join filter_streams f on f.plan = m.plan
      where $1::text is null or c.name = $1 order by c.name`,
    [only ?? null],
  );
  const known = await records;
  return rows.map((row) => toStatus(row, known.get(row.name) ?? NO_RECORD));
}

/** Of a collection that was made since the records were read. */
const NO_RECORD: ListeningRecord = {
  ...{ gaps: 0, uncoveredMs: 0, interruptions: 0, heldBack: 0 },
  ...{ wanted_s: null, missed_s: '0' },
};

function toStatus(row: Row, record: ListeningRecord): CollectionStatus {
  const nodes = row.nodes.map(({ status, silent_s }) => ({ ...captureStatusSchema.parse(status), silentS: silent_s }));
  const { state, reason } = sharedState(row, stateOf(row.wanted, nodes));
  const own = row.is_shared ? [] : nodes;
  const lastByteAt = nodes.map((node) => node.lastByteAt ?? '').reduce((a, b) => (a > b ? a : b), '');
  return {
    name: row.name,
    kind: row.kind,
    state,
    // What is loaded was captured, though capture itself may say so only a second later.
    captured: Math.max(
      sum(own, (node) => node.captured),
      Number(row.loaded) + Number(row.quarantined),
    ),
    loaded: Number(row.loaded),
    quarantined: Number(row.quarantined),
    openSegments: sum(nodes, (node) => node.openSegments),
    sealedSegments: sum(nodes, (node) => node.sealedSegments),
    gaps: record.gaps,
    lastByteAt: lastByteAt === '' ? null : lastByteAt,
    ...(reason === undefined ? {} : { reason }),
    postsPerSecond: row.is_shared
      ? Number(row.newest) / RATE_S
      : sum(own, (node) => (node.silentS > SILENT_S ? 0 : node.postsPerSecond)),
    bytes: sum(own, (node) => node.bytes),
    keep: row.keep,
    uncoveredMs: record.uncoveredMs,
    interruptions: record.interruptions,
    // Before its first byte there is nothing to tell.
    heardPercent: lastByteAt === '' ? null : heardPercent({ ...record, silent_s: row.silent_s }),
    heldBack: record.heldBack,
  };
}

/** What keeps the rules of a shared stream from the platform is said with each collection on it. */
function sharedState(
  { wanted, stream_error: error, is_new: isNew }: Row,
  found: { state: CaptureState; reason?: string | undefined },
): { state: CaptureState; reason?: string | undefined } {
  if (wanted === 'stopped') return found;
  if (error !== null) return { state: found.state === 'connected' ? 'connected' : 'paused', reason: error };
  return isNew && found.state !== 'connected' ? { state: 'starting' } : found;
}

type Node = CaptureStatus & { silentS: number };

function stateOf(wanted: Wanted, nodes: Node[]): { state: CaptureState; reason?: string | undefined } {
  const heard = nodes.filter(({ silentS }) => silentS <= SILENT_S);
  if (wanted === 'stopped') {
    const running = best(heard.filter(({ state }) => state !== 'failed'));
    return running === undefined ? { state: 'stopped' } : { state: running.state, reason: running.reason };
  }
  const speaker = best(heard);
  if (speaker !== undefined) return { state: speaker.state, reason: speaker.reason };
  const [silent] = nodes.toSorted((a, b) => a.silentS - b.silentS);
  if (silent === undefined) return { state: 'starting' };
  if (silent.state === 'stopped')
    return {
      state: 'stopped',
      reason: `mistnet ended in order on node ${silent.node}; it goes on when it is started.`,
    };
  const reason = `Capture on node ${silent.node} has said nothing since ${silent.observedAt}; see whether mistnet runs there.`;
  return { state: 'failed', reason };
}

function best(nodes: Node[]): Node | undefined {
  return nodes.toSorted((a, b) => BEST_FIRST.indexOf(a.state) - BEST_FIRST.indexOf(b.state))[0];
}

function sum(nodes: Node[], value: (node: Node) => number): number {
  return nodes.reduce((total, node) => total + value(node), 0);
}
