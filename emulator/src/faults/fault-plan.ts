import { type FaultOrder, isRefusal, type RefusalKind, type StreamFaultKind } from './fault.ts';

/** A fault as `/_emulator/faults` shows it. */
export interface FaultView extends FaultOrder {
  readonly id: number;
  /** How often it has struck; it is over when this reaches `count`. */
  readonly struck: number;
}

/** As much as the plan needs to know of a stream: how many lines it has been given. */
export interface Victim {
  readonly linesTaken: number;
}

/** A strike that stands before a stream: `inLines` more lines pass first. */
export interface Strike {
  readonly kind: StreamFaultKind;
  readonly inLines: number;
  /** Must be called when it strikes. */
  readonly done: () => void;
}

interface PlannedFault extends FaultOrder {
  readonly id: number;
  struck: number;
  /** Lines that a stream had been given when counting began for it; streams opened later count from 0. */
  readonly countFrom: WeakMap<Victim, number>;
  connectsLetThrough: number;
}

/** The faults ordered so far, and whose turn is next. Each stream counts its own lines; `count` is shared by all. */
export class FaultPlan {
  #faults: PlannedFault[] = [];
  #nextId = 1;

  /** @param open the streams open now: they count from here */
  add(order: FaultOrder, open: Iterable<Victim>): FaultView {
    const countFrom = new WeakMap<Victim, number>();
    for (const victim of open) countFrom.set(victim, victim.linesTaken);
    const fault: PlannedFault = { ...order, id: this.#nextId++, struck: 0, countFrom, connectsLetThrough: 0 };
    this.#faults.push(fault);
    return view(fault);
  }

  list(): FaultView[] {
    return this.#faults.map(view);
  }

  clear(): void {
    this.#faults = [];
  }

  /** Asked once for each connect that would otherwise be accepted: how it is to be refused, if it is. */
  refusal(): RefusalKind | undefined {
    for (const fault of this.#faults) {
      if (fault.struck >= fault.count || !isRefusal(fault.kind)) continue;
      if (fault.connectsLetThrough < fault.after) {
        fault.connectsLetThrough++;
        continue;
      }
      fault.connectsLetThrough = 0;
      fault.struck++;
      return fault.kind;
    }
    return undefined;
  }

  /** The strike that comes first for this stream; of two at the same line, the one ordered first. */
  nextStrike(victim: Victim): Strike | undefined {
    let nearest: Strike | undefined;
    for (const fault of this.#faults) {
      const { kind } = fault;
      if (fault.struck >= fault.count || isRefusal(kind)) continue;
      const inLines = Math.max(0, (fault.countFrom.get(victim) ?? 0) + fault.after - victim.linesTaken);
      if (nearest !== undefined && nearest.inLines <= inLines) continue;
      const done = (): void => {
        fault.struck++;
        fault.countFrom.set(victim, victim.linesTaken);
      };
      nearest = { kind, inLines, done };
    }
    return nearest;
  }
}

function view({ id, kind, after, count, struck }: PlannedFault): FaultView {
  return { id, kind, after, count, struck };
}
