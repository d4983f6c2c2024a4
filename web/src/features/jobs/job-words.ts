/** What kinds and states of jobs are called. */
import { formatCount, formatDuration, formatRate } from '../../format.ts';
import type { Job, Work } from './api/use-jobs.ts';

const kindWords: Record<string, string> = {
  hour: 'Build an hour',
  retention: 'Let rows go',
  export: 'Export',
  timeline: 'Read a timeline',
  accounts: 'Look at accounts',
  links: 'Follow links',
  hydration: 'Ask for posts by id',
  search: 'Fill the text index',
};

/** A kind that this page does not know yet is shown as it is. */
export function kindName(kind: string): string {
  return kindWords[kind] ?? kind;
}

export const stateWords: Record<Job['state'], { label: string; tone: 'good' | 'busy' | 'bad' | 'idle' }> = {
  waiting: { label: 'Waiting', tone: 'idle' },
  retrying: { label: 'To be tried again', tone: 'busy' },
  running: { label: 'Running', tone: 'good' },
  done: { label: 'Done', tone: 'idle' },
  cancelled: { label: 'Cancelled', tone: 'idle' },
  failed: { label: 'Failed', tone: 'bad' },
};

/** What may be done with a job in this state. */
export function actionFor(state: Job['state']): 'retry' | 'cancel' | undefined {
  if (state === 'failed' || state === 'cancelled') return 'retry';
  return state === 'done' ? undefined : 'cancel';
}

/** Such as `1,200 of 5,000 posts (24 %), 100 a second, about 38 s to go`. `forMs`: since when it counts; undefined where that is not known. */
export function progressWords({ done, of, unit }: NonNullable<Job['progress']>, forMs: number | undefined): string {
  // All is counted: what is still to be done, packing perhaps, has another pace.
  const perSecond = forMs === undefined || forMs < FIRST_RATE_MS || done === of ? 0 : done / (forMs / 1_000);
  const rate = perSecond === 0 ? '' : `, ${formatRate(perSecond)} a second`;
  if (of === null) return `${formatCount(done)} ${unit}${rate}`;
  const left = perSecond === 0 || done > of ? '' : `, about ${formatDuration(((of - done) / perSecond) * 1_000)} to go`;
  return `${formatCount(done)} of ${formatCount(of)} ${unit} (${of === 0 ? 100 : Math.floor((done / of) * 100)} %)${rate}${left}`;
}

/** A rate of less than this says more of the start than of the work, and of how late one hears of it: up to two seconds. */
export const FIRST_RATE_MS = 5_000;

/** How long a job has counted what it did: of one that was tried again nobody knows, for it goes on where it stood. */
export function countedMs({ state, startedAt, tries }: Pick<Job, 'state' | 'startedAt' | 'tries'>, nowMs?: number) {
  return state !== 'running' || startedAt === null || tries > 1 || nowMs === undefined
    ? undefined
    : Math.max(0, nowMs - Date.parse(startedAt));
}

/** Such as `2 workers; 5 of their 32 places are taken (15 %), 12 jobs wait`. */
export function loadWords({ workers, places, running, kinds }: Pick<Work, 'workers' | 'places' | 'running' | 'kinds'>) {
  const waiting = kinds.reduce((sum, kind) => sum + kind.waiting, 0);
  const wait = waiting === 0 ? 'none waits' : `${formatCount(waiting)} ${waiting === 1 ? 'job waits' : 'jobs wait'}`;
  if (workers === 0) return `No worker has spoken within the last minute; ${wait}.`;
  const share = Math.floor((running / places) * 100);
  return `${formatCount(workers)} ${workers === 1 ? 'worker; ' : 'workers; '}${formatCount(running)} of ${workers === 1 ? 'its' : 'their'} ${formatCount(places)} places ${running === 1 ? 'is' : 'are'} taken (${share} %), ${wait}.`;
}

const unitWords: Record<Work['kinds'][number]['amounts'][number]['unit'], [one: string, more: string]> = {
  requests: ['request', 'requests'],
  posts: ['post', 'posts'],
  accounts: ['account', 'accounts'],
  links: ['link', 'links'],
};

/** Such as `12,300 posts, 120 requests`; empty where nothing is counted. */
export function amountWords(amounts: Work['kinds'][number]['amounts']): string {
  return amounts
    .toSorted((a, b) => b.amount - a.amount)
    .map(({ unit, amount }) => `${formatCount(amount)} ${unitWords[unit][amount === 1 ? 0 : 1]}`)
    .join(', ');
}
