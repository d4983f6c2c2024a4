import { PasswordInput } from '@mantine/core';
import { errorAt } from '../../../api/field-errors.ts';

export const PASSWORD_MIN = 12;

/** A password that is being chosen. */
export function NewPassword({
  value,
  onChange,
  error,
}: {
  value: string;
  onChange: (value: string) => void;
  /** Why the server refused it, if it did. */
  error: Error | null;
}) {
  const length = Array.from(value).length;
  return (
    <PasswordInput
      label="Password"
      description={`${PASSWORD_MIN} characters or more; a few unrelated words are good`}
      autoComplete="new-password"
      required
      withAsterisk={false}
      value={value}
      maxLength={1024}
      error={
        length > 0 && length < PASSWORD_MIN
          ? `${PASSWORD_MIN - length} more`
          : errorAt(error, 'password', 'password.weak')
      }
      visibilityToggleButtonProps={{ 'aria-label': 'Show or hide the password' }}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
    />
  );
}
