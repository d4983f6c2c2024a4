/**
 * From a configuration to a running part of the system: the only file that sees everything. Each part is loaded when it is asked for, so
 * that `--help` loads neither PostgreSQL's client nor DuckDB. It is long because it is the one such place: a function a role or a part, each plain
 * wiring. What decides anything belongs into the part itself; what commands alone call is in `cli/lazy-parts.ts`.
 */
import { randomInt, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Config, foldersOf, readXToken } from './config.ts';
import { causeText } from './core/errors.ts';
import { type Log, silentLog } from './core/log.ts';
import { steadyClock, systemClock } from './core/time.ts';
import type { Database } from './store/db.ts';

/** What a role gets: its configuration with the database's address and the node's name filled in. */
export type RoleOptions = {
  config: Config;
  node: string;
  databaseUrl: string;
  version: string;
  log: Log;
  signal: AbortSignal;
  /** Asks whoever watches over the processes to start a role anew; false when nobody does. */
  askRestart: (role: string) => boolean;
  /** One sentence for whoever watches over the processes in a terminal. */
  sayThere: (sentence: string) => void;
};

/** Holds the streams of this node until the signal aborts. Needs the disk and the network; the database only when it is there. */
export async function runCaptureRole(options: RoleOptions): Promise<void> {
  const { config, node, databaseUrl, log, signal } = options;
  const [
    { runCapture },
    { sampleStream },
    { legacySampleStream },
    { filterStream },
    { legacyFilterStream },
    { keepPlans },
    { streamCredential },
    { readKeyring },
  ] = await Promise.all([
    import('./capture/capture.ts'),
    import('./platforms/x/sample-stream.ts'),
    import('./platforms/x/legacy-sample-stream.ts'),
    import('./platforms/x/filter-stream.ts'),
    import('./platforms/x/filter-legacy-stream.ts'),
    import('./jobs/keep-plans.ts'),
    import('./jobs/stream-credential.ts'),
    import('./store/credentials/keyring.ts'),
  ]);
  const folders = foldersOf(config.home);
  await using keeper = keepPlans({
    openDb: () => openStore(databaseUrl, `mistnet-capture-${node}`, 2),
    segmentsFolder: folders.segments,
    node,
    log,
    monotonicMs: () => performance.now(),
    clock: systemClock,
  });
  await using opened = new AsyncDisposableStack();
  const openDb = async () => opened.use(await openStore(databaseUrl, `mistnet-node-${node}`, 1));
  const ended = new AbortController();
  const kept = keepThisNode('capture', openDb, options, AbortSignal.any([signal, ended.signal]));
  opened.defer(async () => {
    ended.abort();
    await kept;
  });
  await runCapture({
    segmentsFolder: folders.segments,
    runFolder: folders.run,
    quarantineFolder: folders.quarantine,
    node,
    adapterOf: ({ kind, api, filter = NO_FILTER }) => {
      if (kind === 'filter') return api === 'v2' ? filterStream(config.x) : legacyFilterStream({ ...config.x, filter });
      return api === 'v2' ? sampleStream(config.x) : legacySampleStream(config.x);
    },
    credentialOf: (plan) =>
      streamCredential({
        ...{ plan, planFolder: join(folders.segments, plan.plan), clock: systemClock },
        environmentToken: () => readXToken(config.x),
        readRing: () => readKeyring({ path: folders.secretsKey, given: config.secretsKey, mayMake: false }),
      }),
    settings: { heartbeatMs: config.x.heartbeatMs, sealAgeMs: config.sealAgeMs, sealBytes: config.sealBytes },
    clock: systemClock,
    log,
    onTrouble: (plan, reason) => options.sayThere(diskWords(plan, reason)),
    signal,
    refreshPlans: keeper.refresh,
  });
}

function diskWords(plan: string, reason: string | undefined): string {
  return reason === undefined
    ? `${plan} can be written again; capture goes on.`
    : `${plan} cannot be written (${reason}). What has come so far is kept; reading waits and goes on by itself when the disk takes it.`;
}

/** Of a plan whose filter nobody noted yet: the platform refuses it, and the next plan has one. */
const NO_FILTER = { track: [], follow: [], locations: [], languages: [] };

