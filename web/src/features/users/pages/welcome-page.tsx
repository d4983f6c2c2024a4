import { Button, TextInput } from '@mantine/core';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api, dataOf } from '../../../api/api.ts';
import { errorAt } from '../../../api/field-errors.ts';
import { ApiError } from '../../../api/client.ts';
import { useSession } from '../../../api/use-session.ts';
import { Page } from '../../../components/page.tsx';
import { useAct } from '../api/act.ts';
import classes from '../components/form.module.css';
import { NewPassword } from '../components/new-password.tsx';
import { Refusal } from '../components/refusal.tsx';

/** The first run: whoever comes first becomes administrator. */
export function WelcomePage() {
  const { data: session } = useSession();
  const navigate = useNavigate();
  const [wish, setWish] = useState({ name: '', email: '', password: '', code: '' });
  const change = (part: Partial<typeof wish>) => setWish({ ...wish, ...part });
  const setUp = useAct(
    () => {
      const { code, ...rest } = wish;
      return dataOf(api.POST('/api/v1/setup', { body: code === '' ? rest : { ...rest, code } }));
    },
    () => void navigate({ to: '/' }),
  );
  if (session?.setupNeeded === false)
    return (
      <Page title="mistnet is set up">
        <p>
          There are users already. <Link to={session.user === null ? '/sign-in' : '/'}>Go on</Link>
        </p>
      </Page>
    );
  const isElsewhere =
    session?.via === 'none' || (setUp.error instanceof ApiError && setUp.error.code === 'setup.code-needed');
  return (
    <Page
      title="Welcome to mistnet"
      intro="Make the first user. You will be the administrator: you invite others and give them their roles."
    >
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          setUp.mutate(undefined);
        }}
      >
        <Refusal error={setUp.error} />
        {isElsewhere && (
          <TextInput
            label="Set-up code"
            maxLength={64}
            error={errorAt(setUp.error, 'code', 'setup.code-needed')}
            description="mistnet printed it when it started, and in its log: it proves that the machine is yours"
            required
            withAsterisk={false}
            autoComplete="off"
            value={wish.code}
            onChange={({ currentTarget }) => change({ code: currentTarget.value })}
          />
        )}
        <TextInput
          label="Your name"
          maxLength={100}
          error={errorAt(setUp.error, 'name')}
          autoComplete="name"
          required
          withAsterisk={false}
          value={wish.name}
          onChange={({ currentTarget }) => change({ name: currentTarget.value })}
        />
        <TextInput
          label="E-mail address"
          maxLength={254}
          error={errorAt(setUp.error, 'email', 'user.exists', 'user.refused')}
          type="email"
          autoComplete="username"
          required
          withAsterisk={false}
          value={wish.email}
          onChange={({ currentTarget }) => change({ email: currentTarget.value })}
        />
        <NewPassword value={wish.password} onChange={(password) => change({ password })} error={setUp.error} />
        <div className={classes.buttons}>
          <Button type="submit" loading={setUp.isPending}>
            Make the administrator
          </Button>
        </div>
      </form>
    </Page>
  );
}
