import { Button, Skeleton } from '@mantine/core';
import { useId, useState } from 'react';
import { Notice } from '../../../components/notice.tsx';
import type { CollectionStatus } from '../../../api/types.ts';
import { useGaps } from '../api/use-gaps.ts';
import { summariseGaps } from '../gap-words.ts';
import classes from './gap-disclosure.module.css';
import { GapItem } from './gap-item.tsx';

/** How much was missed, in a line; each interruption below when it is opened. */
export function GapDisclosure({ collection }: { collection: CollectionStatus }) {
  const [isOpen, setIsOpen] = useState(false);
  const listId = useId();
  const interruptions = collection.interruptions ?? collection.gaps;
  if (interruptions === 0) return <p className={classes.none}>No gaps: as long as it was meant to listen, it did.</p>;
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
        {summariseGaps(collection)}
      </button>
      <div id={listId} hidden={!isOpen}>
        {isOpen && <GapList collection={collection.name} interruptions={interruptions} />}
      </div>
    </div>
  );
}

function GapList({ collection, interruptions }: { collection: string; interruptions: number }) {
  const { data, error, hasNextPage, fetchNextPage, isFetchingNextPage, refetch } = useGaps(collection, interruptions);
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
