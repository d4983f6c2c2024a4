import { Anchor } from '@mantine/core';
import type { DatasetFile, DatasetHour } from '../../../api/types.ts';
import { formatBytes, formatCount, formatHour, formatHourOfDay, localHourHint } from '../../../format.ts';
import { fileTitle, inReadingOrder, isData } from '../file-words.ts';
import classes from './hour-list.module.css';

/** One published hour: what is in it and a link to each of its files. */
export function HourRow({ dataset }: { dataset: DatasetHour }) {
  const { hour, collection, partial, posts, accounts, files, report, revision } = dataset;
  const local = localHourHint(hour);
  return (
    <tr>
      <th scope="row" className={classes.hour}>
        {formatHourOfDay(hour)}
        {partial && <span className={classes.partial}>partial</span>}
        {local !== undefined && <span className={classes.remark}>{local}</span>}
        {revision !== null && revision > 1 && <span className={classes.remark}>revision {revision}</span>}
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
          {inReadingOrder(files).map((file) => (
            <FileLink key={file.name} file={file} of={`${collection}, ${formatHour(hour)}`} />
          ))}
          {report !== null && <FileLink file={report} of={`${collection}, ${hour.slice(0, 10)}`} />}
        </ul>
      </td>
    </tr>
  );
}

function FileLink({ file, of }: { file: DatasetFile; of: string }) {
  const title = fileTitle(file.name);
  return (
    <li>
      <Anchor href={file.href} inherit aria-label={`${title} of ${of}, ${formatBytes(file.bytes)}`} title={file.name}>
        {title}
      </Anchor>
      {isData(file.name) && (
        <span className={classes.size} aria-hidden="true">
          {formatBytes(file.bytes)}
        </span>
      )}
    </li>
  );
}
