/** How full the disk is and when it will be: one forecast for the page, the alerts and the numbers for machines. */
import { expect, it } from 'vitest';
import { withNodePace } from '../../src/server/disk-forecast.ts';
import { freshDatabase } from '../support/database.ts';
import { eventually } from '../support/loader.ts';

const usage = {
  ...{ folder: '/data', totalBytes: 1_000_000, freeBytes: 86_400, segmentsBytes: 0, datasetsBytes: 0 },
  ...{ databaseBytes: 0, otherBytes: 0, bytesPerDay: 5, fullInDays: 17_280, paceSeconds: 300 },
  measuredAt: '2026-11-23T08:00:00.000Z',
};

it('goes by the last day of the node as soon as half an hour of it is known, and by what was measured before', async () => {
  await using test = await freshDatabase();
  const clock = { ms: 0 };
  const of = (node: string) => withNodePace(test.db, { node, nowMs: () => clock.ms }, async () => usage);
  const [ask, askAnother] = [of('n1'), of('another')];
  expect(await ask()).toEqual(usage);
  await test.db.query("insert into nodes (node, version, seen_at, body) values ('n1', '1', now(), '{}')");
  // A byte a second less.
  await test.db.query(
    `insert into node_samples (node, step, at, memory_used, memory_total, disk_free, disk_total, processes)
      select 'n1', 'minute', now() - i * interval '1 minute', 0, 1, 86400 + i * 60, 1000000, '{}' from generate_series(0, 40) i`,
  );
  clock.ms = 30_000;
  await eventually(async () => expect((await ask()).paceSeconds).toBe(2_400));
  const known = await ask();
  expect(known.bytesPerDay).toBeCloseTo(86_400, 3);
  expect(known.fullInDays).toBeCloseTo(1, 6);
  expect(known.freeBytes).toBe(usage.freeBytes);
  await askAnother();
  clock.ms = 60_000;
  expect((await askAnother()).bytesPerDay).toBe(5);
});

it('is told while the database does not answer, and goes by what was known', async () => {
  const silent = { query: () => new Promise<never>(() => {}) };
  const ask = withNodePace(silent, { node: 'n1', nowMs: () => 0 }, async () => usage);
  expect([await ask(), await ask()]).toEqual([usage, usage]);
});
