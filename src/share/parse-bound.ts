/** The bounds of a window as people write them: instants with a zone of their own, or days in the zone of the export. */
import { MistnetError } from '../core/errors.ts';

const DAY_MS = 86_400_000;
const EARLIEST_MS = Date.UTC(1900, 0);
/** Later years have a digit more, which neither text nor database takes. */
const LATEST_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
/** A year 0 is nothing that the database knows. */
const FIRST_MS = Date.parse('0001-01-01T00:00:00Z');
const DAY = /^\d{4}-\d{2}-\d{2}$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/;

/**
 * An instant in UTC. A day begins where `zone` begins it; as the end of a window it means the whole day, so the result is the beginning of
 * the next. Undefined stays so. Throws `export.refused` with the option's name, `zone.invalid` for a zone that does not exist.
 */
export function parseBound(
  option: string,
  text: string | undefined,
  { zone, isEnd }: { zone: string; isEnd: boolean },
): string | undefined {
  if (text === undefined) return undefined;
  if (DAY.test(text) && isDay(text)) {
    return toInstant(startOfDayMs(Date.parse(`${text}T00:00:00Z`) + (isEnd ? DAY_MS : 0), zone));
  }
  if (INSTANT.test(text) && isDay(text.slice(0, 10)) && !Number.isNaN(Date.parse(text)))
    return toInstant(Date.parse(text));
  const hint = /^\d{4}-\d{2}-\d{2}[T ]\d/.test(text)
    ? 'an instant is written with its zone, like 2026-11-22T13:00:00Z or 2026-11-22T14:00:00+01:00'
    : 'write a day in the format YYYY-MM-DD, or an instant like 2026-11-22T13:00:00Z';
  throw new MistnetError('export.refused', `${option} is "${text}"; ${hint}.`);
}

/** No post is from beyond either end. */
function toInstant(ms: number): string {
  return new Date(Math.min(Math.max(ms, FIRST_MS), LATEST_MS)).toISOString();
}

/** Whether the calendar has such a day: 2026-02-30 is none. */
function isDay(text: string): boolean {
  const ms = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text);
}

/** The first instant of a local day, of which `utcMs` is the midnight in UTC. Where a day begins at 01:00, because clocks went forward, that is it. */
function startOfDayMs(utcMs: number, zone: string): number {
  const format = makeFormat(zone);
  // The calendars of zones are not to be relied on so far off, and no post is from there.
  if (utcMs < EARLIEST_MS) return utcMs;
  if (utcMs > LATEST_MS) return utcMs;
  const day = new Date(utcMs).toISOString().slice(0, 10);
  // Zones are between 14 h ahead and 12 h behind; their offsets change by whole quarters of an hour.
  for (let ms = utcMs - 14 * 3_600_000; ms <= utcMs + 13 * 3_600_000; ms += 900_000) if (format(ms) >= day) return ms;
  return utcMs;
}

function makeFormat(zone: string): (ms: number) => string {
  try {
    const format = new Intl.DateTimeFormat('en-CA', {
      timeZone: zone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
    });
    return (ms) => format.format(ms);
  } catch (cause) {
    throw new MistnetError('zone.invalid', `"${zone}" is not a time zone; write one like Europe/Vienna or UTC.`, {
      cause,
    });
  }
}
