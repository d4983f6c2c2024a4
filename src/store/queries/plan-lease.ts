/** Who captures a plan: leases with expiry and fence. Times are PostgreSQL's, the one clock that all nodes share. */
import type { Queryable } from '../db.ts';

const LEASE_MS = 30_000;

/** `fence` grows with each change of holder. */
export type PlanLease = { plan: string; copy: number; node: string; fence: number; expiresAt: string };

type Row = { plan: string; copy: number; node: string; fence: string; expires_at: string };

/** Takes or keeps the lease for `leaseMs` from now. Undefined: another node holds it and it has not expired. */
export async function acquirePlanLease(
  db: Queryable,
  wish: { plan: string; node: string; copy?: number; leaseMs?: number },
): Promise<PlanLease | undefined> {
  const { plan, node, copy = 0, leaseMs = LEASE_MS } = wish;
  const rows = await db.query<Row>(
    `insert into plan_leases as l (plan, copy, node, fence, expires_at)
      values ($1, $2, $3, 1, now() + $4 * interval '1 millisecond')
      on conflict (plan, copy) do update set node = excluded.node, expires_at = excluded.expires_at,
        fence = l.fence + case when l.node = excluded.node then 0 else 1 end
      where l.node = excluded.node or l.expires_at <= now()
      returning plan, copy, node, fence, expires_at`,
    [plan, copy, node, leaseMs],
  );
  return rows[0] === undefined ? undefined : toLease(rows[0]);
}

/** Prolongs a lease that is still ours by its fence, even when it has expired and nobody took it. Undefined: it was taken over. */
export async function renewPlanLease(
  db: Queryable,
  lease: PlanLease,
  leaseMs: number = LEASE_MS,
): Promise<PlanLease | undefined> {
  const rows = await db.query<Row>(
    `update plan_leases set expires_at = now() + $5 * interval '1 millisecond'
      where plan = $1 and copy = $2 and node = $3 and fence = $4
      returning plan, copy, node, fence, expires_at`,
    [lease.plan, lease.copy, lease.node, lease.fence, leaseMs],
  );
  return rows[0] === undefined ? undefined : toLease(rows[0]);
}

/** Gives a lease back, so that another node need not wait for its expiry. Nothing happens when it was taken over. */
export async function releasePlanLease(db: Queryable, lease: PlanLease): Promise<void> {
  await db.query(
    'update plan_leases set expires_at = now() where plan = $1 and copy = $2 and node = $3 and fence = $4',
    [lease.plan, lease.copy, lease.node, lease.fence],
  );
}

function toLease(row: Row): PlanLease {
  return { plan: row.plan, copy: row.copy, node: row.node, fence: Number(row.fence), expiresAt: row.expires_at };
}
