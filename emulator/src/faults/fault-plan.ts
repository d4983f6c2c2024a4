import { isRefusal, type FaultOrder, type FaultTarget, type RefusalKind, type StreamFaultKind } from './fault.ts';
import type { AnyFaultOrder } from './parse-fault-orders.ts';
import { Random } from '../world/random.ts';

const DRAWS = 0x0fa1;

/** A fault as `/_emulator/faults` shows it. */
export type FaultView = AnyFaultOrder & {
  readonly id: number;
  /** How often it has struck; it is over when this reaches `count` (of a random plan: on every connection). */
  readonly struck: number;
};

/** As much as the plan needs to know of a stream: which one it is, and how many lines it has been given. */
export interface Victim {
  /** Id in truth. */
  readonly id: string;
  readonly path: string;
  readonly linesTaken: number;
}

/** A strike that stands before a stream: `inLines` more lines pass first. */
export interface Strike {
  readonly kind: StreamFaultKind;
  readonly inLines: number;
  readonly window: number | undefined;
  readonly forMs: number | undefined;
  /** Must be called when it strikes. */
  readonly done: () => void;
}

/** The faults ordered so far, and whose turn is next. Each stream counts its own lines; `count` is shared by all. */
export class FaultPlan {
  #faults: Planned[] = [];
  #nextId = 1;

  /** @param open the streams open now: they count from here */
  add(order: AnyFaultOrder, open: Iterable<Victim>): FaultView {
    const id = this.#nextId++;
    const planned = order.kind === 'random' ? new RandomFault(id, order, open) : new OrderedFault(id, order, open);
    this.#faults.push(planned);
    return planned.view();
  }

  list(): FaultView[] {
    return this.#faults.map((fault) => fault.view());
  }

  clear(): void {
    this.#faults = [];
  }

  /** Asked once for each connect that would otherwise be accepted: how it is to be refused, if it is. */
  refusal(path: string): RefusalKind | undefined {
    for (const fault of this.#faults) {
      const refusal = fault.refusal(path);
      if (refusal !== undefined) return refusal;
    }
    return undefined;
  }

  /** The strike that comes first for this stream; of two at the same line, the one ordered first. */
  nextStrike(victim: Victim): Strike | undefined {
    let nearest: Strike | undefined;
    for (const fault of this.#faults) {
      const strike = fault.strikeFor(victim);
      if (strike !== undefined && (nearest === undefined || strike.inLines < nearest.inLines)) nearest = strike;
    }
    return nearest;
  }
}

interface Planned {
  view(): FaultView;
  refusal(path: string): RefusalKind | undefined;
  strikeFor(victim: Victim): Strike | undefined;
}

class OrderedFault implements Planned {
  readonly #id: number;
  readonly #order: FaultOrder;
  /** Lines that a stream had been given when counting began for it; streams opened later count from 0. */
  readonly #countFrom: WeakMap<Victim, number>;
  #struck = 0;
  #connectsLetThrough = 0;

  constructor(id: number, order: FaultOrder, open: Iterable<Victim>) {
    this.#id = id;
    this.#order = order;
    this.#countFrom = linesTakenBy(open);
  }

  view(): FaultView {
    const { kind, after, count, ...rest } = this.#order;
    return { id: this.#id, kind, after, count, ...rest, struck: this.#struck };
  }

  refusal(path: string): RefusalKind | undefined {
    const { kind, after, count, path: wanted } = this.#order;
    if (this.#struck >= count || !isRefusal(kind) || (wanted !== undefined && wanted !== path)) return undefined;
    if (this.#connectsLetThrough < after) {
      this.#connectsLetThrough++;
      return undefined;
    }
    this.#connectsLetThrough = 0;
    this.#struck++;
    return kind;
  }

  strikeFor(victim: Victim): Strike | undefined {
    const { kind, after, count, window, forMs } = this.#order;
    if (this.#struck >= count || isRefusal(kind) || !isMeant(this.#order, victim)) return undefined;
    const inLines = Math.max(0, (this.#countFrom.get(victim) ?? 0) + after - victim.linesTaken);
    const done = (): void => {
      this.#struck++;
      this.#countFrom.set(victim, victim.linesTaken);
    };
    return { kind, inLines, window, forMs, done };
  }
}

/** What a random plan has in store for one connection. */
interface Fate {
  readonly random: Random;
  /** Which strike comes next, from 0. */
  nth: number;
  /** The line before which it comes. */
  line: number;
  kind: StreamFaultKind;
}

/** The nth strike on a connection, its kind and its distance from the last one, follow from the seed and the connection's number alone. */
class RandomFault implements Planned {
  readonly #id: number;
  readonly #order: Extract<AnyFaultOrder, { kind: 'random' }>;
  readonly #countFrom: WeakMap<Victim, number>;
  readonly #fates = new WeakMap<Victim, Fate>();
  #struck = 0;

  constructor(id: number, order: Extract<AnyFaultOrder, { kind: 'random' }>, open: Iterable<Victim>) {
    this.#id = id;
    this.#order = order;
    this.#countFrom = linesTakenBy(open);
  }

  view(): FaultView {
    return { id: this.#id, ...this.#order, struck: this.#struck };
  }

  refusal(): undefined {
    return undefined;
  }

  strikeFor(victim: Victim): Strike | undefined {
    if (!isMeant(this.#order, victim)) return undefined;
    let fate = this.#fates.get(victim);
    if (fate === undefined) {
      const line = (this.#countFrom.get(victim) ?? 0) + this.#order.after;
      fate = { random: new Random(this.#order.seed), nth: 0, line, kind: 'cut' };
      this.#draw(victim, fate, line);
      this.#fates.set(victim, fate);
    }
    if (fate.nth >= this.#order.count) return undefined;
    const current = fate;
    const done = (): void => {
      this.#struck++;
      current.nth++;
      this.#draw(victim, current, victim.linesTaken);
    };
    const inLines = Math.max(0, current.line - victim.linesTaken);
    return { kind: current.kind, inLines, window: undefined, forMs: undefined, done };
  }

  #draw(victim: Victim, fate: Fate, from: number): void {
    const { kinds, every } = this.#order;
    const random = fate.random.at(DRAWS + fate.nth, Number(victim.id));
    fate.kind = random.pick(kinds);
    // As if each line were struck with the same chance, but never two at once.
    fate.line = from + 1 + Math.floor(-Math.log(1 - random.float()) * (every - 1));
  }
}

function isMeant({ connection, path }: FaultTarget, victim: Victim): boolean {
  return (connection === undefined || connection === victim.id) && (path === undefined || path === victim.path);
}

function linesTakenBy(open: Iterable<Victim>): WeakMap<Victim, number> {
  const taken = new WeakMap<Victim, number>();
  for (const victim of open) taken.set(victim, victim.linesTaken);
  return taken;
}
