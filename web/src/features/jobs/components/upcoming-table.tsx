import { DataTable } from '../../../components/data-table.tsx';
import { Instant } from '../../../components/instant.tsx';
import { formatCount } from '../../../format.ts';
import type { Upcoming } from '../api/use-jobs.ts';

const planned: Record<Upcoming['kind'], (subject: string | null) => string> = {
  timeline: (subject) => `Timelines of ${subject}`,
  accounts: () => 'Looks at accounts: names and states',
  links: () => 'Links to follow',
};

/** What is planned, how much of it is due, and when the next is. */
export function UpcomingTable({ upcoming }: { upcoming: readonly Upcoming[] }) {
  return (
    <DataTable
      caption="What comes next"
      rows={upcoming}
      keyOf={({ kind, subject }) => `${kind} ${subject}`}
      columns={[
        { title: 'Schedule', cell: ({ kind, subject }) => planned[kind](subject) },
        { title: 'Planned', numeric: true, cell: (each) => formatCount(each.planned) },
        { title: 'Due now', numeric: true, cell: ({ due }) => formatCount(due) },
        {
          title: 'Next',
          cell: ({ nextAt, due }) =>
            nextAt === null ? (
              'nothing planned'
            ) : due > 0 ? (
              <span title={`since ${nextAt}`}>as soon as it may</span>
            ) : (
              <Instant iso={nextAt} />
            ),
        },
      ]}
    />
  );
}
