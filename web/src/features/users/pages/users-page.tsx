import { Button, NativeSelect, Skeleton, TextInput } from '@mantine/core';
import { useState } from 'react';
import { api, dataOf } from '../../../api/api.ts';
import { errorAt } from '../../../api/field-errors.ts';
import type { components } from '../../../api/openapi.d.ts';
import { useSession } from '../../../api/use-session.ts';
import { AdminPageFrame } from '../../../components/admin-page-frame.tsx';
import { ConfirmDialog } from '../../../components/confirm-dialog.tsx';
import { type Column, DataTable } from '../../../components/data-table.tsx';
import { Section } from '../../../components/section.tsx';
import { formatInstant } from '../../../format.ts';
import { useAct } from '../api/act.ts';
import { useUsers } from '../api/use-users.ts';
import classes from '../components/form.module.css';
import { OneTimeLink } from '../components/one-time-link.tsx';
import { Refusal } from '../components/refusal.tsx';
import { addressWords, methodWords } from '../method-words.ts';
import { roleWords, type UserRole, userRoles } from '../role-words.ts';

type User = components['schemas']['User'];
type Invitation = components['schemas']['Invitation'];

/** Who there is, who is invited; roles, and who may sign in at all. */
export function UsersPage() {
  return (
    <AdminPageFrame
      title="Users"
      intro="Users are never deleted, so that what they did keeps its name: inactive, they cannot sign in."
    >
      {() => <Everybody />}
    </AdminPageFrame>
  );
}

function Everybody() {
  const { data, error } = useUsers();
  return (
    <>
      <Refusal error={error} title="The users cannot be shown" />
      <Section title="Invite somebody">
        <InviteForm />
      </Section>
      <Section title="Users">
        {data === undefined ? (
          <Skeleton height={160} radius="lg" aria-label="Reading the users" />
        ) : (
          <Users users={data.users} />
        )}
      </Section>
      {data !== undefined && data.invitations.length > 0 && (
        <Section title="Invited">
          <Invitations invitations={data.invitations} />
        </Section>
      )}
    </>
  );
}

function InviteForm() {
  const empty = { name: '', email: '', role: 'viewer' as UserRole };
  const [wish, setWish] = useState(empty);
  const [to, setTo] = useState('');
  const invite = useAct(
    () => dataOf(api.POST('/api/v1/users/invitations', { body: wish })),
    () => {
      setTo(wish.email);
      setWish(empty);
    },
  );
  return (
    <>
      <form
        className={classes.row}
        onSubmit={(event) => {
          event.preventDefault();
          invite.mutate(undefined);
        }}
      >
        <TextInput
          label="Name"
          maxLength={100}
          error={errorAt(invite.error, 'name')}
          required
          withAsterisk={false}
          value={wish.name}
          onChange={({ currentTarget }) => setWish({ ...wish, name: currentTarget.value })}
        />
        <TextInput
          label="E-mail address"
          maxLength={254}
          error={errorAt(invite.error, 'email', 'user.exists', 'user.refused')}
          type="email"
          required
          withAsterisk={false}
          value={wish.email}
          onChange={({ currentTarget }) => setWish({ ...wish, email: currentTarget.value })}
        />
        <NativeSelect
          label="Role"
          data={[...userRoles]}
          value={wish.role}
          onChange={({ currentTarget }) => setWish({ ...wish, role: currentTarget.value as UserRole })}
        />
        <Button type="submit" loading={invite.isPending}>
          Invite
        </Button>
      </form>
      <p className={classes.quiet}>
        A {wish.role} {roleWords[wish.role].may}
      </p>
      <Refusal error={invite.error} />
      {invite.data !== undefined && <OneTimeLink {...invite.data} to={to} />}
    </>
  );
}

