import { Link } from '@tanstack/react-router';
import { DataTable } from '../../../components/data-table.tsx';
import { Disclosure } from '../../../components/disclosure.tsx';
import { Instant } from '../../../components/instant.tsx';
import { ReadingOutcome } from '../../../components/reading-outcome.tsx';
import { Section } from '../../../components/section.tsx';
import { formatCount } from '../../../format.ts';
import { StateBadge } from '../../collections/components/state-badge.tsx';
import { stateWords } from '../account-words.ts';
import type { AccountDetail } from '../api/use-accounts.ts';
import classes from './account-histories.module.css';

/** What was noted of an account over the years, the newest first. */
export function AccountHistories({ account }: { account: AccountDetail }) {
  return (
    <>
      <Section title="Names">
        <DataTable
          caption="Names, the newest first"
          rows={account.names.toReversed()}
          keyOf={({ notedAt }) => notedAt}
          columns={[
            { title: 'Name', cell: ({ handle }) => `@${handle}` },
            { title: 'Noted', cell: ({ notedAt }) => <Instant iso={notedAt} /> },
          ]}
        />
      </Section>
      <Section title="States">
        <DataTable
          caption="States with their evidence, the newest first"
          rows={account.states.toReversed()}
          keyOf={({ since }) => since}
          columns={[
            { title: 'State', cell: ({ state }) => <StateBadge words={stateWords[state]} /> },
            { title: 'Since', cell: ({ since }) => <Instant iso={since} /> },
            {
              title: 'Evidence',
              cell: ({ endpoint, evidence }) => (
                <span>
                  {evidence} <span className={classes.quiet}>({endpoint})</span>
                </span>
              ),
            },
          ]}
        />
      </Section>
      <Section title="Readings of its timeline">
        {account.runs.length === 0 ? (
          <p className={classes.quiet}>None yet. A collection of timelines that follows it reads it when it is due.</p>
        ) : (
          <DataTable
            caption="Readings, the newest first"
            rows={account.runs}
            keyOf={({ collection, startedAt }) => `${collection} ${startedAt}`}
            columns={[
              { title: 'Began', cell: ({ startedAt }) => <Instant iso={startedAt} /> },
              {
                title: 'Collection',
                cell: ({ collection }) => (
                  <Link to="/collections/$name" params={{ name: collection }}>
                    {collection}
                  </Link>
                ),
              },
              { title: 'Pages', numeric: true, cell: ({ pages }) => formatCount(pages) },
              { title: 'New posts', numeric: true, cell: ({ posts }) => formatCount(posts) },
              { title: 'Outcome', cell: (run) => <ReadingOutcome {...run} /> },
            ]}
          />
        )}
      </Section>
      <Disclosure summary={`Profiles as received (${account.profiles.length})`}>
        {() =>
          account.profiles.toReversed().map(({ observedAt, profile }) => (
            <div key={observedAt}>
              <h3 className={classes.when}>
                <Instant iso={observedAt} />
              </h3>
              {/* Scrolls sideways, so it must take the focus. */}
              <pre className={classes.raw} tabIndex={0} aria-label={`Profile of ${observedAt}`}>
                {JSON.stringify(profile, undefined, 2)}
              </pre>
            </div>
          ))
        }
      </Disclosure>
    </>
  );
}
