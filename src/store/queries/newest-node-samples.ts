import type { Queryable } from '../db.ts';
import { diskPaces } from '../nodes/node-samples.ts';

/** How a node fared at last. `cpuShare`: of the whole machine, 0 to 1. `fullInDays`: at the pace of the last day; null: not filling, or not known. */
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
};

/** The newest sample of each node, by name. */
export async function newestNodeSamples(db: Queryable): Promise<NodeSample[]> {
  const rows = await db.query<Row>(
    `select n.node, s.at, s.cpu, s.memory_used, s.memory_total, s.disk_free, s.disk_total
      from nodes n
        join lateral (select * from node_samples m where m.node = n.node and step = 'minute' order by at desc limit 1) s on true
      order by n.node`,
  );
  const paces = await diskPaces(db);
  return rows.map((row) => ({
    ...{ node: row.node, sampledAt: row.at, cpuShare: row.cpu },
    memoryUsedBytes: Number(row.memory_used),
    memoryTotalBytes: Number(row.memory_total),
    diskFreeBytes: Number(row.disk_free),
    diskTotalBytes: Number(row.disk_total),
    fullInDays: fullIn(Number(row.disk_free), paces.get(row.node)?.bytesPerDay ?? null),
  }));
}

function fullIn(freeBytes: number, bytesPerDay: number | null): number | null {
  return bytesPerDay === null || bytesPerDay === 0 ? null : freeBytes / bytesPerDay;
}
