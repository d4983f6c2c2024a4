/** `kill -9` of capture alone, with segments so small that there is always a seal under way. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startEmulator } from '../../emulator/src/start-emulator.ts';
import { readGaps } from '../../src/capture/gap.ts';
import { listHourFolders, listHourSegments, OPEN_SUFFIX, SEALED_SUFFIX } from '../../src/capture/segment/layout.ts';
import { readFrames } from '../../src/capture/segment/read-frames.ts';
import { compareIds } from '../../src/core/ids.ts';
import { snowflakeToMs } from '../../src/core/snowflake.ts';
import { verifySegment } from '../../src/capture/segment/verify.ts';
import { classifyLine } from '../../src/platforms/x/classify-line.ts';
import { PLAN, statusOf } from '../support/run-capture.ts';
import { seededRandom } from '../support/sample-posts.ts';
import { keptSegments, postIds } from '../support/system/kept-frames.ts';
import { until } from '../support/system/until.ts';

const KILLS = 8;
const SEAL_BYTES = 30_000;

type Written = { segment: string; offset: number; payload: Buffer };

it(`${KILLS} times at random instants: what was written stays where it was, once, and nothing that was sent is missing`, async () => {
  const seed = Number(process.env['MISTNET_TEST_SEED'] ?? Date.now() % 1_000_000);
  console.info(`MISTNET_TEST_SEED=${seed}`);
  const random = seededRandom(seed);
  const home = await mkdtemp(join(tmpdir(), 'mistnet-kill-'));
  await using emulator = await startEmulator({ seed: 31, rate: 200 });
  const program = join(import.meta.dirname, '../support/run-capture.ts');
  const start = () =>
    spawn(process.execPath, [program, home, emulator.url, String(SEAL_BYTES)], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  const startedAtMs = Date.now();
  let child = start();
  try {
    const written = new Map<string, Written>();
    let earlier = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      const before = written.size;
      await until('frames of this run', async () => ((await statusOf(home))?.captured ?? 0) > before);
      await new Promise((resolve) => setTimeout(resolve, random() * 700));
      child.kill('SIGKILL');
      await once(child, 'exit');
      for (const frame of await wholeFrames(home)) written.set(`${frame.segment}@${frame.offset}`, frame);
      earlier = (await connectionsOf(emulator.url)).length;
      child = start();
    }
    const beyondMs = Date.now();
    const live = await until('a post of after the last kill', async () => {
      const last = (await connectionsOf(emulator.url)).at(earlier);
      return last?.lastId != null && (snowflakeToMs(last.lastId) ?? 0) > beyondMs ? last.sent : undefined;
    });
    await until('it in a segment', async () => ((await statusOf(home))?.captured ?? 0) >= written.size + live);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);

    const segments = await keptSegments(home, PLAN);
    const kept = new Map(
      segments.flatMap(({ frames }) =>
        frames.map((frame): [string, Written] => [`${frame.segment}@${frame.offset}`, frame]),
      ),
    );
    const gone = [...written].filter(([place, { payload }]) => kept.get(place)?.payload.equals(payload) !== true);
    expect(gone.map(([place]) => place)).toEqual([]);
    expect(segments.filter(({ sealed }) => !sealed)).toEqual([]);
    for (const { path } of segments) expect((await verifySegment(path, classifyLine)).differences, path).toEqual([]);
    const names = await readdir(join(home, 'segments', PLAN), { recursive: true });
    expect(names.filter((name) => name.endsWith('.tmp'))).toEqual([]);

    const status = await statusOf(home);
    expect(status).toMatchObject({ state: 'stopped', captured: kept.size, sealedSegments: segments.length });
    const ids = postIds(segments);
    const keptIds = new Set(ids);
    const sent = await sentIds(emulator.url);
    // What the platform sent again from before the start was not asked for; after the last post nothing was waited for.
    const wanted = sent.filter((id) => (snowflakeToMs(id) ?? 0) > startedAtMs && compareIds(id, ids.at(-1) ?? '') <= 0);
    expect(wanted.length).toBeGreaterThan(500);
    expect(new Set(wanted.filter((id) => !keptIds.has(id))).size).toBe(0);
    const gaps = await readGaps(join(home, 'segments', PLAN, 'gaps.jsonl'));
    expect(gaps.filter(({ cause }) => cause === 'restart')).toHaveLength(KILLS);
  } finally {
    child.kill('SIGKILL');
    await rm(home, { recursive: true, force: true });
  }
});

/** Frames that are whole on the disk now; a torn last line is not there yet. */
async function wholeFrames(home: string): Promise<Written[]> {
  const planFolder = join(home, 'segments', PLAN);
  const found: Written[] = [];
  for (const folder of await listHourFolders(planFolder)) {
    for (const { segment, stem, open } of await listHourSegments(PLAN, folder)) {
      for await (const frames of readFrames(`${stem}${open ? OPEN_SUFFIX : SEALED_SUFFIX}`))
        found.push(...frames.map(({ offset, payload }) => ({ segment, offset, payload: Buffer.from(payload) })));
    }
  }
  return found;
}

type Connection = { id: string; sent: number; lastId: string | null };

async function connectionsOf(url: string): Promise<Connection[]> {
  return ((await (await fetch(`${url}/_emulator/truth`)).json()) as { connections: Connection[] }).connections;
}

async function sentIds(url: string): Promise<string[]> {
  const texts = await Promise.all(
    (await connectionsOf(url)).map(async ({ id }) =>
      (await fetch(`${url}/_emulator/truth/ids?connection=${id}`)).text(),
    ),
  );
  return texts.flatMap((text) => text.split('\n').filter((line) => line !== ''));
}
