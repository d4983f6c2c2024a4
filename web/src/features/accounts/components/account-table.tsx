import { Switch } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useMay } from '../../../api/use-session.ts';
import { DataTable } from '../../../components/data-table.tsx';
import { Instant } from '../../../components/instant.tsx';
import { formatInstant } from '../../../format.ts';
import { StateBadge } from '../../collections/components/state-badge.tsx';
import { stateWords } from '../account-words.ts';
import { type FollowedAccount, useSwitchAccount } from '../api/use-accounts.ts';
import classes from './account-table.module.css';

/** Followed accounts, a row each; who may, switches them on and off. */
export function AccountTable({ accounts }: { accounts: readonly FollowedAccount[] }) {
  const mayEdit = useMay('collector');
  const switching = useSwitchAccount();
  const pending = switching.isPending ? switching.variables.accountId : undefined;
  return (
    <>
      <DataTable
        caption="Followed accounts by name"
        rows={accounts}
        keyOf={({ platform, accountId }) => `${platform} ${accountId}`}
        columns={[
          {
            title: 'Account',
            cell: ({ platform, accountId, handle, formerNames }) => (
              <span>
                <Link to="/accounts/$platform/$accountId" params={{ platform, accountId }} className={classes.name}>
                  @{handle}
                </Link>
                {formerNames.length > 0 && (
                  <span className={classes.former}>formerly {formerNames.map((name) => `@${name}`).join(', ')}</span>
                )}
              </span>
            ),
          },
          { title: 'Uid', cell: ({ accountId }) => <span className={classes.uid}>{accountId}</span> },
          {
            title: 'State',
            cell: ({ state, stateSince }) => (
              <span className={classes.state}>
                <StateBadge words={stateWords[state]} />
                {state !== 'public' && <span className={classes.quiet}>since {stateSince.slice(0, 10)}</span>}
              </span>
            ),
          },
          {
            title: 'Looked at',
            cell: ({ checkedAt }) => <span title={formatInstant(checkedAt)}>{checkedAt.slice(0, 10)}</span>,
          },
          { title: 'Sets', cell: ({ sets }) => (sets.length === 0 ? null : sets.join(', ')) },
          {
            title: 'Timeline read',
            cell: ({ lastReadAt, lastPageAt }) =>
              lastReadAt !== null ? (
                <Instant iso={lastReadAt} />
              ) : lastPageAt !== null ? (
                <>
                  in part, <Instant iso={lastPageAt} />
                </>
              ) : (
                'never'
              ),
          },
          {
            title: 'Collected',
            cell: ({ accountId, handle, active }) =>
              mayEdit ? (
                <Switch
                  aria-label={`Collect @${handle}`}
                  checked={active}
                  disabled={pending === accountId}
                  onChange={({ currentTarget: { checked } }) => switching.mutate({ accountId, active: checked })}
                />
              ) : active ? (
                'yes'
              ) : (
                'no'
              ),
          },
        ]}
      />
      <p role="status" className={classes.said}>
        {switching.error?.message}
      </p>
    </>
  );
}
