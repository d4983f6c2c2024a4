/** Filter collections that share one stream: whose each post is, changes while it runs, what is stopped, a rebuild. */
import { describe, expect, it } from 'vitest';
import { untilAllLoaded } from '../support/system/all-loaded.ts';
import { startEmulator } from '../support/system/emulator.ts';
import { openItsDatabase, startMistnet, towards } from '../support/system/mistnet.ts';
import { until } from '../support/system/until.ts';
import { openWorkbench } from '../support/system/workbench.ts';

type Truth = { changes: { added: { id: string; value: string; tag: string }[]; deleted: string[] }[] };

describe('filter collections of one credential', () => {
  it('share a stream, get their own posts, change while it runs, and leave nothing behind when they stop', async () => {
    await using bench = await openWorkbench();
    const emulator = await startEmulator(bench, ['--seed', '5', '--rate', '100']);
    const env = towards(emulator);
    const ask = async <T>(path: string, more: RequestInit = {}): Promise<T> =>
      (await (
        await fetch(new URL(path, emulator.url), {
          ...more,
          headers: {
            authorization: 'Bearer emulator-token',
            connection: 'close',
            ...(more.headers as Record<string, string>),
          },
        })
      ).json()) as T;
    const rulesThere = async () =>
      (await ask<{ data?: { value: string; tag: string }[] }>('/2/tweets/search/stream/rules')).data ?? [];
    const stranger = { add: [{ value: 'zebra', tag: 'of somebody else' }] };
    await ask('/2/tweets/search/stream/rules', {
      method: 'POST',
      body: JSON.stringify(stranger),
      headers: { 'content-type': 'application/json' },
    });

    const mistnet = await startMistnet(bench, env);
    const run = async (...args: string[]) => {
      const end = await bench.mistnet(args, { env });
      expect(end, end.stderr).toMatchObject({ code: 0 });
      return end.stdout;
    };
    await run('collection', 'add', 'pets', '--kind', 'filter', '--words', 'love, day', '--reason', 'to begin with');
    await mistnet.statusIs('pets', 'posts', ({ state, loaded }) => state === 'connected' && loaded > 30);
    await run('collection', 'add', 'today', '--kind', 'filter', '--words', 'day, hoy', '--exclude', 'reposts');
    await run(
      'collection',
      'add',
      'tags',
      '--kind',
      'filter',
      '--words',
      'love',
      '--language',
      'en',
      '--people',
      'surely_nobody_1',
    );
    await mistnet.statusIs('today', 'posts', ({ loaded }) => loaded > 20);
    await mistnet.statusIs('tags', 'posts', ({ loaded }) => loaded > 10);
    expect((await rulesThere()).map(({ tag }) => tag.startsWith('mistnet-'))).toEqual(
      expect.arrayContaining([true, false]),
    );

    // One connection serves them all, and it was never broken for a change.
    const streams = (await emulator.connections()).filter(({ path }) => path.includes('search/stream'));
    expect(streams).toHaveLength(1);

    // A changed filter: the platform has it within seconds, without another connection.
    await run('collection', 'filter', 'pets', '--words', 'love, night', '--reason', 'days are too many');
    await until('the new rule', async () => (await rulesThere()).some(({ value }) => value.includes('night')), {
      withinMs: 10_000,
    });
    expect(JSON.parse(await run('collection', 'history', 'pets', '--json'))).toMatchObject([
      { version: 2, reason: 'days are too many' },
      { version: 1, reason: 'to begin with' },
    ]);
    await until(
      'old rules to go',
      async () => !(await rulesThere()).some(({ value }) => /^(day OR love|love OR day)$/.test(value)),
      { withinMs: 20_000 },
    );

    await using db = await openItsDatabase(bench, env);
    await until(
      'posts of the new word',
      async () => {
        const [row] = await db.query<{ n: string }>(
          `select count(*) as n from observations, unnest(matched) s join filter_seeds f on f.seed_id = s where f.text = 'night'`,
        );
        return Number(row?.n) > 3;
      },
      { withinMs: 60_000 },
    );
    // Whose a post is can be seen in it: each word that is said to have found it is there, and each that is there is said.
    const rows = await db.query<{
      name: string;
      text: string;
      words: string[];
      payload: { data: { referenced_tweets?: unknown[] } };
    }>(
      `select c.name, p.text, p.payload, array(select f.text from filter_seeds f where f.seed_id = any(o.matched)) as words
        from observations o join collections c using (collection_id)
          join posts p on p.platform = o.platform and p.post_id = o.post_id`,
    );
    expect(rows.length).toBeGreaterThan(60);
    const plain = rows.filter(({ payload }) => payload.data.referenced_tweets === undefined);
    for (const { name, text, words } of plain) {
      expect(words.length, `${name}: ${text}`).toBeGreaterThan(0);
      for (const word of words) expect(text.toLowerCase()).toContain(word);
    }

    // Stopped, nothing of ours is left at the platform; a stranger's rule is.
    for (const name of ['pets', 'today', 'tags']) await run('collection', 'stop', name);
    await until('no rule of ours', async () => (await rulesThere()).every(({ value }) => value === 'zebra'), {
      withinMs: 30_000,
    });
    await until('no open stream', async () =>
      (await emulator.connections()).every(({ closedAt }) => closedAt !== null),
    );
    const { changes } = await ask<Truth>('/_emulator/truth/rules');
    expect(changes.length).toBeGreaterThan(3);

    // Loaded anew, every row is the same: what rules meant lies beside the segments.
    await untilAllLoaded(db, bench.home);
    const all = `select c.name, o.post_id, o.captured_at, o.matched from observations o join collections c using (collection_id) order by 1, 2, 3`;
    const before = await db.query(all);
    await run('rebuild', '--collection', 'pets');
    await until('the rows again', async () => (await db.query(all)).length >= before.length, { withinMs: 30_000 });
    expect(await db.query(all)).toEqual(before);
    await mistnet.stop();
  }, 240_000);
});
