import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { silentLog } from '../core/log.ts';
import { systemClock } from '../core/time.ts';
import { openPageLog } from './page-log.ts';
import { readCaptureStatus } from './status.ts';

it('a page that comes ends a pause, before whoever reads says so', async () => {
  const home = await mkdtemp(join(tmpdir(), 'mistnet-pages-'));
  try {
    const runFolder = join(home, 'run');
    await mkdir(runFolder);
    await using pages = await openPageLog({
      plan: {
        ...{ format: 1, plan: 'p', kind: 'timeline', platform: 'x', api: 'v2' },
        ...{ backfillMinutes: 0, wanted: 'active', revision: 1 },
      },
      ...{ segmentsFolder: join(home, 'segments'), runFolder, quarantineFolder: join(home, 'quarantine'), node: 'n1' },
      ...{ sealAgeMs: 60_000, sealBytes: 1_000_000, clock: systemClock, log: silentLog },
      classifyLine: () => ({ kind: 'control' }),
    });
    const said = async () => {
      const status = await readCaptureStatus(join(runFolder, 'p.json'));
      return [status?.state, status?.reason];
    };
    pages.say('paused', 'The budget is reached.');
    await expect.poll(said, { timeout: 10_000 }).toEqual(['paused', 'The budget is reached.']);
    const page = { payload: Buffer.from('{"data":{"id":"1"}}'), lineClass: { kind: 'post', postId: '1' } as const };
    await pages.append({
      atMs: Date.now(),
      platform: 'x',
      endpoint: '/2/users/1/tweets',
      session: 's',
      frames: [page],
    });
    await expect.poll(said, { timeout: 10_000 }).toEqual(['connected', undefined]);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
});
