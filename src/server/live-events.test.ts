import { once } from 'node:events';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../core/time.ts';
import { createLiveEvents } from './live-events.ts';
import type { CollectionStatus } from './reply-schemas.ts';

function collection(name: string): CollectionStatus {
  return {
    ...{ name, state: 'connected', captured: 1, loaded: 1, quarantined: 0 },
    ...{ openSegments: 1, sealedSegments: 0, gaps: 0, lastByteAt: null },
  };
}

async function makeEvents(readStatus: () => Promise<CollectionStatus[]>, patienceMs = 60_000) {
  const noDisk = () => Promise.reject(new Error('no disk to measure'));
  const log = pino({ level: 'silent' });
  const readRoles = () => Promise.reject(new Error('no file to read'));
  const events = createLiveEvents({ readStatus, readDisk: noDisk, readRoles, clock: systemClock, log, patienceMs });
  events.start();
  return { ...events, [Symbol.asyncDispose]: () => events.stop() };
}

async function until(condition: () => boolean): Promise<void> {
  const end = performance.now() + 30_000;
  while (!condition()) {
    if (performance.now() > end) throw new Error('It did not come to pass within 30 s.');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('listeners', () => {
  it('cost one question a second together, and none of them more', async () => {
    let asked = 0;
    await using events = await makeEvents(async () => {
      asked += 1;
      return [collection('demo')];
    });
    const listeners = Array.from({ length: 50 }, () => events.listen('all'));
    const told = listeners.map(() => 0);
    for (const [index, listener] of listeners.entries())
      listener.on('data', (chunk: Buffer) => {
        told[index] = (told[index] ?? 0) + chunk.toString().split('event: status').length - 1;
      });
    await until(() => Math.min(...told) >= 3);
    // Everybody's three events come of the same few questions: one each, and one that the first listener woke.
    expect(asked).toBeLessThanOrEqual(Math.max(...told) + 2);
  });

  // Some 300 kB an event: more than a listener may leave unread.
  const crowd = Array.from({ length: 2_000 }, (_, index) => collection(`crowd-${index}`));

  it('that do not read are cut off after a while, with little kept for them, and nobody else is', async () => {
    await using events = await makeEvents(async () => crowd, 1_500);
    const deaf = events.listen('all');
    const good = events.listen('all');
    let read = 0;
    good.on('data', (chunk: Buffer) => {
      read += chunk.length;
    });
    await once(deaf, 'close');
    const before = read;
    await until(() => read > before);
    expect(good.destroyed).toBe(false);
  });

  it('that read again after a pause are told what they missed', async () => {
    let asked = 0;
    await using events = await makeEvents(async () => {
      asked += 1;
      return crowd;
    });
    const listener = events.listen('all');
    await until(() => asked >= 5);
    expect(listener.writableLength + listener.readableLength).toBeLessThan(900_000);
    const seen: string[] = [];
    listener.on('data', (chunk: Buffer) => seen.push(...(chunk.toString().match(/event: \w+/g) ?? [])));
    await until(() => seen.filter((event) => event === 'event: history').length === 2);
  });

  it('beyond a bound are turned away, and their places are given again', async () => {
    await using events = await makeEvents(async () => []);
    const listeners = Array.from({ length: 256 }, () => events.listen('all'));
    expect(() => events.listen('all')).toThrow('At most 256');
    listeners[0]?.destroy();
    await once(listeners[0] as NodeJS.EventEmitter, 'close');
    expect(events.listen('all').destroyed).toBe(false);
  });

  it('hear the end', async () => {
    const events = await makeEvents(async () => []);
    const listener = events.listen('all');
    listener.resume();
    await events.stop();
    await once(listener, 'end');
  });
});
