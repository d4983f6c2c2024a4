import { NativeSelect, Paper } from '@mantine/core';
import { Link, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { useLive } from '../../../api/live.ts';
import { useIsIn, useMay } from '../../../api/use-session.ts';
import { Disclosure } from '../../../components/disclosure.tsx';
import { FigureList } from '../../../components/figure-list.tsx';
import { Notice } from '../../../components/notice.tsx';
import { Page } from '../../../components/page.tsx';
import { QueryState } from '../../../components/query-state.tsx';
import { Section } from '../../../components/section.tsx';
import { TickingAge } from '../../../components/ticking-age.tsx';
import { ApiError } from '../../../api/client.ts';
import type { CollectionStatus } from '../../../api/types.ts';
import { formatBytes, formatCount, formatDuration, formatMoney, formatRate } from '../../../format.ts';
import { type CollectionDetail, useCollection } from '../api/use-collections.ts';
import { useOverview } from '../api/use-overview.ts';
import { type Span, usePostsOverTime } from '../api/use-content.ts';
import { CollectionTools } from '../components/collection-tools.tsx';
import { FilesSection } from '../components/files-section.tsx';
import { FilterSection, MatchesSection, VersionsSection } from '../components/filter-section.tsx';
import { GapDisclosure } from '../components/gap-disclosure.tsx';
import { HistorySection } from '../components/history-section.tsx';
import { RateChart } from '../components/rate-chart.tsx';
import { RecentPosts } from '../components/recent-posts.tsx';
import { RunsSection } from '../components/runs-section.tsx';
import { SeedsSection } from '../components/seeds-section.tsx';
import { SharingSection } from '../components/sharing-section.tsx';
import { StateBadge } from '../components/state-badge.tsx';
import { StorageDisclosure } from '../components/storage-disclosure.tsx';
import { TimeChart } from '../components/time-chart.tsx';
import { ageOf } from '../collection-rows.ts';
import { missedRemark } from '../gap-words.ts';
import { describeState, lastPostWords, needsKey } from '../state-words.ts';
import classes from './collection-page.module.css';

/** One collection: how it stands and why, what it brings, what it asks for, what it has, and everything one can do with it. */
export function CollectionPage() {
  const { name } = useParams({ from: '/collections/$name' });
  const query = useCollection(name);
  if (query.error instanceof ApiError && query.error.status === 404)
    return (
      <Page title={name}>
        <Notice tone="plain" title="There is no such collection">
          It does not exist, or you may not see it.
        </Notice>
      </Page>
    );
  return (
    <Page
      title={name}
      intro={query.data === undefined ? undefined : <Intro collection={query.data} />}
      actions={query.data === undefined ? undefined : <CollectionTools collection={query.data} />}
    >
      <QueryState query={query} what="the collection">
        {(collection) => <Parts key={name} collection={collection} />}
      </QueryState>
    </Page>
  );
}

const kinds: Record<string, string> = {
  sample: 'Random sample',
  filter: 'Filter',
  timeline: 'Timelines',
  import: 'Imported files',
};

function Intro({ collection: { kind, createdAt, credential, api } }: { collection: CollectionDetail }) {
  return (
    <>
      {kinds[kind] ?? kind} of X{api === 'v2' ? '' : `, by API ${api}`}, since {createdAt.slice(0, 10)}
      {credential === null ? '' : `, asked with ${credential}`}
    </>
  );
}

function Parts({ collection }: { collection: CollectionDetail }) {
  const { name, kind, keep, access } = collection;
  const mayEdit = access !== 'view';
  return (
    <>
      <State collection={collection} />
      <OverTime name={name} />
      <div className={classes.columns}>
        <Section title="Newest posts" aside="As they come">
          <RecentPosts name={name} keep={keep} />
        </Section>
        <div>
          {kind === 'filter' && (
            <>
              <Section title="What it asks for">
                <FilterSection name={name} mayEdit={mayEdit} />
              </Section>
              <Section title="What finds posts" aside="The last seven days">
                <MatchesSection name={name} />
              </Section>
            </>
          )}
          {kind === 'timeline' && (
            <Section title="Whom it follows">
              <SeedsSection collection={collection} mayEdit={mayEdit} />
            </Section>
          )}
          <Section title="More">
            {kind === 'timeline' && (
              <Disclosure summary="Readings and their errors">{() => <RunsSection name={name} />}</Disclosure>
            )}
            {kind === 'filter' && (
              <Disclosure summary="Versions of what it asks for">{() => <VersionsSection name={name} />}</Disclosure>
            )}
            <Disclosure summary="History of changes">
              {() => <HistorySection name={name} createdAt={collection.createdAt} />}
            </Disclosure>
            <Disclosure summary="Files and hourly datasets">{() => <FilesSection name={name} />}</Disclosure>
            <Disclosure summary="Owner and sharing">
              {() => <SharingSection name={name} isOwn={access === 'own'} />}
            </Disclosure>
            <KeptPart name={name} />
          </Section>
        </div>
      </div>
    </>
  );
}

function KeptPart({ name }: { name: string }) {
  const status = useStatus(name);
  return status === undefined ? null : <StorageDisclosure collection={status} />;
}

function useStatus(name: string): CollectionStatus | undefined {
  return useLive().status?.collections.find((each) => each.name === name);
}

/** How it stands now, in words and figures. */
function State({ collection }: { collection: CollectionDetail }) {
  const { status, rates, link, problem } = useLive();
  const mayAddKey = useMay('collector');
  const isIn = useIsIn();
  const { data: overview } = useOverview();
  const day = overview?.collections.find(({ name }) => name === collection.name);
  const now = status?.collections.find(({ name }) => name === collection.name);
  // Nobody gets events: that the session has ended is said above, and the last figures stay.
  if ((link === 'lost' && isIn) || problem !== undefined)
    return (
      <Notice tone="bad" title={problem?.title ?? 'mistnet does not answer'}>
        {problem?.detail ??
          'The server was stopped, or the way to it is broken. This page tries again every two seconds.'}
      </Notice>
    );
  if (status === undefined) return null;
  // Made or shared just now: what each listener may see is looked up anew every ten seconds.
  if (now === undefined) return <p role="status">How it stands appears here within ten seconds.</p>;
  const words = describeState(now, status.at);
  const isImport = collection.kind === 'import';
  const ageMs = now.lastByteAt === null ? 0 : Date.parse(status.at) - Date.parse(now.lastByteAt);
  return (
    <Paper className={classes.state}>
      {!isImport && (
        <p className={classes.words}>
          <StateBadge words={words} /> <span>{words.sentence}</span>
          {needsKey(now.state, words) && mayAddKey && <Link to="/admin/credentials">Add a key</Link>}
        </p>
      )}
      <FigureList
        figures={[
          { name: 'Now', value: `${formatRate(now.postsPerSecond ?? 0)} posts/s` },
          {
            name: 'Last byte',
            value:
              now.lastByteAt === null ? (
                'none yet'
              ) : (
                <>
                  <TickingAge ageMs={ageMs} measuredAt={status.receivedAt} /> ago
                </>
              ),
          },
          { name: 'Last post', value: lastPostWords(ageOf(day?.lastPostAt, status.at), now.postsPerSecond) },
          {
            name: 'Captured',
            value: formatCount(now.captured),
            remark: now.bytes === undefined || now.bytes === 0 ? 'posts' : `posts, ${formatBytes(now.bytes)}`,
          },
          {
            name: 'In the database',
            value: collection.keep === 'files' ? 'files only' : formatCount(now.loaded),
            remark: now.quarantined === 0 ? undefined : `${formatCount(now.quarantined)} malformed, kept aside`,
          },
          {
            name: 'Missed',
            value: now.gaps === 0 ? 'nothing' : formatDuration(now.uncoveredMs ?? 0),
            remark: missedRemark(now),
          },
          {
            name: 'Cost this month',
            value: formatMoney(collection.spentMicros),
            remark:
              collection.budgetMicros === null ? 'no budget of its own' : `of ${formatMoney(collection.budgetMicros)}`,
          },
        ]}
      />
      {!isImport && collection.kind !== 'timeline' && (
        <RateChart name={collection.name} points={rates.get(collection.name) ?? []} now={Date.parse(status.at)} />
      )}
      {!isImport && <GapDisclosure collection={now} />}
    </Paper>
  );
}

const spans: readonly (Span & { label: string })[] = [
  { bucket: 'hour', count: 48, label: '48 hours' },
  { bucket: 'hour', count: 168, label: '7 days, by hour' },
  { bucket: 'day', count: 30, label: '30 days' },
  { bucket: 'day', count: 365, label: 'A year' },
];

function OverTime({ name }: { name: string }) {
  const [chosen, setChosen] = useState(0);
  const span = spans[chosen] ?? { bucket: 'hour', count: 48 };
  const query = usePostsOverTime(name, span);
  return (
    <Section
      title="Posts over time"
      aside={
        <NativeSelect
          aria-label="Span"
          size="xs"
          value={String(chosen)}
          data={spans.map(({ label }, index) => ({ value: String(index), label }))}
          onChange={({ currentTarget: { value } }) => setChosen(Number(value))}
        />
      }
    >
      <QueryState query={query} what="the posts over time">
        {(data) => <TimeChart name={name} data={data} />}
      </QueryState>
    </Section>
  );
}
