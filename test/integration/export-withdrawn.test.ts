/** What platforms take back is noted as it is loaded, and exports leave it out or say that they did not. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { noteLooks } from '../../src/store/withdrawals/note-looks.ts';
import { rebuildCollection } from '../../src/store/rebuild.ts';
import { type ExportBench, exportBench, readRows } from '../support/exports.ts';
import { snowflakeAt } from '../support/sample-posts.ts';

const START = Date.parse('2026-11-22T13:00:00.000Z');
const at = (minutes: number) => START + minutes * 60_000;
const idOf = (n: number) => snowflakeAt(at(n), n);
const status = (n: number, user: number, more: object = {}) =>
  JSON.stringify({
    id: 0,
    id_str: idOf(n),
    created_at: new Date(at(n)).toUTCString(),
    text: `post ${n}`,
    user: { id_str: String(1000 + user), screen_name: `bird${user}` },
    place: { full_name: 'Linz, Austria' },
    coordinates: { type: 'Point', coordinates: [14.3, 48.3] },
    ...more,
  }).replace('"id":0', `"id":${idOf(n)}`);
const minute = (n: number, payload: string) => ({ payload, atMs: at(n) });

/** Numbers of exported posts, with what a column says of each. */
async function rowsOf(bench: ExportBench, name: string, column: string, wish: object = {}) {
  const { folder, manifest } = await bench.export(name, { format: 'csv', ...wish });
  const [head = [], ...rows] = await readRows('csv', join(folder, `${name}.csv`));
  const numbers = new Map(Array.from({ length: 30 }, (_, n) => [idOf(n), n]));
  const found = rows.map((row) => [numbers.get(row[head.indexOf('id')] ?? ''), row[head.indexOf(column)]]);
  return { found, manifest, page: await readFile(join(folder, 'README.md'), 'utf8') };
}

