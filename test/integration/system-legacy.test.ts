/** v1.1 through the whole path: its live sample, and every recorded page or stream of either version that holds posts. */
import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startEmulator } from '../support/system/emulator.ts';
import {
  expectDatabaseToEqual,
  expectSegmentsToHoldTruth,
  expectStatusToEqual,
  restfulStatus,
} from '../support/system/evidence.ts';
import { keptSegments, payloads, postIds } from '../support/system/kept-frames.ts';
import { addCollection, ladders, loggedErrors, startMistnet, towards } from '../support/system/mistnet.ts';
import { expectSameList } from '../support/system/same-list.ts';
import { until } from '../support/system/until.ts';
import { openWorkbench, projectRoot, type Workbench } from '../support/system/workbench.ts';

const fixtures = join(projectRoot, '../shared/fixtures');
const folders = ['x-v2', 'x-v1.1'].map((name) => join(fixtures, name));
const missing = folders.filter((folder) => !existsSync(folder));

describe('a collection of v1.1', () => {
  it('keeps the statuses and the messages of the sample stream, loads them and makes datasets of them', async () => {
    await using bench = await openWorkbench();
    const emulator = await startEmulator(bench, ['--seed', '11', '--rate', '300']);
    const env = towards(emulator, { MISTNET_SEAL_AGE_MS: '1000' });
    const mistnet = await startMistnet(bench, env);
    await addCollection(bench, 'legacy', env, ['--api', 'v1.1']);
    await mistnet.statusIs('legacy', 'posts', ({ captured }) => captured > 500);
    await emulator.strike({ kind: 'cut' });
    await emulator.openStream(1);
    const { captured: before } = await mistnet.status('legacy');
    await mistnet.statusIs('legacy', 'more posts', ({ captured }) => captured > before + 200);
    await emulator.endOfStream();

    const status = await restfulStatus(mistnet, 'legacy', bench.home);
    const segments = await keptSegments(bench.home, 'legacy');
    const suspect = { bench, collection: 'legacy', env };
    await expectSegmentsToHoldTruth(suspect, emulator, segments);
    expectStatusToEqual(status, segments);
    await expectDatabaseToEqual(suspect, segments);
    const paths = (await emulator.connections()).map(({ path }) => path);
    expect(new Set(paths)).toEqual(new Set(['/1.1/statuses/sample.json']));
    // Nothing of what a cut left out comes again: v1.1 knows no backfill, so the gap is whole and said to be.
    expect(status.gaps).toBeGreaterThan(0);
    await expectDatasetIds(bench, env, 'legacy', postIds(segments));
    await mistnet.stop();
    expect(await loggedErrors(bench)).toEqual([]);
  });
});

describe('every recording', () => {
  it('that holds posts comes through whole: each post and each message of the platform is kept and counted', async ({
    skip,
  }) => {
    skip(missing.length > 0, `these recordings are not here: ${missing.join(', ')}`);
    await using bench = await openWorkbench();
    const files = folders.flatMap(filesBelow);
    const emulator = await startEmulator(bench, ['--rate', 'max', '--replay', ...files]);
    expect(/replay of (\d+) files/.exec(emulator.program.printed + emulator.program.said)?.[1]).toSatisfy(
      (count) => Number(count) > 100,
    );
    const env = towards(emulator, { MISTNET_X_BACKOFF: ladders({ networkMs: 3_600_000 }) });
    const mistnet = await startMistnet(bench, env);
    await addCollection(bench, 'recorded', env);
    await until('the end of the replay', async () =>
      (await emulator.connections()).find(({ reason }) => reason === 'end-of-replay'),
    );
    const status = await restfulStatus(mistnet, 'recorded', bench.home);

    const segments = await keptSegments(bench.home, 'recorded');
    const [connection] = await emulator.connections();
    expectSameList(postIds(segments), await emulator.ids(connection?.id ?? ''), 'ids in the segments and sent');
    expectStatusToEqual(status, segments);
    await expectDatabaseToEqual({ bench, collection: 'recorded', env }, segments);
    // Lines of a stream that are no posts: the platform's messages. They are kept, and are no posts.
    const kept = payloads(segments).map(String);
    const control = kept.filter((line) =>
      /^\{"(delete|limit|scrub_geo|status_withheld|user_withheld|disconnect|warning|errors)"/.test(line),
    );
    expect(control.length).toBeGreaterThan(0);
    expect(kept.length).toBeGreaterThan(postIds(segments).length);
    await expectDatasetIds(bench, env, 'recorded', postIds(segments));
    await mistnet.stop();
    expect(await loggedErrors(bench)).toEqual([]);
  });
});

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.jsonl?$|\.txt$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
}

/** Builds the hours that the segments touch; their id lists together are the posts. */
async function expectDatasetIds(
  bench: Workbench,
  env: Record<string, string | undefined>,
  collection: string,
  ids: string[],
) {
  const found = new Set<string>();
  const hours = new Set((await keptSegments(bench.home, collection)).map(({ hour }) => hour));
  for (const hour of hours) {
    const args = ['dataset', 'build', '--collection', collection, '--hour', hour, '--xz-level', 'none', '--json'];
    const end = await bench.mistnet(args, { env });
    expect(end, end.stderr).toMatchObject({ code: 0 });
    const { day, outputs } = JSON.parse(end.stdout) as { day: string; outputs: { ids: { file: string } } };
    const text = await readFile(join(bench.home, 'datasets', collection, day, outputs.ids.file), 'utf8');
    for (const id of text.split('\n').slice(0, -1)) found.add(id);
  }
  expectSameList([...found].toSorted(), [...new Set(ids)].toSorted(), 'ids of the datasets and of the segments');
}
