/** Says up to which instant of the world readers of a timeline may be told, and when more follows. All instants are Unix ms of the world. */
export interface TimePace {
  /** What was made at this instant or before has been told to whoever listened. */
  head(): number;
  /** How far a reader may go now; can be Infinity. */
  limit(): number;
  /** Real milliseconds until what was made at that instant may be told; 0 when it may. */
  msUntil(at: number): number;
  /** A reader has been told everything before `at`. */
  passed(at: number): void;
  /** Whether a reader that still has to be told what was made at `at` is so late that it is dropped. */
  tooFarBehind(at: number, openedBehindMs: number): boolean;
}

export interface LiveTime {
  /** Unix ms of the world, whole. */
  readonly now: () => number;
  /** How much faster than the reader's time world time runs. */
  readonly speed: number;
  /** A reader that lags by more real seconds (and by more than about 1,000 posts) is dropped. */
  readonly maxBehindSec: number;
  /** Posts of the sample per second of world time: the fewest that a lag is counted by. */
  readonly rate: number;
}

/** How long after it was made something is told. */
export const DELIVERY_MS = 500;

/** In step with the world's clock: everything half a second of world time after it was made. */
export function liveTimePace({ now, speed, maxBehindSec, rate }: LiveTime): TimePace {
  const boundMs = Math.max(maxBehindSec * 1000 * speed, (1000 / rate) * 1000);
  const head = (): number => now() - DELIVERY_MS;
  return {
    head,
    limit: head,
    msUntil: (at) => Math.max(0, at - head()) / speed,
    passed: () => undefined,
    tooFarBehind: (at, openedBehindMs) => head() - at > boundMs + openedBehindMs,
  };
}

/**
 * As fast as each reader reads; nobody is dropped. The world stands where its furthest reader has come to, and a new connection begins there.
 * @param reached that instant @param pull takes it on to another
 */
export function flatOutTimePace(reached: () => number, pull: (at: number) => void): TimePace {
  return {
    head: reached,
    limit: () => Number.POSITIVE_INFINITY,
    msUntil: () => 0,
    passed: pull,
    tooFarBehind: () => false,
  };
}
