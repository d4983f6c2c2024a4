/** Commands beside a mistnet that runs, and without one: then they start PostgreSQL themselves and end it again. */
import { readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startEmulator } from '../support/system/emulator.ts';
import { restfulStatus } from '../support/system/evidence.ts';
import {
  addCollection,
  ladders,
  openItsDatabase,
  startMistnet,
  towards,
  loggedErrors,
} from '../support/system/mistnet.ts';
import { until } from '../support/system/until.ts';
import { MISTNET, openWorkbench, type Workbench } from '../support/system/workbench.ts';

describe('commands about collections', () => {
  it('work while nothing runs, several at once, and leave nothing running', async () => {
    await using bench = await openWorkbench();
    const added = await bench.mistnet(['collection', 'add', 'quiet', '--kind', 'sample', '--keep', 'days:3', '--json']);
    expect(added, added.stderr).toMatchObject({ code: 0 });
    expect(JSON.parse(added.stdout)).toMatchObject({ name: 'quiet', keep: 'days:3', zone: 'UTC', wanted: 'active' });
    expect(added.stderr).toMatch(/^mistnet: It will be paused: No token for X: set MISTNET_X_BEARER_TOKEN .*\n$/);
    await bench.allGone(2000);

    const together = await Promise.all([
      bench.mistnet(['collection', 'list', '--json']),
      bench.mistnet(['collection', 'stop', 'quiet']),
      bench.mistnet(['collection', 'show', 'quiet', '--json']),
      bench.mistnet(['collection', 'gaps', 'quiet', '--json']),
    ]);
    for (const end of together) expect(end, end.stderr).toMatchObject({ code: 0, stderr: '' });
    const [list, , show, gaps] = together;
    expect(JSON.parse(list?.stdout ?? '')).toMatchObject([{ name: 'quiet', captured: 0, loaded: 0, lastByteAt: null }]);
    expect(JSON.parse(show?.stdout ?? '')).toMatchObject({ name: 'quiet', keep: 'days:3' });
    expect(JSON.parse(gaps?.stdout ?? '')).toEqual([]);
    const after = await bench.mistnet(['collection', 'show', 'quiet', '--json']);
    expect(JSON.parse(after.stdout)).toMatchObject({ wanted: 'stopped', state: 'stopped' });
    await bench.allGone(2000);
  });

  it('do not keep a start from its home: it waits for them', async () => {
    await using bench = await openWorkbench();
    const command = bench.mistnet(['collection', 'list']);
    await until('PostgreSQL of the command', async () =>
      (await bench.processes()).some(({ command: line }) => line.includes('postgres')),
    );
    const mistnet = await startMistnet(bench, {});
    expect(await command).toMatchObject({ code: 0 });
    await mistnet.stop();
    expect(await loggedErrors(bench)).toEqual([]);
    await bench.allGone();
  });

  it('steer a mistnet that runs: stop ends the stream and is no gap, start goes on', async () => {
    await using bench = await openWorkbench();
    const emulator = await startEmulator(bench, ['--seed', '3', '--rate', '100']);
    const env = towards(emulator);
    const mistnet = await startMistnet(bench, env);
    await addCollection(bench, 'steered', env);
    await mistnet.statusIs('steered', 'posts', ({ state, captured }) => state === 'connected' && captured > 50);
    expect(await bench.mistnet(['collection', 'stop', 'steered'], { env })).toMatchObject({ code: 0 });
    const stopped = await mistnet.statusIs('steered', 'the stop', ({ state }) => state === 'stopped');
    expect(stopped).toMatchObject({ openSegments: 0 });
    const [first] = await emulator.connections();
    expect(first).toMatchObject({ reason: 'client-left' });
    expect(await bench.mistnet(['collection', 'start', 'steered'], { env })).toMatchObject({ code: 0 });
    await mistnet.statusIs(
      'steered',
      'more posts',
      ({ state, captured }) => state === 'connected' && captured > stopped.captured,
    );
    const gaps = await bench.mistnet(['collection', 'gaps', 'steered'], { env });
    expect(gaps).toMatchObject({ code: 0, stdout: 'No gap: nothing is known to be missing.\n' });
    const list = await bench.mistnet(['collection', 'list', '--json'], { env });
    expect(JSON.parse(list.stdout)).toMatchObject([{ name: 'steered', state: 'connected' }]);
    await mistnet.stop();
    expect(await loggedErrors(bench)).toEqual([]);
    await bench.allGone();
  });
});

