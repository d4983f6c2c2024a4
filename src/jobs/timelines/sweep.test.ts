import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareIds } from '../../core/ids.ts';
import { SNOWFLAKE_EPOCH_MS } from '../../core/snowflake.ts';
import { afterPage, finishSweep, type Sweep } from './sweep.ts';

const NOW = Date.parse('2026-11-22T12:00:00Z');
const HORIZON = 3200;
const begin = (sinceId?: string): Sweep => ({
  run: 'r',
  ...(sinceId === undefined ? {} : { sinceId }),
  position: {},
  pages: 0,
  posts: 0,
  startedAt: new Date(NOW).toISOString(),
});
const id = (minutesAgo: number) => (BigInt(NOW - minutesAgo * 60_000 - SNOWFLAKE_EPOCH_MS) << 22n).toString();

describe('a sweep', () => {
  it('remembers the newest and oldest post of all its pages, in whatever order they come', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.integer({ min: 1, max: 100_000 }), { maxLength: 5 }), { minLength: 1 }),
        (pages) => {
          let sweep = begin();
          for (const [at, page] of pages.entries())
            sweep = afterPage(
              sweep,
              { postIds: page.map(id) },
              at === pages.length - 1 ? undefined : { token: `t${at}` },
            );
          const all = pages.flat().map(id).sort(compareIds);
          expect(sweep.position).toEqual(all.length === 0 ? {} : { oldestId: all[0], newestId: all.at(-1) });
          expect([sweep.pages, sweep.posts]).toEqual([pages.length, all.length]);
        },
      ),
    );
  });

  it('that found nothing leaves the timeline where it was', () => {
    const { state, unreachable } = finishSweep(
      { newestId: id(5) },
      afterPage(begin(id(5)), { postIds: [] }, undefined),
      {
        ...{ nowMs: NOW, horizon: HORIZON, known: {} },
      },
    );
    expect(state).toMatchObject({ newestId: id(5) });
    expect(unreachable).toBeUndefined();
  });

  it('that stops at the horizon says what it could not reach, from the beginning of the account or the last reading', () => {
    const ids = Array.from({ length: HORIZON }, (_, at) => id(at + 1));
    const first = finishSweep({}, afterPage(begin(), { postIds: ids }, undefined), {
      ...{ nowMs: NOW, horizon: HORIZON, known: { createdAtMs: Date.parse('2015-01-01T00:00:00Z'), posts: 9000 } },
    });
    expect(first.unreachable).toEqual({
      fromMs: Date.parse('2015-01-01T00:00:00Z'),
      toMs: NOW - HORIZON * 60_000,
      evidence: 'the platform shows the newest 3200 posts only; 3200 of 9000 could be read',
    });
    const later = finishSweep({ newestId: id(9000) }, afterPage(begin(id(9000)), { postIds: ids }, undefined), {
      ...{ nowMs: NOW, horizon: HORIZON, known: {} },
    });
    expect(later.unreachable?.fromMs).toBe(NOW - 9000 * 60_000);
  });

  it('that stood for weeks is cut by what came meanwhile', () => {
    const ids = Array.from({ length: 1200 }, (_, at) => id(at + 50_000));
    const stood = { ...afterPage(begin(), { postIds: ids }, undefined), hadPosts: 9000 };
    const found = (posts: number) => finishSweep({}, stood, { nowMs: NOW, horizon: HORIZON, known: { posts } });
    expect(found(12_000).unreachable).toMatchObject({ toMs: NOW - 51_199 * 60_000 });
    expect(found(9100).unreachable, 'few came').toBeUndefined();
  });

  it('that read all posts of the profile missed none, however many they are', () => {
    const ids = Array.from({ length: 3150 }, (_, at) => id(at + 1));
    const { unreachable } = finishSweep({}, afterPage(begin(), { postIds: ids }, undefined), {
      ...{ nowMs: NOW, horizon: HORIZON, known: { posts: 3150 } },
    });
    expect(unreachable).toBeUndefined();
  });

  it('learns how often somebody posts', () => {
    const day = Array.from({ length: 48 }, (_, at) => id((at + 1) * 30));
    const { state } = finishSweep({}, afterPage(begin(), { postIds: day }, undefined), {
      ...{ nowMs: NOW, horizon: HORIZON, known: {} },
    });
    expect(state.dailyRate).toBeCloseTo(48, 0);
    const quiet = finishSweep({ ...state, sweptAt: new Date(NOW - 86_400_000).toISOString() }, begin(id(1)), {
      ...{ nowMs: NOW, horizon: HORIZON, known: {} },
    });
    expect(quiet.state.dailyRate).toBeCloseTo(24, 0);
  });
});
