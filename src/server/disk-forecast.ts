/** One forecast on all pages: that of the node's last day, which alerts go by, as soon as it is known. */
import type { Queryable } from '../store/db.ts';
import { diskPaces } from '../store/nodes/node-samples.ts';
import type { DiskUsage } from './reply-schemas.ts';

/** What was measured now, with the pace of the node's last day in place of that since this process began. */
export async function withNodePace(db: Queryable, node: string, measured: Promise<DiskUsage>): Promise<DiskUsage> {
  const [usage, pace] = await Promise.all([
    measured,
    diskPaces(db).then(
      (paces) => paces.get(node),
      () => undefined, // the database is away: what this process saw itself is known even so
    ),
  ]);
  if (pace === undefined || pace.bytesPerDay === null) return usage;
  const { bytesPerDay, overSec: paceSeconds } = pace;
  return { ...usage, bytesPerDay, paceSeconds, fullInDays: bytesPerDay === 0 ? null : usage.freeBytes / bytesPerDay };
}
