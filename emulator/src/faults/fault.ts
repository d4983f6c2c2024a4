export const FAULT_KINDS = [
  'cut',
  'stall',
  'half-line',
  'disconnect',
  'http-429',
  'http-503',
  'duplicate',
  'malformed',
  'huge-line',
  'upstream-disconnect',
  'force-disconnect',
  'out-of-order',
  'drip',
  'half-open',
] as const;

export type FaultKind = (typeof FAULT_KINDS)[number];
/** Faults that refuse a connect; all others strike an open stream. */
export type RefusalKind = Extract<FaultKind, `http-${string}`>;
export type StreamFaultKind = Exclude<FaultKind, RefusalKind>;

/** Which streams it is meant for; all, when neither is said. */
export interface FaultTarget {
  /** A connection's id in truth; it may be yet to come. */
  readonly connection?: string;
  /** Path of the endpoint. */
  readonly path?: string;
}

/** What was asked for: `after` lines (or connects) pass unharmed before each of `count` strikes. */
export interface FaultOrder extends FaultTarget {
  readonly kind: FaultKind;
  readonly after: number;
  readonly count: number;
  /** Of `out-of-order`: how many lines are shuffled. */
  readonly window?: number;
  /** Of `drip`: how long a line takes. Of `half-open`: how long the server goes on believing. Real milliseconds. */
  readonly forMs?: number;
}

/** Faults drawn by a seed, for each connection anew: on average every `every` lines one of `kinds`, `count` in all per connection. */
export interface RandomFaultOrder extends FaultTarget {
  readonly kind: 'random';
  readonly seed: number;
  readonly every: number;
  readonly kinds: readonly StreamFaultKind[];
  readonly after: number;
  readonly count: number;
}

export const OUT_OF_ORDER_WINDOW = 10;
export const DRIP_MS = 1000;
export const HALF_OPEN_MS = 60_000;

export function isRefusal(kind: FaultKind): kind is RefusalKind {
  return kind.startsWith('http-');
}
