/**
 * What it costs to keep overviews live: one server process, 200 filter collections on 20 shared streams whose status changes each second, some
 * pages listening. `node bench/overview.ts [--collections 200] [--streams 20] [--listeners 5] [--seconds 30] [--output FILE]`
 * Prints JSON: CPU seconds of the server process and of its PostgreSQL connections, as shares of one core.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { pino } from 'pino';
import { runServerRole } from '../src/compose.ts';
import { describeConfig, readConfig } from '../src/config.ts';
import { filterDefinition } from '../src/core/rules/definition.ts';
import { systemClock } from '../src/core/time.ts';
import { openDatabase } from '../src/store/db.ts';
import { addFilterCollection } from '../src/store/filters/filter-collections.ts';
import { storeCaptureStatus } from '../src/store/store-capture.ts';
import { databaseUrl, startTestServer, TEMPLATE } from '../test/support/postgres-global-setup.ts';
import { cpuSecondsOf } from './cpu-seconds.ts';
import { circumstances, round2, tell } from './outcome.ts';

const { values } = parseArgs({
  options: {
    collections: { type: 'string', default: '200' },
    streams: { type: 'string', default: '20' },
    listeners: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '30' },
    output: { type: 'string' },
    serve: { type: 'string' },
    home: { type: 'string' },
  },
});
/** Programs are compiled meanwhile, and the week's hours are read once. */
const WARM_UP_MS = 10_000;

if (values.serve === undefined) await measure();
else await serve(values.serve, values.home ?? '');

/** The server as it runs in earnest, in a process of its own. */
async function serve(url: string, home: string): Promise<void> {
  const key = `bench ${Buffer.alloc(32).toString('base64')}`;
  const environment = { MISTNET_HOME: home, MISTNET_PORT: '0', MISTNET_SECRETS_KEY: key };
  const stop = new AbortController();
  process.once('SIGTERM', () => stop.abort());
  await runServerRole({
    ...{ config: readConfig(environment), node: 'n1', databaseUrl: url, version: 'bench', signal: stop.signal },
    webFolder: join(import.meta.dirname, '../web'),
    onListening: (address) => void process.stdout.write(`${address}\n`),
    pino: pino({ level: 'silent' }),
    settings: describeConfig(environment),
    askRestart: () => false,
    sayThere: () => {},
  });
}

