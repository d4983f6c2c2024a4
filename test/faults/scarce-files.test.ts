/** The whole mistnet while its capture may open no more files: plans beside the segments cannot be read then, and no segment begun. */
import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { freshDatabase } from '../support/database.ts';
import { startEmulator } from '../support/system/emulator.ts';
import { expectOneStory } from '../support/system/evidence.ts';
import { addCollection, startMistnet, towards } from '../support/system/mistnet.ts';
import { openWorkbench } from '../support/system/workbench.ts';

const COLLECTION = 'crowded';

it('a capture that may open no more files: the page says so, the role goes on, and all is kept', async () => {
  await using bench = await openWorkbench();
  await using database = await freshDatabase();
  const emulator = await startEmulator(bench, ['--seed', '72', '--rate', '100']);
  const env = towards(emulator, { MISTNET_DATABASE_URL: database.url, MISTNET_SEAL_AGE_MS: '2000' });
  const mistnet = await startMistnet(bench, env);
  await addCollection(bench, COLLECTION, env);
  await mistnet.statusIs(COLLECTION, 'sealed segments', ({ sealedSegments }) => sealedSegments > 0);
  const { roles } = JSON.parse(await readFile(join(bench.home, 'run/roles.state'), 'utf8')) as {
    roles: { role: string; pid: number }[];
  };
  const limitTo = (most: string) => {
    for (const { role, pid } of roles)
      if (role === 'capture') execFileSync('prlimit', ['--pid', String(pid), `--nofile=${most}:`]);
  };
  limitTo('3');
  await mistnet.program.hears(/crowded cannot be written \(EMFILE: too many open files/);
  limitTo('1024');
  const { captured } = await mistnet.statusIs(COLLECTION, 'the way back', ({ state }) => state === 'connected');
  await mistnet.statusIs(COLLECTION, 'later posts', (status) => status.captured > captured + 200);
  expect(mistnet.program.said).not.toMatch(/ended unexpectedly/);
  await emulator.endOfStream();
  const { lost } = await expectOneStory({ bench, collection: COLLECTION, env, mistnet, emulator });
  expect(lost).toEqual([]);
  await mistnet.stop();
});
