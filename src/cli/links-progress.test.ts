import { describe, expect, it } from 'vitest';
import { linksProgressText } from './links-progress.ts';

const half = { followed: 100, answered: 100, refused: 0, unreachable: 0, again: 0, statuses: {} };

describe('how far the following of links is', () => {
  it('is reckoned against the whole selection', () => {
    const progress = { ...half, posts: 500, postsTotal: 1000, expanded: 150, waiting: 100 };
    expect(linksProgressText(progress, 100_000)).toBe(
      '500 of 1,000 posts · 100 links followed · 100 waiting · 1.0/s · 5 min left',
    );
  });

  it('is reckoned against the limit where that ends it earlier', () => {
    const progress = { ...half, posts: 500, postsTotal: 1_000_000, expanded: 100, limit: 100, waiting: 20 };
    expect(linksProgressText(progress, 100_000)).toBe(
      '100 of 100 posts with links · 100 links followed · 20 waiting · 1.0/s · 20 s left',
    );
  });

  it('says nothing of what is left before a link was followed', () => {
    const progress = { ...half, followed: 0, posts: 0, postsTotal: 9, expanded: 0, limit: 3, waiting: 0 };
    expect(linksProgressText(progress, 5)).toBe('0 of 3 posts with links · 0 links followed · 0 waiting · 0.0/s');
  });
});
