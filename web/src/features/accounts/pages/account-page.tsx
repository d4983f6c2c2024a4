import { Anchor, Button } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { ApiError } from '../../../api/client.ts';
import { useMay } from '../../../api/use-session.ts';
import { FigureList } from '../../../components/figure-list.tsx';
import { Instant } from '../../../components/instant.tsx';
import { Notice } from '../../../components/notice.tsx';
import { Page } from '../../../components/page.tsx';
import { QueryState } from '../../../components/query-state.tsx';
import { Section } from '../../../components/section.tsx';
import { formatCount } from '../../../format.ts';
import { StateBadge } from '../../collections/components/state-badge.tsx';
import { stateWords } from '../account-words.ts';
import { type AccountDetail, addAccounts, useAccount } from '../api/use-accounts.ts';
import { AccountActions } from '../components/account-actions.tsx';
import { AccountCounts } from '../components/account-counts.tsx';
import { AccountExport } from '../components/account-export.tsx';
import { AccountHistories } from '../components/account-histories.tsx';
import { PostsByDay } from '../components/posts-by-day.tsx';

/** One account by its uid: followed, or met only as the author of a post. */
export function AccountPage() {
  const { accountId } = useParams({ from: '/accounts/$platform/$accountId' });
  const query = useAccount(accountId);
  if (query.error instanceof ApiError && query.error.status === 404) return <NotFollowed accountId={accountId} />;
  const handle = query.data?.handle;
  return (
    <Page
      title={handle === undefined ? `Account ${accountId}` : `@${handle}`}
      intro={
        query.data === undefined ? undefined : `uid ${accountId}, followed since ${query.data.addedAt.slice(0, 10)}`
      }
      actions={query.data === undefined ? undefined : <AccountActions account={query.data} />}
    >
      <QueryState query={query} what="the account">
        {(account) => <Followed account={account} />}
      </QueryState>
    </Page>
  );
}

function Followed({ account }: { account: AccountDetail }) {
  const { platform, state, stateSince, checkedAt, active, sets, holdings, accountId, createdAt, counts } = account;
  const newest = counts.at(-1);
  return (
    <>
      <FigureList
        figures={[
          {
            name: 'State',
            value: <StateBadge words={stateWords[state]} />,
            remark: `${stateWords[state].explanation} Since ${stateSince.slice(0, 10)}.`,
          },
          {
            name: 'Collected',
            value: active ? 'yes' : 'no',
            remark: sets.length === 0 ? 'in no set' : sets.join(', '),
          },
          {
            name: 'Posts here',
            value: formatCount(holdings.posts),
            remark: holdings.collections.length === 0 ? 'in no collection' : holdings.collections.join(', '),
          },
          { name: 'Looked at', value: <Instant iso={checkedAt} /> },
          ...(newest === undefined
            ? []
            : [
                { name: 'Followers', value: countText(newest.followers), remark: `on ${newest.at.slice(0, 10)}` },
                { name: 'Follows', value: countText(newest.following), remark: `on ${newest.at.slice(0, 10)}` },
              ]),
          ...(createdAt === null ? [] : [{ name: 'On the platform since', value: createdAt.slice(0, 10) }]),
        ]}
      />
      {platform === 'x' && (
        <p>
          <Anchor
            href={`https://x.com/i/user/${encodeURIComponent(accountId)}`}
            rel="noopener noreferrer nofollow"
            target="_blank"
            inherit
          >
            On the platform
          </Anchor>
        </p>
      )}
      <Section
        title="Posts by day"
        aside={
          <Link to="/posts" search={{ author: accountId } as never}>
            Show its posts
          </Link>
        }
      >
        <PostsByDay days={account.postsByDay} />
        <AccountExport accountId={accountId} />
      </Section>
      <Section title="Counts over time" aside="As the platform said them">
        <AccountCounts counts={counts} />
      </Section>
      <AccountHistories account={account} />
    </>
  );
}

function countText(count: number | null): string {
  return count === null ? 'not said' : formatCount(count);
}

function NotFollowed({ accountId }: { accountId: string }) {
  const mayEdit = useMay('collector');
  const queries = useQueryClient();
  const [said, setSaid] = useState<string>();
  const follow = async (): Promise<void> => {
    try {
      const { outcomes } = await addAccounts({ lines: [accountId], set: '', dryRun: false, withProtected: false });
      setSaid(outcomes[0]?.message);
      await queries.invalidateQueries({ queryKey: ['account', accountId] });
    } catch (error) {
      setSaid(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <Page title={`Account ${accountId}`}>
      <Notice tone="plain" title="This account is not followed">
        <p>
          It may still be the author of posts that were collected.{' '}
          <Link to="/posts" search={{ author: accountId } as never}>
            Show its posts
          </Link>
        </p>
        {mayEdit && (
          <Button size="xs" onClick={() => void follow()}>
            Follow it
          </Button>
        )}
        {said !== undefined && <p role="status">{said}</p>}
      </Notice>
    </Page>
  );
}
