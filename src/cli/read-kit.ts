/** What every command that asks one question needs: the token, leave to call, connections, progress, and an end by Ctrl-C. */
import { randomInt } from 'node:crypto';
import { readConfig, readXToken } from '../config.ts';
import { MistnetError } from '../core/errors.ts';
import { steadyClock, systemClock } from '../core/time.ts';
import { createHttpCaller } from '../platforms/http-call.ts';
import type { Asker } from '../platforms/make-call.ts';
import { memoryPermits, type MemoryPermits } from '../platforms/memory-permits.ts';
import type { CommandContext } from './context.ts';
import { createReadProgress, type ReadProgress } from './read-progress.ts';

export type ReadKit = Disposable & {
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
};

/** Opens all of it; whoever opens it disposes of it. Throws `token.missing`. */
export async function openReadKit(
  environment: CommandContext['environment'],
  { label, items, progress: wished, budget }: ReadKitOptions,
): Promise<ReadKit> {
  const { x } = readConfig(environment);
  const found = await readXToken(x);
  if ('missing' in found) throw new MistnetError('token.missing', found.missing);
  const stop = new AbortController();
  const onSignal = () => stop.abort(new Interrupted());
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, onSignal);
  const isTerminal = process.stderr.isTTY;
  const progress = createReadProgress({
    ...{ label, items, target: process.stderr, isTerminal, isShown: wished ?? isTerminal },
    monotonicMs: () => performance.now(),
  });
  const http = createHttpCaller();
  const permits = memoryPermits({
    credentials: [{ label: 'token', kind: 'app', authorization: () => `Bearer ${found.token}` }],
    // Windows must not move when somebody sets the clock.
    clock: steadyClock,
    ...(budget === undefined ? {} : { budgetMicros: budget }),
  });
  return {
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

/** The reason of an abort by the person. */
export class Interrupted extends Error {
  constructor() {
    super('interrupted');
    this.name = 'Interrupted';
  }
}