/** Loads segments, syncs capture's news, builds hours, until the signal aborts. */
export async function runWorkerRole(options: RoleOptions): Promise<void> {
  const { config, node, databaseUrl, version, log, signal } = options;
  const [{ runWorker }, { openFollower }] = await Promise.all([
    import('./jobs/worker.ts'),
    import('./platforms/links/open-follower.ts'),
  ]);
  const folders = foldersOf(config.home);
  await using db = await openStore(databaseUrl, `mistnet-worker-${node}`, 6);
  await runWorker({
    db,
    databaseUrl,
    node,
    segmentsFolder: folders.segments,
    datasetsFolder: folders.datasets,
    runFolder: folders.run,
    version,
    compact: config.compact,
    clock: systemClock,
    signal,
    log,
    openTimelines: (until) => openTimelines({ config, db, databaseUrl, node, log, signal: until }),
    openLinks: async (until) => ({
      db,
      signal: until,
      follower: openFollower({ allowed: config.linksAllow, version, clock: systemClock }),
    }),
    beside: [
      (until) => keepThisNode('worker', async () => db, options, until),
      (until) => keepAlertsOf(options, db, until),
      (until) => keepFiltersOf(options, db, until),
    ],
  });
}

/** Says how this node is and does what people ask of it, until the signal aborts. */
async function keepThisNode(
  role: string,
  openDb: () => Promise<Database>,
  { config, node, version, log, askRestart }: RoleOptions,
  signal: AbortSignal,
): Promise<void> {
  const [{ keepNode }, { NodeObserver }, { createDiskMeter }] = await Promise.all([
    import('./jobs/nodes/keep-node.ts'),
    import('./jobs/nodes/look-at-node.ts'),
    import('./jobs/nodes/disk-meter.ts'),
  ]);
  const monotonicMs = () => performance.now();
  const measureDisk = createDiskMeter({ home: config.home, clock: systemClock });
  const folders = foldersOf(config.home);
  const observer = new NodeObserver({ folders, measureDisk, monotonicMs, startedAt: new Date(systemClock.now()) });
  await keepNode({
    ...{ openDb, node, version, role, observer, askRestart, monotonicMs, signal, log },
    runFolder: folders.run,
  });
}

/** Watches for what is worth an alert and sends it, until the signal aborts. */
async function keepAlertsOf({ config, version, log }: RoleOptions, db: Database, signal: AbortSignal): Promise<void> {
  const [{ keepAlerts }, { createMailer }, { createResolve }] = await Promise.all([
    import('./jobs/alerts/keep-alerts.ts'),
    import('./platforms/mail/send-mail.ts'),
    import('./platforms/links/may-reach.ts'),
  ]);
  const { openKeyring } = await loadCredentials();
  const mailer =
    config.mail === undefined ? undefined : createMailer({ url: config.mail.url.reveal(), from: config.mail.from });
  using _mailer = mailer;
  await keepAlerts({
    ...{ db, signal, log, clock: systemClock, page: pageAddress(config, '/admin/alerts') },
    post: {
      mail: mailer === undefined ? undefined : (mail) => mailer.send(mail),
      webhooks: {
        allowed: new Set(config.webhooksAllow),
        resolve: createResolve(),
        userAgent: `mistnet/${version} (+alerts)`,
        nowMs: () => systemClock.now(),
      },
      openRing: () => openKeyring(config, db),
    },
  });
}

/** Where people open a page, as far as the configuration tells: what is sent by mail says it. */
function pageAddress({ host, port, signIn }: Config, path: string): string | null {
  if (signIn.publicUrl !== undefined) return `${signIn.publicUrl.replace(/\/$/, '')}${path}`;
  return port === 0 ? null : `http://${host.includes(':') ? `[${host}]` : host}:${port}${path}`;
}

/** Brings the rules of filter collections to the platform, until the signal aborts. */
async function keepFiltersOf(
  { config, node, databaseUrl, log }: RoleOptions,
  db: Database,
  signal: AbortSignal,
): Promise<void> {
  const [{ keepFilters }, reads] = await Promise.all([
    import('./jobs/filters/keep-filters.ts'),
    import('./platforms/x/read/x-reads.ts'),
  ]);
  const { apiUrl } = config.x;
  await using asking = await openSharedAsking({ config, db, databaseUrl, node, log });
  await keepFilters({
    ...{ db, databaseUrl, log, signal, clock: systemClock },
    permitsOf: (credential) => asking.permits.sourceFor({ credential, isUrgent: true }),
    rules: { http: asking.http, apiUrl, timeoutMs: 30_000, maxBytes: READ_BOUNDS.maxBytes },
    askerOf: (credential) => asking.askerFor({ credential, isUrgent: true }),
    questions: reads.createXReads({ apiUrl }),
  });
}

