import { describe, expect, it } from 'vitest';
import type { Frame } from '../../capture/segment/format.ts';
import { Batch } from './batch.ts';

function frame(payload: string, offset: number, at = '2026-11-22T13:05:00.000Z'): Frame {
  const bytes = Buffer.from(payload);
  const place = { offset, end: offset + bytes.length + 100 };
  return { at, platform: 'x', endpoint: 'sample', session: 's', ...place, payload: bytes };
}

const batchOf = (...frames: Frame[]) => {
  const batch = new Batch({ segmentId: 1, collectionIds: [1], start: 0 });
  for (const one of frames) batch.add(one);
  batch.close();
  return batch;
};

describe('a batch', () => {
  it('counts every frame as loaded, quarantined or control', () => {
    const batch = batchOf(
      frame('{"data":{"id":"1","text":"a"}}', 0),
      frame('{"data":{"id":"1","text":"a"}}', 200),
      frame('{"data":{"id":', 400),
      frame('{"errors":[]}', 600),
      { ...frame('{"data":{"id":"2"}}', 800), platform: 'elsewhere' },
      frame('{"data":{"id":"3"}}', 1000, 'never'),
    );
    expect(batch).toMatchObject({ frames: 6, loaded: 2, control: 1, end: 1119 });
    expect(batch.quarantined.map(({ offset, reason }) => ({ offset, reason }))).toEqual([
      { offset: 400, reason: 'not JSON' },
      { offset: 800, reason: 'platform elsewhere is not known' },
      { offset: 1000, reason: 'the frame has no instant' },
    ]);
    expect(batch.observations.rows).toBe(2);
    expect(batch.posts.rows).toBe(1);
    expect(batch.repeatsItself).toBe(false);
  });

  it('hands on a repeated post whose clock is earlier, for the merge to decide', () => {
    const line = '{"data":{"id":"1","text":"a"}}';
    const batch = batchOf(frame(line, 0), frame(line, 200, '2026-11-22T13:04:59.999Z'));
    expect(batch.posts.rows).toBe(2);
    expect(batch.repeatsItself).toBe(true);
  });

  it('writes posts in the order of their keys, whatever order they came in', () => {
    const ids = ['300', '100', '20', '4', '100', '5'];
    const sorted = [...new Set(ids)].sort();
    const written = (order: string[]) =>
      batchOf(...order.map((id) => frame(`{"data":{"id":"${id}"}}`, 0)))
        .posts.finish()
        .toString('latin1');
    const found = [...written(ids).matchAll(/"id":"(\d+)"/g)].map(([, id]) => id);
    expect(found).toEqual(sorted);
    expect(written(ids)).toBe(written(sorted));
  });

  it('names the month of each id and the day of each capture that it needs a place for', () => {
    const batch = batchOf(
      frame('{"data":{"id":"20"}}', 0, '2026-11-22T23:59:59.999Z'),
      frame('{"data":{"id":"2124488063185846272"}}', 0, '2026-11-23T00:00:00.000Z'),
    );
    expect([...batch.months]).toEqual(['2026_11']);
    expect([...batch.days]).toEqual(['2026_11_22', '2026_11_23']);
  });
});
