import { DataTable } from '../../../components/data-table.tsx';
import { SparkBars } from '../../../components/spark-bars.tsx';
import { formatCount } from '../../../format.ts';
import type { JobHours as Hours } from '../api/use-jobs.ts';
import { kindName } from '../job-words.ts';

/** How the work went in the last 24 hours, kind by kind. */
export function JobHours({ hours: { kinds } }: { hours: Hours }) {
  if (kinds.length === 0) return <p>Nothing ended in the last 24 hours.</p>;
  return (
    <DataTable
      caption="Jobs that ended in the last 24 hours"
      rows={kinds}
      keyOf={({ kind }) => kind}
      columns={[
        { title: 'Kind', cell: ({ kind }) => kindName(kind) },
        {
          title: 'Hour by hour',
          cell: ({ kind, done, failed }) => {
            const ended = done.map((count, hour) => count + (failed[hour] ?? 0));
            const most = formatCount(Math.max(...ended));
            return (
              <SparkBars
                values={ended}
                label={`${kindName(kind)}: at most ${most} in an hour, the newest at the end`}
              />
            );
          },
        },
        { title: 'Done', numeric: true, cell: ({ done }) => formatCount(sum(done)) },
        { title: 'Failed', numeric: true, cell: ({ failed }) => formatCount(sum(failed)) },
      ]}
    />
  );
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
