import { Anchor, Button, VisuallyHidden } from '@mantine/core';
import { useState } from 'react';
import { serverAddress } from '../../../api/base.ts';
import { useMay } from '../../../api/use-session.ts';
import { Disclosure } from '../../../components/disclosure.tsx';
import { Instant } from '../../../components/instant.tsx';
import { ProgressBar } from '../../../components/progress-bar.tsx';
import { QueryState } from '../../../components/query-state.tsx';
import { formatBytes, formatQuantity } from '../../../format.ts';
import { StateBadge } from '../../collections/components/state-badge.tsx';
import { type Export, isUnderWay, useCancelExport, useManifest } from '../api/use-exports.ts';
import { describeProgress, describeRequest, stateWords } from '../export-words.ts';
import classes from './export-item.module.css';

/** One export: what it is, how far it is, and its files once it is done. */
export function ExportItem({ item, nowMs }: { item: Export; nowMs: number | undefined }) {
  const mayCancel = useMay('collector');
  const cancelling = useCancelExport();
  const { name, state, request, askedAt, finishedAt, rowsDone, rowsTotal, reason, manifest, node, background } = item;
  return (
    <article className={classes.item} aria-label={name} tabIndex={-1} data-takes-focus>
      <div className={classes.head}>
        <h3 className={classes.name}>{name}</h3>
        <StateBadge words={stateWords[state]} />
      </div>
      <p className={classes.quiet}>
        {describeRequest(request)} · asked for <Instant iso={askedAt} />
        {finishedAt !== null && (
          <>
            {' '}
            · ended <Instant iso={finishedAt} />
          </>
        )}{' '}
        · on {node}
        {background ? '' : ' by a command'}
      </p>
      {state === 'running' && <ProgressBar label={`Rows of ${name}`} value={rowsDone} max={rowsTotal ?? undefined} />}
      <p className={classes.said} role="status">
        {reason ?? describeProgress(item, nowMs)}
      </p>
      {isUnderWay(item) && mayCancel && (
        <Button
          size="compact-sm"
          variant="default"
          loading={cancelling.isPending}
          aria-label={`Cancel ${name}`}
          onClick={() => cancelling.mutate(name)}
        >
          Cancel
        </Button>
      )}
      {cancelling.error !== null && <p role="alert">{cancelling.error.message}</p>}
      {manifest !== null && (
        <>
          <Download href={manifest} name={name} />
          <Disclosure summary="Files">{() => <Files href={manifest} />}</Disclosure>
        </>
      )}
    </article>
  );
}

/** What most came for: the rows themselves. Where they are parted into several files, all of them are below. */
function Download({ href, name }: { href: string; name: string }) {
  const { data } = useManifest(href);
  const parts = (data?.files ?? []).filter(({ file, rows }) => rows !== undefined && file.startsWith(`${name}.`));
  const [only] = parts;
  if (only === undefined || parts.length > 1) return null;
  return (
    <Button
      component="a"
      href={serverAddress(`${href.slice(0, href.lastIndexOf('/') + 1)}${encodeURIComponent(only.file)}`)}
      download={only.file}
      size="compact-sm"
      variant="default"
    >
      Download {only.file.slice(name.length + 1).toUpperCase()}, {formatBytes(only.bytes)}
      <VisuallyHidden> of {name}</VisuallyHidden>
    </Button>
  );
}

function Files({ href }: { href: string }) {
  const query = useManifest(href);
  const folder = href.slice(0, href.lastIndexOf('/') + 1);
  return (
    <QueryState query={query} what="the files">
      {({ files, rows }) => (
        <>
          <p className={classes.quiet}>
            {formatQuantity(rows, 'row')}, as many as an independent count found. A download that breaks off can be
            resumed; compare it with its SHA-256 afterwards.
          </p>
          <ul className={classes.files}>
            {[...files, { file: 'manifest.json', bytes: undefined, sha256: undefined, rows: undefined }].map((each) => (
              <li key={each.file}>
                <Anchor href={serverAddress(`${folder}${encodeURIComponent(each.file)}`)} inherit>
                  {each.file}
                </Anchor>{' '}
                {each.bytes !== undefined && <span className={classes.quiet}>{formatBytes(each.bytes)}</span>}{' '}
                {each.sha256 !== undefined && <Checksum sha256={each.sha256} file={each.file} />}
              </li>
            ))}
          </ul>
        </>
      )}
    </QueryState>
  );
}

/** Too long to read: copied. */
function Checksum({ sha256, file }: { sha256: string; file: string }) {
  const [copied, setCopied] = useState(false);
  return (
    <span className={classes.checksum}>
      <code title={sha256}>{sha256.slice(0, 12)}…</code>
      <Button
        size="compact-xs"
        variant="default"
        aria-label={`${copied ? 'Copied' : 'Copy SHA-256'} of ${file}`}
        onClick={() => void navigator.clipboard.writeText(sha256).then(() => setCopied(true))}
      >
        {copied ? 'Copied' : 'Copy SHA-256'}
      </Button>
    </span>
  );
}
