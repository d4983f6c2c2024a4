import { Button, Skeleton } from '@mantine/core';
import { useId, useState } from 'react';
import { Notice } from '../../../components/notice.tsx';
import { formatDuration, formatQuantity } from '../../../format.ts';
import { useGaps } from '../api/use-gaps.ts';
import classes from './gap-disclosure.module.css';
import { GapItem } from './gap-item.tsx';

type Props = { collection: string; gaps: number; uncoveredMs: number | undefined };

/** How much was missed, in a line; each interruption below when it is opened. */
export function GapDisclosure({ collection, gaps, uncoveredMs }: Props) {
  const [isOpen, setIsOpen] = useState(false);
  const listId = useId();
  if (gaps === 0) return <p className={classes.none}>No gaps: nothing was missed since it began.</p>;
  return (
    <div className={classes.gaps}>
      <button
        type="button"
        className={classes.toggle}
        aria-expanded={isOpen}
        aria-controls={listId}
        onClick={() => setIsOpen(!isOpen)}
      >
        <svg className={classes.chevron} viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
          <path d="M5 2.5 11 8l-6 5.5" fill="none" stroke="currentColor" strokeWidth="2" strokeLinecap="round" />
        </svg>
        {summary(gaps, uncoveredMs)}
      </button>
      <div id={listId} hidden={!isOpen}>
        {isOpen && <GapList collection={collection} gaps={gaps} />}
      </div>
    </div>
  );
}

function summary(gaps: number, uncoveredMs: number | undefined): string {
  const count = formatQuantity(gaps, 'gap');
  if (uncoveredMs === undefined) return count;
  return uncoveredMs === 0 ? `${count}, all back-filled` : `${count}, ${formatDuration(uncoveredMs)} uncovered`;
}

function GapList({ collection, gaps }: { collection: string; gaps: number }) {
  const { data, error, hasNextPage, fetchNextPage, isFetchingNextPage, refetch } = useGaps(collection, gaps);
  if (data === undefined && error !== null)
    return (
      <Notice tone="bad" title="The gaps cannot be shown">
        <p>{error.message}</p>
        <Button size="xs" variant="default" onClick={() => void refetch()}>
          Try again
        </Button>
      </Notice>
    );
  if (data === undefined) return <Skeleton height={64} aria-label="Reading the gaps" />;
  return (
    <>
      <ul className={classes.list}>
        {data.pages
          .flatMap((page) => page.gaps)
          .map((gap) => (
            <GapItem key={gap.gapId} gap={gap} />
          ))}
      </ul>
      {hasNextPage && (
        <Button size="xs" variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          Show older gaps
        </Button>
      )}
    </>
  );
}
