/** Where the bars and shades of a chart over time stand. Pure. */
import type { components } from '../../api/openapi.d.ts';
import { formatCount, formatDuration, formatQuantity } from '../../format.ts';

type PostsOverTime = components['schemas']['PostsOverTime'];
type Bucket = PostsOverTime['counts'][number];
type Gap = PostsOverTime['gaps'][number];

/** Narrower than this a gap would not be seen. */
const LEAST_SHADE = 3;
const TICK_EVERY_PX = 64;

export function chartOf(
  { counts, gaps, from, to }: PostsOverTime,
  { width, height }: { width: number; height: number },
): {
  bars: { x: number; y: number; width: number; height: number; bucket: Bucket }[];
  shades: { x: number; width: number; gap: Gap }[];
  most: number;
  ticks: { share: number; start: string }[];
} {
  const most = Math.max(1, ...counts.map(({ posts }) => posts));
  const step = width / Math.max(1, counts.length);
  const space = step > 4 ? 1 : 0;
  const [begin, end] = [Date.parse(from), Date.parse(to)];
  const place = (iso: string) => (Math.min(end, Math.max(begin, Date.parse(iso))) - begin) / Math.max(1, end - begin);
  const every = Math.max(1, Math.ceil(TICK_EVERY_PX / Math.max(step, 0.001)));
  return {
    most,
    bars: counts.map((bucket, index) => {
      const tall = bucket.posts === 0 ? 0 : Math.max(1, (bucket.posts / most) * (height - 4));
      return { x: index * step, y: height - tall, width: Math.max(0.5, step - space), height: tall, bucket };
    }),
    shades: gaps.map((gap) => {
      const [left, right] = [place(gap.from) * width, place(gap.to) * width];
      const wide = Math.max(LEAST_SHADE, right - left);
      return { x: Math.min(left, width - wide), width: wide, gap };
    }),
    ticks: counts
      .map(({ start }, index) => ({ share: index / counts.length, start, index }))
      .filter(({ index }) => index % every === 0 && index * step < width - TICK_EVERY_PX / 2)
      .map(({ share, start }) => ({ share, start })),
  };
}

/** What the chart shows, for whoever doesn't see it. */
export function summariseBuckets(name: string, { bucket, counts, gaps }: PostsOverTime): string {
  const total = counts.reduce((sum, { posts }) => sum + posts, 0);
  const best = counts.reduce((a, b) => (b.posts > a.posts ? b : a), { start: '', posts: 0 });
  const missed = gaps.reduce((sum, { uncoveredMs }) => sum + uncoveredMs, 0);
  const ends =
    gaps.length === 0
      ? 'nothing is known to be missing'
      : `${formatDuration(missed)} missing in ${formatQuantity(gaps.length, 'gap')}`;
  const peak =
    best.posts === 0
      ? ''
      : `, most in the ${bucket} of ${best.start.slice(0, bucket === 'hour' ? 16 : 10)} (${formatCount(best.posts)})`;
  return `${formatQuantity(total, 'post')} of ${name} over ${formatQuantity(counts.length, bucket)}${peak}; ${ends}.`;
}
