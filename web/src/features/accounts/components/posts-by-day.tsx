import { formatCount, formatQuantity } from '../../../format.ts';
import classes from './posts-by-day.module.css';

const DAYS = 90;
const DAY_MS = 86_400_000;

/** Bars of the last 90 days; days without posts stay empty. Said in words for whoever doesn't see it. */
export function PostsByDay({ days: known }: { days: readonly { day: string; posts: number }[] }) {
  const last = known.at(-1);
  if (last === undefined) return <p className={classes.quiet}>No post of the last 90 days lies in the database.</p>;
  const end = Date.parse(`${last.day}T00:00:00Z`);
  // Ninety times 24 hours begin in the middle of a day before those that are shown.
  const days = known.filter(({ day }) => Date.parse(`${day}T00:00:00Z`) > end - DAYS * DAY_MS);
  const byDay = new Map(days.map(({ day, posts }) => [day, posts]));
  const most = Math.max(...byDay.values());
  const total = days.reduce((sum, { posts }) => sum + posts, 0);
  const label = `${formatQuantity(total, 'post')} on ${days.length} of the ${DAYS} days up to ${last.day}; at most ${formatCount(most)} on a day`;
  return (
    <figure className={classes.figure}>
      <svg
        className={classes.chart}
        viewBox={`0 0 ${DAYS} 24`}
        preserveAspectRatio="none"
        role="img"
        aria-label={label}
      >
        {Array.from({ length: DAYS }, (_, at) => {
          const day = new Date(end - (DAYS - 1 - at) * DAY_MS).toISOString().slice(0, 10);
          const posts = byDay.get(day) ?? 0;
          const height = posts === 0 ? 0 : Math.max(0.75, (posts / most) * 24);
          return (
            <rect key={day} x={at + 0.1} y={24 - height} width={0.8} height={height}>
              <title>{`${day}: ${formatCount(posts)}`}</title>
            </rect>
          );
        })}
      </svg>
      <figcaption className={classes.quiet}>{label}.</figcaption>
    </figure>
  );
}
