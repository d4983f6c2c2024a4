import { Button } from '@mantine/core';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { api, dataOf } from '../../../api/api.ts';
import { Page } from '../../../components/page.tsx';
import { useAct } from '../api/act.ts';
import classes from '../components/form.module.css';
import { NewPassword } from '../components/new-password.tsx';
import { Refusal } from '../components/refusal.tsx';

/** By the link of a mail, or of an administrator. */
export function ResetPasswordPage() {
  const { token = '' } = useParams({ strict: false });
  const navigate = useNavigate();
  const [password, setPassword] = useState('');
  const reset = useAct(
    () => dataOf(api.POST('/api/v1/password-resets/{token}', { params: { path: { token } }, body: { password } })),
    () => void navigate({ to: '/sign-in', search: { password: 'new' } }),
  );
  return (
    <Page title="A new password" intro="Choose it; then sign in with it. You are signed out everywhere else.">
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          reset.mutate(undefined);
        }}
      >
        <Refusal error={reset.error} />
        <NewPassword value={password} onChange={setPassword} error={reset.error} />
        <div className={classes.buttons}>
          <Button type="submit" loading={reset.isPending}>
            Set the password
          </Button>
        </div>
      </form>
    </Page>
  );
}
