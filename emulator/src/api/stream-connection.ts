import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Farewell } from './farewell.ts';
import type { Wire } from './wire.ts';
import { DRIP_MS, HALF_OPEN_MS, OUT_OF_ORDER_WINDOW } from '../faults/fault.ts';
import type { FaultPlan, Strike } from '../faults/fault-plan.ts';
import { enlarge, malform } from '../faults/spoil-line.ts';
import { type Cursor, LINE_END } from '../feed/feed.ts';
import type { DeliveryRecord, EndReason } from '../truth.ts';
import { mix, Random } from '../world/random.ts';

/** At high rates posts go out in bursts of this many milliseconds instead of one timer each. */
const BURST_MS = 5;
const SLOW_READER_CHECK_MS = 250;
const LINE_END_BYTES = Buffer.from(LINE_END);
/** What is said to a reader that doesn't read gets this long to be read. */
const LAST_WORD_MS = 500;
/** A dripping line comes in so many drops. */
const DROPS = 20;
const SHUFFLES = 0x0fa2;

interface StreamParts {
  readonly cursor: Cursor;
  readonly wire: Wire;
  readonly response: ServerResponse;
  readonly record: DeliveryRecord;
  readonly faults: FaultPlan;
  /** The line, without its end, that announces such an end; undefined where nothing is said. */
  readonly farewell: (why: Farewell) => string | undefined;
  /** Told how many posts have been handed to the socket; false: the app may have no more. */
  readonly delivered: (posts: number) => boolean;
  /** Longest silence before a keep-alive. */
  readonly keepaliveMs: number;
  /** Whether keep-alives come at that distance from each other, whatever comes between them. */
  readonly keepsAliveInTraffic: boolean;
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
  /** The platform has been asked to end it. */
  #killed = false;
  #lastLine: string | undefined;
  /** Set while the platform doesn't notice that the client has gone. */
  #halfOpen = false;
  /** Set when we drop it ourselves: the response learns of a reset only a moment later. */
  #dropped = false;
  /** When something was last sent that puts off the next keep-alive. */
  #lastSignAt: number;
  #wake: (() => void) | undefined;

