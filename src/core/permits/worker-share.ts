/**
 * What one worker knows of the shared ledger: permits in stock, calls on their way, what it has to report, and who waits here. A permit in stock
 * costs no visit to the ledger. No clock, no database: whoever owns this passes the time, makes the visits, and wakes it when it says.
 */
import { type ClockOffset, measureOffset } from './clock-offset.ts';
import { type Heard, heardBy, mergeHeard } from './heard.ts';
import type { ExchangeReply, ExchangeRequest } from './ledger.ts';
import { type Grant, type Stock, type Turns, type Waiting, bucketKey, planGrants } from './planner.ts';

/** What goes to the ledger on a visit. `seq` names the reports: a visit repeated after a lost reply has the same. */
export type Visit = Omit<ExchangeRequest, 'isBooked'> & { seq: number; sentAtMs: number };

/** What comes back, by the ledger's clock. */
export type VisitReply = Pick<ExchangeReply, 'granted' | 'reopensAtMs'> & { ledgerNowMs: number };

type Place = {
  credential: string;
  endpoint: string;
  free: number;
  inFlight: number;
  /** Settled and not yet on a visit. */
  settled: Heard[];
  /** On a visit whose reply has not come. */
  reported: Heard[];
  lastUsedAtMs: number;
};

/** What happened lately at an endpoint, to ask for as much as will be needed until the next visit. */
type Pace = { perMs: number; lastAtMs: number; credentials: readonly string[] };

const REPORT_WITHIN_MS = 400;
const IDLE_MS = 500;
const ASK_AGAIN_MS = 200;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5000;
/** So long ahead it asks for. */
const AHEAD_MS = 150;
const PACE_MEMORY_MS = 500;

export class WorkerShare {
  readonly #worker: string;
  readonly #leaseMs: number;
  readonly #places = new Map<string, Place>();
  #waiting: Waiting[] = [];
  #turns: Turns = new Map();
  #offset: ClockOffset | undefined;
  #seq = 0;
  #isVisiting = false;
  #mustRepeat = false;
  #failures = 0;
  #pausedUntilMs = Number.NEGATIVE_INFINITY;
  #lastVisitAtMs = Number.NEGATIVE_INFINITY;
  #validUntilMs = Number.NEGATIVE_INFINITY;
  #oldestReportAtMs = Number.POSITIVE_INFINITY;
  readonly #askAgainAtMs = new Map<string, number>();
  readonly #paces = new Map<string, Pace>();

  /** `worker` names the process, and never another one. */
  constructor({ worker, leaseMs }: { worker: string; leaseMs: number }) {
    this.#worker = worker;
    this.#leaseMs = leaseMs;
  }

  get waiting(): readonly Waiting[] {
    return this.#waiting;
  }

  want(wish: Waiting): void {
    this.#waiting.push(wish);
  }

  cancel(id: number): void {
    this.#waiting = this.#waiting.filter((wish) => wish.id !== id);
  }

