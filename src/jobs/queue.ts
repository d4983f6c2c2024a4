/** The queue: pg-boss on the same PostgreSQL. It queues and gives a dead worker's job to another; when things are due is ours to say. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Job, PgBoss } from 'pg-boss';
import { causeText } from '../core/errors.ts';
import type { Log } from '../core/log.ts';
import { JOB_KINDS, type JobData, type JobKind, queueName } from './job-kinds.ts';

/** A worker that is killed loses its job after this silence; pg-boss allows nothing shorter. */
const HEARTBEAT_S = 10;
/** How often lost jobs are looked for. */
const LOOK_S = 5;
/** The first pause, to twice as long; each further one is twice the one before. Silence, look and pause together: less than half a minute. */
const RETRY_AFTER_S = 4;
/**
 * Jobs are taken in the order of the instant at which they were put in line, which is one for all that were put there together; of these, one that a worker lost
 * comes last. So a thousand are put in line by few, and what was begun goes on before the rest of them begins.
 */
const PUT_TOGETHER = 10;
/** How often a job under way looks whether somebody cancelled it. */
const CANCEL_LOOK_MS = 5_000;

/** `signal` aborts when the job was cancelled, or is another worker's by now. */
export type JobHandler<Kind extends JobKind> = (job: JobData[Kind], signal: AbortSignal) => Promise<void>;

/** Thrown by a handler: no further try would help. A person may order one all the same. */
export class FinalFailure extends Error {
  constructor(cause: unknown) {
    super(causeText(cause), { cause });
    this.name = 'FinalFailure';
  }
}

export type JobQueue = AsyncDisposable & {
  /** Puts jobs in line; one that stands there already stays as it is. */
  enqueue<Kind extends JobKind>(kind: Kind, jobs: readonly JobData[Kind][]): Promise<void>;
  /** Works on the jobs of a kind that this node may do, until disposed. A throw leads to a retry with growing pauses, a `FinalFailure` to none. */
  work<Kind extends JobKind>(kind: Kind, handler: JobHandler<Kind>): Promise<void>;
};

/** Opens the queues of all kinds; makes the queue's own schema on first use. */
export async function openQueue({ url, node, log }: { url: string; node: string; log: Log }): Promise<JobQueue> {
  const boss = await startBoss({ url, node, log, supervise: true });
  for (const kind of Object.keys(JOB_KINDS) as JobKind[]) {
    const { once, longestS, retries, keptS } = JOB_KINDS[kind];
    const settings = {
      retryLimit: retries,
      retryBackoff: true,
      retryDelay: RETRY_AFTER_S,
      heartbeatSeconds: HEARTBEAT_S,
      expireInSeconds: longestS,
      deleteAfterSeconds: keptS,
    };
    await boss.createQueue(queueName(kind, node), { policy: once ? 'exclusive' : 'stately', ...settings });
    await boss.updateQueue(queueName(kind, node), settings); // one that an older version made stays as it was otherwise
  }
  return {
    enqueue: async (kind, jobs) => {
      const { keyOf } = JOB_KINDS[kind];
      for (let from = 0; from < jobs.length; from += PUT_TOGETHER)
        await boss.insert(
          queueName(kind, node),
          jobs.slice(from, from + PUT_TOGETHER).map((data) => ({ data, singletonKey: keyOf(data) })),
        );
    },
    work: async <Kind extends JobKind>(kind: Kind, handler: JobHandler<Kind>) => {
      const { atOnce, pollS } = JOB_KINDS[kind];
      const name = queueName(kind, node);
      const options = { pollingIntervalSeconds: pollS, localConcurrency: atOnce };
      await boss.work<JobData[Kind]>(name, options, async (jobs: Job<JobData[Kind]>[]) => {
        for (const { id, data } of jobs) await whileWanted(boss, name, id, (signal) => handler(data, signal));
      });
    },
    [Symbol.asyncDispose]: () => boss.stop({ graceful: false }),
  };
}

/** The library, started. Without a listener an unreachable database would end the process; it tries again by itself. */
export async function startBoss(options: { url: string; node: string; log: Log; supervise: boolean }): Promise<PgBoss> {
  const { url, node, log, supervise } = options;
  const boss = new PgBoss({
    connectionString: url,
    max: 2,
    application_name: `mistnet-queue-${node}`,
    ...(supervise ? { superviseIntervalSeconds: LOOK_S, monitorIntervalSeconds: LOOK_S } : { supervise: false }),
  });
  boss.on('error', (error: unknown) => log.warn({ cause: causeText(error) }, 'queue.trouble'));
  await boss.start();
  return boss;
}

/** Runs the work and aborts its signal when the job is cancelled meanwhile. */
async function whileWanted(
  boss: PgBoss,
  name: string,
  id: string,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const cancelled = new AbortController();
  const done = new AbortController();
  const watch = (async () => {
    while (!done.signal.aborted) {
      await sleep(CANCEL_LOOK_MS, undefined, { signal: done.signal }).catch(() => undefined); // done: the loop ends
      if (done.signal.aborted) return;
      const found = await boss.findJobs(name, { id }).catch(() => undefined); // away: the next look tells
      // Not only `cancelled`: it may stand in line again by now.
      if (found !== undefined && found[0]?.state !== 'active') cancelled.abort(new Error('the job was cancelled'));
    }
  })();
  try {
    await work(cancelled.signal);
  } catch (error) {
    if (error instanceof FinalFailure) await lastTry(boss, name, id);
    throw error;
  } finally {
    done.abort();
    await watch;
  }
}

/** The try under way becomes the last one that the job has by itself. */
async function lastTry(boss: PgBoss, name: string, id: string): Promise<void> {
  await boss
    .getDb()
    .executeSql('update pgboss.job set retry_limit = retry_count where name = $1 and id = $2', [name, id]);
}
