/**
 * One credential at one endpoint: how many calls may be made now, and when there will be more. Values and pure functions; all instants by
 * one clock, that of whoever keeps the bucket.
 *
 * The platform opens a window with some call (or at fixed instants) and closes it in one step. Three things make its end known from
 * above: the reset it tells, its clock measured against ours; the length of a window after the answer to any call counted in it; and,
 * where it tells nothing, the length of a window after the last answer. What is not known counts as used: calls on their way, in this window
 * and in the next; calls whose answer was lost; what the platform has counted beyond our own calls.
 */
import type { Heard } from './heard.ts';

export type Window = {
  /** Calls sent from here on cannot have been counted in an earlier one. */
  openedAtMs: number;
  /** Which window, by the platform's clock; undefined until an answer told. */
  resetAtMs?: number;
  /** Another reset that one answer told of this window: believed when a second one agrees. */
  rivalResetAtMs?: number;
  endsFromMs: number;
  /** Infinity until it is known. */
  endsByMs: number;
  /** Settled calls of ours that count in it. */
  settled: number;
  /** The most that the platform said it had counted. */
  told: number;
  /** Those of `settled` of which no answer told the window, and when the last of them was settled. */
  silent: number;
  lastSilentAtMs?: number;
  lastSettledAtMs?: number;
};

export type Bucket = {
  limit: number;
  windowMs: number;
  /** Least time between two calls; 0: none. */
  spacingMs: number;
  window?: Window;
  previousResetAtMs?: number;
  /** Permits handed out and not settled. */
  outstanding: number;
  /** Nothing was ever answered: one call at a time, for others may have used the window before us. */
  isProbing: boolean;
  notBeforeMs: number;
  /** Added to the end of windows, since the platform refused calls after it. */
  marginMs: number;
  /** Refusals in a row. */
  refusals: number;
  /** The platform says that windows are longer than was published. */
  isLonger: boolean;
};

const SHORTEST_REFUSAL_MS = 1000;
const LONGEST_REFUSAL_MS = 60_000;
const MARGIN_STEP_MS = 250;
const LONGEST_MARGIN_MS = 2000;

/** A bucket of which nothing is known but what was published. */
export function newBucket(published: { limit: number; windowMs: number; spacingMs?: number }): Bucket {
  return {
    limit: published.limit,
    windowMs: published.windowMs,
    spacingMs: published.spacingMs ?? 0,
    outstanding: 0,
    isProbing: true,
    notBeforeMs: Number.NEGATIVE_INFINITY,
    marginMs: 0,
    refusals: 0,
    isLonger: false,
  };
}

/** So many permits may be handed out at `nowMs`. */
export function freeAt(bucket: Bucket, nowMs: number): number {
  if (nowMs < bucket.notBeforeMs) return 0;
  const free = bucket.limit - usedAt(bucket, nowMs) - bucket.outstanding;
  const most = bucket.isProbing || bucket.spacingMs > 0 ? 1 - bucket.outstanding : free;
  return Math.max(0, Math.min(free, most));
}

/** Calls that the window holds for certain or perhaps, without those on their way. */
export function usedAt(bucket: Bucket, nowMs: number): number {
  const { window } = bucket;
  if (window === undefined) return 0;
  return nowMs >= endOf(bucket) ? carriedOver(window) : Math.max(window.settled, window.told);
}

/**
 * When permits come without anything being settled first: undefined when none will. At most the present when some are free. The end
 * of a window of which no answer came yet is unknown: an answer must come first.
 */
export function reopensAt(bucket: Bucket, nowMs: number): number | undefined {
  if (freeAt(bucket, nowMs) > 0) return nowMs;
  const at = [bucket.notBeforeMs, endOf(bucket)].filter((instant) => instant > nowMs && Number.isFinite(instant));
  return at.length === 0 ? undefined : Math.min(...at);
}

/** Hands permits out. The caller has asked `freeAt` for the same instant. */
export function takeFrom(bucket: Bucket, nowMs: number, permits: number): Bucket {
  const open = bucket.window === undefined || nowMs >= endOf(bucket) ? rolled(bucket, nowMs) : bucket;
  return { ...open, outstanding: open.outstanding + permits };
}

/** Takes permits back that were not used. */
export function giveBack(bucket: Bucket, permits: number): Bucket {
  return { ...bucket, outstanding: Math.max(0, bucket.outstanding - permits) };
}

