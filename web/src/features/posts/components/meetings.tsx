import { Link } from '@tanstack/react-router';
import { DataTable } from '../../../components/data-table.tsx';
import { Instant } from '../../../components/instant.tsx';
import { formatCount } from '../../../format.ts';
import type { PostDetail } from '../api/use-posts.ts';
import classes from './meetings.module.css';

type Meeting = PostDetail['meetings'][number];
const COUNTS = ['likes', 'reposts', 'replies', 'quotes', 'impressions'] as const;

/** Each time that a collection met the post, with its counts as of then. */
export function Meetings({ met, meetings }: { met: number; meetings: readonly Meeting[] }) {
  return (
    <>
      {meetings.length > 1 && <Growth meetings={meetings} />}
      <DataTable
        caption={`When it was met, newest first${met > meetings.length ? `; the last ${formatCount(meetings.length)} of ${formatCount(met)}` : ''}`}
        rows={meetings}
        keyOf={({ collection, capturedAt }) => `${collection} ${capturedAt}`}
        columns={[
          { title: 'When', cell: ({ capturedAt }) => <Instant iso={capturedAt} /> },
          {
            title: 'Collection',
            cell: ({ collection }) => (
              <Link to="/collections/$name" params={{ name: collection }}>
                {collection}
              </Link>
            ),
          },
          ...(meetings.some(({ foundBy }) => foundBy.length > 0)
            ? [{ title: 'Found by', cell: ({ foundBy }: Meeting) => <FoundBy foundBy={foundBy} /> }]
            : []),
          ...COUNTS.map((count) => ({
            title: count === 'impressions' ? 'Views' : `${count[0]?.toUpperCase()}${count.slice(1)}`,
            numeric: true,
            cell: (meeting: Meeting) => (meeting[count] === null ? '–' : formatCount(meeting[count])),
          })),
        ]}
      />
    </>
  );
}

/** The words, people and places of a filter that it was found by. */
function FoundBy({ foundBy }: Pick<Meeting, 'foundBy'>) {
  return foundBy.map(({ kind, text }, at) => (
    <span key={`${kind} ${text}`}>
      {at > 0 && ', '}
      <bdi title={kind}>{text}</bdi>
    </span>
  ));
}

const WIDTH = 640;
const HEIGHT = 90;

/** Likes and reposts as lines over the time between the first and the last meeting. */
function Growth({ meetings }: { meetings: readonly Meeting[] }) {
  const points = meetings
    .map(({ capturedAt, likes, reposts }) => ({ ms: Date.parse(capturedAt), likes, reposts }))
    .filter(({ likes, reposts }) => likes !== null || reposts !== null)
    .toReversed();
  const [first, last] = [points[0]?.ms ?? 0, points.at(-1)?.ms ?? 0];
  const most = Math.max(0, ...points.flatMap(({ likes, reposts }) => [likes ?? 0, reposts ?? 0]));
  if (last === first || most === 0) return null; // a picture of nothing
  const line = (count: 'likes' | 'reposts') =>
    points
      .filter((point) => point[count] !== null)
      .map(
        (point) =>
          `${(((point.ms - first) / (last - first)) * WIDTH).toFixed(1)},${(HEIGHT - 4 - ((point[count] ?? 0) / most) * (HEIGHT - 8)).toFixed(1)}`,
      )
      .join(' ');
  const newest = points.at(-1);
  const label = `From ${formatCount(points[0]?.likes ?? 0)} to ${formatCount(newest?.likes ?? 0)} likes, from ${formatCount(points[0]?.reposts ?? 0)} to ${formatCount(newest?.reposts ?? 0)} reposts`;
  return (
    <figure className={classes.growth}>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        height={HEIGHT}
        role="img"
        aria-label={label}
        className={classes.drawing}
      >
        <polyline points={line('likes')} className={classes.likes} />
        <polyline points={line('reposts')} className={classes.reposts} />
      </svg>
      <figcaption className={classes.caption}>
        <span className={classes.likesKey}>Likes</span> <span className={classes.repostsKey}>Reposts</span> {label}
      </figcaption>
    </figure>
  );
}
