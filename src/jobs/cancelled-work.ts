/**
 * What a person's word about a job means for the work behind it. What is due is put in line by itself: without this a job that was cancelled
 * would stand there again with the next look.
 */
import { MistnetError } from '../core/errors.ts';
import type { Clock } from '../core/time.ts';
import type { Database } from '../store/db.ts';
import { cancelExport, queueExportAgain } from '../store/export/exports.ts';
import { setHydrationState } from '../store/hydrations/hydrations.ts';
import { postponeTimeline } from '../store/timelines/timelines.ts';
import { timelineCollections } from '../store/timelines/timeline-collections.ts';
import type { JobData, JobKind } from './job-kinds.ts';
import { readSchedule } from './timelines/read-schedule.ts';
import { nextDue } from './timelines/schedule.ts';

type Place = { db: Database; clock: Clock };

/** Says that nobody wants it done for now. Call it before the job is cancelled. Work of the other kinds comes again with the next look, as it is due. */
export async function unwantWork({ db, clock }: Place, kind: JobKind, data: object): Promise<void> {
  const atMs = clock.now();
  if (kind === 'hydration') {
    const { hydrationId } = data as JobData['hydration'];
    const reason = 'its job was cancelled';
    await setHydrationState(db, hydrationId, { from: ['running', 'paused'], to: 'cancelled', reason, atMs });
  }
  if (kind === 'export') {
    const { name } = data as JobData['export'];
    await cancelExport(db, name, new Date(atMs).toISOString()).catch((error: unknown) => {
      if (!(error instanceof MistnetError)) throw error; // it has ended, or is gone: nothing to cancel
    });
  }
  if (kind === 'timeline') {
    const key = data as JobData['timeline'];
    const collection = (await timelineCollections(db)).find(({ collectionId }) => collectionId === key.collectionId);
    if (collection === undefined) return;
    const schedule = readSchedule(collection.body.schedule);
    await postponeTimeline(db, key, ({ dailyRate }) => nextDue(schedule, atMs, dailyRate));
  }
}

/** Says that it is wanted again. Call it before the job is put in line. */
export async function wantWork({ db, clock }: Place, kind: JobKind, data: object): Promise<void> {
  if (kind === 'hydration') {
    const { hydrationId } = data as JobData['hydration'];
    await setHydrationState(db, hydrationId, { from: ['cancelled', 'paused'], to: 'running', atMs: clock.now() });
  }
  if (kind === 'export') await queueExportAgain(db, (data as JobData['export']).name);
}
