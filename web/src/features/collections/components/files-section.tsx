import { Anchor } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { serverAddress } from '../../../api/base.ts';
import { type Column, DataTable } from '../../../components/data-table.tsx';
import { MoreButton } from '../../../components/more-button.tsx';
import { QueryState } from '../../../components/query-state.tsx';
import type { components } from '../../../api/openapi.d.ts';
import { formatBytes, formatCount, formatHour } from '../../../format.ts';
import { useHoursOf, useSegmentDays } from '../api/use-content.ts';
import classes from './files-section.module.css';

type Day = components['schemas']['SegmentDays']['days'][number];
type Hour = components['schemas']['DatasetHour'];

const dayColumns: readonly Column<Day>[] = [
  { title: 'Day (UTC)', cell: ({ day }) => day },
  { title: 'Posts', numeric: true, cell: ({ posts }) => formatCount(posts) },
  { title: 'As received', numeric: true, cell: ({ bytes }) => formatBytes(bytes) },
  { title: 'Segments', numeric: true, cell: ({ segments }) => formatCount(segments) },
  { title: 'On node', cell: ({ nodes }) => nodes.join(', ') },
];

const hourColumns: readonly Column<Hour>[] = [
  { title: 'Hour', cell: ({ hour }) => formatHour(hour) },
  { title: 'Posts', numeric: true, cell: ({ posts }) => (posts === null ? 'unknown' : formatCount(posts)) },
  {
    title: 'Files',
    cell: ({ files, manifest }) => (
      <span className={classes.files}>
        {[...files, ...(manifest === null ? [] : [{ ...manifest, bytes: undefined }])].map(({ name, href, bytes }) => (
          <Anchor key={name} href={serverAddress(href)} inherit>
            {name.replace(/^\d{4}-\d\d-\d\d_\d\d([+-]\d{4})?_/, '')}
            {bytes === undefined ? '' : ` (${formatBytes(bytes)})`}
          </Anchor>
        ))}
      </span>
    ),
  },
];

/** What lies in files: as it arrived, by day, and the newest hours as datasets. */
export function FilesSection({ name }: { name: string }) {
  const days = useSegmentDays(name);
  const hours = useHoursOf(name);
  return (
    <div className={classes.parts}>
      <div>
        <h3 className={classes.title}>As received</h3>
        <QueryState query={days} what="the files">
          {({ pages }) => {
            const rows = pages.flatMap((page) => page.days);
            return rows.length === 0 ? (
              <p>Nothing is in files yet.</p>
            ) : (
              <DataTable caption="Segments by day" columns={dayColumns} rows={rows} keyOf={({ day }) => day} />
            );
          }}
        </QueryState>
        <MoreButton query={days} size="xs">
          Show older days
        </MoreButton>
      </div>
      <div>
        <h3 className={classes.title}>Hourly datasets</h3>
        <QueryState query={hours} what="the hours">
          {({ datasets }) =>
            datasets.length === 0 ? (
              <p>No hour is built yet: each is, by itself, some six minutes after it has ended.</p>
            ) : (
              <>
                <DataTable caption="Newest hours" columns={hourColumns} rows={datasets} keyOf={({ hour }) => hour} />
                <p className={classes.more}>
                  <Anchor component={Link} to="/exports" inherit>
                    All hours and exports
                  </Anchor>
                </p>
              </>
            )
          }
        </QueryState>
      </div>
    </div>
  );
}
