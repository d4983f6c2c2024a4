/**
 * What several processes share: buckets, and who holds how many permits of them. One exchange is one visit of a worker: it reports what became of its
 * calls, says how many permits it still holds, and asks for more. Pure; the caller makes sure that one exchange happens at a time.
 */
import { type Bucket, freeAt, reopensAt, settleIn, takeFrom } from './bucket.ts';
import type { Heard } from './heard.ts';

/** What a worker holds of one bucket. */
export type Holding = {
  worker: string;
  permits: number;
  /** Beyond this the worker is taken for dead, and what it holds for used. */
  expiresAtMs: number;
  /** When it last asked for permits of this bucket. */
  askedAtMs: number;
};

export type SharedBucket = { credential: string; endpoint: string; bucket: Bucket; holdings: Holding[] };

export type ExchangeRequest = {
  worker: string;
  /** What became of calls; `isBooked` when an earlier visit reported the same and its reply was lost. */
  reports: { credential: string; endpoint: string; heard: Heard[] }[];
  isBooked: boolean;
  /** All that the worker still holds after these reports, by bucket: in stock or on the way. Buckets that aren't named: none. */
  holding: { credential: string; endpoint: string; permits: number }[];
  /** Calls wanted, each with the credentials that will do. */
  wants: { endpoint: string; credentials: readonly string[]; calls: number }[];
  /** How long the permits are held without another visit. */
  leaseMs: number;
};

export type ExchangeReply = {
  granted: { credential: string; endpoint: string; permits: number }[];
  /** By endpoint: when more will be free without a word of anyone. Absent: when somebody reports, or never. */
  reopensAtMs: Map<string, number>;
  /** Endpoints at which there was nothing left before this visit and is something after it: others who wait should hear of it. */
  freed: string[];
  /** Permits whose worker went away. */
  lost: { credential: string; endpoint: string; permits: number }[];
};

/** A worker that asked within so long counts when the rest of a window is divided. */
const ACTIVE_MS = 5000;

/** Books the visit. `buckets` are all those of the endpoints that the request names; they come back changed. */
export function exchange(
  buckets: readonly SharedBucket[],
  request: ExchangeRequest,
  nowMs: number,
): { buckets: SharedBucket[]; reply: ExchangeReply } {
  const lost: ExchangeReply['lost'] = [];
  const booked = buckets.map((shared) => {
    const { credential, endpoint } = shared;
    const expired = writeOff(shared, request.worker, nowMs);
    const permits = shared.bucket.outstanding - expired.bucket.outstanding;
    if (permits > 0) lost.push({ credential, endpoint, permits });
    return book(expired, request, nowMs);
  });
  const { granted, reopensAtMs } = grant(booked, request, nowMs);
  const freed = buckets.flatMap(({ endpoint, bucket }, at) =>
    freeAt(bucket, nowMs) === 0 && freeAt((booked[at] as SharedBucket).bucket, nowMs) > 0 ? [endpoint] : [],
  );
  return { buckets: booked, reply: { granted, reopensAtMs, freed: [...new Set(freed)], lost } };
}

/** What dead workers held counts as called at the instant at which they were given up. */
function writeOff(shared: SharedBucket, visitor: string, nowMs: number): SharedBucket {
  let { bucket } = shared;
  const holdings: Holding[] = [];
  for (const holding of shared.holdings) {
    if (holding.expiresAtMs > nowMs || holding.worker === visitor) holdings.push(holding);
    else if (holding.permits > 0) bucket = settleIn(bucket, noWord(holding.permits, nowMs));
  }
  return { ...shared, bucket, holdings };
}

function noWord(calls: number, atMs: number): Heard {
  return { calls, sentAtMs: atMs, firstAnswerAtMs: atMs, answeredAtMs: atMs, isAnswered: false, refused: 0 };
}

