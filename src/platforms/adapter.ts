/** The contract of a platform's stream: what capture may know of it. One implementation per endpoint, below the platform's folder. */

import type { Authorize } from './permit-source.ts';

/** What a stream line is to capture: a post with its id, a line that could not be understood, or the platform's own message. */
export type LineClass =
  | { kind: 'post'; postId: string }
  | { kind: 'malformed' }
  | { kind: 'control'; disconnect?: string };

/** What a refused connection means for who asked: wait on a ladder, ask differently, or stop and say why (`sentence`). */
export type Refusal = {
  kind:
    | 'rate-limited'
    | 'too-many-connections'
    | 'server-error'
    | 'backfill-refused'
    | 'token-refused'
    | 'out-of-money'
    | 'rejected';
  sentence: string;
  /** When the platform says that it will answer again, ms since 1970. */
  resetAtMs?: number;
};

/** A connection that was asked for at `fromMs` and open at `toMs`, ms since 1970 by this machine's clock. */
export type OpenedConnection = { fromMs: number; toMs: number };

/** Which of ours the platform was made to end, and why more was not possible. */
export type StaleEnd = { ended: OpenedConnection[]; unable?: string };

/**
 * How long to wait before attempt n (0 = first) after a kind of failure: `firstMs`, then each `stepMs` more (linear) or twice as
 * long (doubling), never above `maxMs`.
 */
export type Ladder = { firstMs: number; maxMs: number } & ({ stepMs: number } | { doubling: true });

/** The platform's published back-off: `network` for connections that broke or could not be made, `server` for 5xx, `rate` for 429. */
export type Ladders = { network: Ladder; server: Ladder; rate: Ladder };

export type StreamAdapter = {
  platform: string;
  /** The endpoint's path, written into each frame. */
  endpoint: string;
  /** How many minutes the platform can send again after a break; 0 where it cannot. */
  maxBackfillMinutes: number;
  /** How many times as long as the configured heartbeat this stream may be silent before it is dead. */
  heartbeatFactor: number;
  ladders: Ladders;
  request: (options: { authorization: Authorize; backfillMinutes: number }) => {
    url: URL;
    headers: Record<string, string>;
    /** Sent by POST, for what would make an address too long. */
    form?: URLSearchParams;
  };
  /** What the line `bytes[from..to)` is; the whole buffer unless said otherwise. Called for every line: no parsing where it can be helped. */
  classifyLine(bytes: Buffer, from?: number, to?: number): LineClass;
  /** When a post was made, by its id, ms since 1970; undefined where ids do not say it. Tells how far a backfill has come. */
  postedAtMs(postId: string): number | undefined;
  readRefusal(answer: {
    status: number;
    headers: Record<string, string>;
    body: string;
    askedBackfill: boolean;
  }): Refusal;
  /** Makes the platform let go of connections that are ours and broken, where it offers that. Never throws. */
  endStale?(options: {
    authorization: Authorize;
    opened: readonly OpenedConnection[];
    nowMs: () => number;
    signal: AbortSignal;
  }): Promise<StaleEnd>;
};

/** The wait before attempt `attempt` on a ladder, in ms. */
export function ladderDelay(ladder: Ladder, attempt: number): number {
  if ('stepMs' in ladder) return Math.min(ladder.maxMs, ladder.firstMs + ladder.stepMs * attempt);
  return Math.min(ladder.maxMs, ladder.firstMs * 2 ** Math.min(attempt, 30));
}
