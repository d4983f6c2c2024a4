import { Button } from '@mantine/core';
import { useLive } from '../../../api/live.ts';
import { useMay } from '../../../api/use-session.ts';
import { DataTable } from '../../../components/data-table.tsx';
import { Instant } from '../../../components/instant.tsx';
import { ProgressBar } from '../../../components/progress-bar.tsx';
import { formatDuration, formatInstant } from '../../../format.ts';
import { StateBadge } from '../../collections/components/state-badge.tsx';
import { type Job, useJobAction } from '../api/use-jobs.ts';
import { actionFor, countedMs, kindName, progressWords, stateWords } from '../job-words.ts';
import classes from './job-table.module.css';

/** Jobs with their state, and why those failed that did; who may, tries again or cancels. */
export function JobTable({ jobs, onOpen }: { jobs: readonly Job[]; onOpen: (id: string) => void }) {
  const mayAct = useMay('collector');
  const acting = useJobAction();
  const { status } = useLive();
  const nowMs = status === undefined ? undefined : Date.parse(status.at);
  return (
    <>
      <DataTable
        caption="Jobs, those that run first, then the newest"
        rows={jobs}
        keyOf={({ id }) => id}
        columns={[
          {
            title: 'Job',
            cell: ({ id, kind, what, node, state, endedAt, startedAt, createdAt }) => (
              <span>
                <button
                  type="button"
                  className={classes.open}
                  aria-label={`${kindName(kind)} ${what}, ${stateWords[state].label.toLowerCase()} since ${formatInstant(endedAt ?? startedAt ?? createdAt)}`}
                  onClick={() => onOpen(id)}
                >
                  {kindName(kind)}
                </button>
                <span className={classes.what}>
                  {what}
                  {node === null ? '' : ` on ${node}`}
                </span>
              </span>
            ),
          },
          {
            title: 'State',
            cell: ({ state, tries, progress, kind, what, startedAt }) => (
              <span>
                <StateBadge words={stateWords[state]} />
                {progress !== null && (
                  <span className={classes.what}>
                    {progressWords(progress, countedMs({ state, startedAt, tries }, nowMs))}
                    {progress.of !== null && (
                      <ProgressBar
                        label={`How far ${kindName(kind)} ${what} has come`}
                        value={progress.done}
                        max={progress.of}
                      />
                    )}
                  </span>
                )}
                {tries > 1 && <span className={classes.what}>{tries} tries</span>}
              </span>
            ),
          },
          { title: 'Since', cell: (job) => <Instant iso={job.endedAt ?? job.startedAt ?? job.createdAt} /> },
          {
            title: 'Took',
            numeric: true,
            cell: ({ state, startedAt, endedAt }) =>
              startedAt === null
                ? null
                : endedAt !== null
                  ? formatDuration(Date.parse(endedAt) - Date.parse(startedAt))
                  : nowMs === undefined || state !== 'running'
                    ? null
                    : `${formatDuration(Math.max(0, nowMs - Date.parse(startedAt)))} so far`,
          },
          { title: 'Cause', cell: ({ cause }) => cause },
          {
            title: 'Do',
            cell: ({ id, state, kind, what }) => {
              const action = actionFor(state);
              if (!mayAct || action === undefined) return null;
              return (
                <Button
                  size="compact-sm"
                  variant="default"
                  loading={acting.isPending && acting.variables.id === id}
                  aria-label={`${action === 'retry' ? 'Try again' : 'Cancel'}: ${kindName(kind)} ${what}`}
                  onClick={() => acting.mutate({ id, action })}
                >
                  {action === 'retry' ? 'Try again' : 'Cancel'}
                </Button>
              );
            },
          },
        ]}
      />
      <p role="status" className={classes.said}>
        {acting.error?.message}
      </p>
    </>
  );
}
