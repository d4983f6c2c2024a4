import { Button } from '@mantine/core';
import { useWindowEvent } from '@mantine/hooks';
import { type PointerEvent, useId, useRef, useState } from 'react';
import { formatCount, formatInstant } from '../../../format.ts';
import type { PostTimeline } from '../api/use-posts.ts';
import classes from './time-chart.module.css';

const HEIGHT = 96;
/** Units of the drawing for each bucket: it is stretched to the width there is. */
const STEP = 10;

/** Posts over time. Dragging over bars, or the two sliders below, choose a time; `onChoose` is told its ends. */
export function TimeChart({
  timeline,
  onChoose,
}: {
  timeline: PostTimeline;
  onChoose: (from: string, to: string) => void;
}) {
  const { buckets, unit, total } = timeline;
  const last = buckets.length - 1;
  const [range, setRange] = useState<readonly [number, number]>([0, last]);
  const dragFrom = useRef<number>(undefined);
  const drawing = useRef<SVGSVGElement>(null);
  const captionId = useId();
  const most = Math.max(1, ...buckets.map(({ count }) => count));
  const [first, end] = [Math.min(range[0], range[1], last), Math.min(Math.max(range[0], range[1]), last)];
  const isWhole = first === 0 && end === last;
  const sum = buckets.slice(first, end + 1).reduce((posts, { count }) => posts + count, 0);

  const bucketAt = (event: PointerEvent): number => {
    const box = drawing.current?.getBoundingClientRect();
    if (box === undefined || box.width === 0) return 0;
    return Math.max(0, Math.min(last, Math.floor(((event.clientX - box.left) / box.width) * buckets.length)));
  };
  const choose = (from: number, to: number) => {
    const [begin, behind] = [buckets[from], buckets[to + 1]];
    if (begin !== undefined) onChoose(begin.from, behind?.from ?? endOf(timeline));
  };

  const giveUp = () => {
    dragFrom.current = undefined;
    setRange([0, last]);
  };
  useWindowEvent('keydown', ({ key }) => {
    if (key === 'Escape' && dragFrom.current !== undefined) giveUp();
  });

  if (buckets.length === 0) return <p className={classes.quiet}>No posts to draw.</p>;
  return (
    <figure className={classes.figure} aria-labelledby={captionId}>
      <figcaption id={captionId} className={classes.caption}>
        <span>
          Posts per {unit}
          {total.exact ? '' : ', estimated'}; the highest bar is {total.exact ? '' : 'about '}
          {formatCount(most)}
        </span>
        <span aria-live="polite">
          {span(buckets[first]?.from, buckets[end + 1]?.from ?? endOf(timeline))}: {total.exact ? '' : 'about '}
          {formatCount(sum)}
        </span>
      </figcaption>
      <svg
        ref={drawing}
        className={classes.drawing}
        viewBox={`0 0 ${buckets.length * STEP} ${HEIGHT}`}
        preserveAspectRatio="none"
        height={HEIGHT}
        aria-hidden="true"
        data-testid="time-chart"
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          dragFrom.current = bucketAt(event);
          setRange([dragFrom.current, dragFrom.current]);
        }}
        onPointerMove={(event) => {
          if (dragFrom.current !== undefined) setRange([dragFrom.current, bucketAt(event)]);
        }}
        onPointerUp={(event) => {
          const from = dragFrom.current;
          dragFrom.current = undefined;
          if (from === undefined) return;
          const to = bucketAt(event);
          choose(Math.min(from, to), Math.max(from, to));
        }}
        onPointerCancel={giveUp}
      >
        <rect className={classes.ground} width={buckets.length * STEP} height={HEIGHT} />
        {!isWhole && (
          <rect className={classes.chosen} x={first * STEP} width={(end - first + 1) * STEP} height={HEIGHT} />
        )}
        {buckets.map(({ from, count }, index) => {
          // What came at all shall be seen.
          const height = count === 0 ? 0 : Math.max(2, (count / most) * (HEIGHT - 4));
          return (
            <rect
              key={from}
              className={index >= first && index <= end ? classes.bar : classes.faint}
              x={index * STEP + 1}
              y={HEIGHT - height}
              width={STEP - 2}
              height={height}
            />
          );
        })}
      </svg>
      <div className={classes.ends} aria-hidden="true">
        <span>{shortInstant(buckets[0]?.from)}</span>
        <span>{shortInstant(endOf(timeline))}</span>
      </div>
      {last > 0 && (
        <div className={classes.sliders}>
          <label>
            From{' '}
            <input
              type="range"
              min={0}
              max={last}
              value={first}
              aria-valuetext={formatInstant(buckets[first]?.from ?? '')}
              onChange={({ currentTarget }) => setRange([Math.min(Number(currentTarget.value), end), end])}
            />
          </label>
          <label>
            To{' '}
            <input
              type="range"
              min={0}
              max={last}
              value={end}
              aria-valuetext={formatInstant(buckets[end + 1]?.from ?? endOf(timeline))}
              onChange={({ currentTarget }) => setRange([first, Math.max(Number(currentTarget.value), first)])}
            />
          </label>
          {isWhole ? (
            <span>Drag over the bars, or move an end, to choose a time.</span>
          ) : (
            <Button size="compact-sm" variant="default" onClick={() => choose(first, end)}>
              Show only this time
            </Button>
          )}
        </div>
      )}
    </figure>
  );
}

const LENGTH_MS: Record<PostTimeline['unit'], number> = {
  minute: 60_000,
  '10 minutes': 600_000,
  hour: 3_600_000,
  '6 hours': 21_600_000,
  day: 86_400_000,
  week: 604_800_000,
  month: 31 * 86_400_000,
  year: 366 * 86_400_000,
};

/** The end of the last bucket; of months and years the one that follows it begins there at the latest. */
function endOf({ buckets, unit }: PostTimeline): string {
  const last = buckets.at(-1)?.from;
  return last === undefined ? '' : new Date(Date.parse(last) + LENGTH_MS[unit]).toISOString();
}

function span(from: string | undefined, to: string): string {
  return `${shortInstant(from)} – ${shortInstant(to)}`;
}

/** Without what is nought: `2026-11-22`, `2026-11-22 13:00`. */
function shortInstant(instant: string | undefined): string {
  return (instant ?? '')
    .slice(0, 16)
    .replace('T', ' ')
    .replace(/ 00:00$/u, '');
}
