import { type CaptureState, type CaptureStatus, captureStatusSchema } from '../../capture/status.ts';
import type { Queryable } from '../db.ts';
import type { Wanted } from './collection.ts';

/**
 * What a person sees of a collection, all nodes together. `captured`: post frames kept since it began, malformed and repeated
 * ones included; at rest captured = loaded + quarantined, but for files-only collections, where nothing is loaded.
 * `gaps`: those with time that stays uncovered, `uncoveredMs` all that time; `interruptions`: back-filled ones too. `bytes`: of payload.
 * `reason`: why it is not connected, one sentence. `keep`: files, all or days:N.
 */
export type CollectionStatus = {
  name: string;
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
};

type Row = {
  name: string;
  wanted: Wanted;
  loaded: string;
  quarantined: string;
  keep: string;
  gaps: string;
  uncovered_ms: string;
  interruptions: string;
  nodes: { status: unknown; silent_s: number }[];
};

/** A node that said nothing for so long is taken for dead; capture speaks each second. */
const SILENT_S = 10;
/** Of several nodes the one that does best speaks for the collection. */
const BEST_FIRST: CaptureState[] = ['connected', 'reconnecting', 'starting', 'paused', 'failed', 'stopped'];

/** The status of all collections by name, or of one. Reads a few rows per node and plan, whatever the collection's age. */
export async function collectionStatuses(db: Queryable, only?: string): Promise<CollectionStatus[]> {
  const rows = await db.query<Row>(
    `select c.name, c.wanted, c.keep, g.gaps, g.uncovered_ms, g.interruptions,
        (select coalesce(sum(t.loaded), 0)::bigint from load_totals t join plans p using (plan)
          where p.collection_id = c.collection_id) as loaded,
        (select coalesce(sum(t.quarantined), 0)::bigint from load_totals t join plans p using (plan)
          where p.collection_id = c.collection_id) as quarantined,
        (select coalesce(jsonb_agg(jsonb_build_object('status', s.status,
            'silent_s', extract(epoch from now() - s.stored_at)) order by s.plan, s.node), '[]')
          from plan_status s join plans p using (plan) where p.collection_id = c.collection_id) as nodes
      from collections c cross join lateral (
          select count(*) as interruptions, count(*) filter (where uncovered_ms > 0) as gaps,
            coalesce(sum(uncovered_ms), 0)::bigint as uncovered_ms
          from gaps join plans p using (plan) where p.collection_id = c.collection_id) g
      where $1::text is null or c.name = $1 order by c.name`,
    [only ?? null],
  );
  return rows.map(toStatus);
}

function toStatus(row: Row): CollectionStatus {
  const nodes = row.nodes.map(({ status, silent_s }) => ({ ...captureStatusSchema.parse(status), silentS: silent_s }));
  const { state, reason } = stateOf(row.wanted, nodes);
  const lastByteAt = nodes.map((node) => node.lastByteAt ?? '').reduce((a, b) => (a > b ? a : b), '');
  return {
    name: row.name,
    state,
    // What is loaded was captured, though capture itself may say so only a second later.
    captured: Math.max(
      sum(nodes, (node) => node.captured),
      Number(row.loaded) + Number(row.quarantined),
    ),
    loaded: Number(row.loaded),
    quarantined: Number(row.quarantined),
    openSegments: sum(nodes, (node) => node.openSegments),
    sealedSegments: sum(nodes, (node) => node.sealedSegments),
    gaps: Number(row.gaps),
    lastByteAt: lastByteAt === '' ? null : lastByteAt,
    ...(reason === undefined ? {} : { reason }),
    postsPerSecond: sum(nodes, (node) => (node.silentS > SILENT_S ? 0 : node.postsPerSecond)),
    bytes: sum(nodes, (node) => node.bytes),
    keep: row.keep,
    uncoveredMs: Number(row.uncovered_ms),
    interruptions: Number(row.interruptions),
  };
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
