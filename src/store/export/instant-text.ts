/** Instants as PostgreSQL's binary formats have them, as text: `Date` takes five times as long, and an export has three in a row. */

const POSTGRES_EPOCH_MS = Date.UTC(2000, 0, 1);
const MINUTE_MS = 60_000;
const DAY_MINUTES = 1440;
/** A day's date is made once, as long as no other day takes its place here. */
const days: { day: number; text: string }[] = Array.from({ length: 64 }, () => ({ day: Number.NaN, text: '' }));
const MINUTES = Array.from({ length: DAY_MINUTES }, (_, at) => `T${two(Math.floor(at / 60))}:${two(at % 60)}:`);
const SECONDS = Array.from({ length: 60 }, (_, at) => `${two(at)}.`);
const MILLISECONDS = Array.from({ length: 1000 }, (_, at) => `${String(at).padStart(3, '0')}Z`);

/**
 * ISO 8601 with Z, microseconds cut off; `infinity` and `-infinity` as such. The two halves of an int8: microseconds since the year 2000. Throws RangeError
 * beyond what a Date can tell, the year 275760.
 */
export function instantText(high: number, low: number): string {
  if (high === 0x7fff_ffff && low === 0xffff_ffff) return 'infinity';
  if (high === -0x8000_0000 && low === 0) return '-infinity';
  const ms = POSTGRES_EPOCH_MS + milliseconds(high, low);
  const minute = Math.floor(ms / MINUTE_MS);
  const rest = ms - minute * MINUTE_MS;
  const day = Math.floor(minute / DAY_MINUTES);
  const second = Math.floor(rest / 1000);
  const time = `${SECONDS[second]}${MILLISECONDS[rest - 1000 * second]}`;
  return `${dateOf(day)}${MINUTES[minute - day * DAY_MINUTES]}${time}`;
}

/** Microseconds of the years after 2285 are more than a number keeps. */
function milliseconds(high: number, low: number): number {
  if (high < 2 ** 21 && high >= -(2 ** 21)) return Math.floor((high * 2 ** 32 + low) / 1000);
  const microseconds = BigInt(high) * 2n ** 32n + BigInt(low);
  return Number((microseconds - (((microseconds % 1000n) + 1000n) % 1000n)) / 1000n);
}

function dateOf(day: number): string {
  const slot = days[((day % days.length) + days.length) % days.length] as (typeof days)[number];
  if (slot.day !== day) {
    slot.day = day;
    slot.text = new Date(day * DAY_MINUTES * MINUTE_MS).toISOString().replace(/T.*$/, '');
  }
  return slot.text;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
