/** What states and outcomes are called, and how they are coloured. */
import { formatCount } from '../../format.ts';
import type { AccountDetail, AccountState, ImportOutcome } from './api/use-accounts.ts';

export type Tone = 'good' | 'busy' | 'bad' | 'idle';
type Words = { label: string; tone: Tone };

/** `gone`: the platform does not tell deleted from deactivated. */
export const stateWords: Record<AccountState, Words & { explanation: string }> = {
  public: { label: 'Public', tone: 'good', explanation: 'Anybody can read its posts.' },
  protected: { label: 'Protected', tone: 'busy', explanation: 'Only those it lets follow can read its posts.' },
  suspended: { label: 'Suspended', tone: 'bad', explanation: 'The platform has suspended it.' },
  gone: { label: 'Gone', tone: 'bad', explanation: 'Deleted or deactivated; the platform does not tell which.' },
};

export const outcomeWords: Record<ImportOutcome['outcome'], Words> = {
  added: { label: 'Added', tone: 'good' },
  present: { label: 'Followed already', tone: 'idle' },
  not_found: { label: 'Not found', tone: 'bad' },
  suspended: { label: 'Suspended', tone: 'bad' },
  protected: { label: 'Protected', tone: 'busy' },
  invalid: { label: 'Not an account', tone: 'bad' },
  error: { label: 'Could not be asked', tone: 'bad' },
};

/** `120 added, 3 not found` in the order of the table above. */
export function summariseOutcomes(outcomes: readonly Pick<ImportOutcome, 'outcome'>[]): string {
  const kinds = Object.keys(outcomeWords) as ImportOutcome['outcome'][];
  const counts = kinds.map((kind) => [kind, outcomes.filter(({ outcome }) => outcome === kind).length] as const);
  return counts
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => `${count} ${outcomeWords[kind].label.toLowerCase()}`)
    .join(', ');
}

/** `1,204 followers on 2026-11-20, 1,251 on 2026-11-22 (47 more).` Oldest first. */
export function countsInWords(counts: readonly AccountDetail['counts'][number][]): string {
  const said = counts.flatMap(({ at, followers }) => (followers === null ? [] : [{ day: at.slice(0, 10), followers }]));
  const [first, last] = [said[0], said.at(-1)];
  if (first === undefined || last === undefined) return 'The platform has not said how many follow it.';
  const onDay = ({ day, followers }: typeof first) =>
    `${formatCount(followers)} ${followers === 1 ? 'follower' : 'followers'} on ${day}`;
  if (first.day === last.day) return `${onDay(last)}.`;
  const change = last.followers - first.followers;
  const words = change === 0 ? 'as many' : change > 0 ? `${formatCount(change)} more` : `${formatCount(-change)} fewer`;
  return `${onDay(first)}, ${formatCount(last.followers)} on ${last.day} (${words}).`;
}
