import type { StreamFields } from '../api/stream-parameters.ts';

/** What stands between two lines on the wire, whatever separated them where they came from. */
export const LINE_END = '\r\n';
/** About how much goes into one write. */
export const CHUNK_BYTES = 65_536;

/** Lines by number, as truth asks about them. */
export interface LineSource {
  /** Id of the post on that line; undefined for lines that carry none (control messages, blank lines). */
  postIdAt(line: number): string | undefined;
  /** How many lines of [from, to) carry a post. */
  postsBetween(from: number, to: number): number;
}

/** A source of stream lines, numbered from 0 for all its connections alike: the sample live, the sample flat out, or a recording. */
export interface Feed extends LineSource {
  /** A view of its own for one connection. */
  open(request: FeedRequest): Cursor;
  /** The delivered text of a post, undefined when this feed has no such post. */
  textOf(postId: string): string | undefined;
}

export interface FeedRequest {
  readonly fields: StreamFields;
  readonly backfillMinutes: number;
}

/** One connection's place in a feed. */
export interface Cursor {
  /** Number of the next line. */
  readonly position: number;
  /** True when no line will ever come again. */
  readonly ended: boolean;
  /** How truth names the end that it comes to by itself; default `end-of-replay`. */
  readonly endsAs?: 'end-of-span';
  /** How many lines may be sent now; can be Infinity. */
  due(): number;
  /** Milliseconds until a line is due, 0 when one is; Infinity when ended. */
  msUntilDue(): number;
  /** Takes the next lines, at most `maxLines` (at least one must be due) and about CHUNK_BYTES, each with its line end. */
  take(maxLines: number): Chunk;
  /** Takes one line, without line end. */
  takeLine(): Buffer;
  /** True when the reader is so late that the platform would drop it. */
  tooFarBehind(): boolean;
}

export interface Chunk {
  readonly bytes: string | Buffer;
  readonly lines: number;
  /** How many of the lines are to be paid for; default: all. */
  readonly posts?: number;
}
