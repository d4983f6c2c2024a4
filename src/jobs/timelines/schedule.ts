/** When a timeline is due again: as its author posts, or at fixed times. Pure: weeks can be simulated. */
import { Cron } from 'croner';
import { MistnetError } from '../../core/errors.ts';

/** `adaptive`: by the posting rate. `every`: that long after the last reading began. `cron`: five fields, in a zone. */
export type TimelineSchedule =
  | { kind: 'adaptive' }
  | { kind: 'every'; ms: number }
  | { kind: 'cron'; expression: string; zone: string };

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** As many posts are waited for as make most of a page worth its call. */
const WORTH_A_CALL = 50;
const SOONEST_MS = 15 * MINUTE_MS;
const LATEST_MS = 24 * HOUR_MS;
const FIRST_RETRY_MS = 5 * MINUTE_MS;
const LAST_RETRY_MS = 6 * HOUR_MS;
/** A rate is never known well: nobody is waited for longer than twice as long as it would take at the rate of the last readings. */
const UNKNOWN_RATE_MS = 6 * HOUR_MS;

/** The next instant, ms since 1970, after a reading that began at `startedMs` and came to its end. */
export function nextDue(schedule: TimelineSchedule, startedMs: number, dailyRate: number | undefined): number {
  switch (schedule.kind) {
    case 'every':
      return startedMs + schedule.ms;
    case 'cron':
      return nextOfCron(schedule, startedMs);
    case 'adaptive': {
      if (dailyRate === undefined) return startedMs + UNKNOWN_RATE_MS;
      const waitMs = dailyRate === 0 ? LATEST_MS : (WORTH_A_CALL / dailyRate) * 24 * HOUR_MS;
      return startedMs + Math.min(LATEST_MS, Math.max(SOONEST_MS, waitMs));
    }
  }
}

/** The next try after a reading that failed for the `failures`-th time in a row. */
export function retryDue(nowMs: number, failures: number): number {
  return nowMs + Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(failures - 1, 20));
}

/** Throws `usage.invalid` for an expression that never comes. */
export function requireCron(expression: string, zone: string): void {
  if (expression.trim().split(/\s+/).length === 5) {
    try {
      if (new Cron(expression, { timezone: zone, paused: true }).nextRun() !== null) return;
    } catch {
      // said below, in our words
    }
  }
  throw new MistnetError(
    'usage.invalid',
    `"${expression}" is not a schedule. Write five fields: minute, hour, day of month, month, day of week, like "5 */8 * * *".`,
  );
}

function nextOfCron({ expression, zone }: Extract<TimelineSchedule, { kind: 'cron' }>, afterMs: number): number {
  const next = new Cron(expression, { timezone: zone, paused: true }).nextRun(new Date(afterMs));
  return next?.getTime() ?? Number.POSITIVE_INFINITY;
}
