import { Button, NativeSelect, PasswordInput, TextInput } from '@mantine/core';
import { useState } from 'react';
import { api, dataOf } from '../../../api/api.ts';
import { errorAt } from '../../../api/field-errors.ts';
import { ConfirmDialog } from '../../../components/confirm-dialog.tsx';
import { Disclosure } from '../../../components/disclosure.tsx';
import { Instant } from '../../../components/instant.tsx';
import { Notice } from '../../../components/notice.tsx';
import { QueryState } from '../../../components/query-state.tsx';
import { formatQuantity } from '../../../format.ts';
import { type Credential, useCredentials, useDeed } from '../api/use-admin.ts';
import classes from '../components/admin.module.css';
import { AdminPageFrame } from '../../../components/admin-page-frame.tsx';
import { Badge } from '../components/badge.tsx';
import { DeedError } from '../components/deed-error.tsx';
import { abilityWords, kindWords } from '../credential-words.ts';

/** Keys to the platforms: whose they are, what each can do, why one is not used. */
export function CredentialsPage() {
  return (
    <AdminPageFrame
      title="Credentials"
      intro="Keys to the platforms. They are kept sealed; what is secret in them is never shown again."
      least="collector"
    >
      {() => <CredentialsContent />}
    </AdminPageFrame>
  );
}

function CredentialsContent() {
  const query = useCredentials();
  return (
    <div className={classes.stack}>
      {!query.isPending && (
        <Disclosure summary="Add a key" isOpenAtFirst={query.data?.credentials.length === 0}>
          {() => <AddCredential />}
        </Disclosure>
      )}
      <QueryState query={query} what="the credentials">
        {({ credentials }) =>
          credentials.length === 0 ? (
            <Notice tone="plain" title="No key is kept here yet">
              Streams use the token of the environment (MISTNET_X_BEARER_TOKEN) as long as there is one. Add a key
              above, or sign in with X: that keeps yours.
            </Notice>
          ) : (
            <ul className={classes.list} aria-label="Credentials">
              {credentials.map((credential) => (
                <CredentialItem key={credential.label} credential={credential} />
              ))}
            </ul>
          )
        }
      </QueryState>
    </div>
  );
}

function CredentialItem({ credential }: { credential: Credential }) {
  const { label, platform, kind, level, owner, isMine, abilities, probedAt, refused, refusedAt, addedAt } = credential;
  const [isRemoving, setIsRemoving] = useState(false);
  const path = { params: { path: { label } } };
  const probe = useDeed(
    () => dataOf(api.POST('/api/v1/credentials/{label}/probe', path)),
    ...['credentials', 'alerts'],
  );
  const pause = useDeed(
    (paused: boolean) => dataOf(api.PATCH('/api/v1/credentials/{label}', { ...path, body: { paused, reason: '' } })),
    ...['credentials', 'alerts'],
  );
  const remove = useDeed(() => dataOf(api.DELETE('/api/v1/credentials/{label}', path)), 'credentials');
  return (
    <li className={classes.card} data-tone={refused === null ? undefined : 'bad'}>
      <div className={classes.cardHead}>
        <h2 className={classes.cardTitle}>{label}</h2>
        <Badge tone={refused === null ? 'good' : 'bad'}>{refused === null ? 'in use' : 'not used'}</Badge>
      </div>
      <p className={classes.quiet}>
        {platform === 'x' ? 'X' : platform} · {kindWords[kind]} · {level ?? 'pay-per-use assumed'} ·{' '}
        {owner === '' ? 'nobody’s in particular' : isMine ? 'yours' : `of ${owner}`} · added on{' '}
        <Instant iso={addedAt} />
      </p>
      {refused !== null && (
        <p className={classes.line}>
          Not used
          {refusedAt !== null && (
            <>
              {' '}
              since <Instant iso={refusedAt} />
            </>
          )}
          : {refused}
        </p>
      )}
      <Abilities abilities={abilities} probedAt={probedAt} />
      <DeedError error={probe.error ?? pause.error ?? remove.error} />
      <div className={classes.actions}>
        <Button size="xs" variant="default" loading={probe.isPending} onClick={() => probe.mutate()}>
          What can this key do?
        </Button>
        <Button size="xs" variant="default" loading={pause.isPending} onClick={() => pause.mutate(refused === null)}>
          {refused === null ? 'Pause' : 'Use it again'}
        </Button>
        <Button size="xs" variant="default" onClick={() => setIsRemoving(true)}>
          Remove …
        </Button>
      </div>
      {probe.isPending && (
        <p className={classes.quiet} role="status">
          Asking the platform, by calls that hand nothing out and cost nothing …
        </p>
      )}
      {isRemoving && (
        <ConfirmDialog
          title={`Remove ${label}?`}
          action="Remove"
          isDangerous
          isBusy={remove.isPending}
          onConfirm={() => remove.mutate(undefined, { onSettled: () => setIsRemoving(false) })}
          onClose={() => setIsRemoving(false)}
        >
          Work that needs it is paused. The platform does not hear of it: revoke the key there, too, if nobody else uses
          it.
        </ConfirmDialog>
      )}
    </li>
  );
}