  constructor(parts: StreamParts) {
    this.#parts = parts;
    // Kept here because the response lets go of its socket when it closes.
    this.#socket = parts.response.socket;
    this.#lastSignAt = parts.monotonicMs();
    parts.response.once('close', () => {
      if (!this.#halfOpen) parts.record.close(this.#stalled ? 'stall' : 'client-left');
      this.wake();
    });
  }

  /** Id in truth. */
  get id(): string {
    return this.#parts.record.id;
  }

  get path(): string {
    return this.#parts.record.path;
  }

  /** Sends until one of the sides ends it. */
  async run(): Promise<void> {
    const { cursor } = this.#parts;
    const watch = setInterval(() => {
      if (this.#stalled || !cursor.tooFarBehind()) return;
      clearInterval(watch);
      this.#dropSlowReader();
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

  /**
   * Ends it in order, as soon as what is being written is out; by force when the client doesn't take that in time.
   * @param lastLine said before the end, without line end
   */
  kill(lastLine?: string): void {
    this.#killed = true;
    this.#lastLine = lastLine;
    this.wake();
    const timer = setTimeout(() => this.destroy('killed'), LAST_WORD_MS);
    this.#parts.response.once('close', () => clearTimeout(timer));
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
    if (this.#killed) {
      if (this.#lastLine !== undefined) await this.#write(this.#lastLine + LINE_END);
      return this.#end('killed');
    }
    if (this.#parts.keepsAliveInTraffic && this.#silentMs() >= this.#parts.keepaliveMs) return this.#keepAlive();
    const strike = faults.nextStrike(this);
    const due = cursor.due();
    if (strike !== undefined && strike.inLines === 0 && (due > 0 || !needsLine(strike.kind)))
      await this.#suffer(strike);
    else if (due > 0) await this.#sendLines(Math.min(due, strike?.inLines ?? due));
    else if (cursor.ended) await this.#end(cursor.endsAs ?? 'end-of-replay');
    else await this.#idle();
  }

  async #sendLines(maxLines: number): Promise<void> {
    const { cursor, record } = this.#parts;
    const from = cursor.position;
    const { bytes, lines, posts = lines } = cursor.take(maxLines);
    this.linesTaken += lines;
    record.add(from, from + lines);
    await this.#write(bytes);
    if (!this.#parts.delivered(posts)) await this.#sayAndEnd('exhausted', 'exhausted');
  }

  async #sayAndEnd(why: Farewell, reason: EndReason): Promise<void> {
    const words = this.#parts.farewell(why);
    if (words !== undefined) await this.#write(words + LINE_END);
    return this.#end(reason);
  }

  async #suffer(strike: Strike): Promise<void> {
    const { wire, record } = this.#parts;
    record.struck.push({ kind: strike.kind, line: this.linesTaken });
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
        await this.#silence();
        return;
      }
      case 'half-open':
        strike.done();
        return this.#beHalfOpen(strike.forMs ?? HALF_OPEN_MS);
      case 'disconnect':
      case 'upstream-disconnect':
      case 'force-disconnect':
        strike.done();
        return this.#sayAndEnd(strike.kind, 'disconnect');
      case 'out-of-order':
        return this.#shuffle(strike);
      case 'drip': {
        const { line } = this.#takeLine(true);
        strike.done();
        return this.#drip(Buffer.concat([line, LINE_END_BYTES]), strike.forMs ?? DRIP_MS);
      }
      case 'duplicate': {
        const { line, from } = this.#takeLine(true);
        strike.done();
        record.add(from, from + 1);
        return this.#write(Buffer.concat([line, LINE_END_BYTES, line, LINE_END_BYTES]));
      }
      case 'malformed':
        strike.done();
        return this.#write(malform(record.id, this.linesTaken) + LINE_END);
      case 'huge-line': {
        const { line } = this.#takeLine(true);
        strike.done();
        return this.#write(Buffer.concat([enlarge(line), LINE_END_BYTES]));
      }
    }
  }

  /** Until the client leaves, or is made to. */
  async #silence(): Promise<void> {
    while (!this.#gone && !this.#killed) await this.#sleep(Number.POSITIVE_INFINITY);
  }

  /** Nothing more is said, and that the client leaves is noticed only much later. */
  async #beHalfOpen(forMs: number): Promise<void> {
    this.#stalled = true;
    this.#halfOpen = true;
    await this.#silence();
    const lateUntil = this.#parts.monotonicMs() + forMs;
    while (!this.#dropped && !this.#killed && this.#parts.monotonicMs() < lateUntil) {
      await this.#sleepEvenAlone(lateUntil - this.#parts.monotonicMs());
    }
    this.#parts.record.close('half-open');
  }

  /** Takes some lines as they fall due and sends them in another order. */
  async #shuffle(strike: Strike): Promise<void> {
    const { cursor, record } = this.#parts;
    const held: { line: Buffer; from: number }[] = [];
    while (held.length < (strike.window ?? OUT_OF_ORDER_WINDOW) && !this.#gone && !this.#killed && !cursor.ended) {
      if (cursor.due() > 0) held.push(this.#takeLine(false));
      else if (!cursor.ended) await this.#idle();
    }
    strike.done();
    const random = new Random(mix(this.linesTaken)).at(SHUFFLES, Number(record.id));
    for (let n = held.length - 1; n > 0; n--) {
      const other = random.below(n + 1);
      const [a, b] = [held[n], held[other]];
      if (a !== undefined && b !== undefined) [held[n], held[other]] = [b, a];
    }
    for (const { from } of held) record.add(from, from + 1);
    await this.#write(Buffer.concat(held.flatMap(({ line }) => [line, LINE_END_BYTES])));
  }

  /** One line, a few bytes at a time. */
  async #drip(bytes: Buffer, forMs: number): Promise<void> {
    const step = Math.ceil(bytes.length / DROPS);
    for (let at = 0; at < bytes.length && !this.#gone; at += step) {
      await this.#write(bytes.subarray(at, at + step));
      await this.#sleep(forMs / DROPS);
    }
  }

  /** What it hasn't read may be lost to it, the line that says so among it, as on the platform. */
  #dropSlowReader(): void {
    const { farewell, wire, record } = this.#parts;
    const words = farewell('slow-reader');
    record.close('slow-reader');
    if (words === undefined) return this.destroy('slow-reader');
    this.#dropped = true;
    this.wake();
    const drop = (): void => this.destroy('slow-reader');
    const timer = setTimeout(drop, LAST_WORD_MS);
    wire
      .write(words + LINE_END)
      .then(() => wire.settled())
      .catch(drop)
      .finally(() => {
        clearTimeout(timer);
        drop();
      });
  }

  #takeLine(delivered: boolean): { line: Buffer; from: number } {
    const { cursor, record } = this.#parts;
    const from = cursor.position;
    const line = cursor.takeLine();
    this.linesTaken++;
    // Whether the app may have more is asked with the next lines that no fault strikes.
    this.#parts.delivered(1);
    if (delivered) record.add(from, from + 1);
    return { line, from };
  }

  async #idle(): Promise<void> {
    const { cursor, keepaliveMs } = this.#parts;
    const silentMs = this.#silentMs();
    if (silentMs >= keepaliveMs) return this.#keepAlive();
    const dueMs = Math.max(BURST_MS, cursor.msUntilDue());
    await this.#sleep(Math.min(dueMs, keepaliveMs - silentMs));
  }

  #silentMs(): number {
    return this.#parts.monotonicMs() - this.#lastSignAt;
  }

  async #keepAlive(): Promise<void> {
    await this.#write(LINE_END);
    this.#lastSignAt = this.#parts.monotonicMs();
  }

  /** Ends early when woken. */
  async #sleep(ms: number): Promise<void> {
    if (this.#gone || this.#killed) return;
    return this.#sleepEvenAlone(ms);
  }

  async #sleepEvenAlone(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, Math.ceil(Math.min(ms, 0x7fff_ffff)));
    this.#wake = resolve;
    await promise;
    clearTimeout(timer);
    this.#wake = undefined;
  }

  async #write(bytes: string | Buffer): Promise<void> {
    await this.#parts.wire.write(bytes);
    if (!this.#parts.keepsAliveInTraffic) this.#lastSignAt = this.#parts.monotonicMs();
  }

  async #end(reason: EndReason): Promise<void> {
    this.#parts.record.close(reason);
    await this.#parts.wire.finish();
  }
}

const LINE_FAULTS: ReadonlySet<Strike['kind']> = new Set([
  'half-line',
  'duplicate',
  'huge-line',
  'out-of-order',
  'drip',
]);

function needsLine(kind: Strike['kind']): boolean {
  return LINE_FAULTS.has(kind);
}