describe('what was taken back', () => {
  it('by notices of a stream is left out of exports, however often and in whichever order they are loaded', async () => {
    await using bench = await exportBench();
    const { db } = bench;
    await bench.load('birds', [
      minute(1, status(1, 1)),
      minute(2, status(2, 2)),
      // The notice of a post may come before the post.
      minute(
        3,
        `{"delete":{"status":{"id":${idOf(4)},"id_str":"${idOf(4)}","user_id":1001,"user_id_str":"1001"},"timestamp_ms":"${at(3)}"}}`,
      ),
      minute(4, status(4, 1)),
      minute(5, status(5, 3)),
      minute(6, status(6, 4)),
      minute(7, status(7, 5, { retweeted_status: { id_str: idOf(4), text: 'gone' } })),
      minute(8, status(8, 5, { quoted_status_id_str: idOf(4), quoted_status: { id_str: idOf(4), text: 'gone' } })),
      minute(9, status(9, 6)),
      minute(10, status(10, 7)),
      // Numbers alone, beyond 2^53.
      minute(11, `{"status_withheld":{"id":${idOf(5)},"user_id":1003,"withheld_in_countries":["DE","FR"]}}`),
      minute(12, `{"status_withheld":{"id":${idOf(6)},"user_id":1004,"withheld_in_countries":["XX"]}}`),
      minute(13, '{"user_withheld":{"id":1006,"withheld_in_countries":["XY"]}}'),
      minute(
        14,
        `{"scrub_geo":{"user_id":1002,"user_id_str":"1002","up_to_status_id":${idOf(2)},"up_to_status_id_str":"${idOf(2)}"}}`,
      ),
      minute(15, status(15, 2)),
    ]);
    const check = async (name: string) => {
      const { found, manifest, page } = await rowsOf(bench, name, 'withdrawn');
      expect(found).toEqual([
        [1, ''],
        [2, 'places'],
        [5, 'withheld:DE+FR'],
        [8, ''],
        [10, ''],
        [15, ''],
      ]);
      expect(manifest.withdrawn).toEqual({
        honoured: true,
        posts: 4,
        reasons: [
          { reason: 'account withheld', posts: 1 },
          { reason: 'deleted', posts: 1 },
          { reason: 'repeats a withdrawn post', posts: 1 },
          { reason: 'withheld', posts: 1 },
        ],
      });
      expect(page).toContain('4 posts that are selected were left out (1 account withheld, 1 deleted,');
      expect(page).toContain('from 2 payloads places, or posts of others, were taken out');
    };
    await check('first');
    await rebuildCollection(db, 'birds');
    await bench.load('birds', [minute(16, '{"warning":{"code":"FALLING_BEHIND"}}')]);
    await check('rebuilt');

    const places = await rowsOf(bench, 'places', 'latitude');
    expect(places.found).toEqual([
      [1, '48.3'],
      [2, ''],
      [5, '48.3'],
      [8, '48.3'],
      [10, '48.3'],
      [15, '48.3'],
    ]);
    const { folder } = await bench.export('lines', { format: 'jsonl' });
    const lines = (await readFile(join(folder, 'lines.jsonl'), 'utf8')).split('\n').slice(0, -1);
    expect(lines).toHaveLength(6);
    expect(lines.join()).not.toContain('gone');
    expect(lines[1]).toContain(`"id":${idOf(2)}`); // digits as they stood
    expect(lines[1]).not.toMatch(/Linz|48\.3/);
    expect(lines[0]).toBe(status(1, 1));
    const { folder: ids } = await bench.export('ids', { format: 'ids' });
    expect((await readFile(join(ids, 'ids.ids.txt'), 'utf8')).split('\n').slice(0, -1)).toHaveLength(6);
    const parquet = await bench.export('parquet', { format: 'parquet' });
    expect([parquet.manifest.rows, parquet.manifest.counted]).toEqual([6, 6]);
    const each = await bench.export('each', { format: 'tsv', observations: 'all' });
    expect([each.manifest.rows, each.manifest.counted]).toEqual([6, 6]);

    const all = await rowsOf(bench, 'all', 'withdrawn', { honourDeletions: false });
    expect(all.found).toEqual([
      ...[
        [1, ''],
        [2, 'places'],
        [4, 'deleted'],
        [5, 'withheld:DE+FR'],
        [6, 'withheld:XX'],
        [7, ''],
        [8, ''],
      ],
      ...[
        [9, 'account:withheld:XY'],
        [10, ''],
        [15, ''],
      ],
    ]);
    expect(all.page).toContain('deletions were not honoured, for it was asked so: do not hand this on');
    expect(all.page).toContain('4 of the posts may not be shared any more');
    const { folder: raw } = await bench.export('raw', { format: 'jsonl', honourDeletions: false });
    expect(await readFile(join(raw, 'raw.jsonl'), 'utf8')).toContain('Linz');
  });

  it('by looks at posts and accounts is left out until it is seen again', async () => {
    await using bench = await exportBench();
    const { db } = bench;
    await bench.load(
      'birds',
      [1, 2, 3, 4].map((n) => minute(n, status(n, n))),
    );
    // Of an account that is suspended as of now: repeated, in both forms of payloads, and quoted.
    const written = { id_str: idOf(29), text: 'said by the third', user: { id_str: '1003' } };
    const v2 = { id: idOf(6), text: 'RT @bird3: said by the third', author_id: '1001' };
    await bench.load('birds', [
      minute(5, status(5, 1, { retweeted_status: written })),
      minute(
        6,
        JSON.stringify({
          data: { ...v2, referenced_tweets: [{ type: 'retweeted', id: idOf(29) }] },
          includes: { tweets: [{ id: idOf(29), text: 'said by the third', author_id: '1003' }] },
        }),
      ),
      minute(7, status(7, 1, { quoted_status_id_str: idOf(29), quoted_status: written })),
    ]);
    const look = (n: number, outcome: string, atMs: number) =>
      noteLooks(db, { platform: 'x', source: 'hydrate' }, [
        { postId: idOf(n), outcome, at: new Date(atMs).toISOString() },
      ]);
    await look(1, 'not_found', at(60));
    await look(2, 'protected', at(60));
    await look(2, 'protected', at(50));
    await look(4, 'error', at(60));
    await db.query(
      `insert into followed_accounts (platform, account_id, handle, state, state_since, checked_at, check_after, added_at)
        values ('x', '1003', 'bird3', 'suspended', now(), now(), now(), now())`,
    );
    const { found, manifest } = await rowsOf(bench, 'before', 'withdrawn');
    expect(found).toEqual([
      [4, ''],
      [7, ''],
    ]);
    expect(manifest.withdrawn?.reasons).toEqual([
      { reason: 'account suspended', posts: 1 },
      { reason: 'not_found', posts: 1 },
      { reason: 'protected', posts: 1 },
      { reason: 'repeats a post of a withdrawn account', posts: 2 },
    ]);
    const { folder, manifest: lines } = await bench.export('lines', { format: 'jsonl' });
    const payloads = await readFile(join(folder, 'lines.jsonl'), 'utf8');
    expect([lines.rows, lines.counted, payloads.includes('said by the third')]).toEqual([2, 2, false]);
    await look(1, 'ok', at(55)); // older than the other
    expect((await rowsOf(bench, 'older', 'id')).found).toHaveLength(2);
    await look(2, 'ok', at(70));
    await db.query("update followed_accounts set state = 'public'");
    expect((await rowsOf(bench, 'after', 'withdrawn')).found).toEqual([
      [2, ''],
      [3, ''],
      [4, ''],
      [5, ''],
      [6, ''],
      [7, ''],
    ]);
    await look(2, 'protected', at(65)); // said before it was seen again
    expect((await rowsOf(bench, 'late', 'withdrawn')).found).toHaveLength(6);
    await look(2, 'protected', at(80));
    expect((await rowsOf(bench, 'again', 'withdrawn')).found).toHaveLength(5);
  });
});
