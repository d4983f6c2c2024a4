import { Paper } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useId } from 'react';
import type { CollectionStatus, RatePoint } from '../../../api/types.ts';
import { type Figure, FigureList } from '../../../components/figure-list.tsx';
import { SparkBars } from '../../../components/spark-bars.tsx';
import { TickingAge } from '../../../components/ticking-age.tsx';
import { formatBytes, formatCount, formatQuantity, formatRate } from '../../../format.ts';
import type { Overview } from '../api/use-overview.ts';
import { ageOf } from '../collection-rows.ts';
import { describeState, lastPostWords } from '../state-words.ts';
import classes from './collection-card.module.css';
import { GapDisclosure } from './gap-disclosure.tsx';
import { RateChart } from './rate-chart.tsx';
import { StateBadge } from './state-badge.tsx';
import { StorageDisclosure } from './storage-disclosure.tsx';

type Props = {
  collection: CollectionStatus;
  rates: readonly RatePoint[];
  /** Its last 24 hours; undefined until they are known. */
  day: Overview['collections'][number] | undefined;
  /** The server's instant for the status, and when it came by this browser's monotonic clock. */
  at: string;
  receivedAt: number;
  /** False while nothing new can come: ages would only tell how long we have been cut off. */
  isLive: boolean;
};

/** One collection: what it does, how fast, what it kept, what it missed. */
export function CollectionCard({ collection, rates, day, at, receivedAt, isLive }: Props) {
  const headingId = useId();
  const words = describeState(collection, at);
  const { name, postsPerSecond } = collection;
  return (
    <Paper component="article" aria-labelledby={headingId} className={classes.card} data-stale={!isLive || undefined}>
      <div>
        <div className={classes.top}>
          <div className={classes.heading}>
            <h3 id={headingId} className={classes.name}>
              <Link to="/collections/$name" params={{ name }} className={classes.link}>
                {name}
              </Link>
            </h3>
            <StateBadge words={words} />
          </div>
          <p className={classes.rate}>
            <span className={classes.rateNumber}>
              {postsPerSecond === undefined ? '–' : formatRate(postsPerSecond)}
            </span>{' '}
            posts/s
          </p>
        </div>
        <p className={classes.sentence}>{words.sentence}</p>
      </div>
      <RateChart name={name} points={rates} now={Date.parse(at)} />
      {day !== undefined && <DayLine day={day} at={at} postsPerSecond={postsPerSecond} />}
      <FigureList figures={figuresOf(collection, at, receivedAt, isLive)} />
      <GapDisclosure collection={collection} />
      <StorageDisclosure collection={collection} />
    </Paper>
  );
}

function DayLine({
  day: { name, hours, usualPerHour, lastPostAt },
  at,
  postsPerSecond,
}: {
  day: NonNullable<Props['day']>;
  at: string;
  postsPerSecond: number | undefined;
}) {
  const total = hours.reduce((sum, posts) => sum + posts, 0);
  return (
    <div className={classes.day}>
      <SparkBars values={hours} usual={usualPerHour} label={`Posts of ${name} in each of the last 24 hours`} />
      <span>
        {formatQuantity(total, 'post')} in 24 hours
        {usualPerHour !== null && `, usually about ${formatCount(Math.round(usualPerHour))} an hour`}; last post:{' '}
        {lastPostWords(ageOf(lastPostAt, at), postsPerSecond)}
      </span>
    </div>
  );
}

function figuresOf(
  { lastByteAt, captured, loaded, quarantined, bytes, openSegments, sealedSegments, keep }: CollectionStatus,
  at: string,
  receivedAt: number,
  isLive: boolean,
): Figure[] {
  const ageMs = lastByteAt === null ? 0 : Date.parse(at) - Date.parse(lastByteAt);
  const waiting = Math.max(0, captured - loaded - quarantined);
  return [
    {
      name: 'Last byte',
      value: lastByteAt === null ? 'none yet' : isLive ? <Ago ageMs={ageMs} receivedAt={receivedAt} /> : 'unknown',
    },
    { name: 'Captured', value: formatCount(captured), remark: 'posts' },
    keep === 'files'
      ? { name: 'Loaded', value: 'files only', remark: 'kept out of the database' }
      : {
          name: 'Loaded',
          value: formatCount(loaded),
          remark: captured === 0 ? undefined : waiting === 0 ? 'all of it' : `${formatCount(waiting)} waiting`,
        },
    {
      name: 'Quarantined',
      value: formatCount(quarantined),
      remark: quarantined === 0 ? 'nothing malformed' : 'malformed, kept aside',
    },
    // Several collections share a stream of filters: whose its bytes are cannot be told.
    bytes === 0 && captured > 0
      ? { name: 'Bytes', value: '–', remark: 'in a shared stream' }
      : { name: 'Bytes', value: bytes === undefined ? 'unknown' : formatBytes(bytes), remark: 'as received' },
    {
      name: 'Segments',
      value: `${formatCount(sealedSegments)} sealed`,
      remark: `${formatCount(openSegments)} open`,
    },
  ];
}

function Ago({ ageMs, receivedAt }: { ageMs: number; receivedAt: number }) {
  return (
    <>
      <TickingAge ageMs={ageMs} measuredAt={receivedAt} /> ago
    </>
  );
}