/** What a worker reads accounts and timelines with. */
async function openTimelines(options: {
  config: Config;
  db: Database;
  databaseUrl: string;
  node: string;
  log: Log;
  signal: AbortSignal;
}): Promise<import('./jobs/work-timelines.ts').TimelineWork & AsyncDisposable> {
  const { config, db, databaseUrl, node, log, signal } = options;
  const [{ TimelineDesk }, reads, { classifyLine }, { openImportPages }] = await Promise.all([
    import('./jobs/timelines/timeline-desk.ts'),
    import('./platforms/x/read/x-reads.ts'),
    import('./platforms/x/classify-line.ts'),
    import('./jobs/imports/open-import-pages.ts'),
  ]);
  const { apiUrl } = config.x;
  const [v2, legacy] = [reads.createXReads({ apiUrl }), reads.createLegacyXReads({ apiUrl })];
  const { segments, run, quarantine } = foldersOf(config.home);
  const asking = await openSharedAsking({ config, db, databaseUrl, node, log });
  const askerOf = (collection?: string, credential?: string) =>
    asking.askerFor({
      ...(collection === undefined ? {} : { collection }),
      ...(credential === undefined ? {} : { credential }),
    });
  const desk = new TimelineDesk({
    ...{ db, node, clock: systemClock, log, signal, classifyLine, horizon: reads.TIMELINE_HORIZON },
    ...{ segmentsFolder: segments, runFolder: run, quarantineFolder: quarantine },
    ...{ sealAgeMs: config.sealAgeMs, sealBytes: config.sealBytes },
    askerOf,
    question: (api, { accountId, ...since }) =>
      api === 'v2' ? v2.timeline({ accountId, ...since }) : legacy.timeline({ account: { id: accountId }, ...since }),
  });
  return {
    ...{ db, desk, asker: askerOf(), questions: v2, clock: systemClock, signal, log },
    hydrations: {
      ...{ db, node, askerOf, log, signal, clock: systemClock, segmentsFolder: segments },
      openPages: ({ name, api }) =>
        openImportPages({
          ...{ collection: name, api, node, log, clock: systemClock },
          ...{ segmentsFolder: segments, runFolder: run, quarantineFolder: quarantine },
          ...{ sealAgeMs: config.sealAgeMs, sealBytes: config.sealBytes },
        }),
      questionsOf: ({ api, fields }) => {
        const { chosen, without = [] } = fields ?? {};
        const own = api === 'v2' ? reads.createXReads({ apiUrl, fields: chosen, without }) : legacy;
        return (ids) => own.posts(ids);
      },
    },
    [Symbol.asyncDispose]: async () => {
      await desk[Symbol.asyncDispose]();
      await asking[Symbol.asyncDispose]();
    },
  };
}

/** Throws `port.in-use` when the server role could not have its port. */
export async function assertPagePort({ host, port }: Config): Promise<void> {
  const { assertPortFree } = await import('./server/port.ts');
  await assertPortFree(host, port);
}