async function measure(): Promise<void> {
  await using cleanup = new AsyncDisposableStack();
  const home = await mkdtemp(join(tmpdir(), 'mistnet-bench-'));
  cleanup.defer(async () => rm(home, { recursive: true, force: true }));
  const postgres = cleanup.use(await startTestServer());
  const url = databaseUrl(postgres.url, TEMPLATE);
  const db = cleanup.use(await openDatabase(url, { max: 2, applicationName: 'mistnet bench' }));
  const [collections, streams] = [Number(values.collections), Number(values.streams)];
  for (let at = 0; at < streams; at++)
    await db.query(
      `insert into credentials (label, platform, kind, key_id, nonce, sealed, added_at) values ($1, 'x', 'app', 'bench', '', '', now())`,
      [`key${at}`],
    );
  for (let at = 0; at < collections; at++)
    await db.transaction((tx) =>
      addFilterCollection(tx, systemClock, {
        ...{ name: `topic-${at}`, api: 'v2', credential: `key${at % streams}`, by: 'bench', reason: 'bench' },
        definition: filterDefinition({ words: [`topic ${at}`, `#topic${at}`] }),
      }),
    );
  const plans = (await db.query<{ plan: string }>('select plan from filter_streams order by plan')).map(
    ({ plan }) => plan,
  );

  const child = spawn(process.execPath, [import.meta.filename, '--serve', url, '--home', home], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  cleanup.defer(async () => {
    child.kill('SIGTERM');
    if (child.exitCode === null) await once(child, 'exit');
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const address = line.toString('utf8').trim();

  const end = new AbortController();
  let seconds = 0;
  const beat = (async () => {
    for (; !end.signal.aborted; seconds++) {
      const now = new Date().toISOString();
      await storeCaptureStatus(
        db,
        plans.map((plan, index) => ({
          ...{
            plan,
            node: 'n1',
            state: 'connected' as const,
            captured: seconds * (50 + index),
            malformed: 0,
            control: 0,
          },
          ...{ bytes: seconds * 100_000, openSegments: 1, sealedSegments: seconds, postsPerSecond: 50 + index },
          ...{ lastByteAt: now, observedAt: now },
        })),
      );
      await sleep(1_000, undefined, { signal: end.signal }).catch(() => undefined); // the end
    }
  })();
  let bytes = 0;
  const listening = Array.from({ length: Number(values.listeners) }, async () => {
    const reply = await fetch(new URL('/api/v1/events', address), { signal: end.signal });
    for await (const part of reply.body ?? []) bytes += part.length;
  });
  const looking = (async () => {
    while (!end.signal.aborted) {
      for (let at = 0; at < Number(values.listeners); at++) {
        const reply = await fetch(new URL('/api/v1/overview', address), { signal: end.signal });
        await reply.arrayBuffer();
      }
      await sleep(20_000, undefined, { signal: end.signal });
    }
  })();
  const quiet = Promise.allSettled([...listening, looking]);

  await sleep(WARM_UP_MS);
  const before = {
    server: cpuSecondsOf([child.pid ?? 0]),
    bytes,
  };
  const backends = watchBackends(db);
  const startedMs = performance.now();
  await sleep(Number(values.seconds) * 1_000);
  const tookSeconds = (performance.now() - startedMs) / 1_000;
  const server = cpuSecondsOf([child.pid ?? 0]) - before.server;
  const database = await backends.stop();
  const bytesPerListener = Math.round((bytes - before.bytes) / tookSeconds / Number(values.listeners));
  end.abort();
  await Promise.all([beat, quiet]);
  await tell(
    {
      ...{ bench: 'overview', collections, streams: plans.length, listeners: Number(values.listeners) },
      ...{ seconds: round2(tookSeconds), serverCpuSeconds: round2(server), postgresCpuSeconds: round2(database) },
      ...{ bytesPerSecondAndListener: bytesPerListener, ...circumstances() },
    },
    [
      {
        ...{ name: 'CPU of the server, % of a core', figure: round2((server / tookSeconds) * 100), goal: '< 10' },
        comparer: 'live overviews',
      },
      {
        ...{
          name: 'with its PostgreSQL connections, % of a core',
          figure: round2(((server + database) / tookSeconds) * 100),
        },
        ...{ goal: '< 10', comparer: 'live overviews' },
      },
    ],
    values.output,
  );
}

/** Adds up what the server's connections use: they come and go, so they are looked at each second. */
function watchBackends(db: { query<Row>(text: string): Promise<Row[]> }): { stop(): Promise<number> } {
  const first = new Map<number, number>();
  const last = new Map<number, number>();
  const look = async () => {
    const rows = await db.query<{ pid: number }>(
      `select pid from pg_stat_activity where application_name like 'mistnet-server%'`,
    );
    for (const { pid } of rows) {
      const seconds = cpuSecondsOf([pid]);
      if (seconds === 0) continue;
      if (!first.has(pid)) first.set(pid, seconds);
      last.set(pid, seconds);
    }
  };
  const end = new AbortController();
  const watching = (async () => {
    for (; !end.signal.aborted; ) {
      await look();
      await sleep(1_000, undefined, { signal: end.signal }).catch(() => undefined); // the end
    }
  })();
  return {
    stop: async () => {
      end.abort();
      await watching;
      await look();
      return [...last].reduce((sum, [pid, seconds]) => sum + seconds - (first.get(pid) ?? 0), 0);
    },
  };
}
