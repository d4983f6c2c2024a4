import { Button, PasswordInput, Skeleton, TextInput } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api, dataOf } from '../../../api/api.ts';
import { errorAt } from '../../../api/field-errors.ts';
import type { components } from '../../../api/openapi.d.ts';
import { useSession } from '../../../api/use-session.ts';
import { DataTable } from '../../../components/data-table.tsx';
import { Notice } from '../../../components/notice.tsx';
import { Page } from '../../../components/page.tsx';
import { Section } from '../../../components/section.tsx';
import { formatInstant } from '../../../format.ts';
import { useAct } from '../api/act.ts';
import { useProfile } from '../api/use-users.ts';
import classes from '../components/form.module.css';
import { NewPassword } from '../components/new-password.tsx';
import { OtherWays } from '../components/other-ways.tsx';
import { browserWords } from '../browser-words.ts';
import { Refusal } from '../components/refusal.tsx';
import { SecondFactor } from '../components/second-factor.tsx';
import { SignOutButton } from '../components/sign-out-button.tsx';
import { Tokens } from '../components/tokens.tsx';
import { addressWords, linkedName, serviceName } from '../method-words.ts';
import { problemOfAddress } from '../sign-in-problems.ts';

type Profile = components['schemas']['Profile'];

/** What one may change of one's own account. */
export function ProfilePage() {
  const { data: profile, error } = useProfile();
  const problem = problemOfAddress(window.location.search);
  return (
    <Page
      title="Your profile"
      intro={profile === undefined ? undefined : `${addressWords(profile.user.email)}, ${profile.user.role}`}
      actions={<SignOutButton />}
    >
      {problem !== undefined && (
        <Notice tone="bad" title="That account was not linked">
          {problem}
        </Notice>
      )}
      <Refusal error={error} title="Your profile cannot be shown" />
      {profile === undefined && error === null && (
        <Skeleton height={240} radius="lg" aria-label="Reading your profile" />
      )}
      {profile !== undefined && (
        <>
          <Section title="Name">
            <NameForm name={profile.user.name} />
          </Section>
          <Section title="Password">
            <PasswordForm hasPassword={profile.user.methods.includes('password')} />
          </Section>
          <Section title="Second factor">
            <SecondFactor user={profile.user} />
          </Section>
          <Section title="Other services">
            <Linked linked={profile.linked} />
          </Section>
          {profile.user.role !== 'viewer' && (
            <Section title="Keys to the platforms">
              <p>
                <Link to="/admin/credentials">Credentials</Link>: those that you have, also what a linked account at X
                gave, what they can do, and adding another.
              </p>
            </Section>
          )}
          <Section title="Sessions" aside="Where you are signed in">
            <Sessions sessions={profile.sessions} />
          </Section>
          <Section title="API tokens" aside="For programs that act for you">
            <Tokens role={profile.user.role} />
          </Section>
        </>
      )}
    </Page>
  );
}

function NameForm({ name: current }: { name: string }) {
  const [name, setName] = useState(current);
  const rename = useAct(() => dataOf(api.PATCH('/api/v1/me', { body: { name } })));
  return (
    <form
      className={classes.row}
      onSubmit={(event) => {
        event.preventDefault();
        rename.mutate(undefined);
      }}
    >
      <TextInput
        label="Your name, as others see it"
        maxLength={100}
        error={errorAt(rename.error, 'name')}
        autoComplete="name"
        required
        withAsterisk={false}
        value={name}
        onChange={({ currentTarget }) => setName(currentTarget.value)}
      />
      <Button type="submit" variant="default" loading={rename.isPending} disabled={name.trim() === current}>
        Change
      </Button>
      <Refusal error={rename.error} />
    </form>
  );
}

function PasswordForm({ hasPassword }: { hasPassword: boolean }) {
  const [current, setCurrent] = useState('');
  const [password, setPassword] = useState('');
  const change = useAct(
    () => dataOf(api.PUT('/api/v1/me/password', { body: hasPassword ? { current, password } : { password } })),
    () => {
      setCurrent('');
      setPassword('');
    },
  );
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        change.mutate(undefined);
      }}
    >
      <Refusal error={change.error} />
      {change.isSuccess && (
        <Notice tone="plain" title="The password was changed">
          Your other sessions have ended.
        </Notice>
      )}
      {hasPassword && (
        <PasswordInput
          label="Current password"
          maxLength={1024}
          error={errorAt(change.error, 'current', 'sign-in.failed')}
          autoComplete="current-password"
          required
          withAsterisk={false}
          value={current}
          visibilityToggleButtonProps={{ 'aria-label': 'Show or hide the current password' }}
          onChange={({ currentTarget }) => setCurrent(currentTarget.value)}
        />
      )}
      <NewPassword value={password} onChange={setPassword} error={change.error} />
      <div className={classes.buttons}>
        <Button type="submit" variant="default" loading={change.isPending}>
          {hasPassword ? 'Change the password' : 'Set a password'}
        </Button>
      </div>
    </form>
  );
}

function Linked({ linked }: { linked: Profile['linked'] }) {
  const { data: session } = useSession();
  const unlink = useAct((provider: string) =>
    dataOf(api.DELETE('/api/v1/me/linked/{provider}', { params: { path: { provider } } })),
  );
  return (
    <>
      {linked.length === 0 && <p className={classes.quiet}>No account of another service is linked.</p>}
      <Refusal error={unlink.error} />
      {linked.length > 0 && (
        <DataTable
          caption="Linked accounts"
          rows={byService(linked)}
          keyOf={({ provider }) => provider}
          columns={[
            { title: 'Service', cell: ({ provider }) => serviceName(provider, session?.methods.oidc ?? []) },
            { title: 'Account', cell: ({ accounts }) => accounts.map(linkedName).join(', ') },
            { title: 'Since', cell: ({ linkedAt }) => formatInstant(linkedAt) },
            {
              title: 'Change',
              cell: ({ provider }) => (
                <Button size="compact-sm" variant="default" onClick={() => unlink.mutate(provider)}>
                  Unlink
                </Button>
              ),
            },
          ]}
        />
      )}
      <OtherWays backTo="/profile" link except={linked.map(({ provider }) => provider)} />
    </>
  );
}

/** Several accounts of one service are let go together: one row each service. */
function byService(linked: Profile['linked']): { provider: string; accounts: Profile['linked']; linkedAt: string }[] {
  return [...Map.groupBy(linked, ({ provider }) => provider)].map(([provider, accounts]) => ({
    provider,
    accounts,
    linkedAt: accounts.map(({ linkedAt }) => linkedAt).toSorted()[0] ?? '',
  }));
}

function Sessions({ sessions }: { sessions: Profile['sessions'] }) {
  const end = useAct((sessionId: string) =>
    dataOf(api.DELETE('/api/v1/me/sessions/{sessionId}', { params: { path: { sessionId } } })),
  );
  return (
    <>
      <Refusal error={end.error} />
      <DataTable
        caption="Open sessions"
        rows={sessions}
        keyOf={({ sessionId }) => sessionId}
        columns={[
          { title: 'Browser', cell: ({ browser, isThis }) => `${browserWords(browser)}${isThis ? ' (this one)' : ''}` },
          { title: 'Address', cell: ({ address }) => address ?? '–' },
          { title: 'Since', cell: ({ madeAt }) => formatInstant(madeAt) },
          {
            title: 'Change',
            cell: ({ sessionId, isThis }) =>
              isThis ? null : (
                <Button size="compact-sm" variant="default" onClick={() => end.mutate(sessionId)}>
                  End
                </Button>
              ),
          },
        ]}
      />
    </>
  );
}
