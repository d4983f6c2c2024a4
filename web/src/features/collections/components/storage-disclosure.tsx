import { Skeleton } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Compaction, CollectionStatus, RetentionRun } from '../../../api/types.ts';
import { Disclosure } from '../../../components/disclosure.tsx';
import { Instant } from '../../../components/instant.tsx';
import { Notice } from '../../../components/notice.tsx';
import { formatHour, formatQuantity, hourOf } from '../../../format.ts';
import { useCompaction, useRetentionRuns } from '../api/use-storage.ts';
import { countTroubles, describeCompaction, describeKeep, describeRun, runsWorthShowing } from '../storage-words.ts';
import classes from './storage-disclosure.module.css';

/** How long posts are kept and where, in a line; below it what the daily retention did and how files were put together. */
export function StorageDisclosure({ collection: { name, keep } }: { collection: CollectionStatus }) {
  const retention = useRetentionRuns(name);
  const compaction = useCompaction(name);
  const troubles = countTroubles(retention.data?.runs, compaction.data);
  return (
    <Disclosure
      summary={
        <>
          {describeKeep(keep)}
          {troubles > 0 && <span className={classes.trouble}> · {formatQuantity(troubles, 'segment')} to look at</span>}
        </>
      }
    >
      {() => (
        <div className={classes.parts}>
          <Part title="Retention" error={retention.error} isKnown={retention.data !== undefined}>
            {retention.data !== undefined && <Runs runs={retention.data.runs} keep={keep} />}
          </Part>
          <Part title="Files" error={compaction.error} isKnown={compaction.data !== undefined}>
            {compaction.data !== undefined && <Files compaction={compaction.data} />}
          </Part>
        </div>
      )}
    </Disclosure>
  );
}

function Part({
  title,
  error,
  isKnown,
  children,
}: {
  title: string;
  error: Error | null;
  isKnown: boolean;
  children: ReactNode;
}) {
  return (
    <div className={classes.part}>
      <h4 className={classes.title}>{title}</h4>
      {isKnown ? (
        children
      ) : error === null ? (
        <Skeleton height={40} aria-label={`Reading: ${title}`} />
      ) : (
        <Notice tone="bad" title="This cannot be shown">
          {error.message}
        </Notice>
      )}
    </div>
  );
}

function Runs({ runs, keep }: { runs: readonly RetentionRun[]; keep: string | undefined }) {
  const shown = runsWorthShowing(runs);
  if (shown.length === 0)
    return <p className={classes.line}>It did not run yet: it does once a day (UTC), wherever mistnet runs.</p>;
  return (
    <ul className={classes.list}>
      {shown.map((run) => (
        <li key={`${run.day} ${run.node}`} className={classes.item} data-trouble={run.lacking.length > 0 || undefined}>
          <div>
            <Instant iso={run.ranAt} /> · node {run.node}:{' '}
            {keep === 'all' && run.collections.length === 0 ? 'nothing goes, all is kept' : describeRun(run)}.
          </div>
          {run.lacking.length > 0 && (
            <ul className={classes.reasons}>
              {run.lacking.map(({ node, segment, reason }) => (
                <li key={`${node} ${segment}`}>
                  <code>{segment}</code>: {reason}
                </li>
              ))}
            </ul>
          )}
        </li>
      ))}
    </ul>
  );
}

function Files({ compaction }: { compaction: Compaction }) {
  const { lastAt, troubles } = compaction;
  return (
    <>
      <p className={classes.line}>
        {describeCompaction(compaction)}
        {lastAt !== null && (
          <>
            {' '}
            Last on <Instant iso={lastAt} />.
          </>
        )}
      </p>
      {troubles.length > 0 && (
        <ul className={classes.list}>
          {troubles.map(({ node, hour, segment, reason }) => (
            <li key={`${node} ${hour} ${segment}`} className={classes.item} data-trouble>
              {formatHour(hourOf(hour))} · node {node}: not all could be put together, and nothing was removed.{' '}
              <code>{segment}</code>: {reason}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
