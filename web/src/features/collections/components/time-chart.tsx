import { useElementSize } from '@mantine/hooks';
import type { components } from '../../../api/openapi.d.ts';
import { formatCount, formatDuration, formatInstant, formatQuantity } from '../../../format.ts';
import { chartOf, summariseBuckets } from '../time-chart-shape.ts';
import classes from './time-chart.module.css';

type PostsOverTime = components['schemas']['PostsOverTime'];

const HEIGHT = 180;

/** Posts by hour or day as bars, gaps shaded over them, for a short one would vanish behind its hour's bar; the same as a table for whoever does not see it. */
export function TimeChart({ name, data }: { name: string; data: PostsOverTime }) {
  const { ref, width } = useElementSize();
  const { bars, shades, most, ticks } = chartOf(data, { width: Math.floor(width), height: HEIGHT });
  return (
    <div className={classes.frame}>
      <div className={classes.scale} aria-hidden="true">
        <span>{formatCount(most)}</span>
        <span>
          {most === 1 ? 'post' : 'posts'} {data.bucket === 'hour' ? 'an hour' : 'a day'}
        </span>
      </div>
      <div ref={ref} className={classes.canvas}>
        {width > 0 && (
          <svg width={Math.floor(width)} height={HEIGHT} role="img" aria-label={summariseBuckets(name, data)}>
            {bars.map(({ x, y, width: wide, height, bucket }) => (
              <rect key={bucket.start} x={x} y={y} width={wide} height={height} className={classes.bar}>
                <title>{`${labelOf(bucket.start, data.bucket)}: ${formatQuantity(bucket.posts, 'post')}`}</title>
              </rect>
            ))}
            {shades.map(({ x, width: wide, gap }) => (
              <rect key={`${gap.from} ${gap.cause}`} x={x} y={0} width={wide} height={HEIGHT} className={classes.gap}>
                <title>{`Gap from ${formatInstant(gap.from)}: ${formatDuration(gap.uncoveredMs)} missing (${gap.cause})`}</title>
              </rect>
            ))}
          </svg>
        )}
        <div className={classes.ticks} aria-hidden="true">
          {ticks.map(({ share, start }) => (
            <span key={start} ref={(element) => element?.style.setProperty('inset-inline-start', `${share * 100}%`)}>
              {data.bucket === 'hour' ? `${start.slice(11, 16)}` : start.slice(5, 10)}
            </span>
          ))}
        </div>
      </div>
      {shades.length > 0 && (
        <p className={classes.legend}>
          <span className={classes.swatch} aria-hidden="true" /> Shaded: time that is missing for good.
        </p>
      )}
    </div>
  );
}

function labelOf(start: string, bucket: 'hour' | 'day'): string {
  return bucket === 'hour' ? `${start.slice(0, 10)} ${start.slice(11, 16)} UTC` : `${start.slice(0, 10)} (UTC)`;
}
