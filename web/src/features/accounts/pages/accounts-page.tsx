import { Button } from '@mantine/core';
import { useState } from 'react';
import { useMay } from '../../../api/use-session.ts';
import { Disclosure } from '../../../components/disclosure.tsx';
import { MoreButton } from '../../../components/more-button.tsx';
import { Notice } from '../../../components/notice.tsx';
import { Page } from '../../../components/page.tsx';
import { QueryState } from '../../../components/query-state.tsx';
import { formatCount } from '../../../format.ts';
import { type AccountFilter, useAccounts } from '../api/use-accounts.ts';
import { AccountTable } from '../components/account-table.tsx';
import { AccountTools } from '../components/account-tools.tsx';
import { AddAccounts } from '../components/add-accounts.tsx';

const everything: AccountFilter = { search: '', state: '', set: '', draw: 0 };

/** The accounts that are followed for years: find them, switch them, add many. */
export function AccountsPage() {
  const [filter, setFilter] = useState(everything);
  const query = useAccounts(filter);
  const mayEdit = useMay('collector');
  const isFiltered = filter.search !== '' || filter.state !== '' || filter.set !== '';
  return (
    <Page
      title="Accounts"
      intro="Accounts that are followed by their uid, whatever they are called. Collections of timelines read their posts."
    >
      {mayEdit && <Disclosure summary="Add accounts">{() => <AddAccounts />}</Disclosure>}
      <QueryState query={query} what="the accounts">
        {({ pages }) => {
          const accounts = pages.flatMap((page) => page.accounts);
          const { counts, sets } = pages[0] ?? { counts: {}, sets: [] };
          return (
            <>
              <p>{summarise(counts)}</p>
              <AccountTools filter={filter} sets={sets} onChange={setFilter} />
              {accounts.length > 0 ? (
                <AccountTable accounts={accounts} />
              ) : isFiltered ? (
                <Notice tone="plain" title="No account fits">
                  <Button size="xs" variant="default" onClick={() => setFilter(everything)}>
                    Show all
                  </Button>
                </Notice>
              ) : (
                <Notice tone="plain" title="No account is followed yet">
                  {mayEdit
                    ? 'Open “Add accounts” and paste a list of names. A collection of timelines then reads what they post, as far back as the platform allows.'
                    : 'A collector adds them here.'}
                </Notice>
              )}
              <MoreButton query={query} mt="md">
                Show more
              </MoreButton>
            </>
          );
        }}
      </QueryState>
    </Page>
  );
}

/** `1,790 public, 6 suspended, 4 inactive` */
function summarise(counts: Record<string, number>): string {
  const said = Object.entries(counts).filter(([, count]) => count > 0);
  return said.map(([kind, count]) => `${formatCount(count)} ${kind}`).join(', ');
}
