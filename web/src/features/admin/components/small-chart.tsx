import { useId } from 'react';
import classes from './admin.module.css';

export type ChartPoint = { at: number; value: number | null };

const [WIDTH, HEIGHT] = [1_000, 100];

/** A line over time from nought to `most`, with its newest value in words; where nothing is known there is no line. */
export function SmallChart({
  title,
  value,
  points,
  most,
  from,
  until,
  stepMs,
  summary,
}: {
  title: string;
  value: string;
  points: readonly ChartPoint[];
  /** The top of the scale; never less than what the line has. */
  most: number;
  /** Instants in ms. */
  from: number;
  until: number;
  /** Between two points; where several are missing the line is cut. */
  stepMs: number;
  /** For whoever does not see it. */
  summary: string;
}) {
  const titleId = useId();
  const top = Math.max(most, ...points.map((point) => point.value ?? 0), Number.MIN_VALUE);
  const span = Math.max(1, until - from);
  const runs = runsOf(points, 3.5 * stepMs).map((run) =>
    run.map(({ at, value: each }) => [((at - from) / span) * WIDTH, HEIGHT - ((each ?? 0) / top) * HEIGHT] as const),
  );
  return (
    <div className={classes.chart}>
      <div className={classes.chartHead}>
        <span id={titleId}>{title}</span>
        <span className={classes.chartValue}>{value}</span>
      </div>
      <svg
        className={classes.chartArea}
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={summary}
      >
        {runs.map((run) => {
          const [first, last] = [run[0], run.at(-1)];
          if (first === undefined || last === undefined) return null;
          const line = run.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ');
          return (
            <g key={first[0]}>
              <polygon
                className={classes.chartFill}
                points={`${first[0].toFixed(1)},${HEIGHT} ${line} ${last[0].toFixed(1)},${HEIGHT}`}
              />
              <polyline className={classes.chartLine} points={line} />
            </g>
          );
        })}
      </svg>
    </div>
  );
}

/** Cut where nothing was measured, or for longer than `gapMs`. */
function runsOf(points: readonly ChartPoint[], gapMs: number): ChartPoint[][] {
  const runs: ChartPoint[][] = [];
  let last: ChartPoint | undefined;
  for (const point of points) {
    if (point.value === null) {
      last = undefined;
      continue;
    }
    if (last === undefined || point.at - last.at > gapMs) runs.push([point]);
    else runs.at(-1)?.push(point);
    last = point;
  }
  return runs;
}
