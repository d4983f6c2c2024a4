import { NativeSelect, Radio } from '@mantine/core';
import type { NewCollection } from '../new-collection.ts';
import { ChipsField } from './chips-field.tsx';
import classes from './filter-form.module.css';

type Wish = Pick<NewCollection, 'seeds' | 'schedule'>;

/** Whose timelines are read, and how often. `isForAll` is a choice of its own: it is the dearest one. */
export function TimelineForm({
  wish: { seeds, schedule },
  isForAll,
  onForAll,
  onChange,
  errors,
}: {
  wish: Wish;
  isForAll: boolean;
  onForAll: (isForAll: boolean) => void;
  onChange: (wish: Wish) => void;
  errors: readonly { message: string }[];
}) {
  return (
    <div className={classes.form}>
      <Radio.Group
        label="Whose timelines?"
        value={isForAll ? 'all' : 'some'}
        onChange={(value) => onForAll(value === 'all')}
      >
        <div className={classes.checks}>
          <Radio value="some" label="Of accounts and sets that I name" />
          <Radio value="all" label="Of all active accounts, now and later" />
        </div>
      </Radio.Group>
      {!isForAll && (
        <>
          <ChipsField
            label="Sets of accounts"
            description="By name, then Enter. Whoever joins a set later is read, too."
            values={seeds.sets}
            onChange={(sets) => onChange({ schedule, seeds: { ...seeds, sets } })}
            separator={/\n/}
            errors={seeds.accounts.length === 0 ? errors : []}
          />
          <ChipsField
            label="Accounts"
            description="Names of accounts that are followed already (see Accounts), parted by commas."
            placeholder="@robin, @wren"
            values={seeds.accounts}
            onChange={(accounts) => onChange({ schedule, seeds: { ...seeds, accounts } })}
            separator={/[\n,]/}
            errors={seeds.accounts.length === 0 ? [] : errors}
          />
        </>
      )}
      <NativeSelect
        label="How often"
        description="A reading costs what it brings; most cost nothing when nothing is new."
        value={schedule}
        data={[
          { value: 'adaptive', label: 'As often as each of them posts' },
          { value: 'hourly', label: 'Every hour' },
          { value: 'daily', label: 'Once a day' },
        ]}
        onChange={({ currentTarget: { value } }) => onChange({ seeds, schedule: value as Wish['schedule'] })}
      />
    </div>
  );
}
