import { describe, expect, it } from 'vitest';
import { addSealed, emptyCheckpoint, isCounted } from './checkpoint.ts';
import type { Manifest } from './segment/manifest.ts';

const digest = '0'.repeat(64);
const sealed = (sequence: number): Manifest => ({
  format: 1,
  segment: `n1-20261122T130500Z-${sequence}`,
  plan: 'p',
  node: 'n1',
  sequence,
  ...{ frames: 3, posts: 2, malformed: 1, control: 0, bytes: 100, compressedBytes: 50 },
  sha256: digest,
  contentSha256: digest,
  sealedBecause: 'age',
});

describe('a checkpoint', () => {
  it('counts each segment once, whatever the order in which they are sealed', () => {
    // The second was sealed first: the first is not counted although its number is lower.
    const early = { ...addSealed(emptyCheckpoint('n1'), sealed(2)), uncounted: [1] };
    expect([1, 2, 3].map((sequence) => isCounted(early, sequence))).toEqual([false, true, false]);
    const both = addSealed(early, sealed(1));
    expect([1, 2, 3].map((sequence) => isCounted(both, sequence))).toEqual([true, true, false]);
    expect(both).toMatchObject({
      sequence: 2,
      uncounted: [],
      totals: { segments: 2, frames: 6, posts: 4, bytes: 200 },
    });
  });
});