/** Serves the API and the page until the signal aborts. `onListening` hears the address. Throws `port.in-use`. */
export async function runServerRole(
  options: Omit<RoleOptions, 'log'> & {
    webFolder: string;
    settings: import('./server/sources/operations.ts').Installation['settings'];
    /**
     * `address`: where browsers find the page. `setupCode`: what whoever is elsewhere needs to make the first administrator. `hints`: what
     * whoever opened it to other machines should know.
     */
    onListening: (address: string, more: { setupCode?: string; hints: string[] }) => void;
    pino: import('pino').Logger;
  },
): Promise<void> {
  const { config, node, databaseUrl, version, signal, webFolder, onListening, pino, settings } = options;
  const [{ buildServer }, { exposureHints }, { createDiskMeter }, { roleWatch }, { portInUse }, { storeSources }] =
    await Promise.all([
      import('./server/build-server.ts'),
      import('./server/exposure.ts'),
      import('./jobs/nodes/disk-meter.ts'),
      import('./jobs/nodes/disturbed-roles.ts'),
      import('./server/port.ts'),
      import('./server/store-sources.ts'),
    ]);
  const folders = foldersOf(config.home);
  await using db = await openStore(databaseUrl, 'mistnet-server', 6);
  await using asking = filterAsking({ config, db, databaseUrl, node, log: pino });
  using people = await openUsers(config, db, pino);
  await using sources = storeSources({
    users: people.users,
    ...{ db, clock: systemClock, diskUsage: createDiskMeter({ home: config.home, clock: systemClock }) },
    disturbedRoles: roleWatch(folders.run, systemClock),
    accountAsking: await accountAsking({ config, db, databaseUrl, node, log: pino }),
    filterAsking: asking,
    openJobDesk: async () => (await import('./jobs/job-list.ts')).openJobDesk(databaseUrl, { db, clock: systemClock }),
    installation: await installationOf({ config, node, version, settings }, db),
    exportPlace: { node, folder: folders.exports },
  });
  const app = await buildServer({
    sources,
    datasetsFolder: folders.datasets,
    webFolder,
    version,
    allowedHosts: allowedHostsOf(config),
    trustedProxies: config.signIn.trustedProxies,
    callers: people.callers,
    clock: systemClock,
    log: pino,
    ...(config.signIn.publicUrl === undefined ? {} : { publicUrl: config.signIn.publicUrl }),
    ...(config.institution === undefined ? {} : { institution: config.institution }),
  });
  try {
    await app.listen({ host: config.host, port: config.port });
  } catch (error) {
    await app.close();
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw portInUse(config.host, config.port, { cause: error });
  }
  const [address] = app.addresses();
  const { host } = config;
  const isElsewhere = !['127.0.0.1', 'localhost', '::1'].includes(host) || config.signIn.publicUrl !== undefined;
  const needsCode = isElsewhere && !config.signIn.isDemo && !(await people.users.hasUsers());
  if (needsCode) pino.warn({ setupCode: people.setupCode }, 'setup.needed');
  const { publicUrl, trustedProxies } = config.signIn;
  const hints = exposureHints({ host, publicUrl, trustedProxies });
  for (const hint of hints) pino.warn({ hint }, 'page.exposed');
  const own = `http://${host.includes(':') ? `[${host}]` : host}:${typeof address === 'object' ? address.port : config.port}`;
  onListening(`${publicUrl ?? own}/`, { hints, ...(needsCode ? { setupCode: people.setupCode } : {}) });
  // Says how the node is only where no worker does.
  await keepThisNode('server', async () => db, { ...options, log: pino }, signal);
  await app.close();
}

/** Users, sign-in and rights. Dispose of it. */
export async function openUsers(config: Config, db: Database, log: import('pino').Logger) {
  const [{ openUsers: open }, { openKeyring }] = await Promise.all([
    import('./server/auth/open-users.ts'),
    loadCredentials(),
  ]);
  const ring = await openKeyring(config, db);
  return await open({
    ...{ db, clock: systemClock, ring, log, xApiUrl: config.x.apiUrl, ...config.signIn },
    ...(config.mail === undefined ? {} : { mail: config.mail }),
  });
}

/** The names under which browsers may ask for the page. */
function allowedHostsOf({ host, signIn: { publicUrl } }: Config): string[] {
  return publicUrl === undefined ? [host] : [host, new URL(publicUrl).hostname];
}

/** What of this installation the server tells administrators, and what it needs for keys. */
export async function installationOf(
  options: Pick<RoleOptions, 'config' | 'node' | 'version'> & {
    settings: import('./server/sources/operations.ts').Installation['settings'];
  },
  db: Database,
): Promise<import('./server/sources/operations.ts').Installation> {
  const { config, node, version, settings } = options;
  const { canonicalField, kindOfFields, openKeyring, testCredentials } = await loadCredentials();
  return {
    ...{ node, version, settings, canonicalField, kindOfFields },
    ...{ home: config.home, logsFolder: foldersOf(config.home).logs },
    ...(await ownPasswordFile(config, db)),
    hasMail: config.mail !== undefined,
    alertsPage: pageAddress(config, '/admin/alerts'),
    openRing: () => openKeyring(config, db),
    testCredential: (label) => testCredentials(config, db, label),
  };
}

/** Mistnet's own PostgreSQL is known by its port, which stands beside its password. */
async function ownPasswordFile({ home }: Config, { address }: Database): Promise<{ passwordFile?: string }> {
  const folder = foldersOf(home).postgres;
  const port = await readFile(join(folder, 'port'), 'utf8').catch(() => ''); // none here: another PostgreSQL is used
  const isOwn = port.trim() !== '' && address === `127.0.0.1:${port.trim()}`;
  return isOwn ? { passwordFile: join(folder, 'password') } : {};
}

