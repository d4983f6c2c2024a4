/** The whole mistnet in a home whose disk fills up: segments, status, logs and datasets lie there, the database elsewhere. */
import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { freshDatabase } from '../support/database.ts';
import { openSmallDisk } from '../support/small-disk.ts';
import { startEmulator } from '../support/system/emulator.ts';
import { expectOneStory, gapsOf } from '../support/system/evidence.ts';
import { addCollection, loggedErrors, startMistnet, towards } from '../support/system/mistnet.ts';
import { until } from '../support/system/until.ts';
import { openWorkbench } from '../support/system/workbench.ts';

const MIB = 1024 * 1024;
const COLLECTION = 'crowded';

it('a home without room: the page says so, an hour is refused in a sentence, and with room again all tell one story', async (context) => {
  const disk = await openSmallDisk(48 * MIB);
  if ('refused' in disk) return context.skip(disk.refused);
  await using _disk = disk;
  await using bench = await openWorkbench();
  await using database = await freshDatabase();
  await mkdir(join(disk.path, 'home'));
  await symlink(join(disk.path, 'home'), bench.home);
  const emulator = await startEmulator(bench, ['--seed', '71', '--rate', '100']);
  const env = towards(emulator, { MISTNET_DATABASE_URL: database.url, MISTNET_SEAL_AGE_MS: '2000' });
  const mistnet = await startMistnet(bench, env);
  await addCollection(bench, COLLECTION, env);
  await mistnet.statusIs(COLLECTION, 'sealed segments', ({ sealedSegments }) => sealedSegments > 0);

  await disk.fill();
  const { reason } = await mistnet.statusIs(COLLECTION, 'the alarm', ({ state }) => state === 'failed');
  expect(reason).toMatch(/^Cannot write: .*ENOSPC/);
  const hour = `${new Date().toISOString().slice(0, 13)}Z`;
  const refused = await bench.mistnet(['dataset', 'build', '--collection', COLLECTION, '--hour', hour], { env });
  expect(refused).toMatchObject({ code: 1, stdout: '' });
  expect(refused.stderr).toMatch(/^mistnet: [^\n]*ENOSPC[^\n]*\n$/);

  await disk.empty();
  const { captured } = await mistnet.statusIs(COLLECTION, 'the way back', ({ state }) => state === 'connected');
  await mistnet.statusIs(COLLECTION, 'later posts', (status) => status.captured > captured + 200);
  expect(mistnet.program.said).toMatch(/crowded cannot be written \(ENOSPC[^\n]*\n[^]*crowded can be written again/);
  expect(mistnet.program.said).not.toMatch(/ended unexpectedly/);
  await emulator.endOfStream();
  const { lost } = await expectOneStory({ bench, collection: COLLECTION, env, mistnet, emulator });
  if ((await gapsOf({ bench, collection: COLLECTION, env })).length === 0) expect(lost).toEqual([]);
  await mistnet.stop();
  expect((await loggedErrors(bench)).filter((line) => !/trouble|ENOSPC/.test(line))).toEqual([]);
  await until('nothing left running', async () => bench.allGone().then(() => true));
});
