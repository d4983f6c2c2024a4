/** Jobs as people see them: what waits, what runs, what failed and why; and what they may do about it. */
import type { PgBoss, JobWithMetadata } from 'pg-boss';
import { MistnetError } from '../core/errors.ts';
import { silentLog } from '../core/log.ts';
import type { Clock } from '../core/time.ts';
import { errorCode } from '../store/database-errors.ts';
import type { Database, Queryable } from '../store/db.ts';
import type { WorkProgress } from '../store/queries/work-progress.ts';
import { unwantWork, wantWork } from './cancelled-work.ts';
import { JOB_KINDS, type JobKind, parseQueueName } from './job-kinds.ts';
import { progressOf } from './job-progress.ts';
import { startBoss } from './queue.ts';

export type JobState = 'waiting' | 'retrying' | 'running' | 'done' | 'cancelled' | 'failed';

/**
 * `node`: whose queue it is in; null where any may do it. `what`: what it is about. `cause`: of the last failure. `progress`: of one that
 * runs, where its work counts something; null otherwise. Instants ISO 8601 with Z.
 */
export type JobInfo = {
  id: string;
  kind: JobKind;
  node: string | null;
  what: string;
  state: JobState;
  tries: number;
  createdAt: string;
  startedAt: string | null;
  endedAt: string | null;
  heartbeatAt: string | null;
  cause: string | null;
  progress: WorkProgress | null;
};

const STATES: Record<JobWithMetadata['state'], JobState> = {
  created: 'waiting',
  retry: 'retrying',
  active: 'running',
  completed: 'done',
  cancelled: 'cancelled',
  failed: 'failed',
};

export type JobFilter = { state?: JobState; kind?: JobKind; limit?: number };

export type JobDesk = AsyncDisposable & {
  /** Those that run first, then the newest. */
  list(filter?: JobFilter): Promise<JobInfo[]>;
  /** A job and all that it was told. Throws `job.failed` when there is none. */
  show(id: string): Promise<JobInfo & { data: object; output: object | null }>;
  /** Puts a failed or cancelled job in line again; a list of ids or an export that was cancelled with it is wanted again. A part of the transaction that is given. */
  retry(id: string, on?: Database): Promise<JobInfo>;
  /**
   * Takes a job out of the line, or stops it within a few seconds where it runs; what that means for its work, `JOB_KINDS` says. A part of the
   * transaction that is given.
   */
  cancel(id: string, on?: Database): Promise<JobInfo>;
};

/** Opens the list; it works on nothing and supervises nothing. */
export async function openJobDesk(url: string, place: { db: Database; clock: Clock }): Promise<JobDesk> {
  const boss = await startBoss({ url, node: 'list', log: silentLog, supervise: false });
  const one = async (id: string) => {
    if (!UUID.test(id)) throw noSuchJob(id);
    for (const { name } of await boss.getQueues()) {
      const [job] = await boss.findJobs<object>(name, { id });
      const info = job === undefined ? undefined : infoOf(name, job);
      if (job !== undefined && info !== undefined) return { name, job, info };
    }
    throw noSuchJob(id);
  };
  return {
    list: async ({ state, kind, limit = 100 } = {}) => {
      const jobs = await allJobs(boss, kind);
      const shown = (state === undefined ? jobs : jobs.filter(({ info }) => info.state === state))
        .sort((a, b) => rankOf(b.info) - rankOf(a.info) || (a.info.createdAt < b.info.createdAt ? 1 : -1))
        .slice(0, limit);
      return await withProgress(place.db, shown);
    },
    show: async (id) => {
      const { job, info } = await one(id);
      const [told] = await withProgress(place.db, [{ info, data: job.data }]);
      return { ...(told ?? info), data: job.data, output: job.output };
    },
    retry: async (id, on = place.db) => {
      const { name, job, info } = await one(id);
      if (info.state !== 'failed' && info.state !== 'cancelled')
        throw new MistnetError(
          'job.failed',
          `The job ${id} is ${info.state}: only failed and cancelled ones can be retried.`,
        );
      const wasCancelled = info.state === 'cancelled';
      try {
        await on.transaction(async (tx) => {
          await wantWork({ ...place, db: tx }, info.kind, job.data);
          await boss[wasCancelled ? 'resume' : 'retry'](name, id, { db: queueOn(tx) });
        });
      } catch (error) {
        if (errorCode(error) !== UNIQUE_VIOLATION) throw error;
        throw new MistnetError(
          'job.failed',
          `Another job does the same already (${info.kind} ${info.what}): wait for it, or cancel it first.`,
          { cause: error },
        );
      }
      return { ...info, state: wasCancelled ? 'waiting' : 'retrying' };
    },
    cancel: async (id, on = place.db) => {
      const { name, job, info } = await one(id);
      if (info.state === 'done' || info.state === 'cancelled' || info.state === 'failed')
        throw new MistnetError('job.failed', `The job ${id} is ${info.state} already.`);
      await on.transaction(async (tx) => {
        await unwantWork({ ...place, db: tx }, info.kind, job.data);
        await boss.cancel(name, id, { db: queueOn(tx) });
      });
      return { ...info, state: 'cancelled' };
    },
    [Symbol.asyncDispose]: () => boss.stop({ graceful: false }),
  };
}