function Users({ users }: { users: readonly User[] }) {
  const { data: session } = useSession();
  const [leaving, setLeaving] = useState<User>();
  const change = useAct(({ userId, ...body }: { userId: string; role?: UserRole; active?: boolean }) =>
    dataOf(api.PATCH('/api/v1/users/{userId}', { params: { path: { userId } }, body })),
  );
  const reset = useAct(({ userId }: User) =>
    dataOf(api.POST('/api/v1/users/{userId}/reset', { params: { path: { userId } } })),
  );
  const forgetFactor = useAct(({ userId }: User) =>
    dataOf(api.DELETE('/api/v1/users/{userId}/second-factor', { params: { path: { userId } } })),
  );
  const columns: Column<User>[] = [
    {
      title: 'Name',
      cell: ({ name, userId, active }) =>
        `${name}${userId === session?.user?.userId ? ' (you)' : ''}${active ? '' : ' · inactive'}`,
    },
    { title: 'Address', cell: ({ email }) => addressWords(email) },
    {
      title: 'Role',
      cell: ({ userId, name, role }) => (
        <NativeSelect
          className={classes.role ?? ''}
          aria-label={`Role of ${name}`}
          data={[...userRoles]}
          value={role}
          disabled={change.isPending}
          onChange={({ currentTarget }) => change.mutate({ userId, role: currentTarget.value as UserRole })}
        />
      ),
    },
    {
      title: 'Signs in by',
      cell: ({ methods, hasSecondFactor }) =>
        `${methodWords(methods, session?.methods.oidc ?? [])}${hasSecondFactor ? ' and code' : ''}`,
    },
    { title: 'Last seen', cell: ({ lastSeenAt }) => (lastSeenAt === null ? '–' : formatInstant(lastSeenAt)) },
    {
      title: 'Change',
      cell: (user) => (
        <div className={classes.buttons}>
          {user.active ? (
            <Button
              size="compact-sm"
              variant="default"
              onClick={() => setLeaving(user)}
              aria-label={`Deactivate ${user.name}`}
            >
              Deactivate
            </Button>
          ) : (
            <Button
              size="compact-sm"
              variant="default"
              aria-label={`Activate ${user.name}`}
              onClick={() => change.mutate({ userId: user.userId, active: true })}
            >
              Activate
            </Button>
          )}
          {user.active && (
            <Button
              size="compact-sm"
              variant="default"
              aria-label={`New password for ${user.name}`}
              onClick={() => reset.mutate(user)}
            >
              New password
            </Button>
          )}
          {user.hasSecondFactor && (
            <Button
              size="compact-sm"
              variant="default"
              aria-label={`Forget the second factor of ${user.name}`}
              onClick={() => forgetFactor.mutate(user)}
            >
              Lost device
            </Button>
          )}
        </div>
      ),
    },
  ];
  return (
    <>
      <Refusal error={change.error ?? reset.error ?? forgetFactor.error} />
      {reset.data !== undefined && reset.variables !== undefined && (
        <OneTimeLink {...reset.data} to={reset.variables.name} />
      )}
      <DataTable caption="Users" columns={columns} rows={users} keyOf={({ userId }) => userId} />
      {leaving !== undefined && (
        <ConfirmDialog
          title={`Deactivate ${leaving.name}?`}
          action="Deactivate"
          isDangerous
          isBusy={change.isPending}
          onClose={() => setLeaving(undefined)}
          onConfirm={() => {
            change.mutate({ userId: leaving.userId, active: false });
            setLeaving(undefined);
          }}
        >
          <p>
            Their sessions end now and their API tokens are revoked for good. Their collections and what they did stay.
          </p>
        </ConfirmDialog>
      )}
    </>
  );
}

function Invitations({ invitations }: { invitations: readonly Invitation[] }) {
  const withdraw = useAct((email: string) =>
    dataOf(api.DELETE('/api/v1/users/invitations/{email}', { params: { path: { email } } })),
  );
  return (
    <>
      <Refusal error={withdraw.error} />
      <DataTable
        caption="Open invitations"
        rows={invitations}
        keyOf={({ email }) => email}
        columns={[
          { title: 'Name', cell: ({ name }) => name },
          { title: 'Address', cell: ({ email }) => email },
          { title: 'Role', cell: ({ role }) => role },
          { title: 'Invited by', cell: ({ madeBy }) => madeBy ?? 'the terminal' },
          { title: 'Until', cell: ({ expiresAt }) => formatInstant(expiresAt) },
          {
            title: 'Change',
            cell: ({ email, name }) => (
              <Button
                size="compact-sm"
                variant="default"
                aria-label={`Withdraw the invitation of ${name}`}
                onClick={() => withdraw.mutate(email)}
              >
                Withdraw
              </Button>
            ),
          },
        ]}
      />
    </>
  );
}
