import { Button, NativeSelect } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useId, useState } from 'react';
import { serverAddress } from '../../../api/base.ts';
import { useMay } from '../../../api/use-session.ts';
import { useAskForExport } from '../../exports/api/use-exports.ts';
import { exportWish, type SearchWords } from '../search-words.ts';
import classes from './take-away.module.css';

type TableFormat = 'csv' | 'xlsx' | 'parquet' | 'ids';

const formats: { value: TableFormat; label: string }[] = [
  { value: 'csv', label: 'CSV' },
  { value: 'xlsx', label: 'Excel (XLSX)' },
  { value: 'parquet', label: 'Parquet' },
  { value: 'ids', label: 'Ids alone' },
];

/** The posts of the search as files: lines of JSON at once, or an export. */
export function TakeAway({ search }: { search: SearchWords }) {
  const mayExport = useMay('collector');
  const address = serverAddress(`/api/v1/posts/download?${new URLSearchParams(Object.entries(search)).toString()}`);
  const [isOpen, setIsOpen] = useState(false);
  const waysId = useId();
  return (
    <>
      <Button
        size="compact-sm"
        variant="default"
        aria-expanded={isOpen}
        aria-controls={waysId}
        onClick={() => setIsOpen(!isOpen)}
      >
        Export these posts
      </Button>
      <div id={waysId} className={classes.ways} hidden={!isOpen}>
        {isOpen && (
          <>
            <p>
              <Button component="a" href={address} download="posts.jsonl" size="compact-sm" variant="default">
                Download as JSON Lines
              </Button>{' '}
              with every post of this search and its payload as received, newest first. It begins at once.
            </p>
            {mayExport ? (
              <TableExport search={search} />
            ) : (
              <p className={classes.quiet}>
                Tables (CSV, Excel, Parquet) are made by exports, for which the role of a collector is needed.
              </p>
            )}
          </>
        )}
      </div>
    </>
  );
}

function TableExport({ search }: { search: SearchWords }) {
  const [format, setFormat] = useState<TableFormat>('csv');
  const ask = useAskForExport();
  return (
    <>
      <NativeSelect
        className={classes.format ?? ''}
        label="As a table"
        data={formats}
        value={format}
        onChange={({ currentTarget }) => setFormat(currentTarget.value as TableFormat)}
      />
      <p>
        <Button
          size="compact-sm"
          variant="default"
          loading={ask.isPending}
          onClick={() => ask.mutate({ ...exportWish(search), format, honourDeletions: true })}
        >
          Make an export
        </Button>{' '}
        of the posts that this search finds, with a manifest and checksums, in the background.
        {ask.data !== undefined && (
          <span role="status">
            {' '}
            It was put in line: <Link to="/exports">see exports</Link>.
          </span>
        )}
        {ask.error !== null && <span role="alert"> {ask.error.message}</span>}
      </p>
    </>
  );
}
