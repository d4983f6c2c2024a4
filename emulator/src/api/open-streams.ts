import { createHash } from 'node:crypto';
import type { StreamConnection } from './stream-connection.ts';
import type { StreamSlot } from './stream-slots.ts';
import type { DeliveryRecord } from '../truth.ts';

/** Whose stream it is, and where. */
export interface StreamOrigin {
  /** Id of the app. */
  readonly app: string;
  /** The endpoint's name in lists of connections: `filtered_stream`. */
  readonly endpoint: string;
  readonly clientIp: string;
  /** What was asked for, as it stood in the address. */
  readonly query: string;
  readonly record: DeliveryRecord;
  /** The place that it takes, which may outlast it. */
  readonly slot: StreamSlot | undefined;
}

/** A stream connection that is or was. */
export interface StreamEntry extends StreamOrigin {
  /** In the form of a UUID. */
  readonly uuid: string;
  readonly stream: StreamConnection;
}

/** The stream connections of all endpoints: those that are open now, and what there was. */
export class OpenStreams implements Iterable<StreamConnection> {
  readonly #seed: number;
  readonly #open = new Map<StreamConnection, StreamEntry>();
  readonly #entries: StreamEntry[] = [];

  /** @param seed what names of connections follow from */
  constructor(seed: number) {
    this.#seed = seed;
  }

  get size(): number {
    return this.#open.size;
  }

  [Symbol.iterator](): Iterator<StreamConnection> {
    return this.#open.keys();
  }

  /** All since the start, oldest first. */
  get entries(): readonly StreamEntry[] {
    return this.#entries;
  }

  /** Runs a stream to its end and knows it for as long as it lives. */
  async run(stream: StreamConnection, origin: StreamOrigin): Promise<void> {
    const entry = { ...origin, stream, uuid: this.#uuid(this.#entries.length) };
    this.#entries.push(entry);
    this.#open.set(stream, entry);
    try {
      await stream.run();
    } catch (error) {
      stream.destroy('error');
      throw error;
    } finally {
      this.#open.delete(stream);
    }
  }

  #uuid(nth: number): string {
    const digits = createHash('sha256').update(`connection ${this.#seed} ${nth}`).digest('hex');
    const variant = '89ab'[nth % 4] ?? '8';
    return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-${variant}${digits.slice(17, 20)}-${digits.slice(20, 32)}`;
  }
}
