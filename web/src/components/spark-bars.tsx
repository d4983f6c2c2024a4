import classes from './spark-bars.module.css';

const WIDTH = 4;
const GAP = 1;
const HEIGHT = 24;

/** Counts as small bars, oldest first; `label` says in words what they show. `usual`: a line at what is usual. */
export function SparkBars({
  values,
  label,
  usual,
}: {
  values: readonly number[];
  label: string;
  usual?: number | null;
}) {
  const most = Math.max(1, usual ?? 0, ...values);
  const width = values.length * (WIDTH + GAP) - GAP;
  return (
    <svg
      className={classes.chart}
      viewBox={`0 0 ${width} ${HEIGHT}`}
      width={width}
      height={HEIGHT}
      role="img"
      aria-label={label}
    >
      <title>{label}</title>
      {values.map((value, index) => {
        // What came at all shall be seen.
        const height = value === 0 ? 1 : Math.max(2, (value / most) * HEIGHT);
        return (
          <rect
            // Hours keep their places.
            key={index}
            x={index * (WIDTH + GAP)}
            y={HEIGHT - height}
            width={WIDTH}
            height={height}
            rx="0.5"
            className={value === 0 ? classes.none : classes.bar}
          />
        );
      })}
      {usual !== undefined && usual !== null && usual > 0 && (
        <line
          x1="0"
          x2={width}
          y1={HEIGHT - (usual / most) * HEIGHT}
          y2={HEIGHT - (usual / most) * HEIGHT}
          className={classes.usual}
        />
      )}
    </svg>
  );
}
