import { PasswordInput } from '@mantine/core';

export const PASSWORD_MIN = 12;

/** A password that is being chosen. */
export function NewPassword({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const length = Array.from(value).length;
  return (
    <PasswordInput
      label="Password"
      description={`${PASSWORD_MIN} characters or more; a few unrelated words are good`}
      autoComplete="new-password"
      required
      withAsterisk={false}
      value={value}
      error={length > 0 && length < PASSWORD_MIN ? `${PASSWORD_MIN - length} more` : undefined}
      visibilityToggleButtonProps={{ 'aria-label': 'Show or hide the password' }}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
    />
  );
}
