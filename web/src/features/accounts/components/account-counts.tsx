import { DataTable } from '../../../components/data-table.tsx';
import { Disclosure } from '../../../components/disclosure.tsx';
import { Instant } from '../../../components/instant.tsx';
import { formatCount } from '../../../format.ts';
import type { AccountDetail } from '../api/use-accounts.ts';
import { countsInWords } from '../account-words.ts';

type Counts = AccountDetail['counts'][number];

/** How many followed it, and whom it followed, each time that the platform said so. */
export function AccountCounts({ counts }: { counts: readonly Counts[] }) {
  return (
    <>
      <p>{countsInWords(counts)}</p>
      {counts.length > 1 && (
        <Disclosure summary={`All ${formatCount(counts.length)} as a table`}>
          {() => (
            <DataTable
              caption="Counts, the newest first"
              rows={counts.toReversed()}
              keyOf={({ at }) => at}
              columns={[
                { title: 'Received', cell: ({ at }) => <Instant iso={at} /> },
                numeric('Followers', ({ followers }) => followers),
                numeric('Follows', ({ following }) => following),
                numeric('Posts', ({ posts }) => posts),
                numeric('Lists', ({ listed }) => listed),
              ]}
            />
          )}
        </Disclosure>
      )}
    </>
  );
}

function numeric(title: string, of: (counts: Counts) => number | null) {
  return {
    title,
    numeric: true,
    cell: (counts: Counts) => {
      const count = of(counts);
      return count === null ? null : formatCount(count);
    },
  };
}
