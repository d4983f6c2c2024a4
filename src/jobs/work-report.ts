/** How busy the workers are, and what came of the work of the last day: for the page, the terminal and whoever collects figures. */
import type { Database } from '../store/db.ts';
import { listNodes } from '../store/nodes/node-status.ts';
import { type QueueCount, queueCounts } from '../store/queries/queue-counts.ts';
import { type WorkAmount, workAmounts } from '../store/queries/work-amounts.ts';
import { JOB_KINDS, type JobKind, parseQueueName } from './job-kinds.ts';

/** `waiting`: for their first try or a further one. `done` and `failed`: since the instant asked for, as far as the queue remembers. */
export type KindOfWork = {
  kind: JobKind;
  running: number;
  waiting: number;
  done: number;
  failed: number;
  amounts: { unit: WorkAmount['unit']; amount: number }[];
};

/** `places`: how many jobs the workers that spoke within the last minute do at a time, all of them together. */
export type WorkReport = { since: string; workers: number; places: number; running: number; kinds: KindOfWork[] };

/** How many jobs one worker does at a time. */
export const PLACES_OF_A_WORKER = Object.values(JOB_KINDS).reduce((sum, { atOnce }) => sum + atOnce, 0);

const SPOKE_MS = 60_000;

/**
 * Since an instant, ISO 8601 with Z. `mayShow`: whether whoever asks may see work of a kind about a subject; how many places are taken is told to all. Kinds of which
 * nothing is known are left out.
 */
export async function reportWork(
  db: Pick<Database, 'query'>,
  since: string,
  mayShow: (kind: JobKind, subject: string) => boolean,
): Promise<WorkReport> {
  const [nodes, counts, amounts] = await Promise.all([listNodes(db), queueCounts(db, since), workAmounts(db, since)]);
  const workers = nodes.filter(
    ({ ageMs, roles }) => ageMs < SPOKE_MS && roles.some(({ role, state }) => role === 'worker' && state === 'running'),
  ).length;
  const seen = counts.filter(({ queue, subject }) => {
    const kind = parseQueueName(queue)?.kind;
    return kind !== undefined && mayShow(kind, subject ?? '');
  });
  const kinds = (Object.keys(JOB_KINDS) as JobKind[]).map((kind): KindOfWork => {
    const own = seen.filter(({ queue }) => parseQueueName(queue)?.kind === kind);
    const jobs = (...states: QueueCount['state'][]) =>
      own.reduce((sum, each) => sum + (states.includes(each.state) ? each.jobs : 0), 0);
    return {
      kind,
      running: jobs('active'),
      waiting: jobs('created', 'retry'),
      done: jobs('completed'),
      failed: jobs('failed'),
      amounts: sumsOf(amounts.filter((each) => each.kind === kind && mayShow(kind, each.subject ?? ''))),
    };
  });
  return {
    ...{ since, workers, places: workers * PLACES_OF_A_WORKER },
    running: counts.reduce((sum, { state, jobs }) => sum + (state === 'active' ? jobs : 0), 0),
    kinds: kinds.filter(
      ({ running, waiting, done, failed, amounts: brought }) => running + waiting + done + failed + brought.length > 0,
    ),
  };
}

function sumsOf(amounts: readonly WorkAmount[]): KindOfWork['amounts'] {
  const units = Map.groupBy(amounts, ({ unit }) => unit);
  return [...units].map(([unit, all]) => ({ unit, amount: all.reduce((sum, { amount }) => sum + amount, 0) }));
}
