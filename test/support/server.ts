/** A server on a real database with something to show, on a port of its own, and a way to take its database away. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { accountAsking, filterAsking, installationOf, openUsers } from '../../src/compose.ts';
import { describeConfig, readConfig } from '../../src/config.ts';
import type { CaptureStatus } from '../../src/capture/status.ts';
import { silentLog } from '../../src/core/log.ts';
import { systemClock, type UtcHour } from '../../src/core/time.ts';
import { openJobDesk } from '../../src/jobs/job-list.ts';
import { buildHour } from '../../src/process/build-hour.ts';
import type { App } from '../../src/server/app-type.ts';
import { buildServer } from '../../src/server/build-server.ts';
import type { CallerSource } from '../../src/server/caller.ts';
import { createDiskMeter } from '../../src/jobs/nodes/disk-meter.ts';
import { roleWatch } from '../../src/jobs/nodes/disturbed-roles.ts';
import { storeSources } from '../../src/server/store-sources.ts';
import { type Database, openDatabase } from '../../src/store/db.ts';
import { addCollection } from '../../src/store/queries/add-collection.ts';
import { recordDataset } from '../../src/store/queries/datasets.ts';
import { findCollection } from '../../src/store/queries/find-collection.ts';
import { storeCaptureStatus } from '../../src/store/store-capture.ts';
import { freshDatabase } from './database.ts';
import { samplePosts } from './sample-posts.ts';

export const projectRoot = join(import.meta.dirname, '../..');

export type TestServer = AsyncDisposable & {
  app: App;
  db: Database;
  url: string;
  home: string;
  database: DatabaseRoad;
  /** What whoever is elsewhere needs to make the first administrator. */
  setupCode: string;
  /** Ends the server and starts another one at the same address. */
  stop(): Promise<void>;
  restart(): Promise<void>;
};

/** `webFolder`: a page that has been built; without it there is none. `environment`: settings, an emulator's address for instance. */
export async function startServer(
  options: {
    webFolder?: string;
    environment?: Record<string, string>;
    callers?: CallerSource;
    /** Who calls is found out as in earnest: sessions, tokens, this machine while there is no user. */
    signIn?: boolean;
  } = {},
): Promise<TestServer> {
  await using cleanup = new AsyncDisposableStack();
  const home = await mkdtemp(join(tmpdir(), 'mistnet-server-'));
  cleanup.defer(async () => rm(home, { recursive: true, force: true }));
  const test = cleanup.use(await freshDatabase());
  const database = cleanup.use(await openRoad(test.url));
  // The server's own way to the database leads over the road; the test's doesn't.
  const served = cleanup.use(await openDatabase(database.url, { max: 4, applicationName: 'mistnet server test' }));
  const config = readConfig({ MISTNET_HOME: home, ...options.environment });
  const place = { config, db: served, databaseUrl: database.url, node: 'n1', log: silentLog };
  const asking = cleanup.use(filterAsking(place));
  const people = cleanup.use(await openUsers(config, served, pino({ level: 'silent' })));
  const callers = options.signIn === true ? people.callers : options.callers;
  const sources = cleanup.use(
    storeSources({
      users: people.users,
      ...{ db: served, clock: systemClock, diskUsage: createDiskMeter({ home, clock: systemClock }) },
      disturbedRoles: roleWatch(join(home, 'run'), systemClock),
      accountAsking: await accountAsking(place),
      filterAsking: asking,
      openJobDesk: () => openJobDesk(database.url, { db: served, clock: systemClock }),
      installation: await installationOf(
        {
          config,
          node: 'n1',
          version: '9.9.9',
          settings: describeConfig({ MISTNET_HOME: home, ...options.environment }),
        },
        served,
      ),
      exportPlace: { node: 'n1', folder: join(home, 'exports') },
    }),
  );
  const build = () =>
    buildServer({
      sources,
      datasetsFolder: join(home, 'datasets'),
      webFolder: options.webFolder ?? join(home, 'web'),
      version: '9.9.9',
      allowedHosts: ['mistnet.example'],
      ...(callers === undefined ? {} : { callers }),
      ...(config.signIn.publicUrl === undefined ? {} : { publicUrl: config.signIn.publicUrl }),
      ...(config.institution === undefined ? {} : { institution: config.institution }),
      trustedProxies: config.signIn.trustedProxies,
      clock: systemClock,
      log: pino({ level: 'silent' }),
    });
  let app = await build();
  cleanup.defer(async () => app.close());
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  const kept = cleanup.move();
  return {
    get app() {
      return app;
    },
    ...{ db: test.db, url, home, database, setupCode: people.setupCode },
    stop: () => app.close(),
    async restart() {
      app = await build();
      await app.listen({ port: Number(new URL(url).port), host: '127.0.0.1' });
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

export async function addSampleCollection(db: Database, name: string): Promise<void> {
  await addCollection(db, systemClock, { name, kind: 'sample', platform: 'x', api: 'v2' });
}

/** What capture would say now of a stream that runs. */
export async function sayStatus(db: Database, plan: string, change: Partial<CaptureStatus> = {}): Promise<void> {
  const now = new Date().toISOString();
  await storeCaptureStatus(db, [
    {
      ...{ plan, node: 'n1', state: 'connected', captured: 0, malformed: 0, control: 0, bytes: 0 },
      ...{ openSegments: 1, sealedSegments: 0, postsPerSecond: 0, lastByteAt: now, observedAt: now },
      ...change,
    },
  ]);
}

/** Builds an hour of invented posts for real and records it. */
export async function addBuiltHour(
  { db, home }: Pick<TestServer, 'db' | 'home'>,
  wish: { collection: string; hour: UtcHour; zone?: string; partial?: boolean },
) {
  const { collection, hour, zone = 'UTC', partial = false } = wish;
  const inputs = join(home, 'inputs', collection);
  await mkdir(inputs, { recursive: true });
  const file = join(inputs, `${hour}.jsonl`);
  const posts = samplePosts(7, 40, Date.parse(`${hour.slice(0, 13)}:00:00Z`));
  await writeFile(file, posts.map(({ line }) => `${line}\n`).join(''));
  const { manifest, dayFolder } = await buildHour({
    ...{ hour, zone, partial, collection, mode: 'whole', xzLevel: 0, version: '9.9.9', clock: systemClock },
    nodes: [{ name: 'n1', files: [file] }],
    output: join(home, 'datasets', collection),
    signal: new AbortController().signal,
  });
  const { collectionId } = await findCollection(db, collection);
  const { revision, report, builtAt } = manifest;
  await recordDataset(db, {
    ...{ collectionId, hour, revision, partial, report: report.line, manifest, folder: dayFolder, builtAt },
  });
  return { manifest, dayFolder };
}

/**
 * A way to the database that can be broken: `cut` refuses connections and ends those there are, `hold` lets nothing through
 * without ending anything, as a dead link does.
 */
export type DatabaseRoad = AsyncDisposable & { url: string; open(): void; cut(): void; hold(): void };

async function openRoad(databaseUrl: string): Promise<DatabaseRoad> {
  const target = new URL(databaseUrl);
  let state: 'open' | 'cut' | 'held' = 'open';
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    if (state === 'cut') {
      near.destroy();
      return;
    }
    const far = connect(Number(target.port), target.hostname);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
      from.pipe(to);
      if (state === 'held') from.pause();
    }
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    open() {
      state = 'open';
      for (const socket of sockets) socket.resume();
    },
    cut() {
      state = 'cut';
      for (const socket of sockets) socket.destroy();
    },
    hold() {
      state = 'held';
      for (const socket of sockets) socket.pause();
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}
