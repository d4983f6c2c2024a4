/** What a node says of itself: its machine, its disk, its processes. Written every few seconds, so it is one statement and few rows. */
import { z } from 'zod';
import type { Queryable } from '../db.ts';

const bytes = z.number().int().nonnegative();
const instant = z.string();

/** `cpu`: cores in use, mean since the look before; null where it cannot be told. `memory`: resident bytes. */
const processSchema = z.object({ name: z.string(), pid: z.number().int(), cpu: z.number().nullable(), memory: bytes });

/**
 * `state`: running; starting: begun, has not said that it works; waiting: ended unasked and is started again at `nextTryAt`; ended.
 * `restarts`: since the supervisor began, asked for or not.
 */
export const roleStateSchema = z.object({
  role: z.string(),
  state: z.enum(['starting', 'running', 'waiting', 'ended']),
  pid: z.number().int().nullable(),
  startedAt: instant.nullable(),
  restarts: z.number().int().nonnegative(),
  lastExit: z.object({ at: instant, how: z.string() }).nullable(),
  nextTryAt: instant.nullable(),
});
export type RoleState = z.infer<typeof roleStateSchema>;

export const nodeBodySchema = z.object({
  startedAt: instant,
  cpus: z.number().int(),
  /** Share of the whole machine, 0 to 1; null at the first look. */
  cpu: z.number().nullable(),
  load: z.number(),
  memoryUsed: bytes,
  memoryTotal: bytes,
  disk: z.object({
    folder: z.string(),
    totalBytes: bytes,
    freeBytes: bytes,
    segmentsBytes: bytes,
    datasetsBytes: bytes,
    databaseBytes: bytes,
    otherBytes: bytes,
  }),
  roles: z.array(roleStateSchema),
  processes: z.array(processSchema),
});
export type NodeBody = z.infer<typeof nodeBodySchema>;

/** Minutes are kept for a day, hours for a quarter. */
const MINUTES_KEPT = '1 day';
const HOURS_KEPT = '92 days';

/**
 * Notes how a node is now. With `isSample` it also goes into the history of minutes and of hours, as part of their means; what is too
 * old goes in the same statement.
 */
export async function noteNode(
  db: Queryable,
  wish: { node: string; version: string; body: NodeBody; isSample: boolean },
): Promise<void> {
  const { node, version, body, isSample } = wish;
  const processes = Object.fromEntries(body.processes.map(({ name, cpu, memory }) => [name, { cpu, memory }]));
  await db.query(
    `with said as (
        insert into nodes (node, version, seen_at, body) values ($1, $2, clock_timestamp(), $3)
          on conflict (node) do update set version = excluded.version, seen_at = excluded.seen_at, body = excluded.body
          returning node, seen_at
      ), old as (
        delete from node_samples where $4 and node = $1
          and (step = 'minute' and at < now() - interval '${MINUTES_KEPT}' or step = 'hour' and at < now() - interval '${HOURS_KEPT}')
      )
      insert into node_samples as s (node, step, at, cpu, load, memory_used, memory_total, disk_free, disk_total, processes)
        select said.node, step, date_trunc(step, said.seen_at), $5, $6, $7, $8, $9, $10, $11
          from said cross join (values ('minute'), ('hour')) as steps (step) where $4
        on conflict (node, step, at) do update set samples = s.samples + 1,
          cpu = coalesce(s.cpu + (excluded.cpu - s.cpu) / (s.samples + 1), excluded.cpu, s.cpu),
          load = s.load + (excluded.load - s.load) / (s.samples + 1),
          memory_used = excluded.memory_used, memory_total = excluded.memory_total,
          disk_free = excluded.disk_free, disk_total = excluded.disk_total, processes = excluded.processes`,
    [
      ...[node, version, JSON.stringify(body), isSample, body.cpu, body.load, body.memoryUsed, body.memoryTotal],
      ...[body.disk.freeBytes, body.disk.totalBytes, JSON.stringify(processes)],
    ],
  );
}

/** A node as it said last. `ageMs`: how long ago, by the database's clock. */
export type NodeStatus = NodeBody & { node: string; version: string; seenAt: string; ageMs: number };

/** All nodes by name. */
export async function listNodes(db: Queryable): Promise<NodeStatus[]> {
  const rows = await db.query<{ node: string; version: string; seen_at: string; body: unknown; age_ms: number }>(
    `select node, version, seen_at, body, greatest(0, extract(epoch from clock_timestamp() - seen_at) * 1000)::float8 as age_ms
      from nodes order by node`,
  );
  return rows.map(({ node, version, seen_at, body, age_ms }) => ({
    ...nodeBodySchema.parse(body),
    ...{ node, version, seenAt: seen_at, ageMs: Math.round(age_ms) },
  }));
}

/** Forgets a node that is gone for good, with its history. False when there is none of this name. What it captured stays. */
export async function forgetNode(db: Queryable, node: string): Promise<boolean> {
  return (await db.query('delete from nodes where node = $1 returning 1', [node])).length > 0;
}
