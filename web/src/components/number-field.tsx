import { TextInput } from '@mantine/core';
import { type NumberBounds, readNumber } from './number-words.ts';

/** A field for a number. Its value is the text that was typed, which `numberOf` reads; what is wrong with it stands beside it. */
export function NumberField({
  label,
  value,
  onChange,
  bounds,
  error,
  ...rest
}: {
  label: string;
  value: string;
  onChange: (text: string) => void;
  bounds: NumberBounds;
  /** What else is wrong with it, as the server says. */
  error?: string | undefined;
  description?: string;
  placeholder?: string;
  className?: string;
}) {
  const read = readNumber(value, bounds);
  return (
    <TextInput
      {...rest}
      label={label}
      inputMode={bounds.decimals === 0 && bounds.least >= 0 ? 'numeric' : 'text'}
      autoComplete="off"
      maxLength={40}
      value={value}
      error={read !== undefined && 'problem' in read ? read.problem : error}
      onChange={({ currentTarget: { value: text } }) => onChange(text)}
    />
  );
}
