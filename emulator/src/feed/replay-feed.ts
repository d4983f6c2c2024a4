import { CHUNK_BYTES, type Chunk, type Cursor, type Feed, LINE_END } from './feed.ts';
import type { Recording } from '../replay/recording.ts';

/**
 * A recording as a feed: every connection gets all of it, from its first line, at `rate` lines per second (or as fast as
 * it reads) and then the end. What a client asks for in fields and backfill changes nothing. The sender waits for slow readers.
 */
export function replayFeed(recording: Recording, rate: number | 'max', monotonicMs: () => number): Feed {
  const linesById = lazily(() => indexById(recording));
  return {
    open: () => new ReplayCursor(recording, rate, monotonicMs),
    postIdAt: (line) => idAt(recording, line),
    postsBetween: (from, to) => (recording.postsBefore[to] ?? 0) - (recording.postsBefore[from] ?? 0),
    textOf: (postId) => {
      const line = linesById().get(postId);
      return line === undefined ? undefined : textOn(recording, line);
    },
  };
}

class ReplayCursor implements Cursor {
  position = 0;
  readonly #recording: Recording;
  readonly #rate: number;
  readonly #monotonicMs: () => number;
  readonly #openedAt: number;

  constructor(recording: Recording, rate: number | 'max', monotonicMs: () => number) {
    this.#recording = recording;
    this.#rate = rate === 'max' ? Number.POSITIVE_INFINITY : rate;
    this.#monotonicMs = monotonicMs;
    this.#openedAt = monotonicMs();
  }

  get ended(): boolean {
    return this.position >= this.#recording.lines;
  }

  due(): number {
    const left = this.#recording.lines - this.position;
    if (this.#rate === Number.POSITIVE_INFINITY) return left;
    const passed = 1 + Math.floor(((this.#monotonicMs() - this.#openedAt) / 1000) * this.#rate);
    return Math.max(0, Math.min(left, passed - this.position));
  }

  msUntilDue(): number {
    if (this.ended) return Number.POSITIVE_INFINITY;
    return Math.max(0, this.#openedAt + (this.position / this.#rate) * 1000 - this.#monotonicMs());
  }

  take(maxLines: number): Chunk {
    const { bytes } = this.#recording;
    const start = this.#offset(this.position);
    const most = Math.min(this.position + maxLines, this.#recording.lines);
    let next = this.position + 1;
    while (next < most && this.#offset(next + 1) - start <= CHUNK_BYTES) next++;
    const lines = next - this.position;
    this.position = next;
    return { bytes: bytes.subarray(start, this.#offset(next)), lines };
  }

  takeLine(): Buffer {
    const start = this.#offset(this.position);
    this.position++;
    return this.#recording.bytes.subarray(start, this.#offset(this.position) - LINE_END.length);
  }

  tooFarBehind(): boolean {
    return false;
  }

  #offset(line: number): number {
    return this.#recording.offsets[line] ?? this.#recording.bytes.length;
  }
}

function idAt({ bytes, idAt: starts, idLength }: Recording, line: number): string | undefined {
  const length = idLength[line] ?? 0;
  const start = starts[line] ?? 0;
  return length > 0 ? bytes.toString('latin1', start, start + length) : undefined;
}

function indexById(recording: Recording): Map<string, number> {
  const linesById = new Map<string, number>();
  for (let line = 0; line < recording.lines; line++) {
    const id = idAt(recording, line);
    if (id !== undefined && !linesById.has(id)) linesById.set(id, line);
  }
  return linesById;
}

function textOn({ bytes, offsets }: Recording, line: number): string | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(bytes.toString('utf8', offsets[line], offsets[line + 1]));
  } catch {
    // A line with an id whose rest isn't JSON has no text to tell.
    return undefined;
  }
  const root = parsed as { data?: { text?: unknown }; text?: unknown; full_text?: unknown };
  const text = root.data?.text ?? root.full_text ?? root.text;
  return typeof text === 'string' ? text : undefined;
}

function lazily<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
