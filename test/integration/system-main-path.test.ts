/** The whole path with real programs: emulator → capture → segments → database → dataset loses nothing and changes nothing. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sampleStream, X_LADDERS } from '../../src/platforms/x/sample-stream.ts';
import { type EmulatorProgram, startEmulator } from '../support/system/emulator.ts';
import { expectOneStory, restfulStatus } from '../support/system/evidence.ts';
import { keptSegments, payloads, postIds } from '../support/system/kept-frames.ts';
import { addCollection, ladders, startMistnet, towards, loggedErrors } from '../support/system/mistnet.ts';
import { expectSameList } from '../support/system/same-list.ts';
import { until } from '../support/system/until.ts';
import { watchStatus } from '../support/system/watch-status.ts';
import { openWorkbench, projectRoot, type Workbench } from '../support/system/workbench.ts';

const fixtures = join(projectRoot, '../shared/fixtures/x-v2');
const recordings = [
  'twarc-csv/streaming_output_with_error.jsonl',
  'twarc-csv/geo_tweets.jsonl',
  'twarc-csv/kpop.jsonl',
];
const missing = recordings.filter((name) => !existsSync(join(fixtures, name)));

describe('the main path', () => {
  it('brings 10,000 posts of the world from the stream into segments, database and dataset, byte for byte', async () => {
    await using bench = await openWorkbench();
    const start = new Date(Math.floor(Date.now() / 1000) * 1000).toISOString();
    const emulator = await startEmulator(bench, ['--seed', '20261122', '--rate', '2000', '--start', start]);
    // An end in order after exactly so many: nothing is on the wire any more. It comes back after the test only.
    await emulator.fault({ kind: 'disconnect', after: 10_000 });
    const env = towards(emulator, {
      MISTNET_X_BACKOFF: ladders({ networkMs: 3_600_000 }),
      MISTNET_SEAL_AGE_MS: '2000',
    });
    const mistnet = await startMistnet(bench, env);
    const watch = watchStatus(mistnet.url);
    await addCollection(bench, 'world', env);
    await mistnet.statusIs('world', '10,000 posts', ({ captured }) => captured === 10_000, 60_000);

    const { segments, lost } = await expectOneStory({ bench, collection: 'world', env, mistnet, emulator });

    expect(lost).toEqual([]);
    const [connection] = await emulator.connections();
    expectSameList(postIds(segments), await emulator.ids(connection?.id ?? ''), 'ids in the segments and sent');
    expect(segments.length).toBeGreaterThan(1);
    await expectBytesAsSent(bench, emulator, 'world');
    const { problems, answers, agesMs } = await watch.end();
    expect(problems).toEqual([]);
    expect(answers).toBeGreaterThan(5);
    // The middle one of all: a busy machine may hold one answer up.
    expect(agesMs.sort((a, b) => a - b)[Math.floor(agesMs.length / 2)]).toBeLessThan(2000);
    await mistnet.stop();
    expect(await loggedErrors(bench)).toEqual([]);
    await expectVerified(bench, 'world');
  });

  it(`brings recorded lines through unchanged`, async ({ skip }) => {
    skip(missing.length > 0, `these recordings are not here: ${missing.join(', ')} in ${fixtures}`);
    await using bench = await openWorkbench();
    const emulator = await startEmulator(bench, [
      '--rate',
      'max',
      '--replay',
      ...recordings.map((name) => join(fixtures, name)),
    ]);
    const env = towards(emulator, { MISTNET_X_BACKOFF: ladders({ networkMs: 3_600_000 }) });
    const mistnet = await startMistnet(bench, env);
    await addCollection(bench, 'recorded', env);
    await until('the end of the replay', async () =>
      (await emulator.connections()).find(({ reason }) => reason === 'end-of-replay'),
    );
    await restfulStatus(mistnet, 'recorded', bench.home);

    const { segments, lost } = await expectOneStory({ bench, collection: 'recorded', env, mistnet, emulator });

    expect(lost).toEqual([]);
    const [first = ''] = recordings;
    const lines = (await readFile(join(fixtures, first), 'utf8')).split(/\r?\n/).filter((line) => line !== '');
    expect(
      payloads(segments)
        .slice(0, lines.length)
        .map((line) => line.toString('utf8')),
    ).toEqual(lines);
    await expectBytesAsSent(bench, emulator, 'recorded');
    await mistnet.stop();
    expect(await loggedErrors(bench)).toEqual([]);
    await expectVerified(bench, 'recorded');
  });
});

/** Asks the emulator once more for the same, by other means, and compares with `mistnet segment cat`. */
async function expectBytesAsSent(bench: Workbench, emulator: EmulatorProgram, collection: string): Promise<void> {
  const segments = await keptSegments(bench.home, collection);
  const cat = await bench.mistnet(['segment', 'cat', ...segments.map(({ path }) => path)]);
  expect(cat, cat.stderr).toMatchObject({ code: 0, stderr: '' });
  const printed = cat.stdout.split('\n').slice(0, -1);
  expectSameList(printed, payloads(segments).map(String), 'lines that segment cat prints and payloads');
  const posts = segments.flatMap(({ frames }) =>
    frames.flatMap(({ id, payload }) => (id === undefined ? [] : [payload])),
  );
  expectSameList(await neverSent(emulator, posts.map(String)), [], 'lines that the emulator never sent');
}

/** Asks for the same fields and for all from the beginning; answers with those lines that did not come. */
async function neverSent(emulator: EmulatorProgram, lines: string[]): Promise<string[]> {
  const { request } = sampleStream({ apiUrl: emulator.url, gzip: false, ladders: X_LADDERS });
  const { url, headers } = request({ authorization: () => 'Bearer emulator-token', backfillMinutes: 5 });
  const leave = AbortSignal.timeout(120_000);
  const response = await fetch(url, { headers, signal: leave });
  const left = new Set(lines);
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for await (const part of response.body ?? []) {
      const pieces = (rest + decoder.decode(part as Uint8Array, { stream: true })).split('\r\n');
      rest = pieces.pop() ?? '';
      for (const line of pieces) left.delete(line);
      if (left.size === 0) break;
    }
  } catch (error) {
    if (!leave.aborted) throw error; // the time is over: what has not come is the answer
  }
  return [...left];
}

async function expectVerified(bench: Workbench, collection: string): Promise<void> {
  const segments = await keptSegments(bench.home, collection);
  expect(segments.filter(({ sealed }) => !sealed)).toEqual([]);
  const verify = await bench.mistnet(['segment', 'verify', ...segments.map(({ path }) => path)]);
  expect(verify, verify.stdout).toMatchObject({ code: 0 });
}
