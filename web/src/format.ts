/** How numbers, sizes and times read on the page. English, grouped, UTC; the reader's own zone only as a hint. */

const wholeNumber = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const oneDecimal = new Intl.NumberFormat('en-US', { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const threeDigits = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 3 });

const weekday = new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', weekday: 'long' });
const longDay = new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', day: 'numeric', month: 'long', year: 'numeric' });

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** `41,237,000` */
export function formatCount(count: number): string {
  return wholeNumber.format(count);
}

/** `1 gap`, `2 gaps`, `no gaps` */
export function formatQuantity(count: number, one: string, many = `${one}s`): string {
  if (count === 0) return `no ${many}`;
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** Posts per second: `48.7`, from a hundred on without decimals. */
export function formatRate(perSecond: number): string {
  return perSecond >= 99.95 ? wholeNumber.format(perSecond) : oneDecimal.format(perSecond);
}

/** `95.3 GB`: decimal units, three digits. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  let value = bytes;
  let unit = 0;
  // 999.9 would be written as 1,000 of the smaller unit.
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${threeDigits.format(value)} ${units[unit]}`;
}

/** `$12.34` of millionths of a dollar; less than a cent is said as such. */
export function formatMoney(micros: number): string {
  if (micros > 0 && micros < 10_000) return 'less than $0.01';
  return `$${(micros / 1e6).toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
}

/** How long ago, to tell whether something is alive: tenths below ten seconds, then ever coarser. Never negative. */
export function formatAge(ms: number): string {
  const age = Math.max(0, ms);
  return age < 10 * SECOND_MS ? `${oneDecimal.format(Math.floor(age / 100) / 10)} s` : formatDuration(age);
}

/** `4 min 7 s`, `3 h 12 min`, `2 d 5 h`: the two greatest units. Less than a second counts as one, unless it is nothing. */
export function formatDuration(ms: number): string {
  if (ms <= 0) return '0 s';
  const seconds = Math.max(1, Math.floor(ms / SECOND_MS));
  if (ms < MINUTE_MS) return `${seconds} s`;
  if (ms < HOUR_MS) return pair(ms, MINUTE_MS, 'min', SECOND_MS, 's');
  if (ms < DAY_MS) return pair(ms, HOUR_MS, 'h', MINUTE_MS, 'min');
  return pair(ms, DAY_MS, 'd', HOUR_MS, 'h');
}

function pair(ms: number, greater: number, greaterName: string, lesser: number, lesserName: string): string {
  const rest = Math.floor((ms % greater) / lesser);
  return `${formatCount(Math.floor(ms / greater))} ${greaterName}${rest > 0 ? ` ${rest} ${lesserName}` : ''}`;
}

/** A forecast, rounded as roughly as it is known: `5 hours`, `38 days`, `14 months`, `more than 10 years`. */
export function formatForecast(days: number): string {
  if (days < 2) return formatQuantity(Math.max(1, Math.round(days * 24)), 'hour');
  if (days < 90) return formatQuantity(Math.round(days), 'day');
  if (days < 730) return formatQuantity(Math.round(days / 30.44), 'month');
  if (days <= 3653) return formatQuantity(Math.round(days / 365.25), 'year');
  return 'more than 10 years';
}

/** `2026-11-22 03:09:24 UTC` of an ISO instant. */
export function formatInstant(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;
}

/** `03:09:24` of an ISO instant, in UTC. */
export function formatTime(iso: string): string {
  return iso.slice(11, 19);
}

/** `2026-11-22 13:00–14:00 UTC` of `2026-11-22T13Z`. */
export function formatHour(hour: string): string {
  const start = Number(hour.slice(11, 13));
  return `${hour.slice(0, 10)} ${hour.slice(11, 13)}:00–${String(start + 1).padStart(2, '0')}:00 UTC`;
}

/** `13:00–14:00` of `2026-11-22T13Z`: the hour where its day is already said. */
export function formatHourOfDay(hour: string): string {
  return formatHour(hour).slice(11, 22);
}

/** `Sunday, 22 November 2026` of `2026-11-22`. */
export function formatDay(day: string): string {
  const instant = new Date(`${day}T00:00:00Z`);
  return `${weekday.format(instant)}, ${longDay.format(instant)}`;
}

/** The UTC hour of an ISO instant, as commands write it: `2026-11-22T13Z`. */
export function hourOf(iso: string): string {
  return `${iso.slice(0, 13)}Z`;
}

/**
 * The same instant where the reader is: `04:09:24 in your time zone`, with the date when it is another day there.
 * Undefined where local time is UTC. `zone` is for tests; the browser's own otherwise.
 */
export function localHint(iso: string, zone?: string): string | undefined {
  const local = localParts(new Date(iso), zone);
  const time = local.slice(11);
  if (local === new Date(iso).toISOString().slice(0, 19).replace('T', ' ')) return undefined;
  return `${local.slice(0, 10) === iso.slice(0, 10) ? time : local} in your time zone`;
}

/** `14:00–15:00 in your time zone` of `2026-11-22T13Z`, like `localHint`. */
export function localHourHint(hour: string, zone?: string): string | undefined {
  const start = new Date(`${hour.slice(0, 13)}:00:00.000Z`);
  const from = localHint(start.toISOString(), zone);
  const until = localParts(new Date(start.getTime() + HOUR_MS), zone).slice(11, 16);
  return from?.replace(/:\d\d in/, `–${until} in`);
}

/** `2026-11-22 14:09:24` by the clock of the zone. */
function localParts(instant: Date, zone: string | undefined): string {
  // Sweden writes dates as ISO 8601 does.
  return new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' }).format(instant);
}
