import { describe, expect, it } from 'vitest';
import { FaultPlan } from './fault-plan.ts';

const streamAt = (linesTaken: number, id = '1', path = '/a') => ({ id, path, linesTaken });
const order = (kind: 'cut' | 'stall' | 'http-429' | 'http-503', after = 0, count = 1) => ({ kind, after, count });

describe('fault plan', () => {
  it('counts lines from the moment of the order for open streams, from 0 for later ones', () => {
    const plan = new FaultPlan();
    const open = streamAt(70);
    plan.add(order('cut', 100, 2), [open]);
    expect(plan.nextStrike(open)).toMatchObject({ kind: 'cut', inLines: 100 });
    open.linesTaken = 150;
    expect(plan.nextStrike(open)?.inLines).toBe(20);
    expect(plan.nextStrike(streamAt(0))?.inLines).toBe(100);
  });

  it('counts anew after each strike, and is over after the last', () => {
    const plan = new FaultPlan();
    const stream = streamAt(0);
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
    const stream = streamAt(0);
    plan.add(order('stall', 5), [stream]);
    plan.add(order('cut', 2), [stream]);
    expect(plan.nextStrike(stream)?.kind).toBe('cut');
    stream.linesTaken = 9;
    expect(plan.nextStrike(stream)?.kind).toBe('stall');
  });

  it('refuses connects, letting `after` of them through before each refusal', () => {
    const plan = new FaultPlan();
    plan.add(order('http-503', 1, 2), []);
    expect(Array.from({ length: 5 }, () => plan.refusal('/a'))).toEqual([
      undefined,
      'http-503',
      undefined,
      'http-503',
      undefined,
    ]);
    plan.add(order('http-429', 0, 3), []);
    plan.clear();
    expect(plan.refusal('/a')).toBeUndefined();
    expect(plan.list()).toEqual([]);
  });

  it('means only the connection and the path that it names', () => {
    const plan = new FaultPlan();
    plan.add({ ...order('cut', 1), connection: '2' }, []);
    plan.add({ ...order('stall', 2), path: '/b' }, []);
    plan.add({ ...order('http-503'), path: '/b' }, []);
    expect(plan.nextStrike(streamAt(0, '1', '/a'))).toBeUndefined();
    expect(plan.nextStrike(streamAt(0, '2', '/a'))?.kind).toBe('cut');
    expect(plan.nextStrike(streamAt(0, '3', '/b'))?.kind).toBe('stall');
    expect([plan.refusal('/a'), plan.refusal('/b')]).toEqual([undefined, 'http-503']);
  });

  it('draws the same strikes for a connection from the same seed, whatever the others do, and others from another', () => {
    const fate = (seed: number, ids: readonly string[], steps: number): Record<string, string[]> => {
      const plan = new FaultPlan();
      plan.add({ kind: 'random', seed, every: 20, kinds: ['cut', 'duplicate', 'drip'], after: 5, count: 10 }, []);
      const told: Record<string, string[]> = {};
      for (const id of ids) {
        const stream = streamAt(0, id);
        for (let n = 0; n < steps; n++) {
          const strike = plan.nextStrike(stream);
          if (strike === undefined) break;
          stream.linesTaken += strike.inLines;
          (told[id] ??= []).push(`${strike.kind} ${stream.linesTaken}`);
          strike.done();
        }
      }
      return told;
    };
    const whole = fate(3, ['1', '2', '3'], 50);
    expect(whole['2']).toHaveLength(10);
    expect(Number(whole['2']?.[0]?.split(' ')[1])).toBeGreaterThan(5);
    expect(fate(3, ['3', '2'], 50)['2']).toEqual(whole['2']);
    expect(whole['1']).not.toEqual(whole['2']);
    expect(fate(4, ['2'], 50)['2']).not.toEqual(whole['2']);
  });
});
