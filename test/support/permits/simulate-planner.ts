/** The real planner and bucket arithmetic against the model of a platform, in simulated time. */
import { type Bucket, newBucket, settleIn } from '../../../src/core/permits/bucket.ts';
import type { ClockOffset } from '../../../src/core/permits/clock-offset.ts';
import { type Answer, hear, offsetAfter } from '../../../src/core/permits/heard.ts';
import { type PlannerState, type Waiting, bucketKey, tick } from '../../../src/core/permits/planner.ts';
import { EventQueue } from './event-queue.ts';
import { type ModelOptions, PlatformModel } from './platform-model.ts';

export type Disturbance = {
  /** Each way, in ms. */
  latency: (random: () => number) => number;
  /** Chances of one call. */
  lostRequest: number;
  lostAnswer: number;
  missingHeaders: number;
  missingDate: number;
  lie: number;
};

export type SimulationOptions = {
  platform: ModelOptions;
  credentials: number;
  /** Who calls again as soon as it was answered: how many of each, and its weight. */
  callers: { spender: string; count: number; weight?: number; isUrgent?: boolean; pauseMs?: number }[];
  disturbance: Disturbance;
  random: () => number;
  /** Ends at this time, or when so many calls were answered. */
  untilMs: number;
  untilAnswered?: number;
  /** What the planner is told the limit is, where that differs from the truth. */
  published?: { limit?: number; windowMs?: number };
};

export type SimulationResult = {
  model: PlatformModel;
  endedAtMs: number;
  answeredBySpender: Map<string, number>;
  /** Longest wait of a call for leave. */
  longestWaitMs: number;
};

const START = Date.parse('2026-11-22T00:00:00.137Z');
const ENDPOINT = 'GET /2/users/:id/tweets';
const TIMEOUT_MS = 10_000;

type Event =
  | { kind: 'wish'; caller: number }
  | { kind: 'arrive'; call: Call }
  | { kind: 'answer'; call: Call; answer: Answer }
  | { kind: 'look' };
type Call = { caller: number; credential: string; since: number; sentAtMs: number };

