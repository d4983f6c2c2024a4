import { DataTable } from '../../../components/data-table.tsx';
import { SparkBars } from '../../../components/spark-bars.tsx';
import { formatCount } from '../../../format.ts';
import type { JobHours as Hours, Work } from '../api/use-jobs.ts';
import { amountWords, kindName } from '../job-words.ts';

/** How the work went in the last 24 hours, kind by kind, and what came of it; `work` is undefined as long as that is not known. */
export function JobHours({ hours, work }: { hours: Hours; work: Work | undefined }) {
  const brought = new Map(work?.kinds.map(({ kind, amounts }) => [kind, amounts]));
  const kinds = [
    ...hours.kinds,
    // What is long under way has brought something before it ends.
    ...[...brought].flatMap(([kind, amounts]) =>
      amounts.length === 0 || hours.kinds.some((each) => each.kind === kind) ? [] : [{ kind, done: [], failed: [] }],
    ),
  ];
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
            if (done.length === 0) return 'No job ended';
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
        { title: 'What came of it', cell: ({ kind }) => amountWords(brought.get(kind) ?? []) },
      ]}
    />
  );
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
