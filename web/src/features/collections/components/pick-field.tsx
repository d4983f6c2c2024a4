import { Button, NativeSelect } from '@mantine/core';
import { useRef, useState } from 'react';
import type { FilterProblem } from '../filter-draft.ts';
import classes from './filter-form.module.css';

type Option = { value: string; label: string };

/**
 * Several of a known list. What is chosen is added by its button, by Enter, or when the field is left: with the keyboard one walks over many to reach
 * one, and each of them would be added.
 */
export function PickField({
  label,
  description,
  options,
  values,
  onChange,
  errors,
}: {
  label: string;
  description: string;
  options: readonly Option[];
  values: readonly string[];
  onChange: (values: string[]) => void;
  errors: readonly FilterProblem[];
}) {
  const [chosen, setChosen] = useState('');
  const field = useRef<HTMLSelectElement>(null);
  const nameOf = (value: string) => options.find((option) => option.value === value)?.label ?? value;
  const add = () => {
    if (chosen !== '' && !values.includes(chosen)) onChange([...values, chosen]);
    setChosen('');
  };
  return (
    <div
      onBlur={({ currentTarget, relatedTarget }) => {
        if (!currentTarget.contains(relatedTarget)) add();
      }}
    >
      <div className={classes.pick}>
        <NativeSelect
          ref={field}
          label={label}
          description={description}
          value={chosen}
          data={[
            { value: '', label: values.length === 0 ? 'Any' : 'Add another' },
            ...options.filter(({ value }) => !values.includes(value)),
          ]}
          error={errors.length > 0 ? errors.map(({ message }) => message).join(' ') : undefined}
          onChange={({ currentTarget: { value } }) => setChosen(value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter') return;
            event.preventDefault();
            add();
          }}
        />
        <Button
          variant="default"
          {...(chosen === '' ? {} : { 'aria-label': `Add ${nameOf(chosen)}` })}
          disabled={chosen === ''}
          onClick={() => {
            add();
            field.current?.focus();
          }}
        >
          Add
        </Button>
      </div>
      {values.length > 0 && (
        <ul className={classes.picked} aria-label={`${label}: chosen`}>
          {values.map((value) => (
            <li key={value}>
              <Button
                size="compact-sm"
                variant="default"
                aria-label={`Take out ${nameOf(value)}`}
                onClick={() => {
                  onChange(values.filter((each) => each !== value));
                  // The button goes: without this the focus would go with it.
                  field.current?.focus();
                }}
              >
                {nameOf(value)} ×
              </Button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
