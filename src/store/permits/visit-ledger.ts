/**
 * One visit of a worker to the ledger that all workers share: what became of its calls, what it holds, what it wants, in one transaction. Visits
 * to the same endpoint wait for each other; the arithmetic is that of `core/permits`. Times are PostgreSQL's, the one clock that all share.
 */
import { newBucket } from '../../core/permits/bucket.ts';
import { type ExchangeReply, type SharedBucket, exchange } from '../../core/permits/ledger.ts';
import type { MoneyReply, MoneyVisit } from '../../core/permits/money-share.ts';
import type { Pause } from '../../core/permits/pause.ts';
import type { Visit, VisitReply } from '../../core/permits/worker-share.ts';
import type { Database, Queryable } from '../db.ts';
import { bookMoney } from './book-money.ts';
import { type PauseRow, rowToPause } from './pauses.ts';
import { PERMITS_CHANNEL } from './permits-channel.ts';
import { type LeaseRow, type WindowRow, bucketToRow, late, rowToBucket } from './permit-rows.ts';

/** What is published of the windows that the visit may have to make. */
export type PublishedWindow = {
  credential: string;
  endpoint: string;
  limit: number;
  windowMs: number;
  spacingMs: number;
};

export type LedgerVisit = {
  visit: Visit;
  node: string;
  published: readonly PublishedWindow[];
  money: readonly MoneyVisit[];
};

export type LedgerReply = { permits: VisitReply; money: MoneyReply[]; pauses: Pause[] };

/** Books the visit and answers it. A visit of the same worker with the same `seq` is booked once. */
export async function visitLedger(db: Database, { visit, node, published, money }: LedgerVisit): Promise<LedgerReply> {
  return await db.transaction(async (tx) => {
    const endpoints = [
      ...new Set([...visit.reports, ...visit.holding, ...visit.wants].map(({ endpoint }) => endpoint)),
    ].toSorted();
    const locks = [
      ...endpoints.map((endpoint) => `permits ${endpoint}`),
      ...(money.length > 0 ? ['permits: money'] : []),
    ];
    // In one order for all, so that no two visits wait for each other.
    await tx.query('select pg_advisory_xact_lock(hashtextextended(name, 0)) from unnest($1::text[]) as name', [locks]);
    const known = await readLedger(tx, endpoints, visit.worker);
    const isBooked = known.seq !== null && Number(known.seq) >= visit.seq;
    const before = withMissing(
      known.windows.map((row) => rowToBucket(row, known.leases)),
      published,
      endpoints,
    );
    const { buckets, reply } = exchange(before, { ...visit, isBooked }, known.nowMs);
    const moneyReplies = await bookMoney(tx, {
      worker: visit.worker,
      leaseMs: visit.leaseMs,
      isBooked,
      money,
      nowMs: known.nowMs,
    });
    await writeLedger(tx, { visit, node, isBooked, known, before, buckets, lost: reply.lost });
    if (reply.freed.length > 0) await tx.query('select pg_notify($1, $2)', [PERMITS_CHANNEL, reply.freed.join(' ')]);
    return {
      permits: { granted: reply.granted, reopensAtMs: reply.reopensAtMs, ledgerNowMs: known.nowMs },
      money: moneyReplies,
      pauses: known.pauses.map(rowToPause),
    };
  });
}

type Known = {
  nowMs: number;
  seq: string | null;
  windows: WindowRow[];
  leases: LeaseRow[];
  pauses: PauseRow[];
};

async function readLedger(tx: Queryable, endpoints: string[], worker: string): Promise<Known> {
  const [row] = await tx.query<{
    now_ms: number;
    seq: string | null;
    windows: WindowRow[];
    leases: LeaseRow[];
    pauses: PauseRow[];
  }>(
    `select extract(epoch from clock_timestamp())::float8 * 1000 as now_ms,
        (select seq from permit_workers where worker = $2) as seq,
        (select coalesce(jsonb_agg(w), '[]') from permit_windows w where endpoint = any ($1)) as windows,
        (select coalesce(jsonb_agg(l), '[]') from permit_leases l where endpoint = any ($1)) as leases,
        (select coalesce(jsonb_agg(p), '[]') from permit_pauses p where until is null or until > clock_timestamp()) as pauses`,
    [endpoints, worker],
  );
  const { now_ms: nowMs, ...rest } = row as NonNullable<typeof row>;
  return { nowMs, ...rest };
}

/** What is published of windows may change with a version of mistnet; what the platform says of its limit stays. */
function withMissing(
  known: SharedBucket[],
  published: readonly PublishedWindow[],
  endpoints: string[],
): SharedBucket[] {
  const byKey = new Map(known.map((shared) => [`${shared.endpoint} ${shared.credential}`, shared]));
  for (const { credential, endpoint, limit, windowMs, spacingMs } of published) {
    if (!endpoints.includes(endpoint)) continue;
    const key = `${endpoint} ${credential}`;
    const { bucket, holdings } = byKey.get(key) ?? { bucket: newBucket({ limit, windowMs, spacingMs }), holdings: [] };
    byKey.set(key, { credential, endpoint, holdings, bucket: { ...bucket, windowMs, spacingMs } });
  }
  return [...byKey.values()].toSorted((a, b) => (a.credential < b.credential ? -1 : 1));
}

