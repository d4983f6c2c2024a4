import { NativeSelect, Skeleton, TextInput } from '@mantine/core';
import { useState } from 'react';
import { AdminPageFrame } from '../../../components/admin-page-frame.tsx';
import { auditWords, detailWords, targetWords, whoWords } from '../../../components/audit-words.ts';
import { DataTable } from '../../../components/data-table.tsx';
import { MoreButton } from '../../../components/more-button.tsx';
import { Notice } from '../../../components/notice.tsx';
import { formatInstant } from '../../../format.ts';
import { type AuditFilter, useAudit, useUsers } from '../api/use-users.ts';
import classes from '../components/form.module.css';
import { Refusal } from '../components/refusal.tsx';

const kinds = [
  { value: '', label: 'Everything' },
  { value: 'session', label: 'Sign-ins and sign-outs' },
  { value: 'sign-in', label: 'Refused sign-ins' },
  { value: 'user', label: 'Users and roles' },
  { value: 'token', label: 'API tokens' },
  { value: 'collection', label: 'Collections' },
  { value: 'account', label: 'Accounts' },
  { value: 'budget', label: 'Budgets' },
  { value: 'credential', label: 'Credentials' },
  { value: 'export', label: 'Exports' },
  { value: 'job', label: 'Jobs' },
  { value: 'node', label: 'Nodes' },
  { value: 'alert', label: 'Alerts' },
];

/** Who did what, when. */
export function AuditPage() {
  return (
    <AdminPageFrame
      title="Audit log"
      intro="Every sign-in and every change by a person, their token, or a command in a terminal. Nothing here can be changed."
    >
      {() => <Entries />}
    </AdminPageFrame>
  );
}

function Entries() {
  const [wish, setWish] = useState({ userId: '', action: '', target: '', day: '' });
  const change = (part: Partial<typeof wish>) => setWish({ ...wish, ...part });
  const { data: people } = useUsers();
  const audit = useAudit(toFilter(wish));
  const entries = audit.data?.pages.flatMap((page) => page.entries);
  return (
    <>
      <div className={classes.row}>
        <NativeSelect
          label="Who"
          data={[
            { value: '', label: 'Everybody' },
            ...(people?.users ?? []).map(({ userId, name }) => ({ value: userId, label: name })),
          ]}
          value={wish.userId}
          onChange={({ currentTarget }) => change({ userId: currentTarget.value })}
        />
        <NativeSelect
          label="What"
          data={kinds}
          value={wish.action}
          onChange={({ currentTarget }) => change({ action: currentTarget.value })}
        />
        <TextInput
          label="Of what"
          maxLength={300}
          placeholder="The exact name"
          value={wish.target}
          onChange={({ currentTarget }) => change({ target: currentTarget.value })}
        />
        <TextInput
          label="Day (UTC)"
          type="date"
          value={wish.day}
          onChange={({ currentTarget }) => change({ day: currentTarget.value })}
        />
      </div>
      <Refusal error={audit.error} title="The log cannot be shown" />
      {entries === undefined && audit.error === null && (
        <Skeleton height={240} radius="lg" aria-label="Reading the audit log" />
      )}
      {entries?.length === 0 && (
        <Notice tone="plain" title="Nothing of this kind">
          Choose less, or another day.
        </Notice>
      )}
      {entries !== undefined && entries.length > 0 && (
        <DataTable
          caption="Entries, newest first"
          rows={entries}
          keyOf={({ entryId }) => entryId}
          columns={[
            { title: 'When (UTC)', cell: ({ at }) => formatInstant(at) },
            {
              title: 'Who',
              cell: ({ who, via }) => (
                <>
                  <bdi>{whoWords(who, via)}</bdi>
                  {via === 'token' && ', by a token'}
                </>
              ),
            },
            { title: 'What', cell: ({ action }) => auditWords(action) },
            { title: 'Of what', cell: ({ action, target }) => <bdi>{targetWords(action, target)}</bdi> },
            { title: 'Details', cell: ({ details }) => <bdi>{detailWords(details) || '–'}</bdi> },
            { title: 'From', cell: ({ address }) => address ?? '–' },
          ]}
        />
      )}
      <MoreButton query={audit}>Show earlier ones</MoreButton>
    </>
  );
}

function toFilter({ day, ...rest }: { userId: string; action: string; target: string; day: string }): AuditFilter {
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== ''));
  if (!/^\d{4}-\d\d-\d\d$/.test(day)) return given;
  const from = Date.parse(`${day}T00:00:00Z`);
  return Number.isNaN(from)
    ? given
    : { ...given, from: new Date(from).toISOString(), to: new Date(from + 86_400_000).toISOString() };
}
