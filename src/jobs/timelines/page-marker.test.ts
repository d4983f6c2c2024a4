import { describe, expect, it } from 'vitest';
import { emptyPage } from '../../platforms/x/read/v2-page.ts';
import type { ReadPage } from '../../platforms/read-adapter.ts';
import { framesOfPage, readMarker } from './page-marker.ts';
import type { Sweep } from './sweep.ts';

const sweep: Sweep = {
  run: '0a1b2c3d-0000-4000-8000-000000000001',
  sinceId: '1000',
  position: { token: 'next', oldestId: '2001', newestId: '2003' },
  pages: 3,
  posts: 7,
  startedAt: '2026-03-02T00:00:00.000Z',
  unread: { fromMs: 1, toMs: 2 },
};

function pageOf(body: string): ReadPage {
  return {
    ...emptyPage(),
    body: Buffer.from(body),
    endpoint: '/2/users/:id/tweets',
    url: 'https://api.x.com/2/users/12/tweets?max_results=100',
    receivedAt: '2026-03-02T00:00:01.000Z',
  };
}

const textOf = (frame: { payload: Buffer } | undefined) => frame?.payload.toString('utf8') ?? '';
const markerOf = (body: string) => framesOfPage(pageOf(body), '12', sweep).frames.at(-1);

describe('the frames of a page', () => {
  it('are its posts with their ids, and last the marker with the rest of the answer', () => {
    const { frames, session, atMs } = framesOfPage(
      pageOf('{"data":[{"id":"2003","text":"a"},{"id":"2001","text":"b"}],"meta":{"next_token":"next"}}'),
      '12',
      sweep,
    );
    expect(frames.map(({ lineClass }) => lineClass)).toEqual([
      { kind: 'post', postId: '2003' },
      { kind: 'post', postId: '2001' },
      { kind: 'control' },
    ]);
    expect({ session, atMs }).toEqual({ session: sweep.run, atMs: Date.parse('2026-03-02T00:00:01Z') });
    expect(JSON.parse(textOf(frames[2]))).toMatchObject({ meta: { next_token: 'next' }, mistnet: { timeline: '12' } });
  });

  it.each([
    ['an empty page', '{"meta":{"result_count":0}}'],
    ['an empty object', '{}'],
    ['whitespace around and within', '\n { "meta" : { "result_count":0 } }\n'],
    ['an object that holds whitespace alone', '{ \n }'],
    ['v1.1', '[{"id_str":"2003","id":2003,"text":"a"}]'],
    ['an empty list of v1.1', '[]'],
    ['no JSON at all', '<html>'],
    [
      'errors with the posts',
      '{"data":[{"id":"2003","text":"{\\"mistnet\\":1}"}],"errors":[{"detail":"\u2028 }{ \\" ü"}]}',
    ],
  ])('end with a marker that is JSON and read back: %s', (_, body) => {
    const frame = markerOf(body);
    expect(() => JSON.parse(textOf(frame))).not.toThrow();
    expect(readMarker(frame?.payload ?? Buffer.alloc(0))).toEqual({ accountId: '12', sweep });
  });
});

describe('a marker', () => {
  it('is not seen in what a platform sent, nor in what a later version or a torn write left', () => {
    const marker = textOf(markerOf('{}'));
    for (const text of [
      '{"data":{"id":"1","text":"{\\"mistnet\\":{\\"timeline\\":"}}',
      '{"mistnet":{"timeline":"12"}}',
      marker.slice(0, -1),
      marker.replace('"pages":3', '"pages":"3"'),
      '',
    ])
      expect(readMarker(Buffer.from(text)), text).toBeUndefined();
  });
});
