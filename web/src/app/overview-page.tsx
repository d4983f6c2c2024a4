import { Anchor, Paper, Skeleton, Title, VisuallyHidden } from '@mantine/core';
import { useDocumentVisibility } from '@mantine/hooks';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useRouterState } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { api, dataOf } from '../api/api.ts';
import { type Live, useLive } from '../api/live.ts';
import type { CollectionStatus } from '../api/types.ts';
import { useMay, useSession } from '../api/use-session.ts';
import { Command } from '../components/command.tsx';
import { type Figure, FigureList } from '../components/figure-list.tsx';
import { Notice } from '../components/notice.tsx';
import { Section } from '../components/section.tsx';
import { TickingAge } from '../components/ticking-age.tsx';
import { type Overview, useOverview } from '../features/collections/api/use-overview.ts';
import { collectionRows, type ListView, plainView, rowsInView } from '../features/collections/collection-rows.ts';
import { CollectionCard } from '../features/collections/components/collection-card.tsx';
import { CollectionTable } from '../features/collections/components/collection-table.tsx';
import { NewCollectionButton } from '../features/collections/components/new-collection-button.tsx';
import { ListTools } from '../features/collections/components/list-tools.tsx';
import { describeState, needsAttention } from '../features/collections/state-words.ts';
import { HourList } from '../features/datasets/components/hour-list.tsx';
import { DiskCard } from '../features/disk/components/disk-card.tsx';
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatForecast,
  formatMoney,
  formatQuantity,
  formatRate,
} from '../format.ts';
import { whatNeedsAttention } from './overview-attention.ts';
import { AttentionList } from './overview-attention-list.tsx';
import { MoneyCard, NodeCard } from './overview-resources.tsx';
import classes from './overview-page.module.css';

/** With more than this many, a table shows them better than cards. */
const MOST_CARDS = 3;

/** Everything at a glance: what needs a hand, what is collected and how fast, what it costs, how full the disks are, what is built. */
export function OverviewPage() {
  const live = useLive();
  const heading = useRef<HTMLHeadingElement>(null);
  useRefetchAfterLoss(live.link);
  useLiveTitle(live);
  const cameFrom = useRouterState({ select: ({ location }) => location.state.__TSR_index > 0 });
  // Whoever comes from another page hears where they are; whoever opens mistnet begins at its top.
  useEffect(() => {
    if (cameFrom) heading.current?.focus({ preventScroll: true });
  }, [cameFrom]);
  const { status, disk } = live;
  const { data: overview } = useOverview();
  const { data: alerts } = useQuery({
    queryKey: ['alerts', 'current'],
    queryFn: ({ signal }) => dataOf(api.GET('/api/v1/alerts', { signal })),
    refetchInterval: 15_000,
  });
  const isAdministrator = useMay('administrator');
  const isWell = live.link === 'live' && live.problem === undefined;
  const attention =
    status === undefined || !isWell
      ? []
      : whatNeedsAttention(
          { at: status.at, collections: status.collections, overview, disk, alerts: alerts?.alerts ?? [] },
          { isAdministrator },
        );
  return (
    <>
      <div className={classes.head}>
        <Title order={1} tabIndex={-1} ref={heading} className={classes.title}>
          Overview
        </Title>
        <NewCollectionButton />
      </div>
      <Summary live={live} overview={overview} />
      <Interruption live={live} />
      {attention.length > 0 && (
        <Section title="Needs attention" aside={formatQuantity(attention.length, 'thing')}>
          <AttentionList attention={attention} />
        </Section>
      )}
      <Section
        title="Collections"
        aside={
          <Anchor component={Link} to="/collections" inherit>
            All collections
          </Anchor>
        }
      >
        <Collections live={live} overview={overview} />
      </Section>
      <Section title="Resources">
        <div className={classes.resources}>
          {overview !== undefined && <MoneyCard money={overview.money} />}
          {overview?.nodes.map((node) => (
            <NodeCard key={node.node} node={node} />
          ))}
        </div>
        <div className={classes.disk}>
          {disk === undefined ? (
            <Skeleton height={128} radius="lg" aria-label="Measuring the disk" />
          ) : (
            <DiskCard disk={disk} />
          )}
        </div>
      </Section>
      <Section title="Hours built" aside="One dataset per collection and UTC hour">
        <HourList collection={status?.collections[0]?.name} now={status?.at} />
      </Section>
      <Announcements live={live} />
    </>
  );
}

/** The whole in a line of figures. */
function Summary({ live: { status, disk }, overview }: { live: Live; overview: Overview | undefined }) {
  if (status === undefined || status.collections.length === 0) return null;
  const { collections, at } = status;
  const sum = (figure: (collection: CollectionStatus) => number | undefined) =>
    collections.reduce((total, each) => total + (figure(each) ?? 0), 0);
  const troubled = collections.filter((each) => needsAttention(describeState(each, at)));
  const gaps = sum((each) => each.gaps);
  const figures: Figure[] = [
    {
      name: 'Collections',
      value: formatCount(collections.length),
      remark: troubled.length === 0 ? 'all well' : `${formatCount(troubled.length)} to look at`,
    },
    { name: 'Now', value: `${formatRate(sum((each) => each.postsPerSecond))} posts/s`, remark: 'all collections' },
    {
      name: 'Kept',
      value: formatQuantity(
        sum((each) => each.captured),
        'post',
      ),
      remark: `${formatBytes(sum((each) => each.bytes))} as received`,
    },
    {
      name: 'Missed',
      value: gaps === 0 ? 'nothing' : formatDuration(sum((each) => each.uncoveredMs)),
      remark: gaps === 0 ? 'no gaps' : `in ${formatQuantity(gaps, 'gap')}`,
    },
  ];
  if (overview !== undefined && (overview.money.spentMicros > 0 || overview.money.budgetMicros !== null)) {
    const { spentMicros, budgetMicros } = overview.money;
    figures.push({
      name: 'Cost',
      value: formatMoney(spentMicros),
      remark: budgetMicros === null ? 'this month' : `of ${formatMoney(budgetMicros)} this month`,
    });
  }
  if (disk !== undefined)
    figures.push({
      name: 'Disk',
      value: `${formatBytes(disk.freeBytes)} free`,
      remark:
        disk.fullInDays === null ? `of ${formatBytes(disk.totalBytes)}` : `full in ${formatForecast(disk.fullInDays)}`,
    });
  return (
    <Paper className={classes.summary}>
      <FigureList figures={figures} />
    </Paper>
  );
}

