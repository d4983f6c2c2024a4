import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useState } from 'react';
import { encode } from 'uqr';
import { api, dataOf } from '../../../api/api.ts';
import { errorAt } from '../../../api/field-errors.ts';
import type { components } from '../../../api/openapi.d.ts';
import { useAct } from '../api/act.ts';
import classes from './form.module.css';
import { Refusal } from './refusal.tsx';

/** A code of an app beside the password: begun with the password, confirmed with a first code. */
export function SecondFactor({ user }: { user: components['schemas']['User'] }) {
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const body = { password };
  const begin = useAct(
    () => dataOf(api.POST('/api/v1/me/second-factor', { body })),
    () => setPassword(''),
  );
  const end = useAct(
    () => dataOf(api.POST('/api/v1/me/second-factor/end', { body })),
    () => setPassword(''),
  );
  const confirm = useAct(
    () => dataOf(api.PUT('/api/v1/me/second-factor', { body: { code } })),
    () => begin.reset(),
  );
  if (!user.methods.includes('password'))
    return <p className={classes.quiet}>A second factor guards the password. Set a password first.</p>;
  if (begin.data !== undefined && !user.hasSecondFactor)
    return (
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          confirm.mutate(undefined);
        }}
      >
        <p>Read this with your authenticator app, then enter the code that it shows.</p>
        <QrCode text={begin.data.uri} />
        <p className={classes.quiet}>
          Without a camera, enter this secret: <code className={classes.secret}>{secretOf(begin.data.uri)}</code>
        </p>
        <p>Keep these recovery codes where you will find them without the app. Each works once.</p>
        <ul className={classes.codes}>
          {begin.data.recoveryCodes.map((each) => (
            <li key={each}>{each}</li>
          ))}
        </ul>
        <Refusal error={confirm.error} />
        <TextInput
          label="Code of the app"
          maxLength={64}
          error={errorAt(confirm.error, 'code', 'sign-in.failed')}
          inputMode="numeric"
          autoComplete="one-time-code"
          required
          withAsterisk={false}
          value={code}
          onChange={({ currentTarget }) => setCode(currentTarget.value)}
        />
        <div className={classes.buttons}>
          <Button type="submit" loading={confirm.isPending}>
            Ask for codes from now on
          </Button>
        </div>
      </form>
    );
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (user.hasSecondFactor) end.mutate(undefined);
        else begin.mutate(undefined);
      }}
    >
      <p className={classes.quiet}>
        {user.hasSecondFactor
          ? 'Signing in asks for a code of your app.'
          : 'With it, whoever learns your password still cannot sign in.'}
      </p>
      <Refusal error={begin.error ?? end.error} />
      <PasswordInput
        label="Your password"
        maxLength={1024}
        error={errorAt(begin.error ?? end.error, 'password', 'sign-in.failed')}
        autoComplete="current-password"
        required
        withAsterisk={false}
        value={password}
        visibilityToggleButtonProps={{ 'aria-label': 'Show or hide your password' }}
        onChange={({ currentTarget }) => setPassword(currentTarget.value)}
      />
      <div className={classes.buttons}>
        <Button type="submit" variant="default" loading={begin.isPending || end.isPending}>
          {user.hasSecondFactor ? 'Ask for the password alone' : 'Set up an app'}
        </Button>
      </div>
    </form>
  );
}

/** Drawn as one path; light behind it in both themes, for cameras. */
function QrCode({ text }: { text: string }) {
  const { data, size } = encode(text, { border: 1 });
  const path = data.flatMap((row, y) => row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : ''))).join('');
  return (
    <svg className={classes.code} viewBox={`0 0 ${size} ${size}`} role="img" aria-label="The secret as a QR code">
      <path d={path} fill="#000" shapeRendering="crispEdges" />
    </svg>
  );
}

function secretOf(uri: string): string {
  return new URL(uri).searchParams.get('secret') ?? '';
}