export function simulatePlanner(options: SimulationOptions): SimulationResult {
  const { platform, disturbance, random, untilMs, untilAnswered = Number.POSITIVE_INFINITY, published = {} } = options;
  const model = new PlatformModel(platform);
  const labels = Array.from({ length: options.credentials }, (_, index) => `key-${index}`);
  const callers = options.callers.flatMap((caller) => Array.from({ length: caller.count }, () => caller));
  const events = new EventQueue<Event>();
  const offsets = new Map<string, ClockOffset | undefined>();
  const buckets = new Map<string, Bucket>(
    labels.map((label) => [bucketKey(label, ENDPOINT), newBucket({ ...platform, ...published })]),
  );
  // Nobody else holds its buckets, which are set in place: copying them for each answer takes longer than the planner does.
  let state: Omit<PlannerState, 'buckets'> & { buckets: Map<string, Bucket> } = {
    buckets,
    waiting: [],
    turns: new Map(),
  };
  const sinceById = new Map<number, { caller: number; since: number }>();
  const answeredBySpender = new Map<string, number>();
  let answered = 0;
  let longestWaitMs = 0;
  let nextId = 0;
  let lookAt = Number.POSITIVE_INFINITY;
  let now = START;

  for (const index of callers.keys()) events.add(START, { kind: 'wish', caller: index });
  for (;;) {
    const next = events.next();
    if (next === undefined || next.at - START > untilMs || answered >= untilAnswered) break;
    now = next.at;
    const { event } = next;
    if (event.kind === 'arrive') {
      arrive(event.call);
      continue;
    }
    if (event.kind === 'wish') wish(event.caller);
    if (event.kind === 'answer') settle(event.call, event.answer);
    if (event.kind === 'look') lookAt = Number.POSITIVE_INFINITY;
    plan();
  }
  const endedAtMs = now - START;
  for (const { since } of sinceById.values()) longestWaitMs = Math.max(longestWaitMs, now - since);
  return { model, endedAtMs, answeredBySpender, longestWaitMs };

  function wish(caller: number): void {
    const { spender, weight = 1, isUrgent = false } = callers[caller] as (typeof callers)[number];
    const waiting: Waiting = {
      ...{ id: nextId++, endpoint: ENDPOINT, spender, weight, isUrgent },
      credentials: labels,
      costMicros: 0,
    };
    sinceById.set(waiting.id, { caller, since: now });
    state = { ...state, waiting: [...state.waiting, waiting] };
  }

  function plan(): void {
    const result = tick(state, now);
    state = { ...result.state, buckets: result.state.buckets as Map<string, Bucket> };
    for (const { id, credential } of result.grants) {
      const { caller, since } = sinceById.get(id) as { caller: number; since: number };
      sinceById.delete(id);
      longestWaitMs = Math.max(longestWaitMs, now - since);
      const call = { caller, credential, since, sentAtMs: now };
      if (random() < disturbance.lostRequest)
        events.add(now + TIMEOUT_MS, { kind: 'answer', call, answer: { status: 'no-answer' } });
      else events.add(now + disturbance.latency(random), { kind: 'arrive', call });
    }
    if (result.lookAgainAtMs !== undefined && result.lookAgainAtMs < lookAt) {
      lookAt = result.lookAgainAtMs;
      events.add(lookAt, { kind: 'look' });
    }
  }

  function arrive(call: Call): void {
    const truth = model.arrive(call.credential, now, call.since);
    if (random() < disturbance.lostAnswer) {
      events.add(Math.max(now, call.sentAtMs + TIMEOUT_MS), { kind: 'answer', call, answer: { status: 'no-answer' } });
      return;
    }
    const { status, ...headers } = truth;
    const refusal = status === 429 ? { refusal: 'rate-limited' as const } : {};
    const { platformNowMs, ...limits } = headers;
    const told = random() < disturbance.missingHeaders ? {} : random() < disturbance.lie ? lie(limits, random) : limits;
    const date = random() < disturbance.missingDate ? {} : { platformNowMs };
    events.add(now + disturbance.latency(random), {
      kind: 'answer',
      call,
      answer: { status, ...told, ...date, ...refusal },
    });
  }

  function settle(call: Call, answer: Answer): void {
    const key = bucketKey(call.credential, ENDPOINT);
    const flight = { sentAtMs: call.sentAtMs, answeredAtMs: now };
    const offset = offsetAfter(offsets.get('platform'), answer, flight);
    offsets.set('platform', offset);
    state.buckets.set(key, settleIn(state.buckets.get(key) as Bucket, hear(answer, flight, offset)));
    if (answer.status === 200) {
      answered++;
      const { spender } = callers[call.caller] as (typeof callers)[number];
      answeredBySpender.set(spender, (answeredBySpender.get(spender) ?? 0) + 1);
    }
    events.add(now + (callers[call.caller]?.pauseMs ?? 0), { kind: 'wish', caller: call.caller });
  }
}

/** Headers that are wrong in ways that have been seen or can be thought of; none of them hides calls that the platform has counted. */
function lie(
  truth: { limit: number; remaining: number; resetAtMs: number },
  random: () => number,
): { limit?: number; remaining?: number; resetAtMs?: number } {
  const lies = [
    { ...truth, resetAtMs: 0 },
    { ...truth, resetAtMs: truth.resetAtMs - 86_400_000 },
    { ...truth, resetAtMs: truth.resetAtMs + 86_400_000 * 3 },
    { ...truth, resetAtMs: truth.resetAtMs + 1000 },
    { ...truth, resetAtMs: Number.NaN },
    { ...truth, remaining: truth.limit + 7 },
    { ...truth, remaining: -1 },
    { ...truth, remaining: Math.min(truth.limit, truth.remaining + 3) },
    { limit: truth.limit, remaining: truth.remaining },
    { resetAtMs: truth.resetAtMs },
  ];
  return lies[Math.floor(random() * lies.length)] as (typeof lies)[number];
}
