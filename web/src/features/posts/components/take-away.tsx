import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { serverAddress } from '../../../api/base.ts';
import { useMay } from '../../../api/use-session.ts';
import { Disclosure } from '../../../components/disclosure.tsx';
import { useExportPosts } from '../api/use-posts.ts';
import type { SearchWords } from '../search-words.ts';
import classes from './take-away.module.css';

/** The posts of the search as files: lines of JSON at once, or an export where those can choose by the same. */
export function TakeAway({ search }: { search: SearchWords }) {
  const mayExport = useMay('collector');
  const ask = useExportPosts();
  const { q, hashtag, lang, kind, has, near, collection, author } = search;
  // Exports choose by collection or account, and time.
  const fits =
    [q, hashtag, lang, kind, has, near].every((part) => part === undefined) &&
    (collection === undefined || author === undefined);
  const address = serverAddress(`/api/v1/posts/download?${new URLSearchParams(Object.entries(search)).toString()}`);
  return (
    <Disclosure summary="Export these posts">
      {() => (
        <div className={classes.ways}>
          <p>
            <Button component="a" href={address} download="posts.jsonl" size="compact-sm" variant="default">
              Download as JSON Lines
            </Button>{' '}
            with every post of this search and its payload as received, newest first. It begins at once.
          </p>
          {fits && mayExport ? (
            <p>
              <Button size="compact-sm" variant="default" loading={ask.isPending} onClick={() => ask.mutate(search)}>
                Make an export
              </Button>{' '}
              as CSV with a manifest and checksums, in the background.
              {ask.data !== undefined && (
                <span role="status">
                  {' '}
                  It was put in line: <Link to="/exports">see exports</Link>.
                </span>
              )}
              {ask.error !== null && <span role="alert"> {ask.error.message}</span>}
            </p>
          ) : (
            <p className={classes.quiet}>
              {mayExport
                ? 'Tables (CSV, Excel, Parquet) are made by exports, which choose by collection or author, and by time: take away the other filters to make one of these.'
                : 'Tables (CSV, Excel, Parquet) are made by exports, for which the role of a collector is needed.'}
            </p>
          )}
        </div>
      )}
    </Disclosure>
  );
}
