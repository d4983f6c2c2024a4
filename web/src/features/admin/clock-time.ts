/** Minutes after midnight as people write times of day. */

/** `07:05` of 425. */
export function formatMinuteOfDay(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
}

/** 425 of `07:05`; undefined for anything that is no time of day. */
export function parseMinuteOfDay(text: string): number | undefined {
  const parts = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(text.trim());
  return parts === null ? undefined : Number(parts[1]) * 60 + Number(parts[2]);
}
