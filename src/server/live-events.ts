/**
 * Live events: one poll of the status shared by all listeners, each a bounded stream of server-sent events.
 * Events: `history` (first: the last minutes), `status` (each second), `rates` (each completed step), `problem`.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { PassThrough } from 'node:stream';
import type { FastifyBaseLogger } from 'fastify';
import type { Clock } from '../core/time.ts';
import { errorToProblem, ProblemError } from './problems.ts';
import { RATE_STEP_MS, RateHistory } from './rate-history.ts';
import type { CollectionStatus, DiskUsage } from './reply-schemas.ts';

const LISTENED_INTERVAL_MS = 1_000;
/** With nobody listening one look per step keeps the last minutes' rates for whoever opens the page next. */
const IDLE_INTERVAL_MS = RATE_STEP_MS;
const KEEP_ALIVE_EVERY_MS = 15_000;
const RETRY_HINT_MS = 2_000;
const MAX_LISTENERS = 256;
/** A listener with this much unread is left out until it has read; the next status says all that it missed. */
const MAX_UNSENT_BYTES = 256 * 1024;
/** One that reads nothing for so long is cut off; its browser comes back by itself. */
const PATIENCE_MS = 15_000;

export type LiveEvents = {
  /** A new listener's stream, ready to be sent as it is; it ends with the server. Throws `events.full`. */
  listen(): PassThrough;
  start(): void;
  /** Ends the poll and every listener. */
  stop(): Promise<void>;
};

export function createLiveEvents({
  readStatus,
  readDisk,
  clock,
  log,
  patienceMs = PATIENCE_MS,
}: {
  readStatus: () => Promise<CollectionStatus[]>;
  readDisk: () => Promise<DiskUsage>;
  clock: Clock;
  log: FastifyBaseLogger;
  patienceMs?: number;
}): LiveEvents {
  /** Each with the time since when it has not read what it was sent. */
  const listeners = new Map<PassThrough, { cloggedAt?: number }>();
  const history = new RateHistory();
  const stopping = new AbortController();
  let wake = new AbortController();
  let latest: string | undefined;
  let loop: Promise<void> | undefined;

  async function poll(): Promise<void> {
    let lastSentAt = clock.now();
    while (!stopping.signal.aborted) {
      const sent = await look();
      const now = clock.now();
      if (sent) lastSentAt = now;
      else if (Math.abs(now - lastSentAt) >= KEEP_ALIVE_EVERY_MS) {
        broadcast(': keep-alive\n\n');
        lastSentAt = now;
      }
      await pause();
    }
  }

  /** Asks once and tells everyone. Says whether anything was told. */
  async function look(): Promise<boolean> {
    try {
      const collections = await readStatus();
      const now = clock.now();
      const completed = history.observe(now, collections);
      latest = frame('status', await statusEvent(now, collections));
      broadcast(latest);
      if (completed.size > 0) broadcast(frame('rates', Object.fromEntries(completed)));
    } catch (error) {
      const problem = errorToProblem(error);
      if (problem.code === 'internal.failure') log.error({ err: error }, 'status.poll-failed');
      // The disk fills meanwhile: capture goes on.
      latest = frame('problem', { ...problem, disk: await diskOrNull() });
      broadcast(latest);
    }
    return listeners.size > 0;
  }

  async function statusEvent(now: number, collections: CollectionStatus[]) {
    return {
      at: new Date(now).toISOString(),
      collections: collections.map((each) => {
        const postsPerSecond = each.postsPerSecond ?? history.latest(each.name);
        return postsPerSecond === undefined ? each : { ...each, postsPerSecond };
      }),
      disk: await diskOrNull(),
    };
  }

  /** Its own failure must not hide the status. */
  async function diskOrNull(): Promise<DiskUsage | null> {
    try {
      return await readDisk();
    } catch (error) {
      log.warn({ err: error }, 'disk.measure-failed');
      return null;
    }
  }

  /** Until the next look is due, or somebody began to listen, or the end. */
  async function pause(): Promise<void> {
    const ms = listeners.size > 0 ? LISTENED_INTERVAL_MS : IDLE_INTERVAL_MS;
    try {
      await sleep(ms, undefined, { signal: AbortSignal.any([stopping.signal, wake.signal]) });
    } catch {
      wake = new AbortController(); // woken up: nothing is lost, the next look only comes sooner
    }
  }

  function broadcast(text: string): void {
    for (const [listener, reading] of listeners) {
      const unsentBytes = listener.writableLength + listener.readableLength;
      if (unsentBytes <= MAX_UNSENT_BYTES) {
        if (reading.cloggedAt !== undefined) listener.write(historyFrame());
        delete reading.cloggedAt;
        listener.write(text);
        continue;
      }
      reading.cloggedAt ??= clock.now();
      if (clock.now() - reading.cloggedAt < patienceMs) continue;
      log.warn({ unsentBytes }, 'events.slow-listener-dropped');
      listener.destroy();
    }
  }

  function historyFrame(): string {
    return frame('history', { stepMs: RATE_STEP_MS, rates: Object.fromEntries(history.all()) });
  }

  return {
    listen() {
      if (listeners.size >= MAX_LISTENERS)
        throw new ProblemError('events.full', `At most ${MAX_LISTENERS} pages can listen at a time; close some.`);
      const listener = new PassThrough({ highWaterMark: MAX_UNSENT_BYTES });
      listener.once('close', () => listeners.delete(listener));
      listener.on('error', () => listeners.delete(listener));
      listener.write(`retry: ${RETRY_HINT_MS}\n\n${historyFrame()}${latest ?? ''}`);
      if (stopping.signal.aborted) listener.end();
      else listeners.set(listener, {});
      if (listeners.size === 1) wake.abort();
      return listener;
    },
    start() {
      loop ??= poll();
    },
    async stop() {
      stopping.abort();
      for (const listener of listeners.keys()) listener.end();
      listeners.clear();
      await loop;
    },
  };
}

/** One server-sent event. JSON has no line breaks, so its data is one line. */
function frame(event: string, data: unknown): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
