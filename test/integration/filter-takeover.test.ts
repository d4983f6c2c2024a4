/** The one connection that the platform allows a shared stream: held by somebody else, and passed on to another node when its holder is killed. */
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { freshDatabase } from '../support/database.ts';
import { startEmulator } from '../support/system/emulator.ts';
import { towards } from '../support/system/mistnet.ts';
import { signalProcess } from '../support/system/processes.ts';
import { until } from '../support/system/until.ts';
import { MISTNET, openWorkbench } from '../support/system/workbench.ts';

const PLAN = 'filter-environment';

it('a shared stream says who holds its connection, and has it on another node at once when the lease of a killed one ends', async () => {
  await using bench = await openWorkbench();
  await using test = await freshDatabase();
  const { db } = test;
  const emulator = await startEmulator(bench, ['--seed', '6', '--rate', '100', '--access', 'pay-per-use']);
  const streams = async () => (await emulator.connections()).filter(({ path }) => path.includes('search/stream'));

  // A program of somebody else's, with the same app, has the only connection.
  const authorization = 'Bearer emulator-token';
  const rule = await fetch(new URL('/2/tweets/search/stream/rules', emulator.url), {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json', connection: 'close' },
    body: JSON.stringify({ add: [{ value: 'zebra', tag: 'of somebody else' }] }),
  });
  expect(rule.status, await rule.text()).toBe(201);
  const foreign = get(new URL('/2/tweets/search/stream', emulator.url), { headers: { authorization }, agent: false });
  const [answer] = (await once(foreign, 'response')) as [IncomingMessage];
  expect(answer.statusCode).toBe(200);
  foreign.on('error', () => undefined); // it is ended by us
  answer.on('error', () => undefined).resume();

  const nodeEnv = (node: string) =>
    towards(emulator, { MISTNET_DATABASE_URL: test.url, MISTNET_NODE: node, MISTNET_HOME: join(bench.folder, node) });
  const first = bench.start(MISTNET, ['run', 'capture', 'worker'], { env: nodeEnv('one') });
  const added = await bench.mistnet(['collection', 'add', 'days', '--kind', 'filter', '--words', 'love, day'], {
    env: nodeEnv('one'),
  });
  expect(added, added.stderr).toMatchObject({ code: 0 });
  const stateOn = async (node: string, what: string, isSo: (said: { state: string; reason?: string }) => boolean) =>
    until(
      what,
      async () => {
        const [row] = await db.query<{ status: { state: string; reason?: string } }>(
          'select status from plan_status where plan = $1 and node = $2',
          [PLAN, node],
        );
        return row !== undefined && isSo(row.status) ? row.status : undefined;
      },
      { withinMs: 60_000 },
    );
  await stateOn(
    'one',
    'the refusal in words',
    ({ state, reason }) =>
      state === 'reconnecting' && /This stream is currently at the maximum allowed connection limit/.test(reason ?? ''),
  );

  // Free again, it is taken without anybody's doing.
  foreign.destroy();
  await stateOn('one', 'a connection', ({ state }) => state === 'connected');

  // Another node waits for its turn while the holder lives.
  const second = bench.start(MISTNET, ['run', 'capture', 'worker'], { env: nodeEnv('two') });
  await until('a second node', async () => (await db.query("select from nodes where node = 'two'")).length > 0, {
    withinMs: 60_000,
  });
  const held = async () =>
    (
      await db.query<{ node: string; fence: string; left_ms: number }>(
        `select node, fence, (extract(epoch from expires_at - now()) * 1000)::double precision as left_ms
          from plan_leases where plan = $1`,
        [PLAN],
      )
    )[0];
  const before = await held();
  expect(before).toMatchObject({ node: 'one' });
  await sleep(7000); // leases are asked for every five seconds: each has asked while the other one runs
  expect(await held()).toMatchObject({ node: 'one', fence: before?.fence });
  expect((await streams()).filter(({ closedAt }) => closedAt === null)).toHaveLength(1);

  // Killed so that it can give nothing back. Its lease ends within half a minute, which need not be waited for.
  const its = (await bench.processes()).filter(({ parent }) => parent === first.pid);
  for (const pid of [first.pid, ...its.map((each) => each.pid)]) signalProcess(pid, 'SIGKILL');
  await first.ended;
  const lease = await held();
  expect(lease).toMatchObject({ node: 'one' });
  expect(lease?.left_ms).toBeLessThanOrEqual(30_000);
  await db.query("update plan_leases set expires_at = expires_at - interval '30 s' where plan = $1", [PLAN]);
  await stateOn('two', 'a connection of the second node', ({ state }) => state === 'connected');
  expect(await held()).toMatchObject({ node: 'two', fence: String(Number(lease?.fence) + 1) });

  // Never two at once: each was opened when the one before it had ended.
  const all = await streams();
  expect(all.length).toBeGreaterThanOrEqual(3);
  all.slice(1).forEach(({ openedAt }, at) => {
    expect(Date.parse(all[at]?.closedAt ?? ''), JSON.stringify(all)).toBeLessThanOrEqual(Date.parse(openedAt));
  });
  // What came in between is a gap, and what comes now belongs to the collection.
  await until(
    'posts by the second node',
    async () =>
      (await db.query("select from observations join segments using (segment_id) where node = 'two' limit 1")).length >
      0,
    { withinMs: 60_000 },
  );
  second.child.kill('SIGTERM');
  expect(await second.ended).toMatchObject({ code: 0 });
}, 240_000);
