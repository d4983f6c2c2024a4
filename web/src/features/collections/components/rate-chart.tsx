import { useComputedColorScheme } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { useEffect, useRef, useState } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { RatePoint } from '../../../api/types.ts';
import { formatRate, formatTime } from '../../../format.ts';
import { summariseRates, windowMs } from '../rate-summary.ts';
import classes from './rate-chart.module.css';

const HEIGHT = 120;
const measuring = 'Measuring; the line begins in a few seconds.';
const quiet = 'No posts in the last minutes.';

/** Posts per second over the last minutes, with a readout under the pointer; in words for whoever doesn't see it. */
export function RateChart({ name, points, now }: { name: string; points: readonly RatePoint[]; now: number }) {
  const { ref: frame, width } = useElementSize();
  const holder = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot>(undefined);
  const [readout, setReadout] = useState<string>();
  const scheme = useComputedColorScheme('light', { getInitialValueInEffect: false });
  const hasPosts = points.some(({ postsPerSecond }) => postsPerSecond !== null && postsPerSecond > 0);
  const isDrawn = points.length >= 2 && hasPosts;

  // A canvas knows no style sheet: another theme or width makes another chart.
  useEffect(() => {
    if (holder.current === null || width === 0 || !isDrawn) return undefined;
    const made = new uPlot(optionsOf(Math.floor(width), holder.current, setReadout), [[], []], holder.current);
    chart.current = made;
    return () => {
      chart.current = undefined;
      made.destroy();
    };
  }, [width, scheme, isDrawn]);

  useEffect(() => {
    chart.current?.setData(dataOf(points), false);
    chart.current?.setScale('x', { min: (now - windowMs(points, now)) / 1000, max: now / 1000 });
  }, [points, now, width, scheme, isDrawn]);

  return (
    <div className={classes.frame} ref={frame}>
      <div className={classes.caption} aria-hidden="true">
        <span>Posts per second, last {Math.round(windowMs(points, now) / 60_000)} minutes</span>
        <span>{readout}</span>
      </div>
      <div ref={holder} className={classes.canvas} role="img" aria-label={summariseRates(name, points)}>
        {!isDrawn && <span className={classes.waiting}>{points.length < 2 ? measuring : quiet}</span>}
      </div>
    </div>
  );
}

function dataOf(points: readonly RatePoint[]): uPlot.AlignedData {
  return [points.map(({ at }) => at / 1000), points.map(({ postsPerSecond }) => postsPerSecond)];
}

function optionsOf(width: number, holder: HTMLElement, show: (readout: string | undefined) => void): uPlot.Options {
  const style = getComputedStyle(holder);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const axis: uPlot.Axis = {
    stroke: colour('--page-quiet'),
    grid: { stroke: colour('--page-line'), width: 1 },
    ticks: { show: false },
    font: `11px ${style.fontFamily}`,
  };
  return {
    width,
    height: HEIGHT,
    padding: [8, 6, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
    // The page's times are UTC.
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC'),
    scales: {
      // From nought, and never so close that a quiet stream looks wild.
      y: { range: (_chart, _min, max) => [0, Math.max(1, max * 1.15)] },
    },
    axes: [
      { ...axis, size: 22, gap: 3, space: 60, incrs: [60, 120, 300], values: '{HH}:{mm}' },
      { ...axis, size: 40, gap: 4, space: 34, values: (_chart, ticks) => ticks.map((tick) => tickText(tick)) },
    ],
    series: [
      {},
      {
        stroke: colour('--page-chart'),
        fill: colour('--page-chart-fill'),
        width: 1.75,
        points: { show: false },
        spanGaps: false,
      },
    ],
    hooks: {
      setCursor: [
        ({ cursor: { idx }, data }) => {
          const at = typeof idx === 'number' ? data[0][idx] : undefined;
          const rate = typeof idx === 'number' ? data[1]?.[idx] : undefined;
          show(
            at === undefined || rate === undefined || rate === null
              ? undefined
              : `${formatTime(new Date(at * 1000).toISOString())} UTC: ${formatRate(rate)}`,
          );
        },
      ],
    },
  };
}

function tickText(tick: number): string {
  return tick >= 1000 ? `${tick / 1000}k` : String(tick);
}
