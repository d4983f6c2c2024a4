/** The history of nodes: how their processors, memories and disks fared. */
import type { Queryable } from '../db.ts';

/** One point of a node's history; `cpu` of the whole machine (0 to 1), of a process in cores. */
export type NodeSample = {
  at: string;
  cpu: number | null;
  load: number | null;
  memoryUsed: number;
  memoryTotal: number;
  diskFree: number;
  diskTotal: number;
  processes: Record<string, { cpu: number | null; memory: number }>;
};

/** Oldest first: minutes of the last day, or hours of the last quarter; at most about 2,200 points. */
export async function nodeSamples(db: Queryable, node: string, step: 'minute' | 'hour'): Promise<NodeSample[]> {
  const rows = await db.query<{
    at: string;
    cpu: number | null;
    load: number | null;
    memory_used: string;
    memory_total: string;
    disk_free: string;
    disk_total: string;
    processes: NodeSample['processes'];
  }>(
    `select at, cpu, load, memory_used, memory_total, disk_free, disk_total, processes from node_samples
      where node = $1 and step = $2 order by at`,
    [node, step],
  );
  return rows.map((row) => ({
    ...{ at: row.at, cpu: row.cpu, load: row.load, processes: row.processes },
    ...{ memoryUsed: Number(row.memory_used), memoryTotal: Number(row.memory_total) },
    ...{ diskFree: Number(row.disk_free), diskTotal: Number(row.disk_total) },
  }));
}

/** How fast each node's disk fills: the slope of the last day's minutes. Bytes a day; null before half an hour of them. */
export async function diskPaces(db: Queryable): Promise<Map<string, { bytesPerDay: number | null; overSec: number }>> {
  const rows = await db.query<{ node: string; per_second: number | null; over_s: number }>(
    `select node, -regr_slope(disk_free::float8, extract(epoch from at)::float8) as per_second,
        extract(epoch from max(at) - min(at))::float8 as over_s
      from node_samples where step = 'minute' and at > now() - interval '1 day' group by node`,
  );
  return new Map(
    rows.map(({ node, per_second, over_s }) => [
      node,
      {
        bytesPerDay: per_second === null || over_s < LEAST_PACE_S ? null : Math.max(0, per_second * 86_400),
        overSec: Math.round(over_s),
      },
    ]),
  );
}

const LEAST_PACE_S = 1_800;
