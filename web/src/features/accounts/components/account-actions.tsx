import { Button } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useMay } from '../../../api/use-session.ts';
import { ConfirmDialog } from '../../../components/confirm-dialog.tsx';
import { formatQuantity } from '../../../format.ts';
import { type AccountDetail, useForgetAccount, useSwitchAccount } from '../api/use-accounts.ts';

/** Collect or leave out; forget, after saying what happens to the data. */
export function AccountActions({ account }: { account: AccountDetail }) {
  const mayEdit = useMay('collector');
  const mayForget = useMay('administrator');
  const [asking, setAsking] = useState(false);
  const switching = useSwitchAccount();
  const forgetting = useForgetAccount();
  const navigate = useNavigate();
  const { accountId, handle, active, holdings } = account;
  if (!mayEdit) return null;
  const trouble = switching.error?.message ?? forgetting.error?.message;
  return (
    <>
      <Button
        variant="default"
        loading={switching.isPending}
        onClick={() => switching.mutate({ accountId, active: !active })}
      >
        {active ? 'Leave it out of collecting' : 'Collect it again'}
      </Button>
      {mayForget && (
        <Button variant="default" onClick={() => setAsking(true)}>
          Forget it…
        </Button>
      )}
      {trouble !== undefined && <p role="alert">{trouble}</p>}
      {asking && (
        <ConfirmDialog
          title={`Forget @${handle}?`}
          action="Forget"
          isDangerous
          isBusy={forgetting.isPending}
          onClose={() => setAsking(false)}
          onConfirm={() =>
            forgetting.mutate(accountId, {
              onSuccess: () => void navigate({ to: '/accounts' }),
              onError: () => setAsking(false),
            })
          }
        >
          <p>Its names, states, profiles and memberships of sets go, and cannot be brought back.</p>
          <p>
            {holdings.posts === 0
              ? 'Nothing of it was collected.'
              : `Its ${formatQuantity(holdings.posts, 'post')} stay in ${holdings.collections.join(', ') || 'the database'}.`}{' '}
            To keep all of it and only stop collecting, leave it out instead.
          </p>
        </ConfirmDialog>
      )}
    </>
  );
}