/** The queue as a part of a transaction of ours. */
function queueOn(tx: Queryable) {
  return { executeSql: async (text: string, values?: unknown[]) => ({ rows: await tx.query<object>(text, values) }) };
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const UNIQUE_VIOLATION = '23505';

function noSuchJob(id: string): MistnetError {
  return new MistnetError('job.failed', `There is no job ${id}. mistnet jobs list shows those there are.`);
}

/** What runs is not hidden behind what waits. */
function rankOf({ state }: JobInfo): number {
  return state === 'running' ? 1 : 0;
}

type Listed = { info: JobInfo; data: object };

async function withProgress(db: Database, listed: Listed[]): Promise<JobInfo[]> {
  const running = listed.flatMap(({ info: { id, kind, state }, data }) =>
    state === 'running' ? [{ id, kind, data }] : [],
  );
  const known = await progressOf(db, running);
  return listed.map(({ info }) => ({ ...info, progress: known.get(info.id) ?? null }));
}

async function allJobs(boss: PgBoss, kind: JobKind | undefined): Promise<Listed[]> {
  const infos: Listed[] = [];
  for (const { name } of await boss.getQueues()) {
    const queue = parseQueueName(name);
    if (queue === undefined || (kind !== undefined && queue.kind !== kind)) continue;
    for (const job of await boss.findJobs<object>(name)) {
      const info = infoOf(name, job);
      if (info !== undefined) infos.push({ info, data: job.data });
    }
  }
  return infos;
}

function infoOf(name: string, job: JobWithMetadata): JobInfo | undefined {
  const queue = parseQueueName(name);
  if (queue === undefined) return undefined;
  const { about, keyOf } = JOB_KINDS[queue.kind];
  return {
    id: job.id,
    kind: queue.kind,
    node: queue.node ?? null,
    what: (about ?? keyOf)(job.data as never),
    state: STATES[job.state],
    tries: job.retryCount + (job.state === 'created' ? 0 : 1),
    createdAt: job.createdOn.toISOString(),
    startedAt: instantOf(job.startedOn),
    endedAt: instantOf(job.completedOn),
    heartbeatAt: instantOf(job.heartbeatOn),
    cause: causeOf(job.output),
    progress: null,
  };
}

/** What a thrown error left: pg-boss keeps its fields. */
function causeOf(output: object | null): string | null {
  const message = (output as { message?: unknown } | null)?.message;
  return typeof message === 'string' ? message : null;
}

function instantOf(date: Date | null | undefined): string | null {
  return date === null || date === undefined ? null : date.toISOString();
}
