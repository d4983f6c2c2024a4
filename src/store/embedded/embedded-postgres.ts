/** The PostgreSQL that mistnet brings along: made, started, adopted, stopped. Not for servers of others. */
import { mkdir, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { MistnetError, causeText } from '../../core/errors.ts';
import { findPostgresBinaries } from './binaries.ts';
import { type Launcher, chooseLauncher } from './launcher.ts';
import {
  SUPERUSER,
  type ServerFolder,
  choosePort,
  prepareServerFolder,
  readTextOrNone,
  sizeOf,
  writeDurably,
} from './server-folder.ts';
import { serverSettings } from './settings.ts';
import { setAsideStaleLock } from './stale-lock.ts';

export type EmbeddedPostgres = AsyncDisposable & {
  /** With the password: hand it to child processes only through their environment. */
  readonly url: string;
  /** Whether the server was already running, left over from a supervisor that was killed. */
  readonly adopted: boolean;
  /** Starts the server again, on the same port, if it is gone. Returns whether it had to. Calls at the same time share one start. */
  ensureRunning(): Promise<boolean>;
  /** Ends it in order (connections are cut, all is on disk). Disposing does the same. */
  stop(): Promise<void>;
};

export type EmbeddedOptions = {
  /** Holds `data/`, `password`, `port` and, if somebody made it, `custom.conf`. */
  folder: string;
  /** `postgres.log` is written there. */
  logFolder: string;
  signal: AbortSignal;
  /** As whom it runs when it is not to be found out. */
  launcher?: Launcher['kind'];
};

const DATABASE = 'mistnet';
/** A killed server's process may stay a zombie, and its children hold its memory, for a while. */
const RETRY_MS = 20_000;
/** Replaying the log after a crash can take minutes. */
const RECOVERY_SECONDS = 600;
const PAUSE_MS = 150;
const MAX_LOG_BYTES = 16 * 1024 * 1024;

type Server = ServerFolder & { launcher: Launcher; log: string; port: number };
type Probe = 'answers' | 'starting' | 'silent';

/**
 * Makes the database on first use (about a second) and starts it, or adopts the one that runs in this folder. Returns when it
 * answers and the database `mistnet` exists. Throws `postgres.start-failed` naming the log file.
 */
export async function startEmbeddedPostgres(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const { folder, logFolder, signal } = options;
  const binaries = await findPostgresBinaries();
  const launcher = await chooseLauncher(binaries, options.launcher);
  await mkdir(logFolder, { recursive: true });
  const log = join(logFolder, 'postgres.log');
  await makeLog(log, launcher);
  const prepared = await prepareServerFolder(folder, { launcher, major: binaries.major, log });
  const server: Server = { ...prepared, launcher, log, port: await choosePort(folder, { fresh: false }) };
  let adopted: boolean;
  try {
    adopted = !(await bringUp(server, { signal, mayChangePort: true }));
    await createDatabase(server);
  } catch (cause) {
    await stopServer(server).catch(() => {}); // what went wrong before is what is to be said
    throw cause instanceof MistnetError || signal.aborted ? cause : failure(server, causeText(cause), cause);
  }
  let starting: Promise<boolean> | undefined;
  const stop = async () => {
    await starting?.catch(() => {}); // whoever asked for that start was told of its failure
    await stopServer(server);
  };
  return {
    url: serverUrl(server, DATABASE),
    adopted,
    ensureRunning: async () => {
      starting ??= bringUp(server, { signal, mayChangePort: false }).finally(() => {
        starting = undefined;
      });
      return starting;
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** Returns whether it started the server (true) or found it running (false). */
async function bringUp(server: Server, options: { signal: AbortSignal; mayChangePort: boolean }): Promise<boolean> {
  const { signal, mayChangePort } = options;
  let started = false;
  for (const began = performance.now(); ; await sleep(PAUSE_MS, undefined, { signal })) {
    signal.throwIfAborted();
    await adoptPort(server);
    const probe = await probeServer(server);
    if (probe === 'answers') return started;
    if (probe === 'starting') continue;
    await setAsideStaleLock(server.data);
    const logged = await sizeOf(server.log);
    await writeDurably(join(server.data, 'postgresql.conf'), serverSettings(server), 0o600);
    await server.launcher.own(join(server.data, 'postgresql.conf'));
    const end = await pgCtl(server, ['--wait', '--timeout', String(RECOVERY_SECONDS), '--log', server.log, 'start']);
    started = true;
    if (end.code === 0) continue;
    const said = await readFrom(server.log, logged);
    const waited = performance.now() - began;
    if (/Address already in use/.test(said) && mayChangePort) {
      server.port = await choosePort(server.folder, { fresh: true });
    } else if (!/already exists|pre-existing shared memory|Address already in use/.test(said) || waited > RETRY_MS) {
      throw failure(server, reasonOf(said) ?? reasonOf(end.output) ?? `pg_ctl ended with ${end.code}`);
    }
  }
}

/** A server that runs in our data folder may listen on another port than the one that we noted. */
async function adoptPort(server: Server): Promise<void> {
  const lines = (await readTextOrNone(join(server.data, 'postmaster.pid')))?.split('\n') ?? [];
  const port = Number(lines[3]);
  const pid = Number(lines[0]);
  if (Number.isInteger(port) && port > 0 && Number.isInteger(pid) && isAlive(pid)) server.port = port;
}

/** Whether the server answers to our password; anyone else's server on this port would refuse it. */
async function probeServer(server: Server): Promise<Probe> {
  const client = new pg.Client({ connectionString: serverUrl(server, 'postgres'), connectionTimeoutMillis: 5000 });
  client.on('error', () => {}); // it also rejects what we await
  try {
    await client.connect();
    return 'answers';
  } catch (error) {
    return (error as { code?: string }).code === '57P03' ? 'starting' : 'silent';
  } finally {
    await client.end().catch(() => {}); // never connected: nothing to end
  }
}

async function createDatabase(server: Server): Promise<void> {
  const client = new pg.Client({ connectionString: serverUrl(server, 'postgres') });
  client.on('error', () => {}); // it also rejects what we await
  await client.connect();
  try {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [DATABASE]);
    if (rowCount === 0) await client.query(`create database ${DATABASE}`);
  } finally {
    await client.end();
  }
}

async function stopServer(server: Server): Promise<void> {
  const end = await pgCtl(server, ['--wait', '--timeout', '60', '--mode', 'fast', 'stop']);
  if (end.code === 0 || /PID file .* does not exist|No such process|no server running/i.test(end.output)) return;
  const harder = await pgCtl(server, ['--wait', '--timeout', '30', '--mode', 'immediate', 'stop']);
  if (harder.code !== 0) throw failure(server, `it does not stop: ${reasonOf(harder.output) ?? ''}`);
}

async function pgCtl(server: Server, args: string[]) {
  return server.launcher.run('pg_ctl', ['--pgdata', server.data, ...args]);
}

function serverUrl(server: Server, database: string): string {
  return `postgres://${SUPERUSER}:${server.password}@127.0.0.1:${server.port}/${database}`;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false; // no such process, or somebody else's
  }
}

async function makeLog(log: string, launcher: Launcher): Promise<void> {
  if ((await sizeOf(log)) > MAX_LOG_BYTES) await rename(log, `${log}.1`);
  await (await open(log, 'a', 0o600)).close();
  await launcher.own(log);
}

async function readFrom(path: string, start: number): Promise<string> {
  return ((await readTextOrNone(path)) ?? '').slice(start);
}

function reasonOf(said: string): string | undefined {
  const lines = said.split('\n').map((line) => line.trim());
  const fatal = lines.find((line) => /FATAL|PANIC|could not|error while/.test(line));
  return fatal?.replace(/^.*?(FATAL|PANIC):\s*/, '');
}

function failure(server: Server, reason: string, cause?: unknown): MistnetError {
  return new MistnetError(
    'postgres.start-failed',
    `The embedded PostgreSQL did not start: ${reason}. See ${server.log}.`,
    { cause },
  );
}
