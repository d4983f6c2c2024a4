/** How far the jobs that run have come: what each kind of work counts is asked for all of that kind at once. */
import {
  exportProgress,
  hydrationProgress,
  timelineProgress,
  type WorkProgress,
} from '../store/queries/work-progress.ts';
import type { Queryable } from '../store/db.ts';
import type { JobData, JobKind } from './job-kinds.ts';

/** A job that runs, with what it was told. */
export type RunningJob = { id: string; kind: JobKind; data: object };

/** By the job's id; those are left out whose work keeps no count. */
export async function progressOf(db: Queryable, jobs: readonly RunningJob[]): Promise<Map<string, WorkProgress>> {
  const known = new Map<string, WorkProgress>();
  const note = (id: string, progress: WorkProgress | undefined) => {
    if (progress !== undefined) known.set(id, progress);
  };
  const exporting = ofKind(jobs, 'export');
  if (exporting.length > 0) {
    const found = await exportProgress(
      db,
      exporting.map(({ data }) => data.name),
    );
    for (const { id, data } of exporting) note(id, found.get(data.name));
  }
  const hydrating = ofKind(jobs, 'hydration');
  if (hydrating.length > 0) {
    const found = await hydrationProgress(
      db,
      hydrating.map(({ data }) => data.hydrationId),
    );
    for (const { id, data } of hydrating) note(id, found.get(data.hydrationId));
  }
  const reading = ofKind(jobs, 'timeline');
  if (reading.length > 0) {
    const found = await timelineProgress(
      db,
      reading.map(({ data }) => data),
    );
    for (const [at, { id }] of reading.entries()) note(id, found[at]);
  }
  return known;
}

function ofKind<Kind extends JobKind>(jobs: readonly RunningJob[], kind: Kind): { id: string; data: JobData[Kind] }[] {
  return jobs.flatMap((job) => (job.kind === kind ? [{ id: job.id, data: job.data as JobData[Kind] }] : []));
}
