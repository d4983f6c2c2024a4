/** The queue: pg-boss on the same PostgreSQL. It queues and gives a dead worker's job to another; when things are due is ours to say. */
import { type Job, PgBoss } from 'pg-boss';
import { causeText } from '../core/errors.ts';
import type { Log } from '../core/log.ts';

/** One job of building an hour, in the queue of the node that holds its segments. */
export type BuildHourJob = { collection: string; hour: string };

/** A worker that is killed loses its job after this silence; pg-boss allows nothing shorter. */
const HEARTBEAT_S = 10;
const POLL_S = 2;
/** The longest that pg-boss allows is a day. Whoever takes longer is asked for again, finds its lock held, and goes on. */
const LONGEST_EXPORT_S = 3600 * 23;

/** One job of retention, for a UTC day. */
export type RetentionJob = { day: string };

/** One job of writing an export, by its name. */
export type ExportJob = { name: string };

export type NodeQueue = AsyncDisposable & {
  /** Puts an hour in line; nothing happens when it stands there already. */
  enqueue(job: BuildHourJob): Promise<void>;
  /** Works on this node's hours, one at a time, until disposed. A throw leads to a retry with growing pauses, five times. */
  work(handler: (job: BuildHourJob) => Promise<void>): Promise<void>;
  /** The same for the day's retention. */
  enqueueRetention(job: RetentionJob): Promise<void>;
  workRetention(handler: (job: RetentionJob) => Promise<void>): Promise<void>;
  /** The same for exports. */
  enqueueExport(job: ExportJob): Promise<void>;
  workExports(handler: (job: ExportJob) => Promise<void>): Promise<void>;
};

/** Opens this node's queues of hours, of retention and of exports; makes the queue's own schema on first use. */
export async function openNodeQueue({ url, node, log }: { url: string; node: string; log: Log }): Promise<NodeQueue> {
  const boss = new PgBoss({
    connectionString: url,
    max: 2,
    application_name: `mistnet-queue-${node}`,
    superviseIntervalSeconds: 5,
    monitorIntervalSeconds: 5,
  });
  // Without a listener an unreachable database would end the process; the library tries again by itself.
  boss.on('error', (error: unknown) => log.warn({ cause: causeText(error) }, 'queue.trouble'));
  await boss.start();
  const hours = `hour-${node}`;
  const retention = `retention-${node}`;
  const settings = {
    policy: 'stately',
    retryLimit: 5,
    retryBackoff: true,
    retryDelay: 10,
    heartbeatSeconds: HEARTBEAT_S,
    expireInSeconds: 3600 * 3,
  } as const;
  const exports = `export-${node}`;
  for (const name of [hours, retention]) await boss.createQueue(name, settings);
  await boss.createQueue(exports, { ...settings, expireInSeconds: LONGEST_EXPORT_S });
  return {
    enqueue: async (job) => {
      await boss.send(hours, job, { singletonKey: `${job.collection}/${job.hour}` });
    },
    work: async (handler) => {
      await boss.work<BuildHourJob>(hours, { pollingIntervalSeconds: POLL_S }, async (jobs: Job<BuildHourJob>[]) => {
        for (const { data } of jobs) await handler(data);
      });
    },
    enqueueRetention: async (job) => {
      await boss.send(retention, job, { singletonKey: job.day });
    },
    workRetention: async (handler) => {
      await boss.work<RetentionJob>(
        retention,
        { pollingIntervalSeconds: POLL_S },
        async (jobs: Job<RetentionJob>[]) => {
          for (const { data } of jobs) await handler(data);
        },
      );
    },
    enqueueExport: async (job) => {
      await boss.send(exports, job, { singletonKey: job.name });
    },
    workExports: async (handler) => {
      await boss.work<ExportJob>(exports, { pollingIntervalSeconds: POLL_S }, async (jobs: Job<ExportJob>[]) => {
        for (const { data } of jobs) await handler(data);
      });
    },
    [Symbol.asyncDispose]: () => boss.stop({ graceful: false }),
  };
}
