import type { LineSource } from './feed/feed.ts';

/** Why a stream ended, as truth tells it. */
export type EndReason =
  | 'client-left'
  | 'cut'
  | 'half-line'
  | 'stall'
  | 'disconnect'
  | 'slow-reader'
  | 'end-of-replay'
  | 'end-of-span'
  | 'killed'
  | 'half-open'
  | 'exhausted'
  | 'shutdown'
  | 'error';

/** One stream connection as `GET /_emulator/truth` shows it. */
export interface ConnectionTruth {
  readonly id: string;
  readonly path: string;
  readonly openedAt: string;
  readonly closedAt: string | null;
  readonly reason: EndReason | null;
  /** Posts handed to the socket; one that was sent twice counts twice. */
  readonly sent: number;
  readonly firstId: string | null;
  readonly lastId: string | null;
}

/**
 * Remembers which lines of the feed each connection was given, for as long as the emulator runs. Kept as ranges, so that
 * an hour flat out costs a few numbers.
 */
export class Truth {
  readonly #now: () => number;
  readonly #records = new Map<string, DeliveryRecord>();
  readonly #refusals: (StreamRefusal & { readonly at: string })[] = [];

  /** @param now wall clock, Unix ms */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** @param source what the connection's lines are numbered by */
  open(path: string, source: LineSource): DeliveryRecord {
    const record = new DeliveryRecord(String(this.#records.size + 1), path, source, this.#now);
    this.#records.set(record.id, record);
    return record;
  }

  refuse(refusal: StreamRefusal): void {
    this.#refusals.push({ at: new Date(this.#now()).toISOString(), ...refusal });
  }

  refusals(): readonly object[] {
    return this.#refusals;
  }

  connections(): ConnectionTruth[] {
    return [...this.#records.values()].map((record) => this.#tell(record));
  }

  /** Ids that a connection was given, in order; undefined for an unknown connection. */
  ids(connection: string): Iterable<string> | undefined {
    const record = this.#records.get(connection);
    return record && this.#idsOf(record);
  }

  *#idsOf({ ranges, source }: DeliveryRecord): Generator<string> {
    // A copy: a connection that is still open goes on writing while its ids are read.
    for (const [from, to] of ranges.map(([from, to]) => [from, to] as const)) {
      for (let line = from; line < to; line++) {
        const id = source.postIdAt(line);
        if (id !== undefined) yield id;
      }
    }
  }

  #tell(record: DeliveryRecord): ConnectionTruth {
    const { id, path, openedAt, closedAt, reason, ranges, source } = record;
    const sent = ranges.reduce((sum, [from, to]) => sum + source.postsBetween(from, to), 0);
    const [firstId] = this.#idsOf(record);
    return { id, path, openedAt, closedAt, reason, sent, firstId: firstId ?? null, lastId: this.#lastId(record) };
  }

  #lastId({ ranges, source }: DeliveryRecord): string | null {
    for (const [from, to] of ranges.toReversed()) {
      for (let line = to - 1; line >= from; line--) {
        const id = source.postIdAt(line);
        if (id !== undefined) return id;
      }
    }
    return null;
  }
}

/** A stream connect that was turned away. */
export interface StreamRefusal {
  readonly path: string;
  /** Id of the app; empty when it isn't known. */
  readonly app: string;
  readonly status: number;
  readonly why: 'connect-limit' | 'too-many-connections' | 'no-rules' | 'fault';
}

/** Lines [from, to) of the source. */
type LineRange = [from: number, to: number];

/** What one connection was given. */
export class DeliveryRecord {
  readonly id: string;
  readonly path: string;
  readonly source: LineSource;
  readonly openedAt: string;
  readonly ranges: LineRange[] = [];
  /** The faults that struck it, each before its line of that number (from 0) or upon it. */
  readonly struck: { readonly kind: string; readonly line: number }[] = [];
  closedAt: string | null = null;
  reason: EndReason | null = null;
  readonly #now: () => number;

  constructor(id: string, path: string, source: LineSource, now: () => number) {
    this.id = id;
    this.path = path;
    this.source = source;
    this.#now = now;
    this.openedAt = new Date(now()).toISOString();
  }

  /** Lines [from, to) have been handed to the socket. */
  add(from: number, to: number): void {
    const last = this.ranges.at(-1);
    if (last !== undefined && last[1] === from) last[1] = to;
    else this.ranges.push([from, to]);
  }

  /** The first reason given stays. */
  close(reason: EndReason): void {
    if (this.closedAt !== null) return;
    this.closedAt = new Date(this.#now()).toISOString();
    this.reason = reason;
  }
}
