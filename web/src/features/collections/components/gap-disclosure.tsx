import { Button, Skeleton } from '@mantine/core';
import { Disclosure } from '../../../components/disclosure.tsx';
import { Notice } from '../../../components/notice.tsx';
import type { CollectionStatus } from '../../../api/types.ts';
import { useGaps } from '../api/use-gaps.ts';
import { heldBackWords, noGapsWords, summariseGaps } from '../gap-words.ts';
import classes from './gap-disclosure.module.css';
import { GapItem } from './gap-item.tsx';

/** How much was missed, in a line; each interruption below when it is opened. */
export function GapDisclosure({ collection }: { collection: CollectionStatus }) {
  const interruptions = collection.interruptions ?? collection.gaps;
  const heldBack = heldBackWords(collection);
  return (
    <>
      {interruptions === 0 ? (
        <p className={classes.none}>{noGapsWords(collection)}</p>
      ) : (
        <Disclosure summary={summariseGaps(collection)}>
          {() => <GapList collection={collection.name} interruptions={interruptions} />}
        </Disclosure>
      )}
      {heldBack !== undefined && <p className={classes.none}>{heldBack}</p>}
    </>
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
