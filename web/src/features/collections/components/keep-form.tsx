import { Checkbox, Radio, TextInput } from '@mantine/core';
import { NumberField } from '../../../components/number-field.tsx';
import { KEEP_DAYS, type NewCollection, toName } from '../new-collection.ts';
import { AccessForm } from './access-form.tsx';
import classes from './filter-form.module.css';

/** What it is called, how long its posts stay, and who sees it. */
export function KeepForm({
  wish,
  onChange,
  nameError,
  errorOf,
  canBePrivate,
}: {
  wish: NewCollection;
  onChange: (wish: NewCollection) => void;
  nameError: string | undefined;
  /** What the server said of a field. */
  errorOf: (field: string) => string | undefined;
  canBePrivate: boolean;
}) {
  return (
    <div className={classes.form}>
      <TextInput
        label="Name"
        description="Small letters, digits, - and _. It names files, too, and stays as it is."
        placeholder="birds-of-vienna"
        required
        value={wish.name}
        error={nameError}
        maxLength={63}
        autoComplete="off"
        spellCheck={false}
        onChange={({ currentTarget: { value } }) => onChange({ ...wish, name: toName(value) })}
      />
      <Radio.Group
        label="How long do posts stay in the database?"
        description="There they can be searched and exported. In files they stay in any case."
        value={wish.keep}
        error={errorOf('keep')}
        onChange={(keep) => onChange({ ...wish, keep: keep as NewCollection['keep'] })}
      >
        <div className={classes.checks}>
          <Radio value="all" label="For good" />
          <Radio value="days" label="Some days" />
          <Radio value="files" label="Not at all: files only" />
        </div>
      </Radio.Group>
      {wish.keep === 'days' && (
        <NumberField
          label="Days"
          bounds={KEEP_DAYS}
          value={wish.keepDays}
          onChange={(keepDays) => onChange({ ...wish, keepDays })}
          error={wish.keepDays.trim() === '' ? 'Say how many.' : undefined}
        />
      )}
      {canBePrivate && (
        <Radio.Group
          label="Who sees it?"
          value={wish.visibility}
          onChange={(visibility) => onChange({ ...wish, visibility: visibility as NewCollection['visibility'] })}
        >
          <div className={classes.checks}>
            <Radio value="everybody" label="Everybody who is signed in" />
            <Radio value="private" label="Only you, whom you share it with, and administrators" />
          </div>
        </Radio.Group>
      )}
      {wish.kind !== 'import' && <AccessForm wish={wish} onChange={onChange} errorOf={errorOf} />}
      {wish.kind !== 'import' && (
        <Checkbox
          label="Start at once"
          checked={wish.start}
          onChange={({ currentTarget: { checked } }) => onChange({ ...wish, start: checked })}
        />
      )}
    </div>
  );
}
