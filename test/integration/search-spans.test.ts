/** Pages of a search, behind the newest posts span after span: the same as one question for all of them, however posts lie in time. */
import { expect, it } from 'vitest';
import { systemClock } from '../../src/core/time.ts';
import type { Queryable } from '../../src/store/db.ts';
import { addCollection } from '../../src/store/queries/add-collection.ts';
import { findPosts, type FoundPost } from '../../src/store/search/find-posts.ts';
import { freshDatabase } from '../support/database.ts';
import { seededRandom } from '../support/sample-posts.ts';

/** More than some spans hold, so that pages go over their edges. */
const PAGE = 3_000;

/**
 * The newest 30,000 hold `often` at the oldest end only; behind them are 40,000 `dense` ones; before them months lie empty; behind these, more than are sorted at once of one second and of no known
 * time; and a few of the years before any platform. `seldom` is in one of 1,000 anywhere, `never` in none.
 */
const PARTS = [
  { count: 30, at: `'2400-01-01Z'::timestamptz + n * interval '1 year'`, tokens: `''` },
  {
    ...{ count: 30_000, at: `'2026-11-20T00:00Z'::timestamptz - n * interval '1 second'` },
    tokens: `case when n > 21000 then '''often''' else '' end`,
  },
  // So dense that the edges of spans fall on posts.
  { count: 40_000, at: `'2026-11-19T12:00Z'::timestamptz - n * interval '2 seconds'`, tokens: `'''dense'''` },
  {
    count: 7_000,
    at: `'2026-03-01T10:00:00Z'::timestamptz + (n % 5) * interval '1 microsecond'`,
    tokens: `'''often'''`,
  },
  {
    count: 9_000,
    at: `'2021-01-01Z'::timestamptz + n * interval '1 hour'`,
    tokens: `case when n % 3 = 0 then '''often''' else '' end`,
  },
  { count: 20, at: `'1999-12-31Z'::timestamptz + n * interval '1 day'`, tokens: `'''often'''` },
  { count: 26_000, at: `'-infinity'::timestamptz`, tokens: `'''often'''` },
];

it('finds each match once and in order, dense or rare, at one instant or at none', async () => {
  const seed = Number(process.env['MISTNET_TEST_SEED'] ?? Date.now() % 1_000_000);
  console.info(`MISTNET_TEST_SEED=${seed}`);
  const random = seededRandom(seed);
  await using test = await freshDatabase();
  const { db } = test;
  await addCollection(db, systemClock, { name: 'wide', kind: 'sample', platform: 'x', api: 'v2' });
  await fill(db, random);
  const told: string[] = [];
  const asked: (string | undefined)[] = ['often', 'seldom', 'often & seldom', 'dense', '!often', 'never', undefined];
  const someDay = new Date(Date.UTC(2021, Math.floor(random() * 60), 1)).toISOString();
  for (const word of asked)
    for (const from of [undefined, someDay]) {
      const tokens = word === undefined ? undefined : word.replaceAll(/[a-z]+/gu, `'$&'`);
      const all = await allOf(db, tokens, from);
      const found = await allPages(db, { tokens, from });
      const what = `${word ?? 'everything'} from ${from ?? 'the first'}`;
      expect(found.length, what).toBe(all.length);
      const differs = found.findIndex((id, at) => id !== all[at]);
      expect(differs, `${what}: the first that differs`).toBe(-1);
      told.push(`${what}: ${all.length}`);
    }
  console.info(told.join('; '));
  const often = await findPosts(db, { tokens: `'often'` }, { limit: 30 });
  expect(often[0]?.at, 'the newest of those that are common only behind the newest').toBe('2026-11-19 18:09:59+00');
  // A month of matches that were all taken back is passed over, not the end.
  await db.query(
    `insert into post_withdrawals (platform, post_id, kind, noted_at, source) select 'x', post_id, 'deleted', now(), 'stream' from post_search
      where at between '2026-01-01Z' and '2026-12-01Z' and tokens @@ '''often'''::tsquery`,
  );
  const left = await findPosts(db, { tokens: `'often'` }, { limit: 30 });
  expect(left[0]?.at.slice(0, 4)).toBe('2022');
});

async function fill(db: Queryable, random: () => number): Promise<void> {
  let first = 1_000_000;
  for (const { count, at, tokens } of PARTS) {
    const salt = Math.floor(random() * 1000);
    await db.query(
      `insert into post_search (platform, post_id, at, kind, collection_ids, segment_id, content_offset, tokens)
        select 'x', (${first} + (n * 7919) % ${count})::text, ${at}, 'original', '{1}', 1, n,
          (${tokens} || case when (n * 31 + ${salt}) % 1000 = 0 then ' ''seldom''' else '' end)::tsvector
        from generate_series(1, ${count}) n`,
    );
    first += 100_000;
  }
  await db.query('analyze post_search');
}

async function allOf(db: Queryable, tokens: string | undefined, from: string | undefined): Promise<string[]> {
  const rows = await db.query<{ post_id: string }>(
    `select post_id from post_search where ($1::text is null or tokens @@ $1::tsquery) and ($2::timestamptz is null or at >= $2)
      order by at desc, post_id desc, platform desc`,
    [tokens ?? null, from ?? null],
  );
  return rows.map(({ post_id }) => post_id);
}

async function allPages(
  db: Parameters<typeof findPosts>[0],
  condition: Parameters<typeof findPosts>[1],
): Promise<string[]> {
  const found: string[] = [];
  for (let after: FoundPost | undefined; ; ) {
    const page = await findPosts(db, condition, { limit: PAGE, after });
    found.push(...page.map(({ postId }) => postId));
    after = page.at(-1);
    if (page.length < PAGE || after === undefined) return found;
  }
}
