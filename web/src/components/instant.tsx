import { formatInstant, formatTime, localHint } from '../format.ts';

/** An instant in UTC; the reader's own time is its hint. `brief` leaves out the day. */
export function Instant({ iso, brief = false }: { iso: string; brief?: boolean }) {
  return (
    <time dateTime={iso} title={localHint(iso)}>
      {brief ? formatTime(iso) : formatInstant(iso)}
    </time>
  );
}
