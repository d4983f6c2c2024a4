/** One connection from its request to its end: bytes in, lines out, heartbeat watched. Keeps nothing; the sink does. */
import type { Clock } from '../core/time.ts';
import type { LineClass, StreamAdapter } from '../platforms/adapter.ts';
import { openHttpStream, type StreamEnd } from '../platforms/http-stream.ts';
import { type Line, LineSplitter } from '../platforms/split-lines.ts';
import { encodeFrameHead } from './segment/format.ts';
import type { Arrival } from './segment/open-segment.ts';
import type { SessionEvent } from './stream-session.ts';

/** A line longer than this is cut in two; X's are a few kB. */
const MAX_LINE_BYTES = 64 * 1024 * 1024;
/** After an in-stream disconnect message the platform closes; if it does not, we do, after so long. */
const DISCONNECT_GRACE_MS = 1000;
/** A pause shorter than this is the disk's ordinary breath. */
const LONG_PAUSE_MS = 1000;
/** A connection that breaks so soon after a long pause broke because of it: the platform drops slow readers. */
const PAUSE_AFTERMATH_MS = 60_000;

export type StreamSink = {
  opened(): Promise<void>;
  /** A byte came, a keep-alive too. */
  heard(atMs: number): void;
  /** The line's bytes may be used during the call only. */
  line(arrival: Arrival, line: Line, lineClass: LineClass): void;
  /** Whether more can be taken; asked after each chunk. When false, reading pauses until `resume` of `onPause` is called. */
  hasRoom(): boolean;
  onPause(resume: () => void): void;
};

export type ReadStreamOptions = {
  request: { url: URL; headers: Record<string, string>; form?: URLSearchParams };
  adapter: StreamAdapter;
  askedBackfill: boolean;
  session: string;
  heartbeatMs: number;
  clock: Clock;
  signal: AbortSignal;
  sink: StreamSink;
};

/** Reads until the connection ends or the signal aborts; answers with the event for the session. Throws only what the sink throws. */
export async function readStream(options: ReadStreamOptions): Promise<SessionEvent> {
  const { request, adapter, askedBackfill, session, heartbeatMs, clock, signal, sink } = options;
  const splitter = new LineSplitter(MAX_LINE_BYTES);
  const ending = new AbortController();
  const control: { resume?: () => void } = {};
  let lastByteAtMs = clock.now();
  let lastByte = performance.now();
  let paused = false;
  let pause: Pause | undefined;
  let disconnect: string | undefined;
  let stalled = false;
  let failure: unknown;
  let opening: Promise<void> = Promise.resolve();
  let isOpen = false;
  let grace: NodeJS.Timeout | undefined;

  const onLine = (arrival: Arrival, line: Line) => {
    if (line.from === line.to) return; // a keep-alive
    const lineClass = adapter.classifyLine(line.bytes, line.from, line.to);
    sink.line(arrival, line, lineClass);
    if (lineClass.kind === 'control' && lineClass.disconnect !== undefined && disconnect === undefined) {
      disconnect = lineClass.disconnect;
      grace = setTimeout(() => ending.abort(), DISCONNECT_GRACE_MS);
    }
  };
  const arrived = (atMs: number): Arrival => {
    const at = new Date(atMs).toISOString();
    return { atMs, at, head: encodeFrameHead({ at, platform: adapter.platform, endpoint: adapter.endpoint, session }) };
  };
  const take = (chunk: Buffer) => {
    lastByteAtMs = clock.now();
    lastByte = performance.now();
    sink.heard(lastByteAtMs);
    const arrival = arrived(lastByteAtMs);
    splitter.push(chunk, (line) => onLine(arrival, line));
  };
  const fail = (error: unknown) => {
    failure = error;
    ending.abort();
  };

  const watch = setInterval(
    () => {
      if (!isOpen || paused || performance.now() - lastByte < heartbeatMs) return;
      stalled = true;
      ending.abort();
    },
    Math.max(50, Math.min(1000, heartbeatMs / 4)),
  );
  let end: StreamEnd;
  try {
    end = await openHttpStream(
      { ...request, connectTimeoutMs: heartbeatMs, signal: AbortSignal.any([signal, ending.signal]) },
      {
        onOpen: () => {
          isOpen = true;
          lastByte = performance.now();
          lastByteAtMs = clock.now();
          opening = sink.opened();
          opening.catch(fail);
        },
        onBytes: (chunk) => {
          try {
            take(chunk);
          } catch (error) {
            fail(error);
            return false;
          }
          if (sink.hasRoom()) return true;
          if (!paused) {
            paused = true;
            // Pauses in a row are one: between them only what had piled up was read.
            if (pause === undefined || performance.now() - pause.endedAt > LONG_PAUSE_MS)
              pause = { sinceMs: lastByteAtMs, began: performance.now(), endedAt: Number.POSITIVE_INFINITY };
            sink.onPause(resumeReading);
          }
          return false;
        },
      },
      control,
    );
  } finally {
    clearInterval(watch);
    clearTimeout(grace);
  }
  function resumeReading(): void {
    if (!paused) return;
    paused = false;
    lastByte = performance.now();
    if (pause !== undefined) pause.endedAt = lastByte;
    control.resume?.();
  }
  await opening.catch(fail);
  if (failure !== undefined) throw failure;
  // Half a line is all that came of a post: kept as it is, the loader will quarantine it.
  onLine(arrived(lastByteAtMs), splitter.take());
  clearTimeout(grace);
  const event = endToEvent(end, { adapter, askedBackfill, isOpen, stalled, disconnect, lastByteAtMs, heartbeatMs });
  return event.kind === 'lost' && pause !== undefined ? blamedOnPause(event, pause) : event;
}

