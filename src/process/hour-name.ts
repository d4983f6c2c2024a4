/** What an hour is called in names and reports: its local day and hour in the layout zone. Only names; the hour itself stays UTC. */
import { MistnetError } from '../core/errors.ts';
import { HOUR_MS, type UtcHour, utcHourToMs } from '../core/time.ts';

/** `day` `2022-10-01`; `label` `2022-10-01_15`; `cell` `15`, the report's hour. A repeated hour carries its offset in both. */
export type HourName = { day: string; label: string; cell: string };

/** Throws `zone.invalid` for what the zone database does not know. */
export function nameHour(hour: UtcHour, zone: string): HourName {
  const format = makeFormat(zone);
  const ms = utcHourToMs(hour);
  const { day, hour: localHour, offset } = readLocal(format, ms);
  const isRepeated = [ms - HOUR_MS, ms + HOUR_MS].some((other) => {
    const local = readLocal(format, other);
    return local.day === day && local.hour === localHour;
  });
  const suffix = isRepeated ? offset : '';
  return { day, label: `${day}_${localHour}${suffix}`, cell: `${Number(localHour)}${suffix}` };
}

function makeFormat(zone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-CA', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      timeZoneName: 'longOffset',
    });
  } catch (error) {
    throw new MistnetError('zone.invalid', `"${zone}" is not a time zone; write one like Europe/Vienna or UTC.`, {
      cause: error,
    });
  }
}

function readLocal(format: Intl.DateTimeFormat, ms: number): { day: string; hour: string; offset: string } {
  const parts = Object.fromEntries(format.formatToParts(ms).map(({ type, value }) => [type, value]));
  // "GMT+02:00", and "GMT" alone for UTC.
  const offset = (parts.timeZoneName ?? '').slice(3).replace(':', '').replace('−', '-');
  return {
    day: `${parts.year}-${parts.month}-${parts.day}`,
    hour: parts.hour ?? '',
    offset: offset === '' ? '+0000' : offset,
  };
}
