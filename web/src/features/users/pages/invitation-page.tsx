import { Button, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { api, dataOf } from '../../../api/api.ts';
import { errorAt } from '../../../api/field-errors.ts';
import { ApiError } from '../../../api/client.ts';
import { Notice } from '../../../components/notice.tsx';
import { Page } from '../../../components/page.tsx';
import { useAct } from '../api/act.ts';
import classes from '../components/form.module.css';
import { NewPassword } from '../components/new-password.tsx';
import { Refusal } from '../components/refusal.tsx';
import { roleWords } from '../role-words.ts';

/** Whoever was invited becomes a user here. */
export function InvitationPage() {
  const { token = '' } = useParams({ strict: false });
  const navigate = useNavigate();
  const path = { token };
  const { data: invitation, error } = useQuery({
    queryKey: ['invitation', token],
    queryFn: ({ signal }) => dataOf(api.GET('/api/v1/invitations/{token}', { signal, params: { path } })),
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const [name, setName] = useState<string>();
  const [password, setPassword] = useState('');
  const accept = useAct(
    () =>
      dataOf(
        api.POST('/api/v1/invitations/{token}', {
          params: { path },
          body: { name: name ?? invitation?.name ?? '', password },
        }),
      ),
    () => void navigate({ to: '/' }),
  );
  return (
    <Page
      title="Your invitation"
      intro={
        invitation === undefined
          ? undefined
          : `${invitation.email} becomes ${roleWords[invitation.role].name}: ${roleWords[invitation.role].may}`
      }
    >
      {error !== null &&
        (isNoLink(error) ? (
          <Notice tone="bad" title="This invitation does not work">
            The link is incomplete. Copy it whole from the message, or ask for a new one.
          </Notice>
        ) : (
          <Refusal error={error} title="This invitation does not work" />
        ))}
      {invitation !== undefined && (
        <form
          className={classes.form}
          onSubmit={(event) => {
            event.preventDefault();
            accept.mutate(undefined);
          }}
        >
          <Refusal error={accept.error} />
          {/* So that password managers know for whom the password is. */}
          <input type="hidden" autoComplete="username" value={invitation.email} readOnly />
          <TextInput
            label="Your name"
            maxLength={100}
            error={errorAt(accept.error, 'name')}
            autoComplete="name"
            required
            withAsterisk={false}
            value={name ?? invitation.name}
            onChange={({ currentTarget }) => setName(currentTarget.value)}
          />
          <NewPassword value={password} onChange={setPassword} error={accept.error} />
          <div className={classes.buttons}>
            <Button type="submit" loading={accept.isPending}>
              Accept and sign in
            </Button>
          </div>
        </form>
      )}
    </Page>
  );
}

/** Not what any link of an invitation looks like: the server says so by the name of a parameter. */
function isNoLink(error: Error): boolean {
  return error instanceof ApiError && error.status === 400;
}
