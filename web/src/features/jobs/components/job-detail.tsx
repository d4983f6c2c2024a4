import { Button } from '@mantine/core';
import { useEffect, useRef } from 'react';
import { QueryState } from '../../../components/query-state.tsx';
import { Section } from '../../../components/section.tsx';
import { useJob } from '../api/use-jobs.ts';
import { kindName } from '../job-words.ts';
import classes from './job-detail.module.css';

/** Everything that is known of one job, as it is kept. */
export function JobDetail({ id, onClose }: { id: string; onClose: () => void }) {
  const query = useJob(id);
  const shown = useRef<HTMLPreElement>(null);
  const isThere = query.data !== undefined;
  // It opens far from the line that was clicked: who clicked is led there.
  useEffect(() => {
    if (isThere) shown.current?.focus();
  }, [isThere]);
  return (
    <Section
      title={query.data === undefined ? 'One job' : `${kindName(query.data.kind)} ${query.data.what}`}
      aside={
        <Button size="compact-sm" variant="default" onClick={onClose}>
          Close
        </Button>
      }
    >
      <QueryState query={query} what="the job">
        {(job) => (
          // Scrolls sideways, so it must take the focus.
          <pre ref={shown} className={classes.raw} tabIndex={0} aria-label="All that is kept of the job">
            {JSON.stringify(job, undefined, 2)}
          </pre>
        )}
      </QueryState>
    </Section>
  );
}
