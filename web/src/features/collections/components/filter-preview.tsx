import { Button, Code, Skeleton } from '@mantine/core';
import { SparkBars } from '../../../components/spark-bars.tsx';
import { formatMoney, formatQuantity } from '../../../format.ts';
import { type CheckedFilter, type FilterAccess, useFilterPreview } from '../api/use-filter.ts';
import { type FilterDefinition, isEmptyFilter } from '../filter-draft.ts';
import { unreadParts } from '../new-collection.ts';
import classes from './filter-preview.module.css';

/** What a filter asks for in words and in the platform's grammar, what it would have found in a week, what it costs a day. */
export function FilterPreview({
  definition,
  checked,
  checkError,
  access,
}: {
  definition: FilterDefinition;
  checked: CheckedFilter | undefined;
  /** Why it could not be checked. */
  checkError: Error | null;
  access: FilterAccess;
}) {
  if (isEmptyFilter(definition))
    return (
      <aside className={classes.panel} aria-label="Preview">
        <h3 className={classes.title}>Preview</h3>
        <p className={classes.quiet}>
          As soon as there is a word, a person or a place, this shows what will be collected, how much that is, and what
          it costs.
        </p>
      </aside>
    );
  return (
    <aside className={classes.panel} aria-label="Preview">
      <h3 className={classes.title}>What will be collected</h3>
      {checkError !== null ? (
        <p className={classes.quiet} role="status">
          This could not be read
          {unreadParts(checkError).length > 0 ? '; what is wrong stands beside its field.' : `: ${checkError.message}`}
        </p>
      ) : checked === undefined ? (
        <Skeleton height={60} aria-label="Reading the filter" />
      ) : (
        <>
          <ul className={classes.words} aria-live="polite" aria-atomic="true">
            {checked.words.map((sentence) => (
              <li key={sentence} dir="auto">
                {sentence}
              </li>
            ))}
          </ul>
          <Counts definition={definition} isSound={checked.problems.length === 0} access={access} />
          {checked.rule !== '' && (
            <>
              <h3 className={classes.title}>As the platform reads it</h3>
              <Code block className={classes.rule ?? ''}>
                {checked.rule}
              </Code>
            </>
          )}
        </>
      )}
    </aside>
  );
}

function Counts({
  definition,
  isSound,
  access,
}: {
  definition: FilterDefinition;
  isSound: boolean;
  access: FilterAccess;
}) {
  const { data, error, isFetching, refetch } = useFilterPreview(definition, isSound, access);
  const again = (
    <Button size="compact-xs" variant="default" mt={6} loading={isFetching} onClick={() => void refetch()}>
      Count again
    </Button>
  );
  return (
    <div aria-live="polite" aria-busy={isFetching}>
      <h3 className={classes.title}>The last seven days</h3>
      {!isSound ? (
        <p className={classes.quiet}>Counted once nothing is wrong with it.</p>
      ) : error !== null ? (
        <>
          <p className={classes.quiet}>{error.message}</p>
          {again}
        </>
      ) : data === undefined ? (
        <Skeleton height={72} aria-label="Asking the platform" />
      ) : data.hours === null ? (
        <>
          <p className={classes.quiet}>No count: {data.why}</p>
          {again}
        </>
      ) : (
        <Told preview={data} hours={data.hours} />
      )}
    </div>
  );
}

function Told({
  preview: { isAbout, isPart, postsPerDay, costPerDayMicros },
  hours,
}: {
  preview: { isAbout: boolean; isPart: boolean; postsPerDay: number | null; costPerDayMicros: number | null };
  hours: readonly { start: string; posts: number }[];
}) {
  const days = [...Map.groupBy(hours, ({ start }) => start.slice(0, 10)).values()].map((ofDay) =>
    ofDay.reduce((sum, { posts }) => sum + posts, 0),
  );
  const total = days.reduce((sum, posts) => sum + posts, 0);
  const about = isPart ? 'more than ' : isAbout ? 'about ' : '';
  return (
    <>
      <div className={classes.spark}>
        <SparkBars values={days} label={`${about}${formatQuantity(total, 'post')} in seven days, by day`} />
        <span>
          {about}
          {formatQuantity(total, 'post')}
        </span>
      </div>
      <dl className={classes.figures}>
        <div>
          <dt>A day</dt>
          <dd>
            {about}
            {postsPerDay === null ? 'unknown' : formatQuantity(Math.round(postsPerDay), 'post')}
          </dd>
        </div>
        <div>
          <dt>Cost a day</dt>
          <dd>
            {costPerDayMicros === null
              ? 'unknown'
              : costPerDayMicros === 0
                ? 'nothing'
                : `${about}${formatMoney(costPerDayMicros)}`}
          </dd>
        </div>
      </dl>
      {total === 0 && (
        <p className={classes.quiet}>Nothing in a week: look for a spelling mistake, or ask for less at once.</p>
      )}
    </>
  );
}
