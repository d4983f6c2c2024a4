/** How far one clock is ahead of another, as an interval that holds the truth: ours minus theirs, in ms. Found by asking. */
export type ClockOffset = {
  from: number;
  to: number;
  /** By our clock. */
  measuredAtMs: number;
};

/** One question to the other side: it said an instant of its clock between our asking and our hearing. */
export type ClockSample = {
  sentAtMs: number;
  answeredAtMs: number;
  /** Its clock stood between these two: apart where it tells whole seconds only. */
  theirsFromMs: number;
  theirsToMs: number;
};

/** Two crystals part by less than this, in ms per ms, so that what was measured stays true for long. */
const DRIFT = 200e-6;

/**
 * What is known after one more sample. Answers told in whole seconds narrow the interval with each answer that falls elsewhere in its second.
 * A sample that contradicts what was known (a clock was set) replaces it.
 */
export function measureOffset(known: ClockOffset | undefined, sample: ClockSample): ClockOffset {
  const from = sample.sentAtMs - sample.theirsToMs;
  const to = sample.answeredAtMs - sample.theirsFromMs;
  const measuredAtMs = sample.answeredAtMs;
  if (known === undefined) return { from, to, measuredAtMs };
  const slackMs = Math.max(0, measuredAtMs - known.measuredAtMs) * DRIFT;
  const both = {
    from: Math.max(from, known.from - slackMs),
    to: Math.min(to, known.to + slackMs),
    measuredAtMs,
  };
  return both.from <= both.to ? both : { from, to, measuredAtMs };
}
