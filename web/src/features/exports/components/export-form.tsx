import { Button, Checkbox, NativeSelect, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { errorAt } from '../../../api/field-errors.ts';
import { useLive } from '../../../api/live.ts';
import { Notice } from '../../../components/notice.tsx';
import { useAccounts } from '../../accounts/api/use-accounts.ts';
import { type ExportWish, useAskForExport } from '../api/use-exports.ts';
import classes from './export-form.module.css';

const formats = [
  { value: 'csv', label: 'CSV: one table, for programs' },
  { value: 'xlsx', label: 'XLSX: for Excel and its like, ids as text' },
  { value: 'tsv', label: 'TSV: a table parted by tabs' },
  { value: 'jsonl', label: 'JSON Lines: posts as received' },
  { value: 'parquet', label: 'Parquet: for analysis programs' },
  { value: 'ids', label: 'Ids only: may be published' },
];
const presets = [
  { value: 'full', label: 'All columns' },
  { value: 'sfm', label: 'The 20 columns of Social Feed Manager' },
  { value: 'sample', label: 'The columns of the hourly datasets' },
];
const nothing = {
  from: '',
  format: 'csv',
  preset: 'full',
  postedFrom: '',
  postedTo: '',
  withDeleted: false,
  excelSafe: false,
  name: '',
};

/** Asks for an export: of what, in which form, of which days. */
export function ExportForm({ initialCollection }: { initialCollection?: string }) {
  const [wish, setWish] = useState({
    ...nothing,
    from: initialCollection === undefined ? '' : `collection ${initialCollection}`,
  });
  const { status } = useLive();
  const sets = useAccounts({ search: '', state: '', set: '', draw: 0 }).data?.pages[0]?.sets ?? [];
  const asking = useAskForExport();
  const hasColumns = wish.format !== 'jsonl' && wish.format !== 'ids';
  const isText = wish.format === 'csv' || wish.format === 'tsv';
  const change = (part: Partial<typeof wish>) => setWish({ ...wish, ...part });
  const ask = (event: FormEvent) => {
    event.preventDefault();
    asking.mutate(toWish(wish));
  };
  return (
    <form className={classes.form} onSubmit={ask}>
      <NativeSelect
        label="Posts of"
        required
        data={[
          { value: '', label: 'Choose…', disabled: true },
          {
            group: 'Collections',
            items: (status?.collections ?? []).map(({ name }) => ({ value: `collection ${name}`, label: name })),
          },
          { group: 'Sets of accounts', items: sets.map(({ name }) => ({ value: `set ${name}`, label: name })) },
          { group: 'Everything', items: [{ value: 'all', label: 'All posts in the database' }] },
        ]}
        value={wish.from}
        onChange={({ currentTarget: { value } }) => change({ from: value })}
      />
      <NativeSelect
        label="Format"
        data={formats}
        value={wish.format}
        onChange={({ currentTarget: { value } }) => change({ format: value })}
      />
      <NativeSelect
        label="Columns"
        data={presets}
        disabled={!hasColumns}
        value={wish.preset}
        onChange={({ currentTarget: { value } }) => change({ preset: value })}
      />
      <TextInput
        label="Posted from"
        error={errorAt(asking.error, 'postedFrom')}
        type="date"
        value={wish.postedFrom}
        onChange={({ currentTarget: { value } }) => change({ postedFrom: value })}
      />
      <TextInput
        label="Posted up to and with"
        error={errorAt(asking.error, 'postedTo')}
        type="date"
        value={wish.postedTo}
        onChange={({ currentTarget: { value } }) => change({ postedTo: value })}
      />
      <TextInput
        label="Name"
        maxLength={100}
        error={errorAt(asking.error, 'name')}
        description="Made of what and when unless given; may get the collection’s name in front"
        placeholder="small-letters-and-digits"
        value={wish.name}
        onChange={({ currentTarget: { value } }) => change({ name: value })}
      />
      <div className={classes.checks}>
        <Checkbox
          label="Also posts that were deleted, withheld, or whose author is not public any more"
          description="For your own archive only: whoever shares an export should leave them out."
          checked={wish.withDeleted}
          onChange={({ currentTarget: { checked } }) => change({ withDeleted: checked })}
        />
        {isText && (
          <Checkbox
            label="Safe to open in Excel"
            description="Ids and texts that Excel would change, or run as formulas, are marked as text."
            checked={wish.excelSafe}
            onChange={({ currentTarget: { checked } }) => change({ excelSafe: checked })}
          />
        )}
      </div>
      <div className={classes.actions}>
        <Button type="submit" disabled={wish.from === ''} loading={asking.isPending}>
          Export
        </Button>
        <p role="status" className={classes.said}>
          {asking.data === undefined
            ? ''
            : `“${asking.data.name}” was asked for: how far it is, and its files, stand in the list below.`}
        </p>
      </div>
      {asking.error !== null && (
        <div className={classes.checks}>
          <Notice tone="bad" title="This export cannot be made">
            {asking.error.message}
          </Notice>
        </div>
      )}
    </form>
  );
}

function toWish(wish: typeof nothing): ExportWish {
  const [kind = '', ...rest] = wish.from.split(' ');
  const subject = rest.join(' ');
  return {
    ...(kind === 'all' ? { all: true as const } : kind === 'set' ? { set: subject } : { collection: subject }),
    format: wish.format as NonNullable<ExportWish['format']>,
    honourDeletions: !wish.withDeleted,
    ...(wish.format === 'jsonl' || wish.format === 'ids'
      ? {}
      : { preset: wish.preset as NonNullable<ExportWish['preset']> }),
    ...(wish.excelSafe && (wish.format === 'csv' || wish.format === 'tsv') ? { excelSafe: true } : {}),
    ...(wish.postedFrom === '' ? {} : { postedFrom: wish.postedFrom }),
    ...(wish.postedTo === '' ? {} : { postedTo: wish.postedTo }),
    ...(wish.name.trim() === '' ? {} : { name: wish.name.trim() }),
  };
}
