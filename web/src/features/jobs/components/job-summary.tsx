import { DataTable } from '../../../components/data-table.tsx';
import { ProgressBar } from '../../../components/progress-bar.tsx';
import { formatCount } from '../../../format.ts';
import type { Job, JobCount } from '../api/use-jobs.ts';
import { kindName } from '../job-words.ts';

const shown: readonly { title: string; states: readonly Job['state'][] }[] = [
  { title: 'Running', states: ['running'] },
  { title: 'Waiting', states: ['waiting', 'retrying'] },
  { title: 'Failed', states: ['failed'] },
  { title: 'Done lately', states: ['done', 'cancelled'] },
];

/** How many jobs there are of each kind. */
export function JobSummary({ counts }: { counts: readonly JobCount[] }) {
  const kinds = [...new Set(counts.map(({ kind }) => kind))].toSorted();
  const countOf = (states: readonly Job['state'][], kind?: Job['kind']) =>
    counts
      .filter((each) => (kind === undefined || each.kind === kind) && states.includes(each.state))
      .reduce((sum, { jobs }) => sum + jobs, 0);
  const running = countOf(['running']);
  return (
    <DataTable
      caption="Jobs by kind and state"
      rows={kinds}
      keyOf={(kind) => kind}
      columns={[
        { title: 'Kind', cell: kindName },
        ...shown.map(({ title, states }) => ({
          title,
          numeric: true,
          cell: (kind: Job['kind']) => formatCount(countOf(states, kind)),
        })),
        {
          title: 'Of what runs',
          cell: (kind) =>
            running > 0 && (
              <ProgressBar label={`Share of ${kindName(kind)}`} value={countOf(['running'], kind)} max={running} />
            ),
        },
      ]}
    />
  );
}
