/**
 * The server's live events as one value that components read. Comes back by itself after any interruption: EventSource
 * does so only after some, so the connection is watched and made anew here.
 */
import { useSyncExternalStore } from 'react';
import { serverAddress } from './base.ts';
import { whileVisible } from './while-visible.ts';
import type {
  DiskUsage,
  DisturbedRole,
  HistoryEvent,
  Problem,
  ProblemEvent,
  RatePoint,
  RatesEvent,
  StatusEvent,
  CollectionStatus,
} from './types.ts';

/** `live`: events come. `connecting`: none came yet. `lost`: they came before and don't any more. */
export type Link = 'connecting' | 'live' | 'lost';

/**
 * `receivedAt` is this browser's monotonic clock when `status` came: ages are counted from the server's instant and the
 * time since then, so that a wrong clock here does no harm. `problem`: the server answers, the database doesn't.
 */
export type Live = {
  link: Link;
  status: { at: string; collections: CollectionStatus[]; receivedAt: number } | undefined;
  disk: DiskUsage | undefined;
  roles: readonly DisturbedRole[];
  rates: ReadonlyMap<string, readonly RatePoint[]>;
  problem: Problem | undefined;
};

const KEPT_POINTS = 120;
/** Events come each second; after this long without any the link is dead, whatever the socket says. */
const SILENCE_MS = 6_000;
const RETRY_MS = 2_000;

let live: Live = {
  ...{ link: 'connecting', status: undefined, disk: undefined, problem: undefined },
  ...{ rates: new Map(), roles: [] },
};
const readers = new Set<() => void>();
let close: (() => void) | undefined;

/** The newest state; the connection lives as long as anything reads it. */
export function useLive(): Live {
  return useSyncExternalStore(subscribe, () => live);
}

function subscribe(reader: () => void): () => void {
  readers.add(reader);
  close ??= whileVisible(connect);
  return () => {
    readers.delete(reader);
    if (readers.size > 0) return;
    close?.();
    close = undefined;
  };
}

function update(change: Partial<Live>): void {
  live = { ...live, ...change };
  for (const reader of readers) reader();
}

function connect(): () => void {
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let openedAt = 0;
  let wasHeard = false;

  function open(): void {
    openedAt = performance.now();
    wasHeard = false;
    source = new EventSource(serverAddress('/api/v1/events'));
    source.addEventListener('history', on(takeHistory));
    source.addEventListener('status', on(takeStatus));
    source.addEventListener('rates', on(takeRates));
    source.addEventListener('problem', on(takeProblem));
    source.addEventListener('error', end);
    watch();
  }

  /** Each event proves the link; the timer that finds none in time gives it up. */
  function on<T>(take: (data: T) => void) {
    return ({ data }: MessageEvent<string>): void => {
      wasHeard = true;
      watch();
      take(JSON.parse(data) as T);
    };
  }

  function watch(): void {
    clearTimeout(timer);
    timer = setTimeout(lose, SILENCE_MS);
  }

  /** The server ends a stream when it has become another's, by a sign-in for instance. Only when it cannot be had at once again is it lost. */
  function end(): void {
    if (!wasHeard || performance.now() - openedAt < RETRY_MS) return lose();
    source?.close();
    open();
  }

  function lose(): void {
    source?.close();
    clearTimeout(timer);
    timer = setTimeout(open, RETRY_MS);
    update({ link: 'lost' });
  }

  open();
  return () => {
    source?.close();
    clearTimeout(timer);
  };
}

function takeHistory({ rates }: HistoryEvent): void {
  update({ rates: new Map(Object.entries(rates)) });
}

function takeStatus({ at, collections, disk, roles }: StatusEvent): void {
  update({
    link: 'live',
    status: { at, collections, receivedAt: performance.now() },
    disk: disk ?? live.disk,
    roles,
    problem: undefined,
  });
}

function takeProblem({ disk, roles, ...problem }: ProblemEvent): void {
  update({ link: 'live', problem, disk: disk ?? live.disk, roles });
}

function takeRates(added: RatesEvent): void {
  const rates = new Map(live.rates);
  for (const [name, points] of Object.entries(added))
    rates.set(name, [...(rates.get(name) ?? []), ...points].slice(-KEPT_POINTS));
  update({ rates });
}
