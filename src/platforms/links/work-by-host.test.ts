import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createHostTurns } from './host-turns.ts';
import { workByHost } from './work-by-host.ts';

async function* links(list: string[], onPull: () => void = () => {}): AsyncGenerator<string> {
  for (const link of list) {
    onPull();
    yield link;
  }
}
const hostOf = (link: string) => link.charAt(0);

describe('links of many hosts', () => {
  it('are worked on side by side, each host one at a time and in order, all of them once', async () => {
    const all = Array.from({ length: 300 }, (_, n) => `${'abcdefgh'.charAt((n * n) % 8)}${n}`);
    const busy = new Set<string>();
    const done: string[] = [];
    let most = 0;
    await workByHost(links(all), {
      hostOf,
      work: async (link) => {
        expect(busy.has(hostOf(link))).toBe(false);
        busy.add(hostOf(link));
        most = Math.max(most, busy.size);
        for (let n = 0; n < 1 + (link.length % 3); n++) await turn();
        busy.delete(hostOf(link));
        done.push(link);
      },
      hostsAtOnce: 3,
      mostWaiting: 50,
    });
    expect([...done].sort()).toEqual([...all].sort());
    expect(most).toBe(3);
    for (const host of 'abcdefgh')
      expect(done.filter((link) => hostOf(link) === host)).toEqual(all.filter((link) => hostOf(link) === host));
  });

  it('do not wait for a host that has thousands, and no more than so many are held', async () => {
    const all = [...Array.from({ length: 100 }, (_, n) => `a${n}`), 'b0', 'c0'];
    let pulled = 0;
    let done = 0;
    const order: string[] = [];
    await workByHost(
      links(all, () => pulled++),
      {
        hostOf,
        work: async (link) => {
          await turn();
          done++;
          order.push(link);
          expect(pulled - done).toBeLessThanOrEqual(120);
        },
        hostsAtOnce: 1,
        mostWaiting: 110,
      },
    );
    expect(order.indexOf('b0')).toBeLessThan(110);
    pulled = 0;
    let worked = 0;
    await workByHost(
      links(all, () => pulled++),
      {
        hostOf,
        work: async () => {
          await turn();
          worked++;
          expect(pulled - worked).toBeLessThanOrEqual(5);
        },
        hostsAtOnce: 2,
        mostWaiting: 4,
      },
    );
    expect(worked).toBe(102);
  });

  it('stop at a fault: what is under way ends, nothing new begins, and the fault is told', async () => {
    const begun: string[] = [];
    const ended: string[] = [];
    const run = workByHost(links(['a1', 'b1', 'c1', 'a2', 'b2', 'c2']), {
      hostOf,
      work: async (link) => {
        begun.push(link);
        await turn();
        if (link === 'b1') throw new Error('broken');
        await turn();
        await turn();
        ended.push(link);
      },
      hostsAtOnce: 3,
      mostWaiting: 3,
    });
    await expect(run).rejects.toThrow('broken');
    expect(ended).toEqual(begun.filter((link) => link !== 'b1'));
    expect(begun).not.toContain('c2');
    const source = (async function* () {
      yield 'a1';
      throw new Error('away');
    })();
    await expect(workByHost(source, { hostOf, work: async () => {}, hostsAtOnce: 1, mostWaiting: 1 })).rejects.toThrow(
      'away',
    );
    await workByHost(links([]), { hostOf, work: async () => {}, hostsAtOnce: 1, mostWaiting: 1 });
  });
});

describe('turns of a host', () => {
  it('come one after another with the pause between, whatever becomes of them, and hosts do not wait for each other', async () => {
    let nowMs = 0;
    const events: string[] = [];
    const turns = createHostTurns({
      gapMs: 1000,
      monotonicMs: () => nowMs,
      sleep: async (ms) => {
        await turn();
        nowMs += ms;
      },
    });
    const { signal } = new AbortController();
    const visit = (host: string, name: string, ms = 0) =>
      turns.take(host, signal, async () => {
        events.push(`${name} ${nowMs}`);
        nowMs += ms;
        if (name === 'bad') throw new Error('bad');
      });
    const all = [visit('a', 'one', 300), visit('a', 'bad'), visit('a', 'three'), visit('b', 'other')];
    await Promise.allSettled(all);
    expect(events).toEqual(['one 0', 'other 300', 'bad 1300', 'three 2300']);
    nowMs += 5000;
    await visit('a', 'later');
    expect(events.at(-1)).toBe('later 7300');
  });

  it('who is stopped while waiting gives the turn on, and the pause of the one before still holds', async () => {
    const stop = new AbortController();
    const sleeps: number[] = [];
    const turns = createHostTurns({
      gapMs: 1000,
      monotonicMs: () => 0,
      sleep: async (ms, signal) => {
        sleeps.push(ms);
        signal.throwIfAborted();
      },
    });
    const { signal } = new AbortController();
    await turns.take('a', signal, async () => {});
    stop.abort(new Error('enough'));
    await expect(turns.take('a', stop.signal, async () => {})).rejects.toThrow('enough');
    expect(await turns.take('a', signal, async () => 'worked')).toBe('worked');
    expect(sleeps).toEqual([1000, 1000]);
  });
});
