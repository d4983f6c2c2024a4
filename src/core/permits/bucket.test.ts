import { describe, expect, it } from 'vitest';
import { type Bucket, freeAt, newBucket, reopensAt, settleIn, takeFrom } from './bucket.ts';
import { measureOffset } from './clock-offset.ts';
import { type Answer, hear } from './heard.ts';

const T = Date.parse('2026-11-22T12:00:00.000Z');
const QUARTER_MS = 900_000;
const exact = { from: 0, to: 0, measuredAtMs: T };

function answered(bucket: Bucket, sentAtMs: number, answer: Partial<Answer>): Bucket {
  const taken = takeFrom(bucket, sentAtMs, 1);
  return settleIn(taken, hear({ status: 200, ...answer }, { sentAtMs, answeredAtMs: sentAtMs + 100 }, exact));
}

describe('a bucket', () => {
  it('asks by one call first, then uses what the platform says is left', () => {
    const bucket = newBucket({ limit: 900, windowMs: QUARTER_MS });
    expect(freeAt(bucket, T)).toBe(1);
    const known = answered(bucket, T, { limit: 1500, remaining: 20, resetAtMs: T + 60_000 });
    expect(freeAt(known, T + 100)).toBe(20);
    expect(freeAt(takeFrom(known, T + 100, 20), T + 100)).toBe(0);
    expect(reopensAt(takeFrom(known, T + 100, 20), T + 100)).toBe(T + 60_000);
  });

  it('ends a window its length after the first answer, though the reset is told in whole seconds', () => {
    const bucket = answered(newBucket({ limit: 1, windowMs: QUARTER_MS }), T + 7, {
      ...{ limit: 1, remaining: 0, resetAtMs: T + QUARTER_MS + 1000 },
    });
    expect(reopensAt(bucket, T + 200)).toBe(T + 7 + 100 + QUARTER_MS);
  });

  it('counts calls on their way in the next window, too', () => {
    const first = answered(newBucket({ limit: 5, windowMs: QUARTER_MS }), T, {
      limit: 5,
      remaining: 4,
      resetAtMs: T + 60_000,
    });
    const waiting = takeFrom(first, T + 59_999, 2);
    expect(freeAt(waiting, T + 60_000)).toBe(3);
  });

  it('gives ends a margin once the platform refused a call that came too early', () => {
    const full = answered(newBucket({ limit: 1, windowMs: QUARTER_MS }), T, {
      limit: 1,
      remaining: 0,
      resetAtMs: T + 60_000,
    });
    const tooEarly = { status: 429, refusal: 'rate-limited', limit: 1, remaining: 0, resetAtMs: T + 60_000 } as const;
    const refused = answered(full, T + 60_000, tooEarly);
    expect(refused.marginMs).toBe(250);
    expect(freeAt(refused, T + 60_150)).toBe(0);
    expect(reopensAt(refused, T + 60_150)).toBeGreaterThan(T + 60_300);
    expect(freeAt(refused, T + 61_000)).toBe(1);
  });

  it('takes a refusal with calls left for a rule besides the window', () => {
    const bucket = answered(newBucket({ limit: 300, windowMs: QUARTER_MS }), T, {
      ...{ status: 429, refusal: 'rate-limited', limit: 300, remaining: 250, resetAtMs: T + 60_000 },
    });
    expect(freeAt(bucket, T + 200)).toBe(0);
    expect(reopensAt(bucket, T + 200)).toBe(T + 1100);
    expect(freeAt(bucket, T + 1100)).toBe(250);
  });
});

describe('a clock', () => {
  it('that tells whole seconds is known better with each answer', () => {
    const first = measureOffset(undefined, {
      sentAtMs: T + 3400,
      answeredAtMs: T + 3500,
      theirsFromMs: T,
      theirsToMs: T + 1000,
    });
    expect([first.from, first.to]).toEqual([2400, 3500]);
    const second = measureOffset(first, {
      sentAtMs: T + 3990,
      answeredAtMs: T + 4050,
      theirsFromMs: T + 1000,
      theirsToMs: T + 2000,
    });
    expect(second.from).toBeCloseTo(2400, 0);
    expect(second.to).toBeCloseTo(3050, 0);
  });
});
