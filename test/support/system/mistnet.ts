/** `mistnet start` and its like as programs, asked over HTTP as a person's browser would. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type Database, openDatabase } from '../../../src/store/db.ts';
import type { EmulatorProgram } from './emulator.ts';
import { until } from './until.ts';
import { type Environment, MISTNET, type Program, type ProgramEnd, type Workbench } from './workbench.ts';

export type Status = {
  name: string;
  state: string;
  captured: number;
  loaded: number;
  quarantined: number;
  openSegments: number;
  sealedSegments: number;
  gaps: number;
  heldBack?: number;
  lastByteAt: string | null;
  reason?: string;
};

export type RunningMistnet = {
  program: Program;
  /** The page's address. */
  url: string;
  status(collection: string): Promise<Status>;
  /** Waits until the status of a collection is as wished. */
  statusIs(collection: string, what: string, wish: (status: Status) => boolean, withinMs?: number): Promise<Status>;
  /** SIGTERM; it must end with exit code 0 within the time, and leave nothing running but what was there besides. */
  stop(withinMs?: number): Promise<ProgramEnd>;
};

/** Points mistnet at an emulator; ladders short enough for a test unless said otherwise. */
export function towards(emulator: Pick<EmulatorProgram, 'url'>, more: Environment = {}): Environment {
  return {
    MISTNET_X_API_URL: emulator.url,
    MISTNET_X_BEARER_TOKEN: 'emulator-token',
    MISTNET_X_BACKOFF: ladders(),
    ...more,
  };
}

/** The published ladders, but a server error and a 429 are waited for as long as said. */
export function ladders({ networkMs = 0, serverMs = 300, rateMs = 300 } = {}): string {
  return JSON.stringify({
    network: { firstMs: networkMs, stepMs: 250, maxMs: Math.max(2000, networkMs) },
    server: { firstMs: serverMs, doubling: true, maxMs: Math.max(2000, serverMs) },
    rate: { firstMs: rateMs, doubling: true, maxMs: Math.max(2000, rateMs) },
  });
}

/** Starts it and waits for the page's address. */
export async function startMistnet(
  bench: Workbench,
  env: Environment,
  args: string[] = ['start'],
): Promise<RunningMistnet> {
  return whenServing(bench.start(MISTNET, args, { env }));
}

/** Waits for the address of the page of a mistnet that was started. */
export async function whenServing(program: Program): Promise<RunningMistnet> {
  const [, url = ''] = await program.hears(/Page:? +(http:\S+)/, 90_000);
  return servedAt(program, url);
}

/** A mistnet whose page is at this address: after a server was killed it may be another one. */
export function servedAt(program: Program, url: string): RunningMistnet {
  const status = (collection: string) => readStatus(url, collection);
  return {
    ...{ program, url, status },
    statusIs: async (collection, what, wish, withinMs = 60_000) => {
      let last: Status | undefined;
      try {
        return await until(
          `a status of ${collection} with ${what}`,
          async () => {
            last = await status(collection);
            return wish(last) ? last : undefined;
          },
          { withinMs, everyMs: 100 },
        );
      } catch (error) {
        throw new Error(`${String(error)}; status ${JSON.stringify(last)}; it said: ${program.said}`, { cause: error });
      }
    },
    stop: async (withinMs = 30_000) => {
      program.child.kill('SIGTERM');
      await until('the end of mistnet', () => program.child.exitCode !== null || program.child.signalCode !== null, {
        withinMs,
      });
      const end = await program.ended;
      expect(end, end.stderr).toMatchObject({ code: 0, signal: null });
      return end;
    },
  };
}

async function readStatus(url: string, collection: string): Promise<Status> {
  const response = await fetch(new URL('/api/v1/status', url), { signal: AbortSignal.timeout(5000) });
  const body = (await response.json()) as { collections?: Status[] };
  const found = body.collections?.find(({ name }) => name === collection);
  if (found === undefined) throw new Error(`no ${collection} in ${JSON.stringify(body)}`);
  return found;
}

/** Adds a sample collection by the command. */
export async function addCollection(
  bench: Workbench,
  name: string,
  env: Environment,
  more: string[] = [],
): Promise<void> {
  const end = await bench.mistnet(['collection', 'add', name, '--kind', 'sample', ...more], { env });
  expect(end, end.stderr).toMatchObject({ code: 0 });
}

/** Errors in the roles' logs: a restart hides that one was needed. */
export async function loggedErrors(bench: Workbench): Promise<string[]> {
  const logs = await Promise.all(
    ['capture', 'worker', 'server'].map((role) => readFile(join(bench.home, `logs/${role}.log`), 'utf8')),
  );
  return logs.flatMap((log) => log.split('\n').filter((line) => line !== '' && !/^\{"level":[1-4]0,/.test(line)));
}

/** The pid of a role's process that runs now; waits for one. */
export async function rolePid(bench: Workbench, role: 'capture' | 'worker' | 'server'): Promise<number> {
  return until(`a process of ${role}`, async () => {
    const found = (await bench.processes()).find(({ command }) => command.endsWith(`role ${role}`));
    return found?.pid;
  });
}

/** The pid of the embedded PostgreSQL's first process; waits for one. */
export async function postmasterPid(bench: Workbench): Promise<number> {
  return until('a process number of PostgreSQL', async () => {
    const text = await readFile(join(bench.home, 'postgres/data/postmaster.pid'), 'utf8');
    const pid = Number(text.split('\n')[0]);
    return Number.isInteger(pid) && pid > 1 && pid;
  });
}

/** The database that a mistnet with these settings uses, opened by the test itself: the configured one, or the one in the home. */
export async function openItsDatabase(bench: Workbench, env: Environment = {}): Promise<Database> {
  return openDatabase(env.MISTNET_DATABASE_URL ?? (await embeddedUrl(bench)), {
    max: 2,
    applicationName: 'mistnet test',
  });
}

async function embeddedUrl(bench: Workbench): Promise<string> {
  const [password = '', port = ''] = await Promise.all(
    ['password', 'port'].map(async (name) => (await readFile(join(bench.home, 'postgres', name), 'utf8')).trim()),
  );
  return `postgres://mistnet:${password}@127.0.0.1:${port}/mistnet`;
}
