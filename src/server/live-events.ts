/**
 * Live events: one poll of the status shared by all listeners, each a bounded stream of server-sent events.
 * Events: `history` (first: the last minutes), `status` (each second), `rates` (each completed step), `problem`.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { PassThrough } from 'node:stream';
import type { FastifyBaseLogger } from 'fastify';
import type { Clock } from '../core/time.ts';
import { type Sight, sees } from './caller.ts';
import { errorToProblem, ProblemError } from './problems.ts';
import { RATE_STEP_MS, RateHistory, type RatePoint } from './rate-history.ts';
import type { DisturbedRole } from '../jobs/nodes/disturbed-roles.ts';
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
/** So often a listener's rights are asked for anew: what was taken away is not seen for longer. */
const SIGHT_AGE_MS = 10_000;
/** Points of history that a listener is sent at most, all collections together: with hundreds of them the last two minutes. */
const MOST_HISTORY_POINTS = 6_000;
const LEAST_HISTORY_POINTS = 24;

export type LiveEvents = {
  /**
   * A new listener's stream, ready to be sent as it is, of the collections that it sees; it ends with the server, and when `askSight` says that
   * it may not listen any more (undefined). What throws there leaves things as they were. Throws `events.full`.
   */
  listen(sight: Sight, askSight?: () => Promise<Sight | undefined>): PassThrough;
  start(): void;
  /** Ends the poll and every listener. */
  stop(): Promise<void>;
};

/** What is known without the database. `roles`: processes that are away, or back since a short while. */
type Machine = { disk: DiskUsage | null; roles: DisturbedRole[] };

/** What one who sees only some collections is sent. */
type Frame = (sight: Sight) => string;
/** `cloggedAt`: since when it has not read what it was sent. */
type Listener = {
  sight: Sight;
  askedAt: number;
  askSight?: () => Promise<Sight | undefined>;
  cloggedAt?: number;
};

