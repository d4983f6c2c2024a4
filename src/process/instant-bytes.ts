/** Instants as they stand in JSON: ISO 8601 to a row's form, without making a string or a Date in the ordinary case. */

/** Where the bytes of an instant go. */
export type InstantSink = { put(byte: number): void };

const DAY_MS = 86_400_000;
const DAYS_IN_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const SPACE = 32;

/**
 * Reads `2022-10-01T13:23:58.000Z` (any fraction or none; `Z` or an offset) and puts `2022-10-01 13:23:58.000`, in UTC, into the
 * sink; the fraction as it was, to microseconds at most. Returns ms since 1970; NaN, and puts nothing, for what is no instant.
 */
export function readInstant(bytes: Buffer, from: number, to: number, sink: InstantSink): number {
  const year = digits(bytes, from, 4);
  const month = digits(bytes, from + 5, 2);
  const day = digits(bytes, from + 8, 2);
  const hour = digits(bytes, from + 11, 2);
  const minute = digits(bytes, from + 14, 2);
  const second = digits(bytes, from + 17, 2);
  if (
    to - from < 20 ||
    !(year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month)) ||
    !(hour < 24 && minute < 60 && second < 60) ||
    bytes[from + 4] !== 45 ||
    bytes[from + 7] !== 45 ||
    (bytes[from + 10] !== 84 && bytes[from + 10] !== SPACE) ||
    bytes[from + 13] !== 58 ||
    bytes[from + 16] !== 58
  )
    return Number.NaN;
  let zoneAt = from + 19;
  let fractionMs = 0;
  if (bytes[zoneAt] === 46) {
    let scale = 100;
    for (zoneAt++; zoneAt < to && isDigit(bytes[zoneAt] as number); zoneAt++) {
      fractionMs += ((bytes[zoneAt] as number) - 48) * scale;
      scale = scale > 1 ? scale / 10 : 0;
    }
    if (zoneAt === from + 20) return Number.NaN;
  }
  const ms = daysSince1970(year, month, day) * DAY_MS + ((hour * 60 + minute) * 60 + second) * 1000 + fractionMs;
  const offsetMinutes = readOffset(bytes, zoneAt, to);
  if (Number.isNaN(offsetMinutes)) return Number.NaN;
  if (offsetMinutes !== 0) return putShifted(ms - offsetMinutes * 60_000, sink);
  for (let at = from; at < Math.min(zoneAt, from + 26); at++)
    sink.put(at === from + 10 ? SPACE : (bytes[at] as number));
  return ms;
}

/** Minutes east of UTC; NaN for what is no offset. */
function readOffset(bytes: Buffer, at: number, to: number): number {
  const sign = bytes[at];
  if (sign === 90 || sign === 122) return at + 1 === to ? 0 : Number.NaN;
  if (sign !== 43 && sign !== 45) return Number.NaN;
  const hours = digits(bytes, at + 1, 2);
  const colon = bytes[at + 3] === 58 ? 1 : 0;
  const minutes = digits(bytes, at + 3 + colon, 2);
  if (at + 5 + colon !== to || !(hours < 24 && minutes < 60)) return Number.NaN;
  return (hours * 60 + minutes) * (sign === 45 ? -1 : 1);
}

function putShifted(ms: number, sink: InstantSink): number {
  const text = new Date(ms).toISOString();
  if (text.length !== 24) return Number.NaN;
  for (let at = 0; at < 23; at++) sink.put(at === 10 ? SPACE : text.charCodeAt(at));
  return ms;
}

/** NaN when one of the bytes is no digit. */
function digits(bytes: Buffer, at: number, count: number): number {
  let value = 0;
  for (let index = at; index < at + count; index++) {
    const byte = bytes[index] as number;
    if (!isDigit(byte)) return Number.NaN;
    value = value * 10 + byte - 48;
  }
  return value;
}

function isDigit(byte: number): boolean {
  return byte >= 48 && byte <= 57;
}

function daysIn(year: number, month: number): number {
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month === 2 && isLeap ? 29 : (DAYS_IN_MONTH[month - 1] as number);
}

/** Proleptic Gregorian, by the method of days from civil: March is month 0, so that the leap day comes last. */
function daysSince1970(year: number, month: number, day: number): number {
  const marchYear = month <= 2 ? year - 1 : year;
  const era = Math.floor(marchYear / 400);
  const yearOfEra = marchYear - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}
