/** What a kill leaves between the frames of a batch and the marker behind them is known again, whichever file comes next. */
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type PageLog, openPageLog } from '../../src/capture/page-log.ts';
import { type CapturePlan, savePlan } from '../../src/capture/plan.ts';
import { silentLog } from '../../src/core/log.ts';
import { importFiles } from '../../src/jobs/imports/import-files.ts';
import { readLedger, sessionOf } from '../../src/jobs/imports/import-ledger.ts';
import { classifyLine } from '../../src/platforms/x/classify-line.ts';
import { digestFile } from '../../src/process/input-lines.ts';
import { systemClock } from '../../src/core/time.ts';
import { followSegments } from '../../src/store/load/follow-segments.ts';
import { addCollection } from '../../src/store/queries/add-collection.ts';
import { freshDatabase } from '../support/database.ts';
import { eventually, memoryLog } from '../support/loader.ts';
import { keptSegments } from '../support/system/kept-frames.ts';

const NOW_MS = Date.parse('2026-11-22T12:00:00Z');
const clock = { now: () => NOW_MS };

async function openLog(home: string): Promise<PageLog> {
  const segmentsFolder = join(home, 'segments');
  const plan: CapturePlan = {
    ...{ format: 1, plan: 'old', kind: 'import', platform: 'x', api: 'v2', backfillMinutes: 0 },
    ...{ wanted: 'stopped', revision: 1 },
  };
  await savePlan(join(segmentsFolder, 'old'), plan);
  return await openPageLog({
    ...{ plan, segmentsFolder, runFolder: join(home, 'run'), quarantineFolder: join(home, 'quarantine'), node: 'here' },
    ...{ sealAgeMs: 60_000, sealBytes: 1 << 20, clock, segmentClock: clock, log: silentLog, classifyLine },
  });
}

async function importAll(home: string, files: string[]): Promise<void> {
  const planFolder = join(home, 'segments/old');
  await using pages = await openLog(home);
  const target = { pages, planFolder, node: 'here', onInstant: () => {}, ...(await readLedger(planFolder, 'here')) };
  const options = { format: 'auto', target, nowMs: NOW_MS, signal: AbortSignal.timeout(30_000) } as const;
  for await (const { outcome } of importFiles(files, { ...options, onProgress: () => {} }))
    expect(outcome).not.toBe('failed');
}

describe('an import that was killed within a batch', () => {
  it.each([['the same file'], ['another file']])('goes on with %s and doubles nothing', async (next) => {
    const home = await realpath(await mkdtemp(join(tmpdir(), 'mistnet-import-')));
    try {
      const [file, other] = [join(home, 'a.jsonl'), join(home, 'b.jsonl')];
      const posts = ['20', '21', '22', '22'].map((id) => `{"id":"${id}","text":"post ${id}"}`); // one stands there twice
      await writeFile(file, `${posts.join('\n')}\n`);
      await writeFile(other, '{"id":"30","text":"another"}\n');
      {
        await using pages = await openLog(home);
        const frames = posts.slice(0, 3).map((text) => ({
          payload: Buffer.from(text),
          lineClass: classifyLine(Buffer.from(text)),
        }));
        const { sha256 } = await digestFile(file);
        const head = { platform: 'x', endpoint: 'import/twarc', session: sessionOf(sha256) };
        await pages.append({ atMs: NOW_MS, ...head, frames });
      }
      if (next === 'another file') await importAll(home, [other]);
      await importAll(home, [file, other]);
      await importAll(home, [file, other]);
      const frames = (await keptSegments(home, 'old')).flatMap((segment) => segment.frames);
      const texts = frames.filter(({ id }) => id !== undefined).map(({ payload }) => payload.toString());
      expect(texts.toSorted()).toEqual([...posts, '{"id":"30","text":"another"}'].toSorted());
    } finally {
      await rm(home, { recursive: true, force: true });
    }
  });
});

describe('a loader that runs', () => {
  it('finds what is imported into hours of long ago without waiting for its next sweep', async () => {
    const home = await realpath(await mkdtemp(join(tmpdir(), 'mistnet-import-')));
    await using test = await freshDatabase();
    const { db } = test;
    const stop = new AbortController();
    await addCollection(db, systemClock, { name: 'old', kind: 'import', platform: 'x', api: 'v2', wanted: 'stopped' });
    const segmentsFolder = join(home, 'segments');
    const options = { db, segmentsFolder, node: 'here', clock: systemClock, signal: stop.signal, log: memoryLog() };
    const loading = followSegments(options);
    try {
      const stored = async (count: number) => {
        const rows = await db.query<{ count: number }>('select count(*)::integer as count from posts');
        expect(rows).toEqual([{ count }]);
      };
      for (const [at, year] of [2019, 2020, 2021].entries()) {
        const file = join(home, `${year}.jsonl`);
        const note = `"__twarc":{"retrieved_at":"${year}-03-01T10:00:00+00:00"}`;
        await writeFile(file, `{"id":"${20 + at}","text":"of ${year}",${note}}\n`);
        await importAll(home, [file]);
        await eventually(() => stored(at + 1));
      }
    } finally {
      stop.abort();
      await loading;
      await rm(home, { recursive: true, force: true });
    }
  });
});