/** What the server asks the platform about filters with: a worker's share of permits and money, taken when the first question comes. */
export function filterAsking(
  options: AskingPlace,
): import('./server/sources/filters.ts').FilterAsking & AsyncDisposable {
  const { config } = options;
  let opened: Promise<SharedAsking> | undefined;
  return {
    hasEnvironmentToken: async () => 'token' in (await readXToken(config.x)),
    countHours: async ({ query, credential }, signal) => {
      opened ??= openSharedAsking(options);
      const [asking, { countHours }] = await Promise.all([opened, import('./jobs/count-hours.ts')]);
      const asker = asking.askerFor({ isUrgent: true, ...(credential === undefined ? {} : { credential }) });
      return await countHours({ asker, apiUrl: config.x.apiUrl, query, signal });
    },
    [Symbol.asyncDispose]: async () => {
      await (await opened)?.[Symbol.asyncDispose]();
    },
  };
}

/** What the server asks the platform about accounts with. */
export async function accountAsking(place: AskingPlace): Promise<import('./server/sources/accounts.ts').AccountAsking> {
  const { importWith, checkWith } = await loadAccounts();
  return {
    importLines: (lines, wish) => importWith(place, lines, wish),
    check: (accounts) => checkWith(place, accounts),
  };
}

/** Opens the database for a command or a role. Whoever opens it disposes of it. */
export async function openStore(url: string, applicationName: string, max = 2): Promise<Database> {
  const { openDatabase } = await import('./store/db.ts');
  return openDatabase(url, { max, applicationName });
}

/** Brings the schema up to date. */
export async function migrateDatabase(url: string): Promise<void> {
  const { migrate } = await import('./store/migrate.ts');
  await using db = await openStore(url, 'mistnet-migrate');
  await migrate(db);
}

export const loadEmbeddedPostgres = () => import('./store/embedded/embedded-postgres.ts');
export const loadWebBuild = () => import('./server/web-build.ts');

type SharedAsking = {
  http: import('./platforms/http-call.ts').HttpCaller;
  permits: import('./jobs/permits/shared-permits.ts').SharedPermits;
  askerFor: (wish: Parameters<SharedAsking['permits']['sourceFor']>[0]) => import('./platforms/make-call.ts').Asker;
} & AsyncDisposable;

/** Where something is asked from, and the ledger that it is asked by. */
export type AskingPlace = Pick<RoleOptions, 'config' | 'node' | 'databaseUrl' | 'log'> & { db: Database };

/** What asks the platform beside all other workers: a share of the permits and the money that the database tells of. Dispose of it. */
async function openSharedAsking({ config, db, databaseUrl, node, log }: AskingPlace): Promise<SharedAsking> {
  const [{ createHttpCaller }, { sharePermits }] = await Promise.all([
    import('./platforms/http-call.ts'),
    import('./jobs/permits/shared-permits.ts'),
  ]);
  const http = createHttpCaller();
  const permits = sharePermits({
    ...{ db, databaseUrl, node, worker: randomUUID(), log, clock: steadyClock },
    credentials: () => poolNow(config, db, log),
  });
  return {
    ...{ http, permits },
    askerFor: (wish) => ({
      ...{ http, permits: permits.sourceFor(wish), clock: systemClock },
      ...{ ladders: config.x.ladders, random: randomShare, ...READ_BOUNDS },
    }),
    [Symbol.asyncDispose]: async () => {
      await permits[Symbol.asyncDispose]();
      http[Symbol.dispose]();
    },
  };
}

/** The credentials that can be used now, the environment's token among them. */
async function poolNow(config: Config, db: Database, log: Log) {
  const [{ usableCredentials }, { refreshTokens }, { createHttpCaller }, { openKeyring }] = await Promise.all([
    import('./jobs/credential-pool.ts'),
    import('./jobs/refresh-tokens.ts'),
    import('./platforms/http-call.ts'),
    loadCredentials(),
  ]);
  const token = await readXToken(config.x);
  const ring = await openKeyring(config, db);
  using http = createHttpCaller();
  await refreshTokens({
    ...{ db, ring, http, log, clock: systemClock, apiUrl: config.x.apiUrl, folder: foldersOf(config.home).run },
    signal: new AbortController().signal,
  }).catch((error: unknown) => log.warn({ cause: causeText(error) }, 'credentials.not-refreshed')); // the others can be used all the same
  return await usableCredentials({
    db,
    ring,
    clock: systemClock,
    environmentToken: 'token' in token ? token.token : undefined,
    log,
  });
}

