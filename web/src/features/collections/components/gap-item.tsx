import { Instant } from '../../../components/instant.tsx';
import type { Gap } from '../../../api/types.ts';
import { formatDuration, localHint } from '../../../format.ts';
import { asSentence } from '../gap-words.ts';
import classes from './gap-item.module.css';

const causes: Record<string, string> = {
  cut: 'Connection cut',
  stall: 'Stream stalled',
  ended: 'Ended by the platform',
  disconnect: 'Disconnected by the platform',
  refused: 'Refused by the platform',
  unreachable: 'Platform out of reach',
  restart: 'mistnet was restarted',
  paused: 'Paused',
  disk: 'Disk full',
  horizon: 'Older than the platform shows',
  'account-unreadable': 'The account could not be read',
};

/** One interruption: when, why, and how much of it is missing for good. */
export function GapItem({ gap: { from, to, cause, evidence, node, backfilledFrom, uncoveredMs } }: { gap: Gap }) {
  const lastedMs = to === null ? undefined : Date.parse(to) - Date.parse(from);
  const local = localHint(from);
  return (
    <li className={classes.gap} data-covered={uncoveredMs === 0 || undefined}>
      <div className={classes.head}>
        <strong>{causes[cause] ?? cause}</strong>
        <span className={classes.missing}>
          {uncoveredMs === 0
            ? 'all back-filled'
            : `${formatDuration(uncoveredMs)} ${cause === 'horizon' ? 'not shown' : 'missing'}`}
        </span>
      </div>
      <div>
        <Instant iso={from} /> – {to === null ? 'still lasting' : <Instant iso={to} brief={isSameDay(from, to)} />}
        {lastedMs === undefined ? '' : ` (${formatDuration(lastedMs)})`}
        {local !== undefined && <span className={classes.quiet}> · from {local}</span>}
      </div>
      <div className={classes.quiet}>
        {asSentence(evidence)} {cause === 'horizon' ? '' : backfill(from, backfilledFrom)} Node {node}.
      </div>
    </li>
  );
}

function backfill(from: string, backfilledFrom: string | null) {
  if (backfilledFrom === null) return 'Nothing could be back-filled.';
  if (backfilledFrom <= from) return 'The platform sent all of it again.';
  return (
    <>
      Back-filled from <Instant iso={backfilledFrom} brief={isSameDay(from, backfilledFrom)} /> on.
    </>
  );
}

function isSameDay(a: string, b: string): boolean {
  return a.slice(0, 10) === b.slice(0, 10);
}
