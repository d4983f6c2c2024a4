/** One day's retention: removes rows that no collection keeps any more, after their segments were found whole; files stay. */
import { join } from 'node:path';
import { Fixity } from '../../archive/fixity.ts';
import { hourFolder, listHourSegments, type SegmentFiles } from '../../capture/segment/layout.ts';
import { crashPoint } from '../../core/crash-point.ts';
import type { Log } from '../../core/log.ts';
import type { Clock } from '../../core/time.ts';
import type { Database } from '../../store/db.ts';
import { forgetLoaded } from '../../store/forget-loaded.ts';
import { ensurePartitionsAhead } from '../../store/load/partitions.ts';
import { listCollections } from '../../store/queries/list-collections.ts';
import {
  type LackingSegment,
  recordRetention,
  type RetentionRun,
  type RetentionShare,
} from '../../store/queries/retention-runs.ts';
import { detachDay, type Dropped, dropMonths, dropRetired } from '../../store/retention/drop-partitions.ts';
import { observationDays } from '../../store/retention/observation-days.ts';
import { removeRows } from '../../store/retention/remove-rows.ts';
import { markVerified, type SegmentOfDay, segmentsOfDay, verifiedOf } from '../../store/retention/segments-of-day.ts';
import { dayOf, type ExpiredDay, expiredDays } from '../retention-plan.ts';

export type RetainTask = {
  db: Database;
  segmentsFolder: string;
  node: string;
  clock: Clock;
  signal: AbortSignal;
  log: Log;
};

/**
 * Removes what is to go and records how much. A day that nobody keeps is dropped as a whole when all of its segments, on all nodes, were found whole
 * by their nodes; else rows go segment by segment, and those of segments that were not found whole stay. Repeating it changes nothing.
 */
export async function retainRows(task: RetainTask): Promise<RetentionRun> {
  const { db, node, clock, signal, log } = task;
  const nowMs = clock.now();
  await ensurePartitionsAhead(db, nowMs);
  const tally = new Tally(node, dayOf(nowMs));
  const facts = { nowMs, collections: await listCollections(db), days: await observationDays(db) };
  tally.addDropped(await dropRetired(db, signal)); // what a crash left
  // A batch that was on its way when the wish changed may have come after it.
  for (const { collectionId } of facts.collections.filter(({ keep }) => keep === 'files'))
    if (facts.days.some(({ collectionIds }) => collectionIds.includes(collectionId)))
      await db.transaction((tx) => forgetLoaded(tx, collectionId));
  for (const expired of expiredDays(facts)) {
    signal.throwIfAborted();
    await retireDay(task, expired, tally);
  }
  tally.add(await dropMonths(db));
  // crash point retention.months-dropped: recovery must drop what is retired and write the day's report.
  crashPoint('retention.months-dropped');
  tally.addDropped(await dropRetired(db, signal));
  const { run } = tally;
  await recordRetention(db, run, tally, new Date(nowMs).toISOString());
  log.info(run, 'retention.ran');
  return run;
}

/** What a run did, all in all and for each collection. */
class Tally {
  readonly run: RetentionRun;
  readonly shares = new Map<number, RetentionShare>();
  readonly lacking: LackingSegment[] = [];
  readonly #told = new Set<string>();

  constructor(node: string, day: string) {
    this.run = { node, day, observations: 0, posts: 0, partitions: 0, unverified: 0 };
  }

  add(removed: Partial<Record<'posts' | 'partitions', number>>): void {
    this.run.posts += removed.posts ?? 0;
    this.run.partitions += removed.partitions ?? 0;
  }

  addDropped({ byCollection, ...removed }: Dropped): void {
    this.add(removed);
    for (const [collectionId, observations] of byCollection) this.addObservations(collectionId, observations);
  }

  addObservations(collectionId: number, observations: number): void {
    this.run.observations += observations;
    this.#share(collectionId).observations += observations;
  }

  addLacking({ collectionId, plan, node, segment }: SegmentOfDay, reason: string): void {
    this.#share(collectionId).unverified++;
    // One of a shared stream is told once.
    if (this.#told.has(`${plan} ${segment}`)) return;
    this.#told.add(`${plan} ${segment}`);
    this.lacking.push({ plan, node, segment, reason });
    this.run.unverified++;
  }

  #share(collectionId: number): RetentionShare {
    const share = this.shares.get(collectionId) ?? { observations: 0, unverified: 0 };
    this.shares.set(collectionId, share);
    return share;
  }
}

async function retireDay(task: RetainTask, { day, collectionIds, whole }: ExpiredDay, tally: Tally): Promise<void> {
  const { db, node, signal } = task;
  const shares = await segmentsOfDay(db, { day, collectionIds });
  const segments = [...new Map(shares.map((share) => [share.segmentId, share])).values()];
  const reasons = await verifyOwn(
    task,
    segments.filter((segment) => segment.node === node),
  );
  // crash point retention.verified: recovery must remove the day's rows, of segments that were found whole alone.
  crashPoint('retention.verified');
  const verified = await verifiedOf(
    db,
    segments.map(({ segmentId }) => segmentId),
  );
  const isVerified = new Set(verified);
  for (const segment of shares.filter(({ segmentId }) => !isVerified.has(segmentId)))
    tally.addLacking(
      segment,
      reasons.get(segment.segmentId) ?? 'its node has not found it whole within the last two days',
    );
  const unverified = segments.length - verified.length;
  if (whole && unverified === 0 && (await detachDay(db, { day, collectionIds, segmentIds: verified }))) {
    // crash point retention.detached: recovery must drop the day that was cut off, and count it then.
    crashPoint('retention.detached');
    return; // counted when it is dropped
  }
  for (const collectionId of collectionIds) {
    const { observations, posts } = await removeRows(db, { day, collectionId, segmentIds: verified, signal });
    tally.addObservations(collectionId, observations);
    tally.add({ posts });
  }
}

/** Compares this node's segments with their manifests and notes which are whole; the answer is, by segment id, why others are not. */
async function verifyOwn(
  { db, segmentsFolder, signal, log }: RetainTask,
  segments: SegmentOfDay[],
): Promise<Map<string, string>> {
  const fixity = new Fixity();
  const whole: string[] = [];
  const reasons = new Map<string, string>();
  const listed = new Map<string, Map<string, SegmentFiles>>();
  for (const { segmentId, plan, segment, hourMs, bytes } of segments) {
    signal.throwIfAborted();
    const folder = hourFolder(join(segmentsFolder, plan), hourMs);
    const found =
      listed.get(folder) ?? new Map((await listHourSegments(plan, folder)).map((files) => [files.segment, files]));
    listed.set(folder, found);
    const files = found.get(segment);
    const reason =
      files === undefined || bytes === undefined ? 'it is not there or open' : await fixity.trouble(files, bytes);
    if (reason === undefined) {
      whole.push(segmentId);
      continue;
    }
    reasons.set(segmentId, reason);
    log.warn({ plan, segment, reason }, 'retention.unverified');
  }
  await markVerified(db, { whole, lacking: [...reasons.keys()] });
  return reasons;
}
