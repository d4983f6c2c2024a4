/** What a v1.1 stream holds back: its limit notices count from the beginning of each connection, and are added up over all of them. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { untilAllLoaded } from '../support/system/all-loaded.ts';
import { startEmulator } from '../support/system/emulator.ts';
import { keptSegments } from '../support/system/kept-frames.ts';
import { openItsDatabase, startMistnet, towards } from '../support/system/mistnet.ts';
import { until } from '../support/system/until.ts';
import { openWorkbench } from '../support/system/workbench.ts';

it('counts what was held back over two connections, says it, and counts the same after a rebuild', async () => {
  await using bench = await openWorkbench();
  const emulator = await startEmulator(bench, ['--seed', '5', '--rate', '200', '--filter-cap', '1']);
  const env = towards(emulator);
  const mistnet = await startMistnet(bench, env);
  const run = async (...args: string[]) => {
    const end = await bench.mistnet(args, { env });
    expect(end, end.stderr).toMatchObject({ code: 0 });
    return end.stdout;
  };
  const answer = await fetch(new URL('/_emulator/credentials', emulator.url), { headers: { connection: 'close' } });
  const keys = (await answer.json()) as Record<string, string>;
  const file = join(bench.folder, 'keys.json');
  const names = ['consumer_key', 'consumer_secret', 'access_token', 'access_token_secret'];
  await writeFile(file, JSON.stringify(Object.fromEntries(names.map((name) => [name, keys[name]]))));
  await run('credential', 'add', 'person', '--kind', 'oauth1', '--from', file, '--no-test');
  await run(
    ...['collection', 'add', 'pets', '--kind', 'filter', '--api', 'v1.1', '--credential', 'person'],
    ...['--words', 'love, coffee, people, day, night'],
  );
  await mistnet.statusIs('pets', 'a held back post', ({ heldBack = 0 }) => heldBack > 3);
  await emulator.fault({ kind: 'cut' });
  await until('a second connection that holds back', async () => (await peaks(bench.home)).length === 2);
  await run('collection', 'stop', 'pets');
  await using db = await openItsDatabase(bench, env);
  await untilAllLoaded(db, bench.home);
  const told = await peaks(bench.home);
  const sum = told.reduce((total, peak) => total + peak, 0);
  expect(told).toHaveLength(2);
  expect(sum).toBeGreaterThan(4);
  await mistnet.statusIs('pets', 'all that was told', ({ heldBack }) => heldBack === sum);
  expect(await run('collection', 'show', 'pets')).toContain(`held back by the platform: at least ${sum} posts`);
  const out = join(bench.folder, 'out');
  await run('export', '--collection', 'pets', '--format', 'ids', '--output', out);
  expect(await readFile(join(out, 'README.md'), 'utf8')).toContain(`held back at least ${sum} posts that fitted`);
  // The stream that is shared is loaded anew with its only collection.
  await run('rebuild', '--collection', 'pets');
  await untilAllLoaded(db, bench.home);
  await mistnet.statusIs('pets', 'the same again', ({ heldBack }) => heldBack === sum);
  await mistnet.stop();
}, 240_000);

/** The highest count of each connection, in order: a count that falls is another connection's. */
async function peaks(home: string): Promise<number[]> {
  const frames = (await keptSegments(home, 'filter-person')).flatMap((segment) => segment.frames);
  const found: number[] = [];
  let before = Number.POSITIVE_INFINITY;
  for (const { payload } of frames) {
    const { limit } = JSON.parse(payload.toString('utf8')) as { limit?: { track: number } };
    if (limit === undefined) continue;
    if (limit.track < before) found.push(limit.track);
    else found[found.length - 1] = limit.track;
    before = limit.track;
  }
  return found;
}
