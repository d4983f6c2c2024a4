import { Switch } from '@mantine/core';
import { useState } from 'react';
import { type Column, DataTable } from '../../../components/data-table.tsx';
import { Instant } from '../../../components/instant.tsx';
import { MoreButton } from '../../../components/more-button.tsx';
import { QueryState } from '../../../components/query-state.tsx';
import { ReadingOutcome } from '../../../components/reading-outcome.tsx';
import type { components } from '../../../api/openapi.d.ts';
import { formatCount, formatDuration } from '../../../format.ts';
import { useRuns } from '../api/use-content.ts';

type Run = components['schemas']['CollectionRun'];

const columns: readonly Column<Run>[] = [
  { title: 'Account', cell: ({ handle, accountId }) => (handle === null ? accountId : `@${handle}`) },
  { title: 'Began', cell: ({ startedAt }) => <Instant iso={startedAt} /> },
  {
    title: 'Took',
    numeric: true,
    cell: ({ startedAt, finishedAt }) =>
      finishedAt === null ? 'running' : formatDuration(Math.max(1, Date.parse(finishedAt) - Date.parse(startedAt))),
  },
  { title: 'Posts', numeric: true, cell: ({ posts }) => formatCount(posts) },
  { title: 'Outcome', cell: (run) => <ReadingOutcome {...run} /> },
];

/** Readings of timelines, and the errors of those that failed. */
export function RunsSection({ name }: { name: string }) {
  const [onlyErrors, setOnlyErrors] = useState(false);
  const query = useRuns(name, onlyErrors);
  return (
    <>
      <Switch
        label="Only those with an error"
        checked={onlyErrors}
        mb="sm"
        onChange={({ currentTarget: { checked } }) => setOnlyErrors(checked)}
      />
      <QueryState query={query} what="the readings">
        {({ pages }) => {
          const runs = pages.flatMap((page) => page.runs);
          return runs.length === 0 ? (
            <p>{onlyErrors ? 'No reading failed.' : 'No timeline was read yet.'}</p>
          ) : (
            <DataTable caption="Readings, newest first" columns={columns} rows={runs} keyOf={({ runId }) => runId} />
          );
        }}
      </QueryState>
      <MoreButton query={query} size="xs">
        Show older ones
      </MoreButton>
    </>
  );
}
