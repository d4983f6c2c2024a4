import { Button, NativeSelect } from '@mantine/core';
import { useState } from 'react';
import { useMay } from '../../../api/use-session.ts';
import { Notice } from '../../../components/notice.tsx';
import { Page } from '../../../components/page.tsx';
import { QueryState } from '../../../components/query-state.tsx';
import { Section } from '../../../components/section.tsx';
import { type JobFilter, MOST_JOBS, useJobHours, useJobs, useUpcoming, useWork } from '../api/use-jobs.ts';
import { JobDetail } from '../components/job-detail.tsx';
import { JobHours } from '../components/job-hours.tsx';
import { JobSummary } from '../components/job-summary.tsx';
import { JobTable } from '../components/job-table.tsx';
import { UpcomingTable } from '../components/upcoming-table.tsx';
import { WorkerLoad } from '../components/worker-load.tsx';
import { WorkerSection } from '../components/worker-section.tsx';
import { kindName, stateWords } from '../job-words.ts';
import classes from './jobs-page.module.css';

const FIRST_JOBS = 100;
const states = Object.entries(stateWords).map(([value, { label }]) => ({ value, label }));

/** Work in the background: what runs, waits, failed and why; what comes next. */
export function JobsPage() {
  const [filter, setFilter] = useState<JobFilter>({ state: '', kind: '', limit: FIRST_JOBS });
  const [openId, setOpenId] = useState<string>();
  const query = useJobs(filter);
  const isAdministrator = useMay('administrator');
  return (
    <Page
      title="Jobs"
      intro="Work that any worker takes up: hours, exports, timelines, links. One whose worker dies is taken over by another within half a minute."
    >
      <QueryState query={query} what="the jobs">
        {({ jobs, counts }) => (
          <>
            <WorkerLoad />
            {counts.length > 0 && <JobSummary counts={counts} />}
            {counts.length > 0 && <LastDay />}
            {isAdministrator && <WorkerSection />}
            <Upcoming />
            {openId !== undefined && <JobDetail key={openId} id={openId} onClose={() => setOpenId(undefined)} />}
            <Section
              title="Running and newest"
              aside={
                <span className={classes.filters}>
                  <NativeSelect
                    aria-label="State"
                    size="xs"
                    data={[{ value: '', label: 'All states' }, ...states]}
                    value={filter.state}
                    onChange={({ currentTarget: { value } }) =>
                      setFilter({ ...filter, state: value as JobFilter['state'] })
                    }
                  />
                  <NativeSelect
                    aria-label="Kind"
                    size="xs"
                    data={[
                      { value: '', label: 'All kinds' },
                      ...[...new Set(counts.map(({ kind }) => kind))]
                        .toSorted()
                        .map((kind) => ({ value: kind, label: kindName(kind) })),
                    ]}
                    value={filter.kind}
                    onChange={({ currentTarget: { value } }) =>
                      setFilter({ ...filter, kind: value as JobFilter['kind'] })
                    }
                  />
                </span>
              }
            >
              <div tabIndex={-1} data-takes-focus>
                {jobs.length > 0 ? (
                  <>
                    <JobTable jobs={jobs} onOpen={setOpenId} />
                    {jobs.length >= filter.limit && filter.limit < MOST_JOBS && (
                      <Button variant="default" onClick={() => setFilter({ ...filter, limit: MOST_JOBS })}>
                        Show up to {MOST_JOBS} jobs
                      </Button>
                    )}
                  </>
                ) : (
                  <Notice tone="plain" title={counts.length > 0 ? 'No job fits' : 'No job yet'}>
                    An hour is built six minutes after it has ended; exports and timelines come as they are asked for.
                  </Notice>
                )}
              </div>
            </Section>
          </>
        )}
      </QueryState>
    </Page>
  );
}

function LastDay() {
  const query = useJobHours();
  const { data: work } = useWork();
  return (
    <Section title="The last 24 hours" aside="Without the text index, whose jobs are forgotten after an hour">
      <QueryState query={query} what="the last 24 hours">
        {(hours) => <JobHours hours={hours} work={work} />}
      </QueryState>
    </Section>
  );
}

function Upcoming() {
  const query = useUpcoming();
  return (
    <Section title="What comes next">
      <QueryState query={query} what="what comes next">
        {(data) => <UpcomingTable upcoming={data.upcoming} />}
      </QueryState>
    </Section>
  );
}
