/** What retention has to do on a day: pure, so that weeks can be simulated. Days are UTC, written `2026-11-22`. */

const DAY_MS = 86_400_000;

export type RetentionFacts = {
  nowMs: number;
  collections: { collectionId: number; keep: string }[];
  /** The days of capture that there are rows of, and whose. */
  days: { day: string; collectionIds: number[] }[];
};

/** Rows of a day that are to go; `whole`: nobody keeps any of that day. */
export type ExpiredDay = { day: string; collectionIds: number[]; whole: boolean };

/** Oldest day first. A day without rows of anybody is whole too: then its partition alone goes. */
export function expiredDays({ nowMs, collections, days }: RetentionFacts): ExpiredDay[] {
  const keptFrom = new Map(collections.map(({ collectionId, keep }) => [collectionId, firstKeptDay(keep, nowMs)]));
  const today = dayOf(nowMs);
  return days
    .map(({ day, collectionIds }) => {
      const expired = collectionIds.filter((collectionId) => day < (keptFrom.get(collectionId) ?? ''));
      // An empty partition of a day to come was made ahead.
      const whole = expired.length === collectionIds.length && (collectionIds.length > 0 || day < today);
      return { day, collectionIds: expired, whole };
    })
    .filter(({ collectionIds, whole }) => whole || collectionIds.length > 0)
    .sort((a, b) => (a.day < b.day ? -1 : 1));
}

/** Whether retention is to run: once on each UTC day, and at once where it never ran. A clock that was set back does not repeat a day. */
export function isRetentionDue(nowMs: number, lastDay: string | undefined): boolean {
  return lastDay === undefined || dayOf(nowMs) > lastDay;
}

export function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

/** With `days:N` today and the N days before it stay; with `files` no day does. */
function firstKeptDay(keep: string, nowMs: number): string {
  if (keep === 'files') return '9999-12-31';
  const days = /^days:(\d+)$/.exec(keep)?.[1];
  return days === undefined ? '' : dayOf(Math.max(0, nowMs - Number(days) * DAY_MS));
}