describe('what a mistnet that has ended leaves', () => {
  it('is all loaded, and a rebuild makes the same rows again, running or not', async () => {
    await using bench = await openWorkbench();
    const emulator = await startEmulator(bench, ['--seed', '5', '--rate', '500']);
    await emulator.fault({ kind: 'malformed', after: 100, count: 3 });
    await emulator.fault({ kind: 'duplicate', after: 50, count: 20 });
    const env = towards(emulator, {
      MISTNET_SEAL_AGE_MS: '1500',
      MISTNET_X_BACKOFF: ladders({ networkMs: 3_600_000 }),
    });
    const mistnet = await startMistnet(bench, env);
    await addCollection(bench, 'twice', env);
    await mistnet.statusIs('twice', 'posts', ({ captured }) => captured > 2500);
    await mistnet.stop();
    expect(await loggedErrors(bench)).toEqual([]);
    await bench.allGone();

    const list = await bench.mistnet(['collection', 'list', '--json'], { env });
    const [status] = JSON.parse(list.stdout) as { captured: number; loaded: number; quarantined: number }[];
    expect(status?.captured).toBe((status?.loaded ?? 0) + (status?.quarantined ?? 0));
    expect(status?.quarantined).toBe(3);

    // With a token that is refused: what lies there is to be looked at, nothing more is to come.
    const paused = { ...env, MISTNET_X_BEARER_TOKEN: 'refused' };
    const again = await startMistnet(bench, paused);
    await restfulStatus(again, 'twice', bench.home);
    const before = await allRows(bench, 'twice');
    expect(before.observations.length).toBeGreaterThan(2500);
    const running = await bench.mistnet(['rebuild', '--collection', 'twice'], { env });
    expect(running, running.stderr).toMatchObject({ code: 0 });
    await restfulStatus(again, 'twice', bench.home);
    expect(await allRows(bench, 'twice')).toEqual(before);
    // The rows of a segment that is away go; the command ends though they cannot come back.
    const [oldest = ''] = (await readdir(join(bench.home, 'segments/twice'), { recursive: true }))
      .filter((name) => /\.jsonl\.(zst|gz)$/.test(name))
      .toSorted();
    const file = join(bench.home, 'segments/twice', oldest);
    await rename(file, `${file}.away`);
    const fewer = await bench.mistnet(['rebuild', '--collection', 'twice', '--without-missing'], { env });
    expect(fewer, fewer.stderr).toMatchObject({ code: 0 });
    expect((await allRows(bench, 'twice')).observations.length).toBeLessThan(before.observations.length);
    await rename(`${file}.away`, file);
    expect(await bench.mistnet(['rebuild', '--collection', 'twice'], { env })).toMatchObject({ code: 0 });
    await restfulStatus(again, 'twice', bench.home);
    expect(await allRows(bench, 'twice')).toEqual(before);
    await again.stop();

    const segments = join(bench.home, 'segments/twice');
    await rename(segments, `${segments}-elsewhere`);
    const without = await bench.mistnet(['rebuild', '--collection', 'twice'], { env });
    expect(without).toMatchObject({ code: 1, stdout: '' });
    expect(without.stderr).toMatch(
      /^mistnet: Nothing was removed: of \d+ segments .* \d+ are not there, the first \S+\./,
    );
    await rename(`${segments}-elsewhere`, segments);
    const resting = await bench.mistnet(['rebuild', '--collection', 'twice'], { env });
    expect(resting, resting.stderr).toMatchObject({ code: 0 });
    expect(resting.stdout).toMatch(
      new RegExp(`^${before.observations.length.toLocaleString('en-US')} posts loaded, 3 frames quarantined`),
    );
    await bench.allGone();
    const last = await startMistnet(bench, paused);
    expect(await allRows(bench, 'twice')).toEqual(before);
    await last.stop();
    expect(await loggedErrors(bench)).toEqual([]);
  });
});