/** What keeps the figures from being live, and what that means. */
function Interruption({ live: { link, status, problem } }: { live: Live }) {
  const { data: session } = useSession();
  // Nobody gets events: that the session has ended is said above.
  if (session?.role === 'nobody') return null;
  const asOf = status !== undefined && (
    <>
      {' '}
      {/* An alert is read out anew whenever its words change: not each second. */}
      <span aria-hidden="true">
        The figures below are <TickingAge ageMs={0} measuredAt={status.receivedAt} /> old.
      </span>
    </>
  );
  if (link === 'lost')
    return (
      <div className={classes.interruption}>
        <Notice tone="bad" title="mistnet does not answer">
          The server was stopped, or the way to it is broken. This page tries again every two seconds.{asOf}
        </Notice>
      </div>
    );
  if (problem !== undefined)
    return (
      <div className={classes.interruption}>
        <Notice tone="bad" title={problem.title}>
          {problem.detail} This page goes on by itself when it does.{asOf}
        </Notice>
      </div>
    );
  return null;
}

function Collections({
  live: { status, rates, link, problem },
  overview,
}: {
  live: Live;
  overview: Overview | undefined;
}) {
  const [view, setView] = useState<ListView>(plainView);
  if (status === undefined)
    return link === 'lost' || problem !== undefined ? (
      <p className={classes.unknown}>Unknown until there is an answer.</p>
    ) : (
      <Skeleton height={320} radius="lg" aria-label="Reading the collections" />
    );
  if (status.collections.length === 0) return <NoCollection />;
  if (status.collections.length > MOST_CARDS) {
    const rows = rowsInView(collectionRows(status.collections, status.at, overview), view);
    return (
      <div data-stale={link !== 'live' || problem !== undefined || undefined}>
        <ListTools view={view} onChange={setView} />
        {rows.length === 0 ? (
          <p className={classes.unknown}>No collection fits.</p>
        ) : (
          <CollectionTable
            rows={rows}
            view={view}
            onSort={(sort, isDescending) => setView({ ...view, sort, isDescending })}
          />
        )}
      </div>
    );
  }
  return (
    <div className={classes.cards}>
      {status.collections.map((collection) => (
        <CollectionCard
          key={collection.name}
          collection={collection}
          rates={rates.get(collection.name) ?? []}
          day={overview?.collections.find(({ name }) => name === collection.name)}
          at={status.at}
          receivedAt={status.receivedAt}
          isLive={link === 'live' && problem === undefined}
        />
      ))}
    </div>
  );
}

/** The first thing that anybody sees of a new mistnet: what to do next. */
function NoCollection() {
  const { data: session } = useSession();
  const mayAdd = useMay('collector');
  if (session?.setupNeeded === true && !session.demo)
    return (
      <Notice tone="plain" title="No collection yet">
        mistnet is new here. Make the first administrator, which takes a minute; then collections are made on this page,
        of words, people, places or a random sample. In a terminal a first one is made by:
        <Command>mistnet collection add NAME --kind sample</Command>
      </Notice>
    );
  return (
    <Notice tone="plain" title="No collection yet">
      A collection says what to collect.{' '}
      {mayAdd && (
        <>
          <Anchor component={Link} to="/collections/new" inherit>
            Make the first one here
          </Anchor>
          , or in a terminal.{' '}
        </>
      )}
      A first one, of the platform’s public sample:
      <Command>mistnet collection add NAME --kind sample</Command>
    </Notice>
  );
}

/** Changes of state for whoever listens to the page; figures alone are never announced. */
function Announcements({ live: { status } }: { live: Live }) {
  if (status === undefined) return null;
  const troubled = status.collections
    .map(({ name, ...rest }) => ({ name, words: describeState({ name, ...rest }, status.at) }))
    .filter(({ words }) => needsAttention(words));
  return (
    <VisuallyHidden role="status">
      {troubled.map(({ name, words }) => `${name}: ${words.label}.`).join(' ')}
    </VisuallyHidden>
  );
}

/** Whoever keeps the overview in a window sees there whether posts come; a hidden tab hears nothing and says nothing. */
function useLiveTitle({ link, status }: Live): void {
  const rate = status?.collections.reduce((sum, { postsPerSecond = 0 }) => sum + postsPerSecond, 0);
  const isHidden = useDocumentVisibility() === 'hidden';
  const now = link === 'lost' ? 'No connection · ' : rate === undefined || isHidden ? '' : `${formatRate(rate)}/s · `;
  useEffect(() => {
    document.title = `${now}Overview · mistnet`;
  }, [now]);
}

/** What was asked for before an interruption is asked for again after it. */
function useRefetchAfterLoss(link: Live['link']): void {
  const queries = useQueryClient();
  useEffect(() => {
    if (link === 'live') void queries.invalidateQueries();
  }, [link, queries]);
}
