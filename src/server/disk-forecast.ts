/** One forecast on all pages: that of the node's last day, which alerts go by, as soon as it is known. */
import type { Queryable } from '../store/db.ts';
import { diskPaces } from '../store/nodes/node-samples.ts';
import type { DiskUsage } from './reply-schemas.ts';

/** The pace of a day changes slowly. */
const PACE_AGE_MS = 30_000;
/** A question that is not answered (a dead link without a reset) is given up on, so that recovery is noticed. */
const HUNG_MS = 120_000;

type Pace = { bytesPerDay: number | null; overSec: number };

/**
 * What is measured, with the pace of the node's last day in place of that since this process began. How full the disk is must be known while the
 * database is away or silent: the pace is asked for behind the answer and never waited for.
 */
export function withNodePace(
  db: Queryable,
  { node, nowMs }: { node: string; nowMs: () => number },
  measure: () => Promise<DiskUsage>,
): () => Promise<DiskUsage> {
  let known: Pace | undefined;
  let askedAt = Number.NEGATIVE_INFINITY;
  let isAsking = false;

  async function ask(): Promise<void> {
    isAsking = true;
    askedAt = nowMs();
    try {
      known = (await diskPaces(db)).get(node);
    } catch {
      // The database is away: what was known of the last day is still so.
    } finally {
      isAsking = false;
    }
  }

  return async () => {
    if (nowMs() - askedAt >= (isAsking ? HUNG_MS : PACE_AGE_MS)) void ask();
    const usage = await measure();
    if (known === undefined || known.bytesPerDay === null) return usage;
    const { bytesPerDay, overSec: paceSeconds } = known;
    return { ...usage, bytesPerDay, paceSeconds, fullInDays: bytesPerDay === 0 ? null : usage.freeBytes / bytesPerDay };
  };
}
