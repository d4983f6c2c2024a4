import { Anchor } from '@mantine/core';
import { serverAddress } from '../../../api/base.ts';
import type { DatasetHour, FileLink } from '../../../api/types.ts';
import { formatBytes, formatCount, formatHour, formatHourOfDay, localHourHint } from '../../../format.ts';
import { fileTitle } from '../file-words.ts';
import classes from './hour-list.module.css';

/** One published hour: what is in it and a link to each of its files. */
export function HourRow({ dataset }: { dataset: DatasetHour }) {
  const { hour, collection, partial, posts, accounts, files, manifest, report, revision, zone } = dataset;
  const local = localHourHint(hour);
  return (
    <tr>
      <th scope="row" className={classes.hour}>
        {formatHourOfDay(hour)}
        {partial && <span className={classes.partial}>partial</span>}
        {local !== undefined && <span className={classes.remark}>{local}</span>}
        {zone !== null && zone !== 'UTC' && <span className={classes.remark}>files named in {zone}</span>}
        {revision > 1 && <span className={classes.remark}>revision {revision}</span>}
      </th>
      <td data-name="Collection">{collection}</td>
      <td data-name="Posts" className={classes.number}>
        {posts === null ? 'unknown' : formatCount(posts)}
      </td>
      <td data-name="Accounts" className={classes.number}>
        {accounts === null ? 'unknown' : formatCount(accounts)}
      </td>
      <td>
        <ul className={classes.files}>
          {files.map((file) => (
            <FileItem key={file.name} file={file} bytes={file.bytes} of={`${collection}, ${formatHour(hour)}`} />
          ))}
          {manifest !== null && <FileItem file={manifest} of={`${collection}, ${formatHour(hour)}`} />}
          {report !== null && <FileItem file={report} of={`${collection}, ${hour.slice(0, 10)}`} />}
        </ul>
      </td>
    </tr>
  );
}

function FileItem({ file: { name, href }, bytes, of }: { file: FileLink; bytes?: number; of: string }) {
  const title = fileTitle(name);
  const size = bytes === undefined ? '' : formatBytes(bytes);
  return (
    <li>
      <Anchor
        href={serverAddress(href)}
        inherit
        aria-label={`${title} of ${of}${size === '' ? '' : `, ${size}`}`}
        title={name}
      >
        {title}
      </Anchor>
      {size !== '' && (
        <span className={classes.size} aria-hidden="true">
          {size}
        </span>
      )}
    </li>
  );
}