describe('mistnet sample', () => {
  it('prints so many posts as received, into a file or a pipe, for so long', async () => {
    await using bench = await openWorkbench();
    const emulator = await startEmulator(bench, ['--seed', '9', '--rate', '200']);
    const env = towards(emulator);
    const file = join(bench.folder, 'five.jsonl');
    expect(await bench.mistnet(['sample', '--count', '5', '--output', file], { env })).toEqual({
      ...{ code: 0, signal: null, stdout: '', stderr: '' },
    });
    const lines = (await readFile(file, 'utf8')).split('\n');
    expect(lines.pop()).toBe('');
    const [connection] = await emulator.connections();
    const ids = (await emulator.ids(connection?.id ?? '')).slice(0, 5);
    expect(lines.map((line) => (JSON.parse(line) as { data: { id: string } }).data.id)).toEqual(ids);

    const timed = await bench.mistnet(['sample', '--duration', '1s'], { env });
    expect(timed, timed.stderr).toMatchObject({ code: 0, stderr: '' });
    expect(timed.stdout.split('\n').length).toBeGreaterThan(20);

    const piped = bench.start('sh', ['-c', `"${MISTNET}" sample | head -1; echo "\${PIPESTATUS:-}" >&2`], { env });
    const end = await piped.ended;
    expect(end.stdout.split('\n')).toHaveLength(2);
    expect(JSON.parse(end.stdout)).toHaveProperty('data.id');
    expect(end.stderr.trim()).toBe('');
    await bench.allGone(3000);
    expect(
      await bench.mistnet(['sample', '--count', '1'], { env: { ...env, MISTNET_HOME: '/proc/none' } }),
    ).toMatchObject({ code: 0 });
    await rm(file);
  });

  it('ends in order at Ctrl-C with what has come', async () => {
    await using bench = await openWorkbench();
    const emulator = await startEmulator(bench, ['--seed', '9', '--rate', '200']);
    const file = join(bench.folder, 'posts.jsonl');
    const sample = bench.start(MISTNET, ['sample', '--output', file], { env: towards(emulator) });
    await until('posts in the file', async () => (await readFile(file, 'utf8')).split('\n').length > 20);
    sample.child.kill('SIGINT');
    expect(await sample.ended).toMatchObject({ code: 0, stderr: '' });
    for (const line of (await readFile(file, 'utf8')).split('\n').slice(0, -1))
      expect(() => JSON.parse(line)).not.toThrow();
  });
});

/** The rows that a collection's segments make, without the instants of loading. */
async function allRows(bench: Workbench, collection: string) {
  await using db = await openItsDatabase(bench);
  return {
    observations: await db.query(
      `select s.segment, o.* from observations o join segments s using (segment_id) join collections c using (collection_id)
        where c.name = $1 order by s.segment, o.content_offset`,
      [collection],
    ),
    posts: await db.query(
      'select platform, post_id, id_at, account_id, text, lang, post_references, altered, payload::text, captured_at, segment_id, content_offset from posts order by post_id',
    ),
    quarantined: await db.query(
      'select s.segment, q.content_offset, q.reason from quarantined_frames q join segments s using (segment_id) order by 1, 2',
    ),
    accounts: await db.query('select to_jsonb(a) from accounts a order by account_id'),
  };
}
