/** What the server asks about work in the background. */
import type { Clock } from '../../core/time.ts';
import { type WorkReport, reportWork } from '../../jobs/work-report.ts';
import type { JobKind } from '../../jobs/job-kinds.ts';
import type { JobDesk, JobFilter, JobInfo } from '../../jobs/job-list.ts';
import type { Database } from '../../store/db.ts';
import { type EndedJobs, endedJobs } from '../../store/queries/ended-jobs.ts';
import { type Upcoming, upcomingWork } from '../../store/queries/upcoming-work.ts';

/** Each that takes an id throws `job.failed` when there is no such job or it cannot be done with it. */
export type JobSources = {
  list(filter: JobFilter): Promise<JobInfo[]>;
  show(id: string): ReturnType<JobDesk['show']>;
  retry(id: string): Promise<JobInfo>;
  cancel(id: string): Promise<JobInfo>;
  upcoming(): Promise<Upcoming[]>;
  /** Those that ended at `since` or later, by hour. */
  ended(since: string): Promise<EndedJobs[]>;
  /** How busy the workers are, and what came of the work since an instant, as far as whoever asks may see it. */
  work(since: string, mayShow: (kind: JobKind, subject: string) => boolean): Promise<WorkReport>;
};

/** Opens the desk when it is first needed: a database that is away then costs that one question. `on`: what is changed is a part of that transaction. */
export function jobSources({
  db,
  clock,
  openDesk,
}: {
  db: Database;
  clock: Clock;
  openDesk: () => Promise<JobDesk>;
}): { on(place: Database): JobSources } & AsyncDisposable {
  let opening: Promise<JobDesk> | undefined;
  const desk = async (): Promise<JobDesk> => {
    opening ??= openDesk();
    try {
      return await opening;
    } catch (error) {
      opening = undefined;
      throw error;
    }
  };
  return {
    on: (place) => ({
      list: async (filter) => (await desk()).list(filter),
      show: async (id) => (await desk()).show(id),
      retry: async (id) => (await desk()).retry(id, place),
      cancel: async (id) => (await desk()).cancel(id, place),
      upcoming: () => upcomingWork(db, new Date(clock.now()).toISOString()),
      ended: (since) => endedJobs(db, since),
      work: (since, mayShow) => reportWork(db, since, mayShow),
    }),
    async [Symbol.asyncDispose]() {
      const opened = await opening?.catch(() => undefined); // never opened: nothing to close
      await opened?.[Symbol.asyncDispose]();
    },
  };
}
