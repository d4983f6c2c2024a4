import { NativeSelect } from '@mantine/core';
import { useState } from 'react';
import { QueryState } from '../../../components/query-state.tsx';
import { formatBytes } from '../../../format.ts';
import { type NodeSample, useNodeSamples } from '../api/use-admin.ts';
import classes from './admin.module.css';
import { type ChartPoint, SmallChart } from './small-chart.tsx';

const DAY_MS = 86_400_000;
const spans = {
  day: { label: 'Last 24 hours', ms: DAY_MS, stepMs: 60_000 },
  quarter: { label: 'Last 3 months', ms: 92 * DAY_MS, stepMs: 3_600_000 },
};

/** Processor, memory and disk of a node over time, as far as it was heard. */
export function NodeCharts({ node, cpus }: { node: string; cpus: number }) {
  const [span, setSpan] = useState<keyof typeof spans>('day');
  return (
    <div className={classes.stack}>
      <NativeSelect
        aria-label="Time shown"
        className={classes.narrow ?? ''}
        data={Object.entries(spans).map(([value, { label }]) => ({ value, label }))}
        value={span}
        onChange={({ currentTarget: { value } }) => setSpan(value === 'quarter' ? 'quarter' : 'day')}
      />
      <QueryState query={useNodeSamples(node, span)} what="the history">
        {({ samples }) =>
          samples.length < 2 ? (
            <p className={classes.quiet}>
              Charts begin with the second {span === 'day' ? 'minute' : 'hour'} that was measured.
            </p>
          ) : (
            <Charts samples={samples} cpus={cpus} span={span} />
          )
        }
      </QueryState>
    </div>
  );
}

function Charts({ samples, cpus, span }: { samples: readonly NodeSample[]; cpus: number; span: keyof typeof spans }) {
  const first = samples[0];
  const last = samples.at(-1);
  if (first === undefined || last === undefined) return null;
  const until = Date.parse(last.at);
  // What was not measured yet is not drawn as if it were nothing.
  const from = Math.max(until - spans[span].ms, Date.parse(first.at));
  const points = (value: (sample: NodeSample) => number | null): ChartPoint[] =>
    samples.map((sample) => ({ at: Date.parse(sample.at), value: value(sample) }));
  const common = { from, until, stepMs: spans[span].stepMs };
  const ours = (sample: NodeSample) => sum(Object.values(sample.processes).map(({ cpu }) => cpu ?? 0));
  const memory = (sample: NodeSample) => sum(Object.values(sample.processes).map((each) => each.memory));
  const diskUsed = (sample: NodeSample) => sample.diskTotal - sample.diskFree;
  const percent = (share: number | null) => (share === null ? 'unknown' : `${Math.round(share * 100)} %`);
  const chart = (
    title: string,
    value: string,
    most: number,
    of: (sample: NodeSample) => number | null,
    top: string,
  ) => (
    <SmallChart
      {...{ title, value, most, ...common }}
      points={points(of)}
      summary={`${title}: ${value} now; at most ${top} since ${first.at.slice(0, 16).replace('T', ' ')} UTC.`}
    />
  );
  const highest = (of: (sample: NodeSample) => number | null) => Math.max(...samples.map((sample) => of(sample) ?? 0));
  return (
    <div className={classes.charts}>
      {chart('Processor, whole machine', percent(last.cpu), 1, ({ cpu }) => cpu, percent(highest(({ cpu }) => cpu)))}
      {chart(
        ...([
          'Processor, mistnet',
          `${ours(last).toFixed(2)} of ${cpus} ${cpus === 1 ? 'core' : 'cores'}`,
          cpus,
          ours,
        ] as const),
        `${highest(ours).toFixed(2)} cores`,
      )}
      {chart(
        ...(['Memory, whole machine', formatBytes(last.memoryUsed), last.memoryTotal] as const),
        (sample) => sample.memoryUsed,
        formatBytes(highest((sample) => sample.memoryUsed)),
      )}
      {chart('Memory, mistnet', formatBytes(memory(last)), 0, memory, formatBytes(highest(memory)))}
      {chart(
        ...(['Disk in use', formatBytes(diskUsed(last)), last.diskTotal, diskUsed] as const),
        formatBytes(highest(diskUsed)),
      )}
      {chart(
        ...(['Load', (last.load ?? 0).toFixed(2), cpus] as const),
        ({ load }) => load,
        highest(({ load }) => load).toFixed(2),
      )}
    </div>
  );
}

function sum(values: readonly number[]): number {
  return values.reduce((total, each) => total + each, 0);
}