/** Books what was heard of calls that are over. */
export function settleIn(bucket: Bucket, heard: Heard): Bucket {
  const freed = { ...giveBack(bucket, heard.calls), isProbing: bucket.isProbing && !heard.isAnswered };
  const spaced =
    freed.spacingMs === 0
      ? freed
      : { ...freed, notBeforeMs: Math.max(freed.notBeforeMs, heard.answeredAtMs + freed.spacingMs) };
  if (heard.refused > 0) return refusedIn(spaced, heard);
  return countIn(heard.isAnswered ? { ...spaced, refusals: 0 } : spaced, heard);
}

/** When the window has ended for certain. Infinity while that is unknown, -Infinity before the first. */
function endOf({ window, windowMs, marginMs }: Bucket): number {
  if (window === undefined) return Number.NEGATIVE_INFINITY;
  if (window.resetAtMs !== undefined && Number.isFinite(window.endsByMs)) return window.endsByMs + marginMs;
  return window.lastSettledAtMs === undefined ? Number.POSITIVE_INFINITY : window.lastSettledAtMs + windowMs + marginMs;
}

/** Calls without a word of their window may have been counted in the next one, when that could have begun already. */
function carriedOver({ silent, lastSilentAtMs, endsFromMs, resetAtMs }: Window): number {
  return resetAtMs !== undefined && lastSilentAtMs !== undefined && lastSilentAtMs >= endsFromMs ? silent : 0;
}

function rolled(bucket: Bucket, openedAtMs: number): Bucket {
  const carried = bucket.window === undefined ? 0 : carriedOver(bucket.window);
  const previousResetAtMs = bucket.window?.resetAtMs ?? bucket.previousResetAtMs;
  return {
    ...bucket,
    ...(previousResetAtMs === undefined ? {} : { previousResetAtMs }),
    window: {
      openedAtMs,
      endsFromMs: Number.NEGATIVE_INFINITY,
      endsByMs: Number.POSITIVE_INFINITY,
      settled: carried,
      told: 0,
      silent: carried,
      ...(carried > 0 && bucket.window?.lastSilentAtMs !== undefined
        ? { lastSilentAtMs: bucket.window.lastSilentAtMs, lastSettledAtMs: bucket.window.lastSilentAtMs }
        : {}),
    },
  };
}

function countIn(bucket: Bucket, heard: Heard): Bucket {
  const open = bucket.window === undefined ? rolled(bucket, heard.sentAtMs) : bucket;
  if (heard.window === undefined) return countSilent(open, heard);
  const which = windowOf(open, heard);
  if (which === 'earlier') return open;
  const current = which === 'later' ? rolled(open, heard.answeredAtMs) : open;
  return withLimit(countTold(current, heard, heard.window), heard);
}

function countSilent(bucket: Bucket, heard: Heard): Bucket {
  const window = bucket.window as Window;
  const lastMs = Math.max(heard.answeredAtMs, window.lastSettledAtMs ?? Number.NEGATIVE_INFINITY);
  return {
    ...bucket,
    window: {
      ...window,
      settled: window.settled + heard.calls,
      // The platform's own count has them, too, if it got them at all.
      told: window.told === 0 ? 0 : window.told + heard.calls,
      silent: window.silent + heard.calls,
      lastSilentAtMs: heard.answeredAtMs,
      lastSettledAtMs: lastMs,
    },
  };
}

function countTold(bucket: Bucket, heard: Heard, told: NonNullable<Heard['window']>): Bucket {
  const window = bucket.window as Window;
  const counted = {
    ...window,
    settled: window.settled + heard.calls,
    told: Math.max(window.told, Math.min(told.told ?? 0, heard.limit ?? bucket.limit)),
    lastSettledAtMs: Math.max(heard.answeredAtMs, window.lastSettledAtMs ?? Number.NEGATIVE_INFINITY),
  };
  const longestMs = heard.firstAnswerAtMs + bucket.windowMs;
  const named = window.resetAtMs;
  const isOutvoted = window.rivalResetAtMs !== undefined && isNear(bucket, told.resetAtMs, window.rivalResetAtMs);
  if (named === undefined || (isOutvoted && !isNear(bucket, told.resetAtMs, named))) {
    const isLonger = told.endsFromMs > longestMs;
    const { rivalResetAtMs: _, ...rest } = counted;
    const endsByMs = Math.min(told.endsByMs, isLonger ? Number.POSITIVE_INFINITY : longestMs);
    const bounds = { resetAtMs: told.resetAtMs, endsFromMs: told.endsFromMs, endsByMs };
    return { ...bucket, isLonger, window: { ...rest, ...bounds } };
  }
  const endsByMs = Math.min(window.endsByMs, bucket.isLonger ? Number.POSITIVE_INFINITY : longestMs);
  if (!isNear(bucket, told.resetAtMs, named))
    return { ...bucket, window: { ...counted, endsByMs, rivalResetAtMs: told.resetAtMs } };
  return {
    ...bucket,
    window: {
      ...counted,
      endsFromMs: Math.max(window.endsFromMs, told.endsFromMs),
      endsByMs: Math.min(endsByMs, told.endsByMs),
    },
  };
}

