/**
 * Several workers with clocks of their own, the ledger's arithmetic between them, and the model of a platform: in simulated time. Workers die and come
 * back under other names; visits to the ledger take time, and their replies can be lost.
 */
import { newBucket } from '../../../src/core/permits/bucket.ts';
import type { ClockOffset } from '../../../src/core/permits/clock-offset.ts';
import { type Answer, hear, offsetAfter } from '../../../src/core/permits/heard.ts';
import { type ExchangeReply, type SharedBucket, exchange } from '../../../src/core/permits/ledger.ts';
import { type Visit, WorkerShare } from '../../../src/core/permits/worker-share.ts';
import { EventQueue } from './event-queue.ts';
import { type ModelOptions, PlatformModel } from './platform-model.ts';

export type WorkersOptions = {
  platform: ModelOptions;
  credentials: number;
  workers: { callers: number; skewMs: number }[];
  /** To the platform and back, each way; to the ledger, each way. */
  callMs: (random: () => number) => number;
  visitMs: (random: () => number) => number;
  /** Chances: of an answer, of a visit before and after it was booked. */
  lostAnswer: number;
  lostVisit: number;
  missingHeaders: number;
  /** Chance that a worker dies, at each call that it makes. It is replaced after a while. */
  death: number;
  leaseMs: number;
  random: () => number;
  untilMs: number;
};

const START = Date.parse('2026-11-22T00:00:00.137Z');
const ENDPOINT = 'GET /2/users/:id/tweets';
const TIMEOUT_MS = 5000;
const REPLACED_AFTER_MS = 2000;

type Worker = {
  share: WorkerShare;
  name: string;
  skewMs: number;
  isDead: boolean;
  offset: ClockOffset | undefined;
  wakeAt: number;
};
type Call = { worker: Worker; caller: number; credential: string; sentAtMs: number };
type Event =
  | { kind: 'wake'; worker: Worker }
  | { kind: 'wish'; worker: Worker; caller: number }
  | { kind: 'arrive'; call: Call }
  | { kind: 'answer'; call: Call; answer: Answer }
  | { kind: 'book'; worker: Worker; visit: Visit }
  | { kind: 'reply'; worker: Worker; visit: Visit; reply: ExchangeReply; ledgerNowMs: number }
  | { kind: 'fail'; worker: Worker }
  | { kind: 'replace'; callers: number; skewMs: number };

