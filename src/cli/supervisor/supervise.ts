/** `mistnet start` and `run`: home, database, migrations, then one child process per role, until a signal ends it all in order. */
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readPlan } from '../../capture/plan.ts';
import { MistnetError } from '../../core/errors.ts';
import { systemClock } from '../../core/time.ts';
import { type Config, foldersOf } from '../../config.ts';
import type { Environment } from '../context.ts';
import { keepRunning } from './child.ts';
import { provideDatabase } from './database.ts';
import { type HomeLock, nodeName, prepareHome, takeLock } from './home.ts';
import { MISTNET_PROGRAM, WEB_FOLDER } from './programs.ts';
import { RoleBoard } from './role-board.ts';
import type { SignalWatch } from './signals.ts';

export const roles = ['capture', 'worker', 'server'] as const;
export type Role = (typeof roles)[number];

/** What runs around the roles; `demo` adds the emulator and its collection. */
export type SuperviseOptions = {
  config: Config;
  environment: Environment;
  roles: readonly Role[];
  signals: SignalWatch;
  say: (sentence: string) => void;
  /** Called when the database is ready and before any role starts. */
  beforeRoles?: (databaseUrl: string, environment: Environment) => Promise<void>;
  /** Called when all roles have ended in order and the database is still up. */
  afterRoles?: (databaseUrl: string) => Promise<void>;
  /** Called when the server answers. */
  onServer?: (address: string) => void;
};

/** A capture seals on its end: a large open segment takes a few seconds. */
const STOP_DEADLINE_MS = 30_000;
const LOOK_MS = 1_000;
/** A command that needs the database when nothing runs in the home has started PostgreSQL for itself. */
const COMMAND_MS = 60_000;
const LOOK_FOR_DATABASE_EVERY_MS = 5_000;

/** Returns when all has ended in order after a signal. Throws the sentence of what cannot go on; nothing is left running then either. */
export async function supervise(options: SuperviseOptions): Promise<void> {
  try {
    await superviseRoles(options);
  } catch (error) {
    // A signal while things were starting: what was begun has been let go again.
    if (options.signals.signal.aborted && !(error instanceof MistnetError)) return;
    throw error;
  }
}

async function superviseRoles(options: SuperviseOptions): Promise<void> {
  const { config, roles: wanted, signals, say } = options;
  const folders = foldersOf(config.home);
  await prepareHome(config.home);
  await using lock = await takeLock(config.home, 'supervisor');
  if (lock === undefined)
    throw new MistnetError(
      'home.in-use',
      `Another mistnet runs in ${config.home} already. End it first, or set MISTNET_HOME to another folder.`,
    );
  if (wanted.includes('server')) await havePagePort(config);
  await Promise.all([mkdir(folders.logs, { recursive: true }), mkdir(folders.run, { recursive: true })]);
  const node = await nodeName(config.home, config.node);
  const web = wanted.includes('server') ? buildWeb(say, signals.signal) : Promise.resolve();
  web.catch(() => undefined); // awaited below
  // Let go in the opposite order: nobody begins to use a database that is about to end.
  await using held = new AsyncDisposableStack();
  held.use(await takeDatabase(options));
  const database = held.use(await provideDatabase(config, signals.signal));
  held.use(await takeLock(config.home, 'serving'));
  if (database.adopted) say('Found the PostgreSQL of a mistnet that was killed still running; using it.');
  const environment: Environment = {
    ...options.environment,
    MISTNET_HOME: config.home,
    MISTNET_NODE: node,
    MISTNET_DATABASE_URL: database.url,
  };
  const whenMigrated = await migrateNowOrLater(options, database.url);
  await options.beforeRoles?.(database.url, environment);
  await web;
  signals.signal.throwIfAborted();

  // Ended in this order: capture seals, the server lets go, the worker notes what was sealed last, then PostgreSQL.
  const failure = new AbortController();
  const early = AbortSignal.any([signals.signal, failure.signal]);
  const late = new AbortController();
  const board = new RoleBoard(folders.run, new Date());
  const bells = new Map(wanted.map((role) => [role as string, {} as { ring?: (() => void) | undefined }]));
  for (const role of wanted) board.note(role, {});
  const now = () => new Date().toISOString();
  const countUp = (role: Role) => (board.roleNow(role)?.restarts ?? 0) + 1;
  const run = async (role: Role, signal: AbortSignal) => {
    // Capture alone can do without the database: it has its plans beside its segments.
    if (role !== 'capture') await whenMigrated(signal);
    if (signal.aborted) return;
    await keepRunning({
      name: role,
      program: MISTNET_PROGRAM,
      args: ['role', role],
      environment,
      logPath: join(folders.logs, `${role}.log`),
      signal,
      forced: signals.forced,
      stopDeadlineMs: STOP_DEADLINE_MS,
      ...(bells.has(role) ? { bell: bells.get(role) ?? {} } : {}),
      onBegin: (pid) => board.note(role, { state: 'starting', pid: pid ?? null, startedAt: now(), nextTryAt: null }),
      onReady: ({ address, setupCode, hints = [] }) => {
        for (const hint of hints) say(hint);
        if (setupCode !== undefined)
          say(
            `Nobody can sign in yet. Open the page and make the first administrator with the set-up code ${setupCode}`,
          );
        board.note(role, { state: 'running' });
        if (address !== undefined) options.onServer?.(address);
      },
      onAsk: (asked) => bells.get(asked)?.ring?.(),
      onSaid: say,
      onRestart: () => {
        board.note(role, { restarts: countUp(role), lastExit: { at: now(), how: 'asked for' }, pid: null });
        say(`The ${role} is started anew, as asked for.`);
      },
      onDeath: ({ name, how, pauseMs }) => {
        const nextTryAt = new Date(systemClock.now() + pauseMs).toISOString();
        board.note(role, {
          ...{ state: 'waiting', pid: null, restarts: countUp(role), lastExit: { at: now(), how }, nextTryAt },
        });
        say(
          `The ${name} ended unexpectedly (${how}); starting it again in ${pauseMs / 1000} s. See ${join(folders.logs, `${name}.log`)}.`,
        );
      },
    });
    board.note(role, { state: 'ended', pid: null });
  };
  const runOrFail = (role: Role, signal: AbortSignal) =>
    run(role, signal).catch((error: unknown) => {
      failure.abort();
      throw error;
    });
  const watching = database.watch(late.signal, say);
  const worker = Promise.allSettled(wanted.includes('worker') ? [runOrFail('worker', late.signal)] : []);
  const first = await Promise.allSettled([
    aborted(early),
    ...wanted.filter((role) => role !== 'worker').map((role) => runOrFail(role, early)),
  ]);
  late.abort();
  const fault = [...first, ...(await worker)].find((result) => result.status === 'rejected');
  await watching;
  await board.written();
  if (fault !== undefined) throw fault.reason;
  if (!signals.forced.aborted) await options.afterRoles?.(database.url);
}