function book(shared: SharedBucket, request: ExchangeRequest, nowMs: number): SharedBucket {
  const { worker, leaseMs } = request;
  const isThis = (entry: { credential: string; endpoint: string }) =>
    entry.credential === shared.credential && entry.endpoint === shared.endpoint;
  let { bucket } = shared;
  const before = shared.holdings.find((holding) => holding.worker === worker);
  let held = before?.permits ?? 0;
  if (!request.isBooked) {
    for (const heard of request.reports.filter(isThis).flatMap((report) => report.heard)) {
      // Calls that were written off before are counted already; their answers still tell of the window.
      const calls = Math.min(heard.calls, held);
      held -= calls;
      bucket = settleIn(bucket, { ...heard, calls });
    }
  }
  const permits = request.holding.find(isThis)?.permits ?? 0;
  bucket = { ...bucket, outstanding: Math.max(0, bucket.outstanding - held + permits) };
  const isAsked = request.wants.some(
    ({ endpoint, credentials, calls }) =>
      calls > 0 && endpoint === shared.endpoint && credentials.includes(shared.credential),
  );
  const askedAtMs = isAsked ? nowMs : (before?.askedAtMs ?? Number.NEGATIVE_INFINITY);
  const others = shared.holdings.filter((holding) => holding.worker !== worker);
  const mine = { worker, permits, expiresAtMs: nowMs + leaseMs, askedAtMs };
  return { ...shared, bucket, holdings: [...others, mine] };
}

/** Hands out, to each want in turn, from the bucket with the greatest share left. Changes `buckets`. */
function grant(
  buckets: SharedBucket[],
  { worker, wants }: ExchangeRequest,
  nowMs: number,
): Pick<ExchangeReply, 'granted' | 'reopensAtMs'> {
  const free = buckets.map((shared) => mostAtATime(shared, worker, nowMs));
  const given = buckets.map(() => 0);
  const unmet: number[][] = [];
  for (const { endpoint, credentials, calls } of wants) {
    const eligible = [...buckets.keys()].filter((at) => {
      const shared = buckets[at] as SharedBucket;
      return shared.endpoint === endpoint && credentials.includes(shared.credential);
    });
    let met = 0;
    for (; met < calls; met++) {
      const at = fullest(eligible, free, buckets);
      if (at === undefined) break;
      free[at] = (free[at] as number) - 1;
      given[at] = (given[at] as number) + 1;
    }
    if (met === 0 && calls > 0) unmet.push(eligible);
  }
  for (const [at, permits] of given.entries())
    if (permits > 0) buckets[at] = handOut(buckets[at] as SharedBucket, worker, permits, nowMs);
  const reopensAtMs = new Map<string, number>();
  for (const at of unmet.flat()) {
    const { bucket, endpoint } = buckets[at] as SharedBucket;
    const instant = reopensAt(bucket, nowMs);
    if (instant !== undefined) reopensAtMs.set(endpoint, Math.min(instant, reopensAtMs.get(endpoint) ?? instant));
  }
  const granted = buckets.flatMap(({ credential, endpoint }, at) =>
    (given[at] as number) > 0 ? [{ credential, endpoint, permits: given[at] as number }] : [],
  );
  return { granted, reopensAtMs };
}

function fullest(eligible: number[], free: number[], buckets: SharedBucket[]): number | undefined {
  let best: number | undefined;
  let bestShare = 0;
  for (const at of eligible) {
    const share = (free[at] as number) / (buckets[at] as SharedBucket).bucket.limit;
    if (share > bestShare) {
      best = at;
      bestShare = share;
    }
  }
  return best;
}

/** Half of a worker's even share of what is left, so that a slow one never sits on the rest of a window; all when nobody else asks. */
function mostAtATime({ bucket, holdings }: SharedBucket, worker: string, nowMs: number): number {
  const others = holdings.filter(
    (holding) => holding.worker !== worker && nowMs - holding.askedAtMs < ACTIVE_MS,
  ).length;
  const free = freeAt(bucket, nowMs);
  return others === 0 ? free : Math.ceil(free / (2 * (others + 1)));
}

function handOut(shared: SharedBucket, worker: string, permits: number, nowMs: number): SharedBucket {
  return {
    ...shared,
    bucket: takeFrom(shared.bucket, nowMs, permits),
    holdings: shared.holdings.map((holding) =>
      holding.worker === worker ? { ...holding, permits: holding.permits + permits } : holding,
    ),
  };
}
