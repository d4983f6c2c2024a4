import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { OPERATIONAL_DISCONNECT } from './problems.ts';
import type { Wire } from './wire.ts';
import type { FaultPlan, Strike } from '../faults/fault-plan.ts';
import { enlarge, malform } from '../faults/spoil-line.ts';
import { type Cursor, LINE_END } from '../feed/feed.ts';
import type { DeliveryRecord, EndReason } from '../truth.ts';

/** At high rates posts go out in bursts of this many milliseconds instead of one timer each. */
const BURST_MS = 5;
const SLOW_READER_CHECK_MS = 250;
const LINE_END_BYTES = Buffer.from(LINE_END);

interface StreamParts {
  readonly cursor: Cursor;
  readonly wire: Wire;
  readonly response: ServerResponse;
  readonly record: DeliveryRecord;
  readonly faults: FaultPlan;
  /** Longest silence before a keep-alive. */
  readonly keepaliveMs: number;
  /** Monotonic milliseconds. */
  readonly monotonicMs: () => number;
}

/** One client's stream, from the first line to its end by either side: posts as they fall due, keep-alives, faults. */
export class StreamConnection {
  /** Lines taken from the feed so far; faults count by it. */
  linesTaken = 0;
  readonly #parts: StreamParts;
  readonly #socket: Socket | null;
  #stalled = false;
  /** Set when we drop it ourselves: the response learns of a reset only a moment later. */
  #dropped = false;
  #lastWriteAt: number;
  #wake: (() => void) | undefined;

  constructor(parts: StreamParts) {
    this.#parts = parts;
    // Kept here because the response lets go of its socket when it closes.
    this.#socket = parts.response.socket;
    this.#lastWriteAt = parts.monotonicMs();
    parts.response.once('close', () => {
      parts.record.close(this.#stalled ? 'stall' : 'client-left');
      this.wake();
    });
  }

  /** Sends until one of the sides ends it. */
  async run(): Promise<void> {
    const { cursor } = this.#parts;
    const watch = setInterval(() => {
      if (!this.#stalled && cursor.tooFarBehind()) this.destroy('slow-reader');
    }, SLOW_READER_CHECK_MS);
    try {
      while (!this.#gone) await this.#step();
    } finally {
      clearInterval(watch);
    }
  }

  /** Makes a waiting stream look again: faults have changed, or it is to end. */
  wake(): void {
    this.#wake?.();
  }

  /** Drops the connection with a reset, at once. */
  destroy(reason: EndReason): void {
    this.#parts.record.close(reason);
    this.#dropped = true;
    this.wake();
    if (this.#socket === null) this.#parts.response.destroy();
    else this.#socket.resetAndDestroy();
  }

  get #gone(): boolean {
    return this.#dropped || this.#parts.response.destroyed;
  }

  async #step(): Promise<void> {
    const { cursor, faults } = this.#parts;
    const strike = faults.nextStrike(this);
    const due = cursor.due();
    if (strike !== undefined && strike.inLines === 0 && (due > 0 || !needsLine(strike.kind)))
      await this.#suffer(strike);
    else if (due > 0) await this.#sendLines(Math.min(due, strike?.inLines ?? due));
    else if (cursor.ended) await this.#end('end-of-replay');
    else await this.#idle();
  }

  async #sendLines(maxLines: number): Promise<void> {
    const { cursor, record } = this.#parts;
    const from = cursor.position;
    const { bytes, lines } = cursor.take(maxLines);
    this.linesTaken += lines;
    record.add(from, from + lines);
    await this.#write(bytes);
  }

  async #suffer(strike: Strike): Promise<void> {
    const { wire, response } = this.#parts;
    switch (strike.kind) {
      case 'cut':
        strike.done();
        await wire.settled();
        return this.destroy('cut');
      case 'half-line': {
        const { line } = this.#takeLine(false);
        strike.done();
        await this.#write(line.subarray(0, Math.ceil(line.length / 2)));
        await wire.settled();
        return this.destroy('half-line');
      }
      case 'stall': {
        strike.done();
        this.#stalled = true;
        if (!this.#gone) await new Promise((resolve) => response.once('close', resolve));
        return;
      }
      case 'disconnect':
        strike.done();
        await this.#write(OPERATIONAL_DISCONNECT + LINE_END);
        return this.#end('disconnect');
      case 'duplicate': {
        const { line, from } = this.#takeLine(true);
        strike.done();
        this.#parts.record.add(from, from + 1);
        return this.#write(Buffer.concat([line, LINE_END_BYTES, line, LINE_END_BYTES]));
      }
      case 'malformed':
        strike.done();
        return this.#write(malform(this.#parts.record.id, this.linesTaken) + LINE_END);
      case 'huge-line': {
        const { line } = this.#takeLine(true);
        strike.done();
        return this.#write(Buffer.concat([enlarge(line), LINE_END_BYTES]));
      }
    }
  }

  #takeLine(delivered: boolean): { line: Buffer; from: number } {
    const { cursor, record } = this.#parts;
    const from = cursor.position;
    const line = cursor.takeLine();
    this.linesTaken++;
    if (delivered) record.add(from, from + 1);
    return { line, from };
  }

  async #idle(): Promise<void> {
    const { cursor, keepaliveMs, monotonicMs } = this.#parts;
    const silentMs = monotonicMs() - this.#lastWriteAt;
    if (silentMs >= keepaliveMs) return this.#write(LINE_END);
    const dueMs = Math.max(BURST_MS, cursor.msUntilDue());
    await this.#sleep(Math.min(dueMs, keepaliveMs - silentMs));
  }

  /** Ends early when woken. */
  async #sleep(ms: number): Promise<void> {
    if (this.#gone) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, Math.ceil(Math.min(ms, 0x7fff_ffff)));
    this.#wake = resolve;
    await promise;
    clearTimeout(timer);
    this.#wake = undefined;
  }

  async #write(bytes: string | Buffer): Promise<void> {
    await this.#parts.wire.write(bytes);
    this.#lastWriteAt = this.#parts.monotonicMs();
  }

  async #end(reason: EndReason): Promise<void> {
    this.#parts.record.close(reason);
    await this.#parts.wire.finish();
  }
}

function needsLine(kind: Strike['kind']): boolean {
  return kind === 'half-line' || kind === 'duplicate' || kind === 'huge-line';
}