function Abilities({ abilities, probedAt }: Pick<Credential, 'abilities' | 'probedAt'>) {
  if (abilities === null || probedAt === null)
    return <p className={classes.line}>It was never tried what this key can do.</p>;
  const can = abilities.filter(({ ok }) => ok);
  const cannot = abilities.filter(({ ok }) => !ok);
  return (
    <>
      <p className={classes.line}>
        {can.length === 0
          ? 'It can do nothing at present.'
          : `It can ${can.map(({ ability }) => abilityWords(ability)).join(', ')}.`}
      </p>
      {cannot.length > 0 && (
        <Disclosure summary={`It cannot do ${formatQuantity(cannot.length, 'thing')}, and why`}>
          {() => (
            <ul className={classes.abilities}>
              {cannot.map(({ ability, sentence }) => (
                <li key={ability}>
                  <strong>{abilityWords(ability)}</strong>: {sentence}
                </li>
              ))}
            </ul>
          )}
        </Disclosure>
      )}
      <p className={classes.quiet}>
        Tried on <Instant iso={probedAt} />
      </p>
    </>
  );
}

const fieldsByKind = {
  app: [{ name: 'bearer_token', label: 'Bearer token' }],
  oauth1: [
    { name: 'consumer_key', label: 'API key' },
    { name: 'consumer_secret', label: 'API key secret' },
    { name: 'access_token', label: 'Access token' },
    { name: 'access_token_secret', label: 'Access token secret' },
  ],
  oauth2: [
    { name: 'client_id', label: 'Client ID' },
    { name: 'client_secret', label: 'Client secret (if the app has one)' },
    { name: 'access_token', label: 'Access token' },
    { name: 'refresh_token', label: 'Refresh token' },
  ],
} as const;

type Kind = keyof typeof fieldsByKind;

function AddCredential() {
  const [label, setLabel] = useState('');
  const [kind, setKind] = useState<Kind>('app');
  const [level, setLevel] = useState('');
  const [values, setValues] = useState<Record<string, string>>({});
  const add = useDeed(async () => {
    const filled = fieldsByKind[kind].map(({ name }) => [name, values[name]?.trim() ?? ''] as const);
    const fields = Object.fromEntries(filled.filter(([, value]) => value !== ''));
    const body = { label: label.trim(), kind, fields, ...(level === '' ? {} : { level }) };
    return await dataOf(api.POST('/api/v1/credentials', { body }));
  }, 'credentials');
  return (
    <form
      className={classes.form}
      autoComplete="off"
      onSubmit={(event) => {
        event.preventDefault();
        add.mutate(undefined, {
          onSuccess: () => {
            setValues({});
            setLabel('');
          },
        });
      }}
    >
      <DeedError error={add.error} />
      <div className={classes.row}>
        <TextInput
          label="Label"
          error={errorAt(add.error, 'label', 'credential.exists')}
          description="What it is called here, like news-desk"
          required
          maxLength={63}
          value={label}
          onChange={({ currentTarget: { value } }) => setLabel(value)}
        />
        <NativeSelect
          label="Kind"
          description="As the platform’s console names it"
          data={Object.keys(fieldsByKind).map((each) => ({ value: each, label: kindWords[each as Kind] }))}
          value={kind}
          onChange={({ currentTarget: { value } }) => setKind(value in fieldsByKind ? (value as Kind) : 'app')}
        />
        <NativeSelect
          label="Level"
          description="What was bought with it"
          data={[
            { value: '', label: 'not known' },
            ...['pay-per-use', 'basic', 'pro', 'enterprise', 'academic'].map((each) => ({ value: each, label: each })),
          ]}
          value={level}
          onChange={({ currentTarget: { value } }) => setLevel(value)}
        />
      </div>
      {fieldsByKind[kind].map(({ name, label: fieldLabel }) => (
        <PasswordInput
          key={name}
          label={fieldLabel}
          maxLength={4_000}
          error={errorAt(add.error, `fields/${name}`)}
          autoComplete="off"
          value={values[name] ?? ''}
          onChange={({ currentTarget: { value } }) => setValues({ ...values, [name]: value })}
        />
      ))}
      <div className={classes.actions}>
        <Button type="submit" loading={add.isPending} disabled={label.trim() === ''}>
          Keep it, sealed
        </Button>
        {add.isSuccess && <span role="status">Kept. Ask below what it can do.</span>}
      </div>
    </form>
  );
}
