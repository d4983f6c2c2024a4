import { Paper } from '@mantine/core';
import type { DiskUsage } from '../../../api/types.ts';
import { formatBytes } from '../../../format.ts';
import { forecastSentence } from '../forecast.ts';
import classes from './disk-card.module.css';

/** The disk below the data folder: what uses it, what is free, and until when that lasts. */
export function DiskCard({ disk }: { disk: DiskUsage }) {
  const { totalBytes, freeBytes, folder } = disk;
  const parts = partsOf(disk);
  return (
    <Paper className={classes.card}>
      <div className={classes.head}>
        <p className={classes.free}>
          <span className={classes.freeNumber}>{formatBytes(freeBytes)}</span> free of {formatBytes(totalBytes)}
        </p>
        <p className={classes.forecast}>{forecastSentence(disk)}</p>
      </div>
      <svg
        className={classes.bar}
        viewBox="0 0 1000 16"
        preserveAspectRatio="none"
        role="img"
        aria-label={`${Math.round((1 - freeBytes / totalBytes) * 100)} % of the disk is used`}
      >
        <rect width="1000" height="16" className={classes.empty} />
        {parts.map(({ key, start, bytes }) => (
          <rect
            key={key}
            x={(start / totalBytes) * 1000}
            // What is there shall be seen: at least a hair's breadth.
            width={bytes === 0 ? 0 : Math.max(3, (bytes / totalBytes) * 1000)}
            height="16"
            data-part={key}
            className={classes.part}
          />
        ))}
      </svg>
      <ul className={classes.legend}>
        {parts.map(({ key, name, bytes }) => (
          <li key={key}>
            <span className={classes.swatch} data-part={key} aria-hidden="true" />
            {name} <span className={classes.size}>{formatBytes(bytes)}</span>
          </li>
        ))}
      </ul>
      <p className={classes.folder}>
        Data folder <code>{folder}</code>
      </p>
    </Paper>
  );
}

type Part = { key: string; name: string; bytes: number; start: number };

/** Our own parts first, then everything else on the disk; each starts where the one before ends. */
function partsOf(disk: DiskUsage): Part[] {
  const own = [
    { key: 'segments', name: 'Segments', bytes: disk.segmentsBytes },
    { key: 'datasets', name: 'Datasets', bytes: disk.datasetsBytes },
    { key: 'database', name: 'Database', bytes: disk.databaseBytes },
    { key: 'other', name: 'Other data of mistnet', bytes: disk.otherBytes },
  ];
  const used = own.reduce((sum, { bytes }) => sum + bytes, 0);
  const rest = Math.max(0, disk.totalBytes - disk.freeBytes - used);
  let start = 0;
  return [...own, { key: 'rest', name: 'Everything else', bytes: rest }].map((part) => {
    const placed = { ...part, start };
    start += part.bytes;
    return placed;
  });
}
