import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useState } from 'react';
import { api, dataOf } from '../../../api/api.ts';
import { errorAt } from '../../../api/field-errors.ts';
import { DataTable } from '../../../components/data-table.tsx';
import { Notice } from '../../../components/notice.tsx';
import { formatInstant } from '../../../format.ts';
import { useAct } from '../api/act.ts';
import { useTokens } from '../api/use-users.ts';
import { type UserRole, userRoles } from '../role-words.ts';
import classes from './form.module.css';
import { Refusal } from './refusal.tsx';

const scopes = [
  { value: 'read', label: 'read: see and download' },
  { value: 'collect', label: 'collect: also make and change collections' },
  { value: 'administer', label: 'administer: everything' },
] as const;
type Scope = (typeof scopes)[number]['value'];

const DAY_MS = 86_400_000;
const lives = ['30 days', '90 days', '365 days', 'no end'];

/** Tokens for programs: made, shown once, revoked. */
export function Tokens({ role }: { role: UserRole }) {
  const { data, error } = useTokens();
  const [label, setLabel] = useState('');
  const [scope, setScope] = useState<Scope>('read');
  const [life, setLife] = useState('90 days');
  const make = useAct(
    () => {
      const days = Number.parseInt(life, 10);
      const expiresAt = Number.isNaN(days) ? null : new Date(Date.now() + days * DAY_MS).toISOString();
      return dataOf(api.POST('/api/v1/me/tokens', { body: { label, scopes: [scope], expiresAt } }));
    },
    () => setLabel(''),
  );
  const revoke = useAct((tokenId: string) =>
    dataOf(api.DELETE('/api/v1/me/tokens/{tokenId}', { params: { path: { tokenId } } })),
  );
  // Once it is revoked it is of no use to anybody.
  const made =
    data?.tokens.some(({ tokenId }) => tokenId === make.data?.token.tokenId) === true ? make.data : undefined;
  const offered = scopes.slice(0, userRoles.indexOf(role) + 1);
  return (
    <>
      <form
        className={classes.row}
        onSubmit={(event) => {
          event.preventDefault();
          make.mutate(undefined);
        }}
      >
        <TextInput
          label="What it is for"
          error={errorAt(make.error, 'label')}
          required
          withAsterisk={false}
          maxLength={100}
          value={label}
          onChange={({ currentTarget }) => setLabel(currentTarget.value)}
        />
        <NativeSelect
          label="What it may do"
          data={offered}
          value={scope}
          onChange={({ currentTarget }) => setScope(currentTarget.value as Scope)}
        />
        <NativeSelect
          label="Ends after"
          data={lives}
          value={life}
          onChange={({ currentTarget }) => setLife(currentTarget.value)}
        />
        <Button type="submit" variant="default" loading={make.isPending}>
          Make a token
        </Button>
      </form>
      <Refusal error={make.error ?? revoke.error ?? error} />
      {made !== undefined && (
        <Notice tone="plain" title="Copy the token now: it is not shown again">
          <code className={classes.secret}>{made.secret}</code>
          <p className={classes.quiet}>Programs send it in the header Authorization, after the word Bearer.</p>
        </Notice>
      )}
      {data !== undefined && data.tokens.length > 0 && (
        <DataTable
          caption="API tokens"
          rows={data.tokens}
          keyOf={({ tokenId }) => tokenId}
          columns={[
            { title: 'For', cell: (token) => token.label },
            { title: 'May', cell: (token) => token.scopes.join(', ') },
            { title: 'Made', cell: ({ madeAt }) => formatInstant(madeAt) },
            {
              title: 'Last used',
              cell: ({ lastUsedAt }) => (lastUsedAt === null ? 'never' : formatInstant(lastUsedAt)),
            },
            { title: 'Ends', cell: ({ expiresAt }) => (expiresAt === null ? 'never' : formatInstant(expiresAt)) },
            {
              title: 'Change',
              cell: (token) => (
                <Button
                  size="compact-sm"
                  variant="default"
                  aria-label={`Revoke ${token.label}`}
                  onClick={() => revoke.mutate(token.tokenId)}
                >
                  Revoke
                </Button>
              ),
            },
          ]}
        />
      )}
    </>
  );
}
