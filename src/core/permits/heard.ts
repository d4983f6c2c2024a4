/** What answers say of the platform's window, in instants of the ledger's own clock. */
import { type ClockOffset, measureOffset } from './clock-offset.ts';

/** What an answer told. Header values as received; undefined where a header was absent. */
export type Answer = {
  status: number | 'no-answer';
  limit?: number;
  remaining?: number;
  resetAtMs?: number;
  platformNowMs?: number;
  refusal?: 'rate-limited' | 'usage-capped' | 'out-of-money' | 'credential-refused';
};

/** When the call was on its way, by the clock of whoever made it. */
export type Flight = { sentAtMs: number; answeredAtMs: number };

/**
 * What one answer, or several of the same window, say. All instants by one clock. The window in which the platform counted the
 * call ends no later than `sentOrHeardBy` plus its length, whatever the headers say.
 */
export type Heard = {
  /** So many calls are settled by this. */
  calls: number;
  /** The earliest instant at which one of them was sent, and the earliest and latest at which one was answered. */
  sentAtMs: number;
  firstAnswerAtMs: number;
  answeredAtMs: number;
  /** Whether the platform answered at all. */
  isAnswered: boolean;
  /** The window as the platform tells it; absent where it told none that can be true, or never said what time it has. */
  window?: {
    /** By the platform's clock: which window. */
    resetAtMs: number;
    /** That instant by our clock lies between these. */
    endsFromMs: number;
    endsByMs: number;
    /** Calls that the platform has counted in it. */
    told?: number;
  };
  limit?: number;
  /** Calls answered with 429 because of a window or a spacing. */
  refused: number;
  /** The refusal came though calls were left: a rule besides the window. */
  isSpacing?: boolean;
};

/** A window's end is told in whole seconds, rounded up. */
const RESET_STEP_MS = 1000;
/** Windows longer than a day exist nowhere: such a header is wrong. */
const LONGEST_WINDOW_MS = 25 * 3_600_000;

/** The offset of our clock from the platform's, after one more answer. Unchanged by an answer without a date. */
export function offsetAfter(known: ClockOffset | undefined, answer: Answer, flight: Flight): ClockOffset | undefined {
  const { platformNowMs } = answer;
  if (platformNowMs === undefined || !Number.isFinite(platformNowMs)) return known;
  return measureOffset(known, { ...flight, theirsFromMs: platformNowMs, theirsToMs: platformNowMs + 1000 });
}

/** Reads one answer. What cannot be true (an end that is over, more calls left than there are) counts as not told. */
export function hear(answer: Answer, flight: Flight, offset: ClockOffset | undefined): Heard {
  const { status, refusal } = answer;
  const limit = count(answer.limit);
  const remaining = count(answer.remaining);
  const isPlausible = remaining === undefined || limit === undefined || remaining <= limit;
  const ends = plausibleEnd(answer.resetAtMs, flight, offset);
  const isRefused = refusal === 'rate-limited';
  const told =
    isPlausible && limit !== undefined && remaining !== undefined
      ? limit - remaining
      : isRefused && remaining === 0
        ? Number.MAX_SAFE_INTEGER
        : undefined;
  return {
    calls: 1,
    sentAtMs: flight.sentAtMs,
    firstAnswerAtMs: flight.answeredAtMs,
    answeredAtMs: flight.answeredAtMs,
    isAnswered: status !== 'no-answer',
    ...(ends === undefined ? {} : { window: { ...ends, ...(told === undefined ? {} : { told }) } }),
    ...(limit !== undefined && limit > 0 && isPlausible ? { limit } : {}),
    refused: isRefused ? 1 : 0,
    ...(isRefused && remaining !== undefined && remaining > 0 ? { isSpacing: true } : {}),
  };
}

/** Puts together what answers of the same window say; undefined when they are not of the same. Both by the same clock. */
export function mergeHeard(a: Heard, b: Heard): Heard | undefined {
  if (a.window?.resetAtMs !== b.window?.resetAtMs || a.isAnswered !== b.isAnswered) return undefined;
  if (a.refused > 0 || b.refused > 0 || a.limit !== b.limit) return undefined;
  const told = Math.max(a.window?.told ?? -1, b.window?.told ?? -1);
  return {
    ...a,
    calls: a.calls + b.calls,
    sentAtMs: Math.min(a.sentAtMs, b.sentAtMs),
    firstAnswerAtMs: Math.min(a.firstAnswerAtMs, b.firstAnswerAtMs),
    answeredAtMs: Math.max(a.answeredAtMs, b.answeredAtMs),
    ...(a.window === undefined || b.window === undefined
      ? {}
      : {
          window: {
            resetAtMs: a.window.resetAtMs,
            endsFromMs: Math.max(a.window.endsFromMs, b.window.endsFromMs),
            endsByMs: Math.min(a.window.endsByMs, b.window.endsByMs),
            ...(told < 0 ? {} : { told }),
          },
        }),
  };
}

/** The same by another clock, `offset` being the first clock minus that other. Each instant moves to the safe side. */
export function heardBy(heard: Heard, offset: ClockOffset): Heard {
  const early = (at: number) => at - offset.to;
  const late = (at: number) => at - offset.from;
  return {
    ...heard,
    sentAtMs: early(heard.sentAtMs),
    firstAnswerAtMs: late(heard.firstAnswerAtMs),
    answeredAtMs: late(heard.answeredAtMs),
    ...(heard.window === undefined
      ? {}
      : {
          window: {
            ...heard.window,
            endsFromMs: early(heard.window.endsFromMs),
            endsByMs: late(heard.window.endsByMs),
          },
        }),
  };
}

function count(value: number | undefined): number | undefined {
  return value !== undefined && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

/** By our clock; undefined when that window was over before the call, or lasts longer than any. */
function plausibleEnd(
  resetAtMs: number | undefined,
  flight: Flight,
  offset: ClockOffset | undefined,
): { resetAtMs: number; endsFromMs: number; endsByMs: number } | undefined {
  if (resetAtMs === undefined || offset === undefined || !Number.isFinite(resetAtMs)) return undefined;
  const endsFromMs = resetAtMs - RESET_STEP_MS + offset.from;
  const endsByMs = resetAtMs + offset.to;
  if (endsByMs < flight.sentAtMs || endsFromMs > flight.answeredAtMs + LONGEST_WINDOW_MS) return undefined;
  return { resetAtMs, endsFromMs, endsByMs };
}
