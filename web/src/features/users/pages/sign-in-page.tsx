import { Button, Checkbox, PasswordInput, TextInput } from '@mantine/core';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api, dataOf } from '../../../api/api.ts';
import { errorAt } from '../../../api/field-errors.ts';
import { useSession } from '../../../api/use-session.ts';
import { Notice } from '../../../components/notice.tsx';
import { Page } from '../../../components/page.tsx';
import { useAct } from '../api/act.ts';
import classes from '../components/form.module.css';
import { OtherWays } from '../components/other-ways.tsx';
import { Refusal } from '../components/refusal.tsx';
import { backFrom, hasNewPassword, problemOfAddress } from '../sign-in-problems.ts';

type Step = 'password' | 'code' | 'forgotten' | 'mailed';

/** Address and password, then a code where there is a second factor; other services; a mail for who forgot. */
export function SignInPage() {
  const { data: session } = useSession();
  const navigate = useNavigate();
  const [step, setStep] = useState<Step>('password');
  const [email, setEmail] = useState('');
  const search = window.location.search;
  const back = backFrom(search);
  const goOn = () => void navigate({ to: back });
  const problem = problemOfAddress(search);
  const name = session?.user?.name;
  if (session?.setupNeeded === true && !session.demo) return <SetupFirst />;
  return (
    <Page title={step === 'code' ? 'One more step' : step === 'password' ? 'Sign in' : 'A new password'}>
      {problem !== undefined && (
        <Notice tone="bad" title={name === undefined ? 'You are not signed in' : 'Nothing has changed'}>
          {problem}
        </Notice>
      )}
      {step === 'password' && problem === undefined && hasNewPassword(search) && (
        <Notice tone="plain" title="The new password is set">
          <p>Sign in with it.</p>
        </Notice>
      )}
      {step === 'password' && name !== undefined && (
        <p>
          You are signed in as {name}. <Link to={back}>Go on</Link>, or sign in as somebody else.
        </p>
      )}
      {session?.demo === true && step === 'password' && <DemoDoor goOn={goOn} />}
      {step === 'password' && (
        <>
          <PasswordForm
            email={email}
            onEmail={setEmail}
            onNext={(next) => (next === 'in' ? goOn() : setStep('code'))}
            onForgotten={() => setStep('forgotten')}
          />
          <OtherWays backTo={back} />
        </>
      )}
      {step === 'code' && <CodeForm goOn={goOn} onAgain={() => setStep('password')} />}
      {step === 'forgotten' && <ForgottenForm email={email} onEmail={setEmail} onDone={() => setStep('mailed')} />}
      {step === 'mailed' && (
        <Notice tone="plain" title="Look into your mail">
          If somebody here has this address, a mail with a link is on its way. If none comes, ask an administrator for a
          link: this installation may have no way to send mails.
        </Notice>
      )}
    </Page>
  );
}

function SetupFirst() {
  return (
    <Page title="Nobody can sign in yet">
      <p>
        This mistnet has no users. <Link to="/welcome">Make the first administrator</Link>
      </p>
    </Page>
  );
}

function PasswordForm(props: {
  email: string;
  onEmail: (email: string) => void;
  onNext: (next: 'in' | 'second-factor') => void;
  onForgotten: () => void;
}) {
  const { email, onEmail, onNext, onForgotten } = props;
  const [password, setPassword] = useState('');
  const [remember, setRemember] = useState(true);
  const signIn = useAct(
    () => dataOf(api.POST('/api/v1/sign-in', { body: { email, password, remember } })),
    ({ next }) => onNext(next),
  );
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        signIn.mutate(undefined);
      }}
    >
      <Refusal error={signIn.error} title="You are not signed in" />
      <TextInput
        label="E-mail address"
        maxLength={254}
        error={errorAt(signIn.error, 'email')}
        type="email"
        autoComplete="username"
        required
        withAsterisk={false}
        value={email}
        onChange={({ currentTarget }) => onEmail(currentTarget.value)}
      />
      <PasswordInput
        label="Password"
        maxLength={1024}
        error={errorAt(signIn.error, 'password')}
        autoComplete="current-password"
        required
        withAsterisk={false}
        value={password}
        visibilityToggleButtonProps={{ 'aria-label': 'Show or hide the password' }}
        onChange={({ currentTarget }) => setPassword(currentTarget.value)}
      />
      <Checkbox
        label="Stay signed in on this computer for two weeks"
        checked={remember}
        onChange={({ currentTarget }) => setRemember(currentTarget.checked)}
      />
      <div className={classes.buttons}>
        <Button type="submit" loading={signIn.isPending}>
          Sign in
        </Button>
        <Button variant="default" onClick={onForgotten}>
          I forgot my password
        </Button>
      </div>
    </form>
  );
}

function CodeForm({ goOn, onAgain }: { goOn: () => void; onAgain: () => void }) {
  const [code, setCode] = useState('');
  const [kind, setKind] = useState<'app' | 'recovery'>('app');
  const enter = useAct(() => dataOf(api.POST('/api/v1/sign-in/code', { body: { code, kind } })), goOn);
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        enter.mutate(undefined);
      }}
    >
      <Refusal error={enter.error} title="That was not it" />
      <TextInput
        label={kind === 'app' ? 'Code of your authenticator app' : 'One of your recovery codes'}
        maxLength={64}
        error={errorAt(enter.error, 'code')}
        description={kind === 'app' ? 'Six digits, another every 30 seconds' : 'Each works once'}
        autoComplete="one-time-code"
        inputMode={kind === 'app' ? 'numeric' : 'text'}
        data-autofocus
        required
        withAsterisk={false}
        value={code}
        onChange={({ currentTarget }) => setCode(currentTarget.value)}
      />
      <div className={classes.buttons}>
        <Button type="submit" loading={enter.isPending}>
          Sign in
        </Button>
        <Button
          variant="default"
          onClick={() => {
            setKind(kind === 'app' ? 'recovery' : 'app');
            setCode('');
            enter.reset();
          }}
        >
          {kind === 'app' ? 'Use a recovery code' : 'Use the app'}
        </Button>
        <Button variant="default" onClick={onAgain}>
          Begin again
        </Button>
      </div>
    </form>
  );
}

function ForgottenForm(props: { email: string; onEmail: (email: string) => void; onDone: () => void }) {
  const { email, onEmail, onDone } = props;
  const ask = useAct(() => dataOf(api.POST('/api/v1/password-resets', { body: { email } })), onDone);
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        ask.mutate(undefined);
      }}
    >
      <Refusal error={ask.error} />
      <TextInput
        label="E-mail address"
        maxLength={254}
        error={errorAt(ask.error, 'email')}
        description="You get a link by which you choose a new password"
        type="email"
        autoComplete="username"
        required
        withAsterisk={false}
        value={email}
        onChange={({ currentTarget }) => onEmail(currentTarget.value)}
      />
      <div className={classes.buttons}>
        <Button type="submit" loading={ask.isPending}>
          Send the link
        </Button>
      </div>
    </form>
  );
}

/** Invented data at one's own machine: nobody needs an account to try everything. */
function DemoDoor({ goOn }: { goOn: () => void }) {
  const enter = useAct(() => dataOf(api.POST('/api/v1/session/demo')), goOn);
  return (
    <div className={classes.door}>
      <Notice tone="plain" title="This is a demo">
        <p className={classes.quiet}>
          All posts are invented. At this machine you may try what an administrator can do.
        </p>
        <Refusal error={enter.error} />
        <Button loading={enter.isPending} onClick={() => enter.mutate(undefined)}>
          Enter as administrator of the demo
        </Button>
      </Notice>
    </div>
  );
}
