import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useState } from 'react';
import { Notice } from '../../../components/notice.tsx';
import { formatDuration, formatQuantity } from '../../../format.ts';
import { type CollectionDetail, useChange } from '../api/use-collections.ts';
import classes from './seeds-section.module.css';

/** What a collection of timelines follows and how often, with the form that adds and the buttons that take out. */
export function SeedsSection({ collection, mayEdit }: { collection: CollectionDetail; mayEdit: boolean }) {
  const { name, seeds, accounts, schedule } = collection;
  const [typed, setTyped] = useState('');
  const [kind, setKind] = useState<'account' | 'set'>('account');
  const change = useChange(name);
  return (
    <>
      <p>
        {seeds.length === 0
          ? `All active accounts, ${formatQuantity(accounts, 'account')} now and those that come.`
          : `${formatQuantity(accounts, 'active account')} now.`}{' '}
        {scheduleWords(schedule)}
      </p>
      {seeds.length > 0 && (
        <ul className={classes.seeds}>
          {seeds.map((seed) => (
            <li key={`${seed.kind} ${seed.name}`} className={classes.seed}>
              <span>
                <bdi>{seed.name}</bdi>
                <span className={classes.quiet}>
                  {seed.kind === 'set'
                    ? ` set, ${formatQuantity(seed.accounts, 'account')}`
                    : seed.accounts === 0
                      ? ' not active'
                      : ''}
                </span>
              </span>
              {mayEdit && (
                <Button
                  size="compact-xs"
                  variant="default"
                  aria-label={`Take out ${seed.name}`}
                  loading={change.isPending}
                  onClick={() =>
                    change.mutate({
                      removeSeeds: [seed.kind === 'set' ? { set: seed.name } : { account: seed.name }],
                    })
                  }
                >
                  Take out
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
      {mayEdit && (
        <form
          className={classes.add}
          onSubmit={(event) => {
            event.preventDefault();
            if (typed.trim() === '') return;
            change.mutate(
              { addSeeds: [kind === 'set' ? { set: typed.trim() } : { account: typed.trim() }] },
              { onSuccess: () => setTyped('') },
            );
          }}
        >
          <NativeSelect
            aria-label="What to add"
            value={kind}
            data={[
              { value: 'account', label: 'Account' },
              { value: 'set', label: 'Set' },
            ]}
            onChange={({ currentTarget: { value } }) => setKind(value === 'set' ? 'set' : 'account')}
          />
          <TextInput
            aria-label={kind === 'set' ? 'Name of the set' : 'Name of the account'}
            placeholder={kind === 'set' ? 'birds' : '@robin'}
            maxLength={kind === 'set' ? 200 : 100}
            value={typed}
            className={classes.name ?? ''}
            error={change.error?.message}
            onChange={({ currentTarget: { value } }) => setTyped(value)}
          />
          <Button type="submit" variant="default" loading={change.isPending}>
            Add
          </Button>
        </form>
      )}
      {seeds.length === 0 && mayEdit && (
        <Notice tone="plain" title="Naming one narrows it down">
          As soon as an account or a set is named, only those are read.
        </Notice>
      )}
    </>
  );
}

function scheduleWords(schedule: CollectionDetail['schedule']): string {
  if (schedule === null || schedule.kind === 'adaptive') return 'Each is read as often as it posts.';
  if (schedule.kind === 'every') return `Each is read every ${formatDuration(schedule.ms)}.`;
  return `They are read by the schedule ${schedule.expression} (${schedule.zone}).`;
}
