/** An export of what a search finds in a good part of all posts: the planner must not take the matches for a few and look for each in whole months. */
import { expect, it } from 'vitest';
import { systemClock } from '../../src/core/time.ts';
import { countSelected } from '../../src/store/export/count-selected.ts';
import { readSelected } from '../../src/store/export/read-selected.ts';
import type { PostSelection } from '../../src/store/export/selection.ts';
import { withSnapshot } from '../../src/store/export/snapshot.ts';
import { monthBounds } from '../../src/store/load/partitions.ts';
import { addCollection } from '../../src/store/queries/add-collection.ts';
import { freshDatabase } from '../support/database.ts';

const POSTS = 60_000;
/** Within a second it is done; looking through a month for each takes many minutes. */
const ENOUGH_MS = 60_000;

it(
  'reads them all in seconds',
  async () => {
    await using test = await freshDatabase();
    const { db } = test;
    await addCollection(db, systemClock, { name: 'wide', kind: 'sample', platform: 'x', api: 'v2' });
    for (const month of ['2026_08', '2026_09', '2026_10', '2026_11']) {
      const { from, to } = monthBounds(month);
      for (const table of ['posts', 'post_search', 'observations'])
        await db.query(
          `create table if not exists ${table}_${month} partition of ${table} for values from ('${from}') to ('${to}')`,
        );
    }
    const at = `'2026-08-01Z'::timestamptz + n * interval '2 minutes'`;
    await db.query(
      `insert into posts (platform, post_id, id_at, posted_at, text, payload, captured_at, segment_id, content_offset)
        select 'x', (1000000 + n)::text, ${at}, ${at}, 'a text', '{}', ${at}, 1, n from generate_series(1, ${POSTS}) n`,
    );
    await db.query(
      `insert into observations (collection_id, captured_at, segment_id, content_offset, platform, post_id, id_at)
        select 1, ${at}, 1, n, 'x', (1000000 + n)::text, ${at} from generate_series(1, ${POSTS}) n`,
    );
    await db.query(
      `insert into post_search (platform, post_id, at, kind, collection_ids, segment_id, content_offset, tokens)
        select 'x', (1000000 + n)::text, ${at}, 'original', '{1}', 1, n, (case when n % 3 = 0 then '''often''' else '''else''' end)::tsvector
        from generate_series(1, ${POSTS}) n`,
    );
    await db.query('analyze posts, observations, post_search');
    const selection: PostSelection = {
      ...{ source: { kind: 'all' }, observations: 'newest', withdrawals: { posts: false, accounts: false } },
      ...{ honour: true, search: { tokens: `'often'` } },
    };
    const ids = await withSnapshot(db, AbortSignal.timeout(ENOUGH_MS), async (snapshot) => {
      const { rows, span } = await countSelected(snapshot, selection);
      expect(rows).toBe(POSTS / 3);
      const read: string[] = [];
      for await (const posts of readSelected(snapshot, selection, { span }))
        read.push(...posts.map(({ postId }) => postId));
      return read;
    });
    expect(ids).toHaveLength(POSTS / 3);
    expect(ids.slice(0, 2)).toEqual(['1000003', '1000006']);
  },
  ENOUGH_MS + 60_000,
);
