import { expect, it } from 'vitest';
import { StreamSlots } from './stream-slots.ts';

it('places are given up to the limit, and come back at once or late', () => {
  const clock = { ms: 0 };
  const slots = new StreamSlots(1000, () => clock.ms);
  const first = slots.take('a', 2);
  const second = slots.take('a', 2);
  expect(slots.take('a', 2)).toBeUndefined();
  expect(slots.take('b', 2)).toBeDefined();
  expect(slots.take('a', Number.POSITIVE_INFINITY)).toBeDefined();
  first?.release(true);
  second?.release(false);
  expect(slots.take('a', 2)).toBeUndefined();
  clock.ms = 999;
  expect(slots.take('a', 2)).toBeUndefined();
  clock.ms = 1000;
  expect(slots.take('a', 2)).toBeDefined();
});

it('a place whose client has gone can be given up before its time', () => {
  const slots = new StreamSlots(1000, () => 0);
  const slot = slots.take('a', 1);
  expect(slot?.isHeld).toBe(true);
  slot?.release(false);
  expect(slot?.isHeld).toBe(true);
  expect(slots.take('a', 1)).toBeUndefined();
  slot?.release(true);
  expect(slot?.isHeld).toBe(false);
  expect(slots.take('a', 1)).toBeDefined();
});
