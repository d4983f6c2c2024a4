import { TextInput, UnstyledButton } from '@mantine/core';
import { type ReactNode, useId, useRef, useState } from 'react';
import { formatCount } from '../../../format.ts';
import { chipParts } from '../chip-parts.ts';
import classes from './chips-field.module.css';
import { FieldMessages } from './field-messages.tsx';

type Props = {
  label: string;
  description: ReactNode;
  placeholder?: string;
  values: readonly string[];
  onChange: (values: string[]) => void;
  /** What parts several that are typed or pasted at once. */
  separator: RegExp;
  /** Whether quotes keep what is between them together. */
  keepsQuotes?: boolean;
  /** What is wrong: of one value by its place, or of the field as a whole. */
  errors: readonly { line?: number | undefined; message: string }[];
  warnings?: readonly { line?: number | undefined; message: string }[];
};

/** From so many on they can be taken out at once: whoever pasted the wrong list will not click a thousand times. */
const MANY = 20;
const LONGEST_SAID = 200;

/** Several short texts: typed one after the other with Enter, taken out by their buttons. What is half typed counts when the field is left. */
export function ChipsField({
  label,
  description,
  placeholder,
  values,
  onChange,
  separator,
  keepsQuotes = false,
  errors,
  warnings = [],
}: Props) {
  const [typed, setTyped] = useState('');
  const listId = useId();
  const field = useRef<HTMLInputElement>(null);
  const partsOf = (text: string) => chipParts(text, separator, keepsQuotes);
  const add = (text: string) => {
    const added = partsOf(text)
      .map((each) => each.trim())
      .filter((each) => each !== '' && !values.includes(each));
    if (added.length > 0) onChange([...values, ...new Set(added)]);
    setTyped('');
  };
  return (
    <div className={classes.field}>
      <TextInput
        ref={field}
        label={label}
        description={description}
        {...(placeholder === undefined || values.length > 0 ? {} : { placeholder })}
        value={typed}
        autoComplete="off"
        spellCheck={false}
        error={errors.length > 0 ? <FieldMessages messages={errors} /> : undefined}
        onChange={({ currentTarget: { value } }) => (partsOf(value).length > 1 ? add(value) : setTyped(value))}
        onKeyDown={(event) => {
          if (event.key === 'Enter') {
            event.preventDefault();
            add(typed);
          }
          if (event.key === 'Backspace' && typed === '' && values.length > 0) onChange(values.slice(0, -1));
        }}
        onPaste={(event) => {
          const text = `${typed}${event.clipboardData.getData('text')}`;
          if (partsOf(text).length === 1) return;
          event.preventDefault();
          add(text);
        }}
        onBlur={() => add(typed)}
      />
      {values.length > 0 && (
        <ul className={classes.chips} id={listId} aria-label={`${label}: chosen`}>
          {values.map((value, index) => (
            <li
              key={value}
              className={classes.chip}
              data-wrong={errors.some(({ line }) => line === index) || undefined}
            >
              <bdi className={classes.text}>{value}</bdi>
              <UnstyledButton
                className={classes.remove}
                aria-label={`Take out ${value.slice(0, LONGEST_SAID)}`}
                onClick={() => {
                  onChange(values.filter((each) => each !== value));
                  // The button goes: without this the focus would go with it.
                  field.current?.focus();
                }}
              >
                ×
              </UnstyledButton>
            </li>
          ))}
        </ul>
      )}
      {values.length >= MANY && (
        <UnstyledButton
          className={classes.all}
          onClick={() => {
            onChange([]);
            field.current?.focus();
          }}
        >
          Take out all {formatCount(values.length)}
        </UnstyledButton>
      )}
      {warnings.length > 0 && (
        <div className={classes.warnings}>
          <FieldMessages messages={warnings} />
        </div>
      )}
    </div>
  );
}