export function simulateWorkers(options: WorkersOptions) {
  const { platform, random, leaseMs, callMs, visitMs } = options;
  const model = new PlatformModel(platform);
  const labels = Array.from({ length: options.credentials }, (_, index) => `key-${index}`);
  let buckets: SharedBucket[] = labels.map((credential) => ({
    ...{ credential, endpoint: ENDPOINT, holdings: [] },
    bucket: newBucket(platform),
  }));
  const events = new EventQueue<Event>();
  const living = new Set<Worker>();
  const callersOf = new Map<Worker, number>();
  const seqs = new Map<string, number>();
  const callerById = new Map<number, number>();
  let nextId = 0;
  let names = 0;
  let deaths = 0;
  let visits = 0;
  let now = START;
  for (const { callers, skewMs } of options.workers) hire(callers, skewMs);
  for (let next = events.next(); next !== undefined && next.at - START <= options.untilMs; next = events.next()) {
    now = next.at;
    handle(next.event);
  }
  return { model, deaths, visits };

  function hire(callers: number, skewMs: number): void {
    const name = `worker-${names++}`;
    const worker: Worker = {
      ...{ share: new WorkerShare({ worker: name, leaseMs }), name, skewMs, isDead: false, offset: undefined },
      wakeAt: Number.POSITIVE_INFINITY,
    };
    living.add(worker);
    callersOf.set(worker, callers);
    for (let caller = 0; caller < callers; caller++) events.add(now, { kind: 'wish', worker, caller });
  }

  function handle(event: Event): void {
    if (event.kind === 'replace') return hire(event.callers, event.skewMs);
    if (event.kind === 'arrive') return arrive(event.call);
    if (event.kind === 'book') return book(event.worker, event.visit);
    const worker = event.kind === 'answer' ? event.call.worker : event.worker;
    if (worker.isDead) return;
    const ours = now + worker.skewMs;
    if (event.kind === 'wake') worker.wakeAt = Number.POSITIVE_INFINITY;
    if (event.kind === 'wish') {
      const id = nextId++;
      callerById.set(id, event.caller);
      worker.share.want({
        id,
        endpoint: ENDPOINT,
        spender: 'a',
        weight: 1,
        isUrgent: false,
        credentials: labels,
        costMicros: 0,
      });
    }
    if (event.kind === 'reply')
      worker.share.visited(event.visit, { ...event.reply, ledgerNowMs: event.ledgerNowMs }, ours);
    if (event.kind === 'fail') worker.share.visitFailed(ours);
    if (event.kind === 'answer') settle(event.call, event.answer, ours);
    look(worker, ours);
  }

  function look(worker: Worker, ours: number): void {
    for (const { id, credential } of worker.share.grant(ours)) {
      const call = { worker, caller: callerById.get(id) as number, credential, sentAtMs: ours };
      callerById.delete(id);
      events.add(now + callMs(random), { kind: 'arrive', call });
      if (random() < options.death) return die(worker);
    }
    const at = worker.share.visitAtMs(ours);
    if (at === undefined) return;
    if (at <= ours) {
      visits++;
      const visit = worker.share.visit(ours);
      if (random() < options.lostVisit) events.add(now + 1000, { kind: 'fail', worker });
      else events.add(now + visitMs(random), { kind: 'book', worker, visit });
    } else if (at - worker.skewMs < worker.wakeAt) {
      worker.wakeAt = at - worker.skewMs;
      events.add(worker.wakeAt, { kind: 'wake', worker });
    }
  }

  function die(worker: Worker): void {
    deaths++;
    worker.isDead = true;
    living.delete(worker);
    events.add(now + REPLACED_AFTER_MS, {
      kind: 'replace',
      callers: callersOf.get(worker) as number,
      skewMs: worker.skewMs,
    });
  }

  /** The ledger keeps its own, true, time. */
  function book(worker: Worker, visit: Visit): void {
    const isBooked = (seqs.get(visit.worker) ?? 0) >= visit.seq;
    const result = exchange(buckets, { ...visit, isBooked }, now);
    seqs.set(visit.worker, visit.seq);
    buckets = result.buckets;
    if (result.reply.freed.length > 0)
      for (const other of living)
        if (other !== worker) {
          other.share.poke();
          events.add(now + 1, { kind: 'wake', worker: other });
        }
    if (random() < options.lostVisit) events.add(now + 1000, { kind: 'fail', worker });
    else events.add(now + visitMs(random), { kind: 'reply', worker, visit, reply: result.reply, ledgerNowMs: now });
  }

  function arrive(call: Call): void {
    const { status, ...headers } = model.arrive(call.credential, now);
    const { platformNowMs, ...limits } = headers;
    const told = random() < options.missingHeaders ? {} : limits;
    const refusal = status === 429 ? { refusal: 'rate-limited' as const } : {};
    const isLost = random() < options.lostAnswer;
    const answer: Answer = isLost ? { status: 'no-answer' } : { status, ...told, platformNowMs, ...refusal };
    events.add(now + (isLost ? TIMEOUT_MS : callMs(random)), { kind: 'answer', call, answer });
  }

  function settle(call: Call, answer: Answer, ours: number): void {
    const { worker, sentAtMs, credential, caller } = call;
    const flight = { sentAtMs, answeredAtMs: ours };
    worker.offset = offsetAfter(worker.offset, answer, flight);
    worker.share.settle(credential, ENDPOINT, hear(answer, flight, worker.offset));
    events.add(now, { kind: 'wish', worker, caller });
  }
}
