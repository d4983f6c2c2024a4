/** Asking the database without ever waiting long: answers in time, or `database.unreachable`. */
import { setTimeout as sleep } from 'node:timers/promises';
import { causeText, MistnetError } from '../core/errors.ts';
import type { Clock } from '../core/time.ts';
import { classifyDatabaseError } from '../store/database-errors.ts';

/** A page waits this long for the database, then hears that it is away. */
const SOURCE_DEADLINE_MS = 1_500;

/** A call that never settles (a dead link without a reset) is given up on after this, so that recovery is noticed. */
const HUNG_MS = 10_000;

/** Waits for a source at most `deadlineMs`; a failed or late connection becomes `database.unreachable`. */
export async function askSource<T>(call: Promise<T>, deadlineMs = SOURCE_DEADLINE_MS): Promise<T> {
  const timer = new AbortController();
  try {
    return await Promise.race([call, lateness(deadlineMs, timer.signal)]);
  } catch (error) {
    if (error instanceof MistnetError || classifyDatabaseError(error) !== 'away') throw error;
    throw unreachable(causeText(error), error);
  } finally {
    timer.abort();
  }
}

/**
 * One question for everyone: callers share a running call and an answer of at most `maxAgeMs`, so that the number of
 * callers costs the database nothing, and a call that hangs isn't joined by more.
 */
export function shareCall<T>(call: () => Promise<T>, { clock, maxAgeMs }: { clock: Clock; maxAgeMs: number }) {
  let running: { startedAt: number; answer: Promise<T> } | undefined;
  let last: { at: number; value: T } | undefined;

  async function start(): Promise<T> {
    const value = await call();
    last = { at: clock.now(), value };
    return value;
  }

  return async (): Promise<T> => {
    const now = clock.now();
    if (last !== undefined && Math.abs(now - last.at) <= maxAgeMs) return last.value;
    if (running === undefined || now - running.startedAt > HUNG_MS) {
      const begun = { startedAt: now, answer: start() };
      const finish = () => {
        if (running === begun) running = undefined;
      };
      begun.answer.then(finish, finish);
      running = begun;
    }
    return askSource(running.answer);
  };
}

async function lateness(deadlineMs: number, signal: AbortSignal): Promise<never> {
  await sleep(deadlineMs, undefined, { signal });
  throw unreachable(`no answer within ${deadlineMs / 1000} s`);
}

function unreachable(why: string, cause?: unknown): MistnetError {
  return new MistnetError('database.unreachable', `PostgreSQL does not answer (${why}). Capture goes on meanwhile.`, {
    cause,
  });
}