/** One credential that is kept, and the prices that hold. Throws `credential.unknown` and `credential.unusable`. */
export async function openPool(config: Config, db: Database, label: string) {
  const [{ requireCredential }, { loadPrices }, { MistnetError }] = await Promise.all([
    loadCredentials(),
    import('./store/permits/budgets.ts'),
    import('./core/errors.ts'),
  ]);
  await requireCredential(db, label);
  const credentials = (await poolNow(config, db, silentLog))
    .filter((credential) => credential.label === label)
    .map((credential) => ({ ...credential, isPersonal: false })); // it was named
  if (credentials.length === 0)
    throw new MistnetError(
      'credential.unusable',
      `The credential "${label}" was refused by the platform or cannot be opened. See: mistnet credential list`,
    );
  return { credentials, prices: await loadPrices(db) };
}

/** 0 inclusive to 1 exclusive. */
const randomShare = () => randomInt(2 ** 32) / 2 ** 32;

/** For one request of a read endpoint. */
const READ_BOUNDS = { timeoutMs: 60_000, maxBytes: 64 * 1024 * 1024 };

/** What the commands about accounts call. */
export const loadAccounts = async () => {
  const [reads, { importAccounts }, { checkAccounts }] = await Promise.all([
    import('./platforms/x/read/x-reads.ts'),
    import('./jobs/accounts/import-accounts.ts'),
    import('./jobs/accounts/check-accounts.ts'),
  ]);
  const signal = new AbortController().signal;
  return {
    ...(await import('./store/accounts/find-followed.ts')),
    ...(await import('./store/accounts/change-followed.ts')),
    ...(await import('./jobs/accounts/require-collectable.ts')),
    importWith: async function* (
      this: void,
      place: AskingPlace,
      lines: AsyncIterable<string>,
      wish: { set?: string; dryRun: boolean; withProtected: boolean },
    ) {
      await using asking = await openSharedAsking(place);
      const questions = reads.createXReads({ apiUrl: place.config.x.apiUrl });
      const asker = asking.askerFor({ isUrgent: true });
      yield* importAccounts({ ...wish, db: place.db, asker, questions, clock: systemClock, signal }, lines);
    },
    checkWith: async function* (
      this: void,
      place: AskingPlace,
      accounts: readonly { platform: string; accountId: string }[],
    ) {
      await using asking = await openSharedAsking(place);
      const questions = reads.createXReads({ apiUrl: place.config.x.apiUrl });
      const asker = asking.askerFor({ isUrgent: true });
      yield* checkAccounts({ db: place.db, asker, questions, signal }, accounts);
    },
  };
};

/** What the commands about credentials call. */
export const loadCredentials = async () => {
  const [rows, fields, keyring, levels] = await Promise.all([
    import('./store/credentials/credentials.ts'),
    import('./platforms/x/credential-fields.ts'),
    import('./store/credentials/keyring.ts'),
    import('./platforms/x/read/endpoint-limits.ts'),
  ]);
  const openKeyring = async (config: Config, db: Database) =>
    await keyring.readKeyring({
      path: foldersOf(config.home).secretsKey,
      ...(config.secretsKey === undefined ? {} : { given: config.secretsKey }),
      mayMake: !(await rows.hasCredentials(db)),
    });
  return {
    ...rows,
    ...fields,
    ...levels,
    openKeyring,
    testCredentials: async (config: Config, db: Database, label?: string) => {
      const [{ testCredentials }, { refreshTokens }, { createHttpCaller }] = await Promise.all([
        import('./jobs/test-credentials.ts'),
        import('./jobs/refresh-tokens.ts'),
        import('./platforms/http-call.ts'),
      ]);
      using http = createHttpCaller();
      const ring = await openKeyring(config, db);
      const { signal } = new AbortController();
      const asking = { db, ring, clock: systemClock, http, apiUrl: config.x.apiUrl, signal };
      await refreshTokens({ ...asking, log: silentLog, folder: foldersOf(config.home).run });
      return await testCredentials({
        ...asking,
        ...(label === undefined ? {} : { label }),
      });
    },
  };
};
