/** Filter collections of v1.1: one connection that bears what all ask for, another one for each change, whose each status is, and its end. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { untilAllLoaded } from '../support/system/all-loaded.ts';
import { startEmulator } from '../support/system/emulator.ts';
import { openItsDatabase, startMistnet, towards } from '../support/system/mistnet.ts';
import { until } from '../support/system/until.ts';
import { openWorkbench } from '../support/system/workbench.ts';

type Keys = Record<'consumer_key' | 'consumer_secret' | 'access_token' | 'access_token_secret', string>;

it('filters of v1.1 share a connection, change by another one with a gap between, and leave none open', async () => {
  await using bench = await openWorkbench();
  const emulator = await startEmulator(bench, ['--seed', '5', '--rate', '100']);
  const env = towards(emulator);
  const mistnet = await startMistnet(bench, env);
  const run = async (...args: string[]) => {
    const end = await bench.mistnet(args, { env });
    expect(end, end.stderr).toMatchObject({ code: 0 });
    return end.stdout;
  };
  const filters = async () => (await emulator.connections()).filter(({ path }) => path === '/1.1/statuses/filter.json');
  const keys = (await (
    await fetch(new URL('/_emulator/credentials', emulator.url), { headers: { connection: 'close' } })
  ).json()) as Keys;
  const file = join(bench.folder, 'keys.json');
  const { consumer_key, consumer_secret, access_token, access_token_secret } = keys;
  await writeFile(file, JSON.stringify({ consumer_key, consumer_secret, access_token, access_token_secret }));
  await run('credential', 'add', 'person', '--kind', 'oauth1', '--from', file, '--no-test');
  const add = (name: string, words: string) =>
    run('collection', 'add', name, '--kind', 'filter', '--api', 'v1.1', '--credential', 'person', '--words', words);

  await add('pets', 'love');
  await mistnet.statusIs('pets', 'posts', ({ state, loaded }) => state === 'connected' && loaded > 10);
  expect(await filters()).toHaveLength(1);
  // What another one asks for belongs to the connection: it is opened anew, and the old one has ended.
  await add('days', '"the day", night');
  await mistnet.statusIs('days', 'posts', ({ loaded }) => loaded > 3);
  await until('one open connection', async () => {
    const all = await filters();
    return all.length === 2 && all.filter(({ closedAt }) => closedAt === null).length === 1;
  });

  // A person's keys open no stream of the other version.
  const asked = (name: string, ...more: string[]) =>
    bench.mistnet(['collection', 'add', name, '--kind', 'filter', '--words', 'love', ...more], { env });
  const other = await asked('new', '--credential', 'person');
  expect(other).toMatchObject({ code: 1, stderr: expect.stringMatching(/streams of v2 take .*"person" is a person/) });

  for (const name of ['pets', 'days']) await run('collection', 'stop', name);
  await until('no open connection', async () => (await filters()).every(({ closedAt }) => closedAt !== null));
  // Each status is whose words it has, though the connection brings what either asked for; phrases are looked for here.
  await using db = await openItsDatabase(bench, env);
  await untilAllLoaded(db, bench.home);
  const rows = await db.query<{ name: string; text: string; words: string[]; is_plain: boolean }>(
    `select c.name, p.text, array(select f.text from filter_seeds f where f.seed_id = any(o.matched)) as words,
        not (p.payload::jsonb ?| array['retweeted_status', 'quoted_status']) as is_plain
      from observations o join collections c using (collection_id)
        join posts p on p.platform = o.platform and p.post_id = o.post_id`,
  );
  for (const { name, text, words, is_plain: isPlain } of rows) {
    expect(words.length, `${name}: ${text}`).toBeGreaterThan(0);
    if (isPlain) for (const word of words) expect(text.toLowerCase()).toContain(word.replaceAll('"', ''));
  }
  const gaps = await db.query("select from gaps where plan = 'filter-person'");
  expect(gaps.length).toBeGreaterThan(0);

  // A credential that can do both speaks one version of the API at a time.
  await writeFile(file, JSON.stringify({ bearer_token: 'emulator-token' }));
  await run('credential', 'add', 'app', '--from', file, '--no-test');
  expect((await asked('new', '--credential', 'app')).code).toBe(0);
  const older = await asked('older', '--credential', 'app', '--api', 'v1.1');
  expect(older.code).toBe(2);
  expect(older.stderr).toContain('Filter new is active and is configured to authenticate as "app"');
  await mistnet.stop();
}, 240_000);
