import { NativeSelect, TextInput } from '@mantine/core';
import type { ListView, Shown } from '../collection-rows.ts';
import classes from './list-tools.module.css';

const shown: readonly { value: Shown; label: string }[] = [
  { value: 'all', label: 'All states' },
  { value: 'running', label: 'Running' },
  { value: 'attention', label: 'To look at' },
  { value: 'stopped', label: 'Stopped' },
];
const kinds = [
  { value: '', label: 'All kinds' },
  { value: 'filter', label: 'Filters' },
  { value: 'sample', label: 'Samples' },
  { value: 'timeline', label: 'Timelines' },
  { value: 'import', label: 'Imports' },
];

/** What narrows a list of collections down. */
export function ListTools({ view, onChange }: { view: ListView; onChange: (view: ListView) => void }) {
  return (
    <search className={classes.tools}>
      <TextInput
        aria-label="Find collections by name or by what they track"
        placeholder="Find by name or by what is tracked"
        type="search"
        className={classes.search ?? ''}
        value={view.search}
        onChange={({ currentTarget: { value } }) => onChange({ ...view, search: value })}
      />
      <NativeSelect
        aria-label="State"
        data={[...shown]}
        value={view.show}
        onChange={({ currentTarget: { value } }) => onChange({ ...view, show: value as Shown })}
      />
      <NativeSelect
        aria-label="Kind"
        data={kinds}
        value={view.kind}
        onChange={({ currentTarget: { value } }) => onChange({ ...view, kind: value })}
      />
    </search>
  );
}
