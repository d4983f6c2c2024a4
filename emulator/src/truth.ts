import type { Feed } from './feed/feed.ts';

/** Why a stream ended, as truth tells it. */
export type EndReason =
  | 'client-left'
  | 'cut'
  | 'half-line'
  | 'stall'
  | 'disconnect'
  | 'slow-reader'
  | 'end-of-replay'
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
  readonly #feed: Feed;
  readonly #now: () => number;
  readonly #records = new Map<string, DeliveryRecord>();

  /** @param now wall clock, Unix ms */
  constructor(feed: Feed, now: () => number) {
    this.#feed = feed;
    this.#now = now;
  }

  open(path: string): DeliveryRecord {
    const record = new DeliveryRecord(String(this.#records.size + 1), path, this.#now);
    this.#records.set(record.id, record);
    return record;
  }

  connections(): ConnectionTruth[] {
    return [...this.#records.values()].map((record) => this.#tell(record));
  }

  /** Ids that a connection was given, in order; undefined for an unknown connection. */
  ids(connection: string): Iterable<string> | undefined {
    const record = this.#records.get(connection);
    return record && this.#idsOf(record);
  }

  *#idsOf({ ranges }: DeliveryRecord): Generator<string> {
    // A copy: a connection that is still open goes on writing while its ids are read.
    for (const [from, to] of ranges.map(([from, to]) => [from, to] as const)) {
      for (let line = from; line < to; line++) {
        const id = this.#feed.postIdAt(line);
        if (id !== undefined) yield id;
      }
    }
  }

  #tell(record: DeliveryRecord): ConnectionTruth {
    const { id, path, openedAt, closedAt, reason, ranges } = record;
    const sent = ranges.reduce((sum, [from, to]) => sum + this.#feed.postsBetween(from, to), 0);
    const [firstId] = this.#idsOf(record);
    return { id, path, openedAt, closedAt, reason, sent, firstId: firstId ?? null, lastId: this.#lastId(ranges) };
  }

  #lastId(ranges: readonly LineRange[]): string | null {
    for (const [from, to] of ranges.toReversed()) {
      for (let line = to - 1; line >= from; line--) {
        const id = this.#feed.postIdAt(line);
        if (id !== undefined) return id;
      }
    }
    return null;
  }
}

/** Lines [from, to) of the feed. */
type LineRange = [from: number, to: number];

/** What one connection was given. */
export class DeliveryRecord {
  readonly id: string;
  readonly path: string;
  readonly openedAt: string;
  readonly ranges: LineRange[] = [];
  closedAt: string | null = null;
  reason: EndReason | null = null;
  readonly #now: () => number;

  constructor(id: string, path: string, now: () => number) {
    this.id = id;
    this.path = path;
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
