import { describe, expect, it } from 'vitest';
import { FaultPlan } from './fault-plan.ts';

const order = (kind: 'cut' | 'stall' | 'http-429' | 'http-503', after = 0, count = 1) => ({ kind, after, count });

describe('fault plan', () => {
  it('counts lines from the moment of the order for open streams, from 0 for later ones', () => {
    const plan = new FaultPlan();
    const open = { linesTaken: 70 };
    plan.add(order('cut', 100, 2), [open]);
    expect(plan.nextStrike(open)).toMatchObject({ kind: 'cut', inLines: 100 });
    open.linesTaken = 150;
    expect(plan.nextStrike(open)?.inLines).toBe(20);
    expect(plan.nextStrike({ linesTaken: 0 })?.inLines).toBe(100);
  });

  it('counts anew after each strike, and is over after the last', () => {
    const plan = new FaultPlan();
    const stream = { linesTaken: 0 };
    plan.add(order('cut', 3, 2), [stream]);
    stream.linesTaken = 3;
    plan.nextStrike(stream)?.done();
    expect(plan.nextStrike(stream)?.inLines).toBe(3);
    stream.linesTaken = 6;
    plan.nextStrike(stream)?.done();
    expect(plan.nextStrike(stream)).toBeUndefined();
    expect(plan.list()).toMatchObject([{ kind: 'cut', struck: 2, count: 2 }]);
  });

  it('puts the nearer strike first, and of two at one line the earlier order', () => {
    const plan = new FaultPlan();
    const stream = { linesTaken: 0 };
    plan.add(order('stall', 5), [stream]);
    plan.add(order('cut', 2), [stream]);
    expect(plan.nextStrike(stream)?.kind).toBe('cut');
    stream.linesTaken = 9;
    expect(plan.nextStrike(stream)?.kind).toBe('stall');
  });

  it('refuses connects, letting `after` of them through before each refusal', () => {
    const plan = new FaultPlan();
    plan.add(order('http-503', 1, 2), []);
    expect(Array.from({ length: 5 }, () => plan.refusal())).toEqual([
      undefined,
      'http-503',
      undefined,
      'http-503',
      undefined,
    ]);
    plan.add(order('http-429', 0, 3), []);
    plan.clear();
    expect(plan.refusal()).toBeUndefined();
    expect(plan.list()).toEqual([]);
  });
});