/**
 * Before minutes of work are begun for a server that could not start. The server of a supervisor that was killed may still be ending, and
 * hold the port for that long. Throws `port.in-use`.
 */
async function havePagePort(config: Config): Promise<void> {
  await using _orphan = await takeLock(config.home, 'server', STOP_DEADLINE_MS);
  const { assertPagePort } = await import('../../compose.ts');
  await assertPagePort(config);
}

/** Waits for a command that has started PostgreSQL for itself. Throws `home.in-use` when it takes too long. */
async function takeDatabase({
  config: { home, databaseUrl },
  say,
  signals,
}: SuperviseOptions): Promise<HomeLock | undefined> {
  if (databaseUrl !== undefined) return undefined; // a server of others may be used by anybody
  const lock = await takeLock(home, 'postgres', LOOK_MS);
  if (lock !== undefined) return lock;
  say(`Waiting for another command of mistnet that uses the database of ${home} …`);
  for (let waitedMs = LOOK_MS; waitedMs < COMMAND_MS; waitedMs += LOOK_MS) {
    signals.signal.throwIfAborted();
    const freed = await takeLock(home, 'postgres', LOOK_MS);
    if (freed !== undefined) return freed;
  }
  throw new MistnetError(
    'home.in-use',
    `Another command of mistnet uses the database of ${home}. Start again when it has ended.`,
  );
}

/**
 * Migrates. When the database does not answer, but capture has plans of before, it may begin without: then the answer waits until the
 * database is there. Throws `database.unreachable` when nothing can be done without it.
 */
async function migrateNowOrLater(
  { config, roles: wanted, signals, say }: SuperviseOptions,
  url: string,
): Promise<(signal: AbortSignal) => Promise<void>> {
  const { migrateDatabase } = await import('../../compose.ts');
  try {
    await migrateDatabase(url);
    return async () => {};
  } catch (error) {
    const away = error instanceof MistnetError && error.code === 'database.unreachable';
    if (!away || !wanted.includes('capture') || !(await hasActivePlan(foldersOf(config.home).segments))) throw error;
    say(`${error.message} Capture starts from its saved plans; the rest waits for the database.`);
  }
  const { signal: ending } = signals;
  const migrated = migrateWhenThere(() => migrateDatabase(url), ending).then(() => {
    if (!ending.aborted) say('The database is there; starting the rest.');
  });
  migrated.catch(() => undefined); // whoever awaits it throws
  return async (signal) => {
    await Promise.race([migrated, aborted(signal)]);
  };
}

async function migrateWhenThere(migrate: () => Promise<void>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      return await migrate();
    } catch (error) {
      if (!(error instanceof MistnetError && error.code === 'database.unreachable')) throw error;
    }
    await sleep(LOOK_FOR_DATABASE_EVERY_MS, undefined, { signal }).catch(() => undefined); // aborted: the loop ends
  }
}

async function hasActivePlan(segmentsFolder: string): Promise<boolean> {
  const names = await readdir(segmentsFolder).catch(() => []); // no folder, no plans
  const plans = await Promise.all(names.map((name) => readPlan(join(segmentsFolder, name))));
  return plans.some((plan) => plan?.wanted === 'active');
}

/** Resolves when the signal aborts. */
function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) =>
    signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve(), { once: true }),
  );
}

async function buildWeb(say: (sentence: string) => void, signal: AbortSignal): Promise<void> {
  const { ensureWebBuilt } = await import('../../compose.ts').then(({ loadWebBuild }) => loadWebBuild());
  await ensureWebBuilt({
    webFolder: WEB_FOLDER,
    signal,
    onBuild: () => say('Building the web page (once, a few seconds) …'),
  });
}
