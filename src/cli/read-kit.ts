/** What every command that asks one question needs: the token, leave to call, connections, progress, and an end by Ctrl-C. */
import { randomInt } from 'node:crypto';
import { type Config, readConfig, readXToken } from '../config.ts';
import { MistnetError } from '../core/errors.ts';
import { steadyClock, systemClock } from '../core/time.ts';
import { createHttpCaller } from '../platforms/http-call.ts';
import { KNOWN_PRICES } from '../core/permits/price-table.ts';
import type { Asker } from '../platforms/make-call.ts';
import type { PooledCredential } from '../platforms/permit-source.ts';
import { usableXCredential } from '../platforms/x/credential-fields.ts';
import type { Rates } from './estimate.ts';
import { memoryPermits, type MemoryPermits } from '../platforms/memory-permits.ts';
import type { CommandContext } from './context.ts';
import { createReadProgress, type ReadProgress } from './read-progress.ts';

export type ReadKit = Disposable & {
  /** What it costs, for estimates. */
  rates: Rates;
  asker: Asker;
  permits: MemoryPermits;
  apiUrl: string;
  progress: ReadProgress;
  /** Aborts at SIGINT and SIGTERM. */
  signal: AbortSignal;
};

/** For one request. X's slowest pages take some seconds. */
const TIMEOUT_MS = 60_000;
/** A page of 500 posts with everything in it has some 3 MB. */
const MAX_BODY_BYTES = 64 * 1024 * 1024;
const RANDOM_STEPS = 2 ** 32;

export type ReadKitOptions = {
  label: string;
  items: string;
  progress: boolean | undefined;
  /** What the whole run may cost, in millionths. */
  budget?: number | undefined;
  /** The label of a credential that is kept; absent: the keys of the environment. */
  credential?: string | undefined;
  /** Only an app's token will do, or only a person's. */
  as?: 'app' | 'user' | undefined;
};

/** Opens all of it; whoever opens it disposes of it. Throws `token.missing`, `credential.unknown` and `credential.unusable`. */
export async function openReadKit(
  environment: CommandContext['environment'],
  { label, items, progress: wished, budget, credential, as }: ReadKitOptions,
): Promise<ReadKit> {
  const config = readConfig(environment);
  const { x } = config;
  const rates = credential === undefined ? await environmentRates(config) : await keptRates(config, credential);
  const credentials = rates.credentials.filter(({ kind }) => as === undefined || kind === as);
  if (credentials.length === 0)
    throw new MistnetError(
      'token.missing',
      `There is no token of ${as === 'app' ? 'an app' : 'a person'} to ask with.`,
    );
  const stop = new AbortController();
  const onSignal = () => stop.abort(new Interrupted());
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, onSignal);
  const isTerminal = process.stderr.isTTY;
  const progress = createReadProgress({
    ...{ label, items, target: process.stderr, isTerminal, isShown: wished ?? isTerminal },
    monotonicMs: () => performance.now(),
    nowMs: () => steadyClock.now(),
  });
  const http = createHttpCaller();
  const permits = memoryPermits({
    credentials,
    prices: rates.prices,
    // Windows must not move when somebody sets the clock.
    clock: steadyClock,
    onWait: (untilMs) => progress.waits(untilMs),
    ...(budget === undefined ? {} : { budgetMicros: budget }),
  });
  return {
    rates: { ...rates, credentials },
    apiUrl: x.apiUrl,
    permits,
    progress,
    signal: stop.signal,
    asker: {
      ...{ http, clock: systemClock, ladders: x.ladders, timeoutMs: TIMEOUT_MS, maxBytes: MAX_BODY_BYTES },
      permits,
      random: () => randomInt(RANDOM_STEPS) / RANDOM_STEPS,
      onEvent: (event) => {
        progress.heard(event);
        if (event.kind === 'repeat' && event.maybeBilled)
          progress.note(`an answer was lost (${event.cause}); it is asked for again, which X may bill a second time.`);
      },
    },
    [Symbol.dispose]: () => {
      for (const name of ['SIGINT', 'SIGTERM'] as const) process.removeListener(name, onSignal);
      progress[Symbol.dispose]();
      http[Symbol.dispose]();
    },
  };
}

/** An app's token, a person's keys, or both. Needs no database. */
async function environmentRates({ x }: Config): Promise<Rates> {
  const credentials: PooledCredential[] = [];
  const given = await readXToken(x);
  const token = 'missing' in given && x.twarcToken !== undefined ? { token: x.twarcToken.reveal() } : given;
  if ('token' in token) credentials.push({ label: 'token', kind: 'app', authorization: () => `Bearer ${token.token}` });
  if (x.userKeys !== undefined) credentials.push(usableXCredential('keys', 'oauth1', x.userKeys, systemClock));
  if (credentials.length === 0 && 'missing' in token)
    throw new MistnetError('token.missing', `${token.missing} Or ask with one that is kept: --credential LABEL.`);
  return { credentials, prices: KNOWN_PRICES };
}

/** One of the credentials in the database, and the prices that were set there. */
async function keptRates(config: Config, label: string): Promise<Rates> {
  const { openPool } = await import('../compose.ts');
  const { withDatabase } = await import('./with-database.ts');
  return await withDatabase(config, (db) => openPool(config, db, label));
}

/** The reason of an abort by the person. */
export class Interrupted extends Error {
  constructor() {
    super('interrupted');
    this.name = 'Interrupted';
  }
}
