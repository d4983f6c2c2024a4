import { type Config, foldersOf } from '../config.ts';
import { silentLog } from '../core/log.ts';
import { systemClock } from '../core/time.ts';
import type { Database } from '../store/db.ts';

/** Loads what this node's segments hold beyond the ledger, then returns. */
export async function loadRows({
  config,
  db,
  node,
  signal,
}: {
  config: Config;
  db: Database;
  node: string;
  signal: AbortSignal;
}): Promise<void> {
  const { followSegments } = await import('../store/load/follow-segments.ts');
  const segmentsFolder = foldersOf(config.home).segments;
  await followSegments({ db, segmentsFolder, node, clock: systemClock, signal, log: silentLog, stopWhenSettled: true });
}
