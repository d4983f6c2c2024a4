import { Button, Skeleton } from '@mantine/core';
import { Command } from '../../../components/command.tsx';
import { Notice } from '../../../components/notice.tsx';
import type { DatasetHour } from '../../../api/types.ts';
import { formatDay, hourOf } from '../../../format.ts';
import { useDatasets } from '../api/use-datasets.ts';
import { HourRow } from './hour-row.tsx';
import classes from './hour-list.module.css';

/** Published hours with their files. `collection` and `now` (an instant) are for the example command, as far as they are known. */
export function HourList({ collection, now }: { collection: string | undefined; now: string | undefined }) {
  const { data, error, hasNextPage, fetchNextPage, isFetchingNextPage, refetch } = useDatasets();
  if (data === undefined && error !== null)
    return (
      <Notice tone="bad" title="The hours cannot be shown">
        <p>{error.message}</p>
        <Button size="xs" variant="default" onClick={() => void refetch()}>
          Try again
        </Button>
      </Notice>
    );
  if (data === undefined) return <Skeleton height={96} radius="md" aria-label="Reading which hours are built" />;
  const hours = data.pages.flatMap(({ datasets }) => datasets);
  if (hours.length === 0)
    return (
      <Notice tone="plain" title="No hour is built yet">
        An hour is built by itself some six minutes after it has ended. To have the running hour now, as far as it is:
        <Command>{`mistnet dataset build --collection ${collection ?? 'NAME'} --hour ${now === undefined ? 'YYYY-MM-DDTHHZ' : hourOf(now)}`}</Command>
      </Notice>
    );
  return (
    <>
      <div className={classes.frame}>
        <table className={classes.table}>
          <caption className={classes.caption}>Hourly datasets, newest first</caption>
          <thead>
            <tr>
              <th scope="col">Hour (UTC)</th>
              <th scope="col">Collection</th>
              <th scope="col" className={classes.number}>
                Posts
              </th>
              <th scope="col" className={classes.number}>
                Accounts
              </th>
              <th scope="col">Files</th>
            </tr>
          </thead>
          {hoursByDay(hours).map(([day, ofDay]) => (
            <tbody key={day}>
              <tr>
                <th scope="rowgroup" colSpan={5} className={classes.day}>
                  {formatDay(day)}
                </th>
              </tr>
              {ofDay.map((hour) => (
                <HourRow key={`${hour.hour} ${hour.collection}`} dataset={hour} />
              ))}
            </tbody>
          ))}
        </table>
      </div>
      {hasNextPage && (
        <Button
          className={classes.more ?? ''}
          variant="default"
          loading={isFetchingNextPage}
          onClick={() => void fetchNextPage()}
        >
          Show older hours
        </Button>
      )}
    </>
  );
}

/** Days in the order of their hours: newest first, as those come. */
function hoursByDay(hours: readonly DatasetHour[]): [day: string, hours: DatasetHour[]][] {
  return [...Map.groupBy(hours, ({ hour }) => hour.slice(0, 10))];
}
