/** What kinds and states of jobs are called. */
import { formatCount } from '../../format.ts';
import type { Job } from './api/use-jobs.ts';

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

/** Such as `1,200 of 5,000 posts (24 %)`. */
export function progressWords({ done, of, unit }: NonNullable<Job['progress']>): string {
  if (of === null) return `${formatCount(done)} ${unit}`;
  return `${formatCount(done)} of ${formatCount(of)} ${unit} (${of === 0 ? 100 : Math.floor((done / of) * 100)} %)`;
}
