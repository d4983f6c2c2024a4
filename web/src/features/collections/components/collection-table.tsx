import { Link } from '@tanstack/react-router';
import { memo, type ReactNode } from 'react';
import { SparkBars } from '../../../components/spark-bars.tsx';
import { formatAge, formatCount, formatDuration, formatQuantity, formatRate } from '../../../format.ts';
import type { CollectionRow, ListView, SortKey } from '../collection-rows.ts';
import { heardWords } from '../gap-words.ts';
import classes from './collection-table.module.css';
import { StateBadge } from './state-badge.tsx';

type Column = {
  key: SortKey;
  title: string;
  numeric?: true;
  first?: 'descending';
  cell: (row: CollectionRow) => ReactNode;
};

const columns: readonly Column[] = [
  { key: 'name', title: 'Collection', cell: (row) => <Name row={row} /> },
  { key: 'state', title: 'State', cell: ({ words }) => <State words={words} /> },
  {
    ...{ key: 'rate', title: 'Posts/s', numeric: true, first: 'descending' },
    cell: ({ postsPerSecond }) => (postsPerSecond === undefined ? '–' : formatRate(postsPerSecond)),
  },
  { ...{ key: 'day', title: '24 hours', first: 'descending' }, cell: (row) => <Day row={row} /> },
  {
    ...{ key: 'silence', title: 'Last byte', numeric: true },
    cell: ({ silentMs, words }) =>
      silentMs === null ? 'none yet' : words.tone === 'idle' ? '–' : `${formatAge(silentMs)} ago`,
  },
  { ...{ key: 'post', title: 'Last post', numeric: true }, cell: ({ lastPost }) => lastPost },
  {
    ...{ key: 'captured', title: 'Posts', numeric: true, first: 'descending' },
    cell: ({ captured }) => formatCount(captured),
  },
  {
    ...{ key: 'gaps', title: 'Missed', numeric: true, first: 'descending' },
    cell: (row) => <Missed row={row} />,
  },
];

/** How long nothing was heard, and how much of its time it heard nevertheless. */
function Missed({ row: { gaps, uncoveredMs, heardPercent } }: { row: CollectionRow }) {
  return (
    <>
      {gaps === 0 ? 'nothing' : <span title={formatQuantity(gaps, 'gap')}>{formatDuration(uncoveredMs ?? 0)}</span>}
      {heardPercent != null && <small className={classes.heard}>{heardWords(heardPercent)} heard</small>}
    </>
  );
}

/** Any number of collections, sortable by each column; on narrow screens each is a card. */
export function CollectionTable({
  rows,
  view,
  onSort,
}: {
  rows: readonly CollectionRow[];
  view: Pick<ListView, 'sort' | 'isDescending'>;
  onSort: (sort: SortKey, isDescending: boolean) => void;
}) {
  return (
    <div className={classes.frame}>
      <table className={classes.table}>
        <caption className={classes.caption}>Collections</caption>
        <thead>
          <tr>
            {columns.map(({ key, title, numeric, first }) => {
              const isSorted = view.sort === key;
              const next = isSorted ? !view.isDescending : first === 'descending';
              return (
                <th
                  key={key}
                  scope="col"
                  data-numeric={numeric}
                  aria-sort={isSorted ? (view.isDescending ? 'descending' : 'ascending') : undefined}
                >
                  <button type="button" className={classes.sort} onClick={() => onSort(key, next)}>
                    {title}
                    <span aria-hidden="true" className={classes.arrow}>
                      {isSorted ? (view.isDescending ? '↓' : '↑') : ''}
                    </span>
                  </button>
                </th>
              );
            })}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <TableRow key={row.name} row={row} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Drawn anew only when something that it shows is different: with hundreds, most seconds change few of them. */
const TableRow = memo(
  function TableRow({ row }: { row: CollectionRow }) {
    return (
      <tr>
        {columns.map(({ key, title, numeric, cell }) =>
          key === 'name' ? (
            <th key={key} scope="row">
              {cell(row)}
            </th>
          ) : (
            <td key={key} data-title={title} data-numeric={numeric} data-key={key}>
              {cell(row)}
            </td>
          ),
        )}
      </tr>
    );
  },
  (before, after) => shownText(before.row) === shownText(after.row),
);

/** All that a row shows, as one text. Ages of live streams are told in whole seconds. */
function shownText({ words, silentMs, postMs: _postMs, postsPerSecond, hours, ...row }: CollectionRow): string {
  const rate = postsPerSecond === undefined ? '' : formatRate(postsPerSecond);
  return JSON.stringify([row, words, rate, silentMs === null ? null : Math.floor(silentMs / 1_000), hours]);
}

function Name({ row: { name, tracks } }: { row: CollectionRow }) {
  return (
    <>
      <Link to="/collections/$name" params={{ name }} className={classes.name}>
        {name}
      </Link>
      {tracks !== undefined && (
        <span className={classes.tracks} dir="auto">
          {tracks}
        </span>
      )}
    </>
  );
}

function State({ words }: { words: CollectionRow['words'] }) {
  return (
    <>
      <StateBadge words={words} />
      {(words.tone === 'bad' || words.tone === 'busy') && (
        <span className={classes.why} title={words.sentence}>
          {words.sentence}
        </span>
      )}
    </>
  );
}

function Day({ row: { hours, dayTotal, usualPerHour, name } }: { row: CollectionRow }) {
  if (hours === undefined || dayTotal === undefined) return <span className={classes.quiet}>…</span>;
  const usual = usualPerHour === null ? '' : `; usual in an hour: ${formatCount(Math.round(usualPerHour))}`;
  const label = `${formatQuantity(dayTotal, 'post')} of ${name} in the last 24 hours, ${formatCount(Math.max(...hours))} in the best of them${usual}`;
  return (
    <span className={classes.day}>
      <SparkBars values={hours} usual={usualPerHour} label={label} />
      <span aria-hidden="true" className={classes.total}>
        {formatCount(dayTotal)}
      </span>
    </span>
  );
}
