/** Hours in which only urgent alerts are sent. */

/** Minutes after midnight by the clock of the zone, `from` inclusive, `until` exclusive; over midnight when `from` is the later one. */
export type QuietHours = { zone: string; from: number; until: number };

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1_440;

/** When the quiet hours that hold this instant end; undefined outside of them, or when both ends are the same. */
export function quietUntil(nowMs: number, { zone, from, until }: QuietHours): number | undefined {
  if (from === until) return undefined;
  const minute = minuteOfDay(nowMs, zone);
  const isQuiet = from < until ? minute >= from && minute < until : minute >= from || minute < until;
  if (!isQuiet) return undefined;
  const ahead = (until - minute + DAY_MINUTES) % DAY_MINUTES;
  const guess = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS + ahead * MINUTE_MS;
  // A clock that is set on or back in that night makes the guess wrong by as much.
  const off = ((minuteOfDay(guess, zone) - until + DAY_MINUTES + DAY_MINUTES / 2) % DAY_MINUTES) - DAY_MINUTES / 2;
  return Math.max(nowMs, guess - off * MINUTE_MS);
}

function minuteOfDay(ms: number, zone: string): number {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  })
    .formatToParts(ms)
    .reduce<Record<string, number>>((found, { type, value }) => ({ ...found, [type]: Number(value) }), {});
  return (parts.hour ?? 0) * 60 + (parts.minute ?? 0);
}

export function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false; // not a name that the system knows: that was the question
  }
}