/** A pause of reading: the last byte before it, and when it began and ended on the monotonic clock. */
type Pause = { sinceMs: number; began: number; endedAt: number };

/** What the platform could not deliver during a long pause is missing from its beginning, not from the last byte read after it. */
function blamedOnPause(event: SessionEvent & { kind: 'lost' }, pause: Pause): SessionEvent {
  const lengthMs = Math.min(performance.now(), pause.endedAt) - pause.began;
  if (lengthMs < LONG_PAUSE_MS || performance.now() - pause.endedAt > PAUSE_AFTERMATH_MS) return event;
  const evidence = `reading was held up for ${Math.round(lengthMs / 1000)} s by the disk, then: ${event.evidence}`;
  return { ...event, cause: 'disk', evidence, lastByteAtMs: Math.min(event.lastByteAtMs, pause.sinceMs) };
}

type EndFacts = {
  adapter: StreamAdapter;
  askedBackfill: boolean;
  isOpen: boolean;
  stalled: boolean;
  disconnect: string | undefined;
  lastByteAtMs: number;
  heartbeatMs: number;
};

function endToEvent(end: StreamEnd, facts: EndFacts): SessionEvent {
  const { adapter, askedBackfill, isOpen, stalled, disconnect, lastByteAtMs, heartbeatMs } = facts;
  if (end.kind === 'refused') {
    const { status, headers } = end.answer;
    return { kind: 'refused', refusal: adapter.readRefusal({ status, headers, body: end.body, askedBackfill }) };
  }
  const lost = (cause: 'stall' | 'disconnect' | 'ended' | 'unreachable' | 'cut', evidence: string): SessionEvent => ({
    kind: 'lost',
    cause,
    evidence,
    lastByteAtMs,
  });
  if (stalled) return lost('stall', `no byte for ${heartbeatMs / 1000} s`);
  if (disconnect !== undefined) return lost('disconnect', disconnect);
  if (end.kind === 'ended') return lost('ended', 'the platform ended the connection');
  return lost(isOpen ? 'cut' : 'unreachable', end.code === undefined ? end.cause : `${end.code}: ${end.cause}`);
}
