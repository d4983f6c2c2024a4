import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useState } from 'react';
import { type AccountFilter, DRAWN } from '../api/use-accounts.ts';
import classes from './account-tools.module.css';

const states = [
  { value: '', label: 'All states' },
  { value: 'public', label: 'Public' },
  { value: 'protected', label: 'Protected' },
  { value: 'suspended', label: 'Suspended' },
  { value: 'gone', label: 'Gone' },
  { value: 'inactive', label: 'Inactive' },
];

/** Which accounts are shown. What is typed counts a moment after the last key. */
export function AccountTools({
  filter,
  sets,
  onChange,
}: {
  filter: AccountFilter;
  sets: readonly { name: string; accounts: number }[];
  onChange: (filter: AccountFilter) => void;
}) {
  const [typed, setTyped] = useState(filter.search);
  const search = useDebouncedCallback((text: string) => onChange({ ...filter, search: text }), 250);
  return (
    <div role="search" className={classes.tools}>
      <TextInput
        label="Find"
        maxLength={200}
        placeholder="Name, former name or uid"
        type="search"
        className={classes.search ?? ''}
        value={typed}
        onChange={({ currentTarget: { value } }) => {
          setTyped(value);
          search(value.trim());
        }}
      />
      <NativeSelect
        label="State"
        data={states}
        value={filter.state}
        onChange={({ currentTarget: { value } }) => onChange({ ...filter, state: value as AccountFilter['state'] })}
      />
      <NativeSelect
        label="Set"
        data={[
          { value: '', label: 'All sets' },
          ...sets.map(({ name, accounts }) => ({ value: name, label: `${name} (${accounts})` })),
        ]}
        value={filter.set}
        onChange={({ currentTarget: { value } }) => onChange({ ...filter, set: value })}
      />
      <NativeSelect
        label="Order"
        data={[
          { value: 'name', label: 'By name' },
          { value: 'random', label: `${DRAWN} at random` },
        ]}
        value={filter.draw === 0 ? 'name' : 'random'}
        onChange={({ currentTarget: { value } }) => onChange({ ...filter, draw: value === 'name' ? 0 : 1 })}
      />
      {filter.draw > 0 && (
        <Button
          variant="default"
          className={classes.draw ?? ''}
          onClick={() => onChange({ ...filter, draw: filter.draw + 1 })}
        >
          Draw others
        </Button>
      )}
    </div>
  );
}