  /** Gives leave from what is in stock. */
  grant(nowMs: number, purses?: ReadonlyMap<string, number>): Grant[] {
    if (nowMs >= this.#validUntilMs || this.#waiting.length === 0) return [];
    const { grants, turns } = planGrants(this.#waiting, this.#stocks(), this.#turns, purses);
    if (grants.length === 0) return grants;
    this.#turns = turns;
    const wishes = new Map(this.#waiting.map((wish) => [wish.id, wish]));
    for (const { id, credential } of grants) {
      const place = this.#place(credential, (wishes.get(id) as Waiting).endpoint);
      place.free--;
      place.inFlight++;
      place.lastUsedAtMs = nowMs;
      this.#quicken(wishes.get(id) as Waiting, nowMs);
      wishes.delete(id);
    }
    this.#waiting = this.#waiting.filter(({ id }) => wishes.has(id));
    return grants;
  }

  /** A call is over. Instants by this worker's clock. */
  settle(credential: string, endpoint: string, heard: Heard): void {
    const place = this.#place(credential, endpoint);
    place.inFlight -= heard.calls;
    addHeard(place.settled, heard);
    this.#oldestReportAtMs = Math.min(this.#oldestReportAtMs, heard.answeredAtMs);
  }

  /** Something changed at the ledger: whoever waits asks again. */
  poke(): void {
    this.#askAgainAtMs.clear();
  }

  /** When to visit the ledger, if nothing happens before; at most the present: now. Undefined: no need. */
  visitAtMs(nowMs: number): number | undefined {
    if (this.#isVisiting) return undefined;
    const instants: number[] = [];
    if (this.#mustRepeat) instants.push(nowMs);
    if (Number.isFinite(this.#oldestReportAtMs)) instants.push(this.#oldestReportAtMs + REPORT_WITHIN_MS);
    let isHolding = false;
    for (const place of this.#places.values()) {
      isHolding ||= place.free + place.inFlight > 0;
      if (place.free > 0) instants.push(place.lastUsedAtMs + IDLE_MS);
    }
    if (isHolding) instants.push(this.#lastVisitAtMs + this.#leaseMs / 3);
    for (const endpoint of this.#endpointsInNeed(nowMs))
      instants.push(Math.max(nowMs, this.#askAgainAtMs.get(endpoint) ?? nowMs));
    return instants.length === 0 ? undefined : Math.max(this.#pausedUntilMs, Math.min(...instants));
  }

  /** What to bring to the ledger. `visited` or `visitFailed` must follow. */
  visit(nowMs: number, { isLast = false }: { isLast?: boolean } = {}): Visit {
    this.#isVisiting = true;
    if (!this.#mustRepeat) {
      this.#seq++;
      for (const place of this.#places.values()) {
        place.reported = place.settled;
        place.settled = [];
      }
      this.#oldestReportAtMs = Number.POSITIVE_INFINITY;
    }
    const places = [...this.#places.values()];
    // Who has more than it uses needs nothing ahead.
    for (const place of places) if (this.#isIdle(place, nowMs)) this.#paces.delete(place.endpoint);
    const wants = isLast ? [] : this.#wants(nowMs);
    for (const place of places) if (isLast || this.#isIdle(place, nowMs)) place.free = 0;
    const offset = this.#offset;
    return {
      worker: this.#worker,
      seq: this.#seq,
      sentAtMs: nowMs,
      leaseMs: this.#leaseMs,
      reports: places
        .filter(({ reported }) => reported.length > 0)
        .map(({ credential, endpoint, reported }) => ({
          credential,
          endpoint,
          heard: offset === undefined ? [] : reported.map((heard) => heardBy(heard, offset)),
        })),
      holding: places.map((place) => ({
        credential: place.credential,
        endpoint: place.endpoint,
        permits: place.free + place.inFlight + callsIn(place.settled),
      })),
      wants,
    };
  }

  /** The ledger's reply has come. */
  visited(visit: Visit, reply: VisitReply, nowMs: number): void {
    this.#isVisiting = false;
    this.#mustRepeat = false;
    this.#failures = 0;
    this.#pausedUntilMs = Number.NEGATIVE_INFINITY;
    this.#lastVisitAtMs = visit.sentAtMs;
    this.#validUntilMs = visit.sentAtMs + this.#leaseMs * 0.9;
    this.#offset = measureOffset(this.#offset, {
      sentAtMs: visit.sentAtMs,
      answeredAtMs: nowMs,
      theirsFromMs: reply.ledgerNowMs,
      theirsToMs: reply.ledgerNowMs + 1,
    });
    for (const [key, place] of this.#places) {
      place.reported = [];
      if (place.free + place.inFlight + place.settled.length === 0) this.#places.delete(key);
    }
    const granted = new Map<string, number>();
    for (const { credential, endpoint, permits } of reply.granted) {
      const place = this.#place(credential, endpoint);
      place.free += permits;
      place.lastUsedAtMs = nowMs;
      granted.set(endpoint, (granted.get(endpoint) ?? 0) + permits);
    }
    const wanted = new Map<string, number>();
    for (const { endpoint, calls } of visit.wants) wanted.set(endpoint, (wanted.get(endpoint) ?? 0) + calls);
    for (const [endpoint, calls] of wanted) {
      if ((granted.get(endpoint) ?? 0) >= calls) this.#askAgainAtMs.delete(endpoint);
      else this.#askAgainAtMs.set(endpoint, this.#whenToAskAgain(endpoint, granted, reply, nowMs));
    }
  }

  /** Nobody knows whether the ledger booked it: the same is brought again, after a pause that grows. */
  visitFailed(nowMs: number): void {
    this.#isVisiting = false;
    this.#mustRepeat = true;
    this.#pausedUntilMs = nowMs + Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(8, this.#failures));
    this.#failures++;
  }

  /** The ledger said when more will be free; else others must report first. What came of a part is used up before asking again. */
  #whenToAskAgain(endpoint: string, granted: Map<string, number>, reply: VisitReply, nowMs: number): number {
    if ((granted.get(endpoint) ?? 0) > 0) return nowMs;
    const reopensAtMs = reply.reopensAtMs.get(endpoint);
    if (reopensAtMs === undefined) return nowMs + ASK_AGAIN_MS;
    const ours = reopensAtMs + (this.#offset?.to ?? 0);
    return Math.max(nowMs + 1, Math.min(ours, nowMs + LONGEST_PAUSE_MS * 6));
  }

  /** Those at which a wish can't be met from stock, or soon won't be. */
  #endpointsInNeed(nowMs: number): Set<string> {
    const inNeed = new Set<string>();
    const free = new Map<string, number>();
    for (const { endpoint, free: count } of this.#places.values())
      if (nowMs < this.#validUntilMs) free.set(endpoint, (free.get(endpoint) ?? 0) + count);
    for (const wish of this.#waiting) if (!this.#canMeet(wish, nowMs)) inNeed.add(wish.endpoint);
    for (const endpoint of this.#paces.keys())
      if ((free.get(endpoint) ?? 0) < this.#ahead(endpoint, nowMs) / 3) inNeed.add(endpoint);
    return inNeed;
  }

  #canMeet(wish: Waiting, nowMs: number): boolean {
    if (nowMs >= this.#validUntilMs) return false;
    return wish.credentials.some(
      (credential) => (this.#places.get(bucketKey(credential, wish.endpoint))?.free ?? 0) > 0,
    );
  }

  #isIdle({ credential, endpoint, free, lastUsedAtMs }: Place, nowMs: number): boolean {
    if (free === 0 || nowMs - lastUsedAtMs < IDLE_MS) return false;
    return !this.#waiting.some((wish) => wish.endpoint === endpoint && wish.credentials.includes(credential));
  }

  /** What waits, and as much as will be asked for until the next visit, minus what is in stock. */
  #wants(nowMs: number): Visit['wants'] {
    const groups = new Map<string, Visit['wants'][number]>();
    for (const { endpoint, credentials } of this.#waiting) {
      const key = `${endpoint} ${credentials.join(' ')}`;
      const group = groups.get(key) ?? { endpoint, credentials, calls: 0 };
      groups.set(key, { ...group, calls: group.calls + 1 });
    }
    for (const [endpoint, { credentials }] of this.#paces) {
      const key = `${endpoint} ${credentials.join(' ')}`;
      const group = groups.get(key) ?? { endpoint, credentials, calls: 0 };
      groups.set(key, { ...group, calls: group.calls + this.#ahead(endpoint, nowMs) });
    }
    const isValid = nowMs < this.#validUntilMs;
    return [...groups.values()].flatMap((group) => {
      const stock = isValid
        ? group.credentials.reduce(
            (sum, credential) => sum + (this.#places.get(bucketKey(credential, group.endpoint))?.free ?? 0),
            0,
          )
        : 0;
      const calls = group.calls - stock;
      return calls > 0 ? [{ ...group, calls }] : [];
    });
  }

  #ahead(endpoint: string, nowMs: number): number {
    const pace = this.#paces.get(endpoint);
    if (pace === undefined) return 0;
    const perMs = pace.perMs * Math.exp(-(nowMs - pace.lastAtMs) / PACE_MEMORY_MS);
    return Math.floor(perMs * AHEAD_MS);
  }

  #quicken({ endpoint, credentials }: Waiting, nowMs: number): void {
    const pace = this.#paces.get(endpoint) ?? { perMs: 0, lastAtMs: nowMs };
    const decayed = pace.perMs * Math.exp(-(nowMs - pace.lastAtMs) / PACE_MEMORY_MS);
    this.#paces.set(endpoint, { perMs: decayed + 1 / PACE_MEMORY_MS, lastAtMs: nowMs, credentials });
  }

  #stocks(): Stock[] {
    return [...this.#places.values()].map(({ credential, endpoint, free }) => ({
      credential,
      endpoint,
      free,
      limit: 1,
    }));
  }

  #place(credential: string, endpoint: string): Place {
    const key = bucketKey(credential, endpoint);
    let place = this.#places.get(key);
    if (place === undefined) {
      place = {
        credential,
        endpoint,
        free: 0,
        inFlight: 0,
        settled: [],
        reported: [],
        lastUsedAtMs: Number.NEGATIVE_INFINITY,
      };
      this.#places.set(key, place);
    }
    return place;
  }
}

function addHeard(list: Heard[], heard: Heard): void {
  const last = list.at(-1);
  const merged = last === undefined ? undefined : mergeHeard(last, heard);
  if (merged === undefined) list.push(heard);
  else list[list.length - 1] = merged;
}

function callsIn(list: readonly Heard[]): number {
  return list.reduce((sum, { calls }) => sum + calls, 0);
}