/** In one statement: it is the visit's last round trip but the commit. */
async function writeLedger(
  tx: Queryable,
  options: {
    visit: Visit;
    node: string;
    isBooked: boolean;
    known: Known;
    before: SharedBucket[];
    buckets: SharedBucket[];
    lost: ExchangeReply['lost'];
  },
): Promise<void> {
  const { visit, node, isBooked, known, before, buckets, lost } = options;
  const rows = buckets.map((shared, at) =>
    bucketToRow(
      shared,
      countersOf(shared, before[at] as SharedBucket, { known, lost, reports: isBooked ? [] : visit.reports }),
    ),
  );
  const leases = buckets.flatMap(({ credential, endpoint, holdings }) =>
    holdings
      .filter(({ worker }) => worker === visit.worker)
      .map(({ permits, expiresAtMs, askedAtMs }) => ({
        ...{ credential, endpoint, worker: visit.worker, holding: permits },
        asked_at: late(askedAtMs) ?? '-infinity',
        expires_at: late(expiresAtMs),
      })),
  );
  await tx.query(
    `with windows as (
        insert into permit_windows select * from jsonb_populate_recordset(null::permit_windows, $1)
          on conflict (credential, endpoint) do update set calls_limit = excluded.calls_limit, window_ms = excluded.window_ms,
            spacing_ms = excluded.spacing_ms, fence = excluded.fence, opened_at = excluded.opened_at, reset_at_ms = excluded.reset_at_ms,
            rival_reset_at_ms = excluded.rival_reset_at_ms, previous_reset_at_ms = excluded.previous_reset_at_ms,
            ends_from = excluded.ends_from, ends_by = excluded.ends_by, is_longer = excluded.is_longer, settled = excluded.settled,
            told = excluded.told, silent = excluded.silent, last_silent_at = excluded.last_silent_at,
            last_settled_at = excluded.last_settled_at, is_probing = excluded.is_probing, not_before = excluded.not_before,
            margin_ms = excluded.margin_ms, refusals = excluded.refusals, day = excluded.day, used_today = excluded.used_today,
            refused_today = excluded.refused_today, lost_today = excluded.lost_today
      ), gone as (
        delete from permit_leases l using jsonb_to_recordset($3) as d (credential text, endpoint text)
          where l.credential = d.credential and l.endpoint = d.endpoint and l.worker <> $4 and l.expires_at <= $5
      ), leases as (
        insert into permit_leases select * from jsonb_populate_recordset(null::permit_leases, $2)
          on conflict (endpoint, credential, worker) do update set holding = excluded.holding, asked_at = excluded.asked_at,
            expires_at = excluded.expires_at
      ), forgotten as (
        delete from permit_workers where expires_at < $5::timestamptz - interval '1 day' and worker <> $4
      )
      insert into permit_workers (worker, node, seq, expires_at)
        values ($4, $6, $7, $5::timestamptz + $8 * interval '1 millisecond')
        on conflict (worker) do update set seq = excluded.seq, expires_at = excluded.expires_at`,
    [
      JSON.stringify(rows),
      JSON.stringify(leases),
      JSON.stringify(buckets.map(({ credential, endpoint }) => ({ credential, endpoint }))),
      visit.worker,
      new Date(Math.floor(known.nowMs)).toISOString(),
      node,
      visit.seq,
      visit.leaseMs,
    ],
  );
}

/** What people look at: what was used today, refused, and lost with workers; and the fence, which grows with each window. */
function countersOf(
  { credential, endpoint, bucket }: SharedBucket,
  before: SharedBucket,
  { known, lost, reports }: { known: Known; lost: ExchangeReply['lost']; reports: Visit['reports'] },
): Pick<WindowRow, 'fence' | 'day' | 'used_today' | 'refused_today' | 'lost_today'> {
  const isThis = (entry: { credential: string; endpoint: string }) =>
    entry.credential === credential && entry.endpoint === endpoint;
  const row = known.windows.find(isThis);
  const day = new Date(known.nowMs).toISOString().slice(0, 10);
  const today = row?.day === day ? row : { used_today: 0, refused_today: 0, lost_today: 0 };
  const heard = reports.filter(isThis).flatMap((report) => report.heard);
  const isNewWindow = bucket.window?.openedAtMs !== before.bucket.window?.openedAtMs;
  return {
    fence: (row?.fence ?? 0) + (isNewWindow ? 1 : 0),
    day,
    used_today: today.used_today + heard.reduce((sum, { calls }) => sum + calls, 0),
    refused_today: today.refused_today + heard.reduce((sum, { refused }) => sum + refused, 0),
    lost_today: today.lost_today + lost.filter(isThis).reduce((sum, { permits }) => sum + permits, 0),
  };
}
