import { MistnetError } from './errors.ts';

declare const utcHour: unique symbol;

/** One UTC hour, start inclusive, end exclusive, written `2026-11-22T13Z`. */
export type UtcHour = string & { readonly [utcHour]: true };

/** The present, injected everywhere so that tests choose it. Milliseconds since 1970. */
export type Clock = { now(): number };

export const systemClock: Clock = { now: () => Date.now() };

/** Begins as the system's clock and is never set back: for windows and waits, not for instants that are kept. */
export const steadyClock: Clock = { now: () => performance.timeOrigin + performance.now() };

export const HOUR_MS = 3_600_000;

/** Reads `2026-11-22T13Z`; throws `hour.invalid` with an example for anything else, impossible dates included. */
export function parseUtcHour(text: string): UtcHour {
  const parts = /^(\d{4})-(\d{2})-(\d{2})T(\d{2})Z$/.exec(text);
  if (parts !== null) {
    const ms = Date.parse(`${text.slice(0, 13)}:00:00Z`);
    if (!Number.isNaN(ms) && msToUtcHour(ms) === text) return text as UtcHour;
  }
  throw new MistnetError('hour.invalid', `"${text}" is not an hour; write it in UTC like 2026-11-22T13Z.`);
}

/** The UTC hour that holds an instant. */
export function msToUtcHour(ms: number): UtcHour {
  return `${new Date(ms).toISOString().slice(0, 13)}Z` as UtcHour;
}

/** First millisecond of the hour. */
export function utcHourToMs(hour: UtcHour): number {
  return Date.parse(`${hour.slice(0, 13)}:00:00Z`);
}

/** `20261122T130500Z`: an instant to the second, as segment names write it. */
export function msToCompactInstant(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replaceAll('-', '').replaceAll(':', '')}Z`;
}