function withLimit(bucket: Bucket, { limit }: Heard): Bucket {
  return limit === undefined || limit === bucket.limit ? bucket : { ...bucket, limit };
}

/**
 * In which window the platform counted these calls. An end that is told later than the known one means a new window only when the known one can
 * have ended; an earlier one only for calls that were sent before this window began: other tales are taken for errors of the platform.
 */
function windowOf(bucket: Bucket, heard: Heard): 'earlier' | 'same' | 'later' {
  const window = bucket.window as Window;
  const told = (heard.window as NonNullable<Heard['window']>).resetAtMs;
  const { previousResetAtMs } = bucket;
  const isStraggler = heard.sentAtMs < window.openedAtMs;
  if (
    isStraggler &&
    previousResetAtMs !== undefined &&
    (told <= previousResetAtMs || isNear(bucket, told, previousResetAtMs))
  )
    return 'earlier';
  if (window.resetAtMs === undefined || isNear(bucket, told, window.resetAtMs)) return 'same';
  return told > window.resetAtMs && heard.answeredAtMs >= window.endsFromMs ? 'later' : 'same';
}

/** One window's reset may be told a second or two apart. */
function isNear({ windowMs }: Bucket, a: number, b: number): boolean {
  return Math.abs(a - b) <= Math.min(2000, windowMs / 4);
}

function refusedIn(bucket: Bucket, heard: Heard): Bucket {
  const refusals = bucket.refusals + 1;
  const waitMs = Math.min(
    LONGEST_REFUSAL_MS,
    Math.max(bucket.spacingMs, SHORTEST_REFUSAL_MS) * 2 ** Math.min(16, refusals - 1),
  );
  const later = (ms: number) => Math.max(bucket.notBeforeMs, heard.answeredAtMs + ms);
  if (heard.isSpacing) return countIn({ ...bucket, refusals, notBeforeMs: later(waitMs) }, heard);
  if (heard.window === undefined)
    return countSilent(
      {
        ...(bucket.window === undefined ? rolled(bucket, heard.sentAtMs) : bucket),
        refusals,
        notBeforeMs: later(Math.min(bucket.windowMs, LONGEST_REFUSAL_MS * 2 ** Math.min(8, refusals - 1))),
      },
      heard,
    );
  return usedUp({ ...bucket, refusals }, heard, heard.window);
}

/** The window of this refusal is full. When we took it for ended, its end was misjudged, and ends are given a margin from now on. */
function usedUp(bucket: Bucket, heard: Heard, told: NonNullable<Heard['window']>): Bucket {
  const open = bucket.window === undefined ? rolled(bucket, heard.sentAtMs) : bucket;
  const { previousResetAtMs } = open;
  const isTooEarly =
    previousResetAtMs !== undefined &&
    open.window?.resetAtMs === undefined &&
    isNear(open, told.resetAtMs, previousResetAtMs);
  const marginMs = isTooEarly
    ? Math.min(LONGEST_MARGIN_MS, Math.max(MARGIN_STEP_MS, open.marginMs * 2))
    : open.marginMs;
  const counted = isTooEarly ? countTold(open, heard, told) : countIn(open, heard);
  const window = counted.window as Window;
  const endsByMs = Number.isFinite(told.endsByMs) ? told.endsByMs : heard.answeredAtMs + open.windowMs;
  const isOld = window.resetAtMs !== undefined && !isNear(counted, told.resetAtMs, window.resetAtMs);
  if (isOld) return counted;
  return {
    ...counted,
    marginMs,
    window: {
      ...window,
      told: counted.limit,
      endsByMs: Math.max(Math.min(window.endsByMs, endsByMs), heard.answeredAtMs + MARGIN_STEP_MS),
    },
  };
}
