import type { Queryable } from '../db.ts';

/** How a node fared at last. `cpuShare`: of the whole machine, 0 to 1. `fullInDays`: at the pace of the last three days; null: not filling, or not known. */
export type NodeSample = {
  node: string;
  sampledAt: string;
  cpuShare: number | null;
  memoryUsedBytes: number;
  memoryTotalBytes: number;
  diskFreeBytes: number;
  diskTotalBytes: number;
  fullInDays: number | null;
};

type Row = {
  node: string;
  at: string;
  cpu: number | null;
  memory_used: string;
  memory_total: string;
  disk_free: string;
  disk_total: string;
  earlier_free: string | null;
  days: number | null;
};

/** An hour's growth says little of a day's. */
const LEAST_DAYS = 1 / 24;

/** The newest sample of each node, by name. */
export async function newestNodeSamples(db: Queryable): Promise<NodeSample[]> {
  const rows = await db.query<Row>(
    `select n.node, s.at, s.cpu, s.memory_used, s.memory_total, s.disk_free, s.disk_total, e.disk_free as earlier_free,
        extract(epoch from s.at - e.at)::float8 / 86400 as days
      from nodes n
        join lateral (select * from node_samples m where m.node = n.node and step = 'minute' order by at desc limit 1) s on true
        left join lateral (select at, disk_free from node_samples h
          where h.node = n.node and step = 'hour' and h.at >= s.at - interval '3 days' order by h.at limit 1) e on true
      order by n.node`,
  );
  return rows.map((row) => ({
    ...{ node: row.node, sampledAt: row.at, cpuShare: row.cpu },
    memoryUsedBytes: Number(row.memory_used),
    memoryTotalBytes: Number(row.memory_total),
    diskFreeBytes: Number(row.disk_free),
    diskTotalBytes: Number(row.disk_total),
    fullInDays: fullIn(row),
  }));
}

function fullIn({ disk_free, earlier_free, days }: Row): number | null {
  if (earlier_free === null || days === null || days < LEAST_DAYS) return null;
  const perDay = (Number(earlier_free) - Number(disk_free)) / days;
  return perDay > 0 ? Number(disk_free) / perDay : null;
}