export function createLiveEvents({
  readStatus,
  readDisk,
  readRoles,
  clock,
  log,
  patienceMs = PATIENCE_MS,
}: {
  readStatus: () => Promise<CollectionStatus[]>;
  readDisk: () => Promise<DiskUsage>;
  readRoles: () => Promise<DisturbedRole[]>;
  clock: Clock;
  log: FastifyBaseLogger;
  patienceMs?: number;
}): LiveEvents {
  const listeners = new Map<PassThrough, Listener>();
  const history = new RateHistory();
  const stopping = new AbortController();
  let wake = new AbortController();
  let latest: Frame | undefined;
  let loop: Promise<void> | undefined;

  async function poll(): Promise<void> {
    let lastSentAt = clock.now();
    while (!stopping.signal.aborted) {
      const sent = await look();
      const now = clock.now();
      if (sent) lastSentAt = now;
      else if (Math.abs(now - lastSentAt) >= KEEP_ALIVE_EVERY_MS) {
        broadcast(() => ': keep-alive\n\n');
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
      latest = statusFrame(now, collections, await machine());
      broadcast(latest);
      if (completed.size > 0) broadcast(ratesFrame('rates', completed));
    } catch (error) {
      const problem = errorToProblem(error);
      if (problem.code === 'internal.failure') log.error({ err: error }, 'status.poll-failed');
      // The disk fills meanwhile: capture goes on.
      const text = frame('problem', { ...problem, ...(await machine()) });
      latest = () => text;
      broadcast(latest);
    }
    renewSights();
    return listeners.size > 0;
  }

  /** Rights may change while one listens, and a session may end. */
  function renewSights(): void {
    for (const [stream, listener] of listeners) {
      const { askSight, askedAt } = listener;
      if (askSight === undefined || Math.abs(clock.now() - askedAt) < SIGHT_AGE_MS) continue;
      listener.askedAt = clock.now();
      askSight().then(
        (sight) => {
          if (sight === undefined) stream.end();
          else listener.sight = sight;
        },
        () => {}, // nobody can say now: asked again after the same time
      );
    }
  }

  /** Each collection is written once, however many listen. */
  function statusFrame(now: number, collections: CollectionStatus[], around: Machine): Frame {
    const head = `event: status\ndata: {"at":"${new Date(now).toISOString()}","collections":[`;
    const tail = `],${JSON.stringify(around).slice(1)}\n\n`;
    const parts = collections.map((each) => {
      const postsPerSecond = each.postsPerSecond ?? history.latest(each.name);
      return {
        name: each.name,
        text: JSON.stringify(postsPerSecond === undefined ? each : { ...each, postsPerSecond }),
      };
    });
    const whole = lazily(() => `${head}${parts.map(({ text }) => text).join(',')}${tail}`);
    return (sight) => {
      if (sight === 'all') return whole();
      const seen = parts.filter(({ name }) => sight.has(name));
      return `${head}${seen.map(({ text }) => text).join(',')}${tail}`;
    };
  }

  async function machine(): Promise<Machine> {
    const [disk, roles] = await Promise.all([diskOrNull(), rolesOrNone()]);
    return { disk, roles };
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

  /** Likewise. */
  async function rolesOrNone(): Promise<DisturbedRole[]> {
    try {
      return await readRoles();
    } catch (error) {
      log.warn({ err: error }, 'roles.read-failed');
      return [];
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

  function broadcast(text: Frame): void {
    for (const [stream, listener] of listeners) {
      const unsentBytes = stream.writableLength + stream.readableLength;
      if (unsentBytes <= MAX_UNSENT_BYTES) {
        if (listener.cloggedAt !== undefined) stream.write(historyFrame()(listener.sight));
        delete listener.cloggedAt;
        stream.write(text(listener.sight));
        continue;
      }
      listener.cloggedAt ??= clock.now();
      if (clock.now() - listener.cloggedAt < patienceMs) continue;
      log.warn({ unsentBytes }, 'events.slow-listener-dropped');
      stream.destroy();
    }
  }

  function historyFrame(): Frame {
    const all = history.all();
    const each = Math.max(LEAST_HISTORY_POINTS, Math.floor(MOST_HISTORY_POINTS / Math.max(1, all.size)));
    const kept = new Map([...all].map(([name, points]) => [name, points.slice(-each)]));
    return (sight) => frame('history', { stepMs: RATE_STEP_MS, rates: seenRates(kept, sight) });
  }

  return {
    listen(sight, askSight) {
      if (listeners.size >= MAX_LISTENERS)
        throw new ProblemError('events.full', `At most ${MAX_LISTENERS} pages can listen at a time; close some.`);
      const listener = new PassThrough({ highWaterMark: MAX_UNSENT_BYTES });
      listener.once('close', () => listeners.delete(listener));
      listener.on('error', () => listeners.delete(listener));
      listener.write(`retry: ${RETRY_HINT_MS}\n\n${historyFrame()(sight)}${latest?.(sight) ?? ''}`);
      if (stopping.signal.aborted) listener.end();
      else listeners.set(listener, { sight, askedAt: clock.now(), ...(askSight === undefined ? {} : { askSight }) });
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

function ratesFrame(event: string, rates: ReadonlyMap<string, RatePoint[]>): Frame {
  const whole = lazily(() => frame(event, Object.fromEntries(rates)));
  return (sight) => (sight === 'all' ? whole() : frame(event, seenRates(rates, sight)));
}

function seenRates(rates: ReadonlyMap<string, RatePoint[]>, sight: Sight): Record<string, RatePoint[]> {
  return Object.fromEntries([...rates].filter(([name]) => sees(sight, name)));
}

function lazily(make: () => string): () => string {
  let made: string | undefined;
  return () => (made ??= make());
}

/** One server-sent event. JSON has no line breaks, so its data is one line. */
function frame(event: string, data: unknown): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
