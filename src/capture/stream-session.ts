/**
 * One stream connection as a state machine: pure, no sockets, no timers. `stream-session.spec.md` is its specification; the
 * runner does what the state asks for and reports what happened.
 */
import type { Ladders, Refusal } from '../platforms/adapter.ts';
import { ladderDelay } from '../platforms/adapter.ts';
import type { GapCause } from './gap.ts';

/** What is remembered over all phases. */
export type SessionMemory = {
  /** Failures in a row on each ladder; a connection that lived long enough clears them. */
  attempts: { network: number; server: number; rate: number };
  /** Whether the platform has accepted to send missed minutes again, as far as is known. */
  backfillAllowed: boolean;
  /** Since when nothing was heard, and why; absent while all is heard, and before the first connection of a plan. */
  missing?: { sinceMs: number; cause: GapCause; evidence: string };
};

export type SessionState =
  | { phase: 'connecting'; memory: SessionMemory; backfillMinutes: number }
  | { phase: 'reading'; memory: SessionMemory; connectedAtMs: number }
  | { phase: 'waiting'; memory: SessionMemory; untilMs: number; reason: string }
  | { phase: 'paused'; memory: SessionMemory; untilMs: number; reason: string }
  | { phase: 'stopped'; memory: SessionMemory };

export type SessionEvent =
  | { kind: 'opened' }
  | { kind: 'lost'; cause: GapCause; evidence: string; lastByteAtMs: number }
  | { kind: 'refused'; refusal: Refusal }
  | { kind: 'place-freed'; sentence: string }
  | { kind: 'timer' }
  | { kind: 'no-token'; reason: string }
  | { kind: 'retry' }
  | { kind: 'stop' };

/** An interruption that has ended: heard until `fromMs`, again from `toMs`; sent again from `backfilledFromMs` on. */
export type Interruption = {
  fromMs: number;
  toMs: number;
  cause: GapCause;
  evidence: string;
  backfilledFromMs?: number;
};

export type SessionSettings = { ladders: Ladders; maxBackfillMinutes: number };

/** After so long a connection counts as healthy and the ladders start anew. */
export const HEALTHY_MS = 60_000;
/** A paused session looks again after this long; a new token or a person's command is answered at once. */
export const PAUSE_RECHECK_MS = 15 * 60_000;
/** Before it is asked again after a connection of ours, by which the platform was taken, was ended there. */
export const PLACE_FREED_PAUSE_MS = 1_000;
/** What was on the wire when a connection broke is lost too: ask for a little more than the silence. */
const BACKFILL_MARGIN_MS = 10_000;
/** A clock that is being corrected may go back by this much. */
const CLOCK_JITTER_MS = 1000;
const SET_BACK = 'the clock was set back meanwhile, so that its length is not known';

/** The state of a session that has never run; `missing` when an earlier run of the plan was heard until then. */
export function firstState(settings: SessionSettings, nowMs: number, missing?: SessionMemory['missing']): SessionState {
  const memory: SessionMemory = {
    attempts: { network: 0, server: 0, rate: 0 },
    backfillAllowed: settings.maxBackfillMinutes > 0,
    ...(missing === undefined ? {} : { missing }),
  };
  return connecting(memory, settings, nowMs);
}

/** One step. An event that cannot happen in a phase (a late timer, say) leaves the state as it is. */
export function step(
  state: SessionState,
  event: SessionEvent,
  nowMs: number,
  settings: SessionSettings,
): { state: SessionState; interruption?: Interruption } {
  const { memory } = state;
  if (state.phase === 'stopped') return { state };
  switch (event.kind) {
    case 'stop':
      return { state: { phase: 'stopped', memory } };
    case 'opened':
      return state.phase === 'connecting' ? opened(state, nowMs) : { state };
    case 'lost':
      return state.phase === 'connecting' || state.phase === 'reading'
        ? { state: lost(state, event, nowMs, settings) }
        : { state };
    case 'refused':
      return state.phase === 'connecting' ? { state: refused(state, event.refusal, nowMs, settings) } : { state };
    case 'place-freed':
      return state.phase === 'connecting'
        ? { state: wait(refusedSince(memory, event.sentence, nowMs), PLACE_FREED_PAUSE_MS, event.sentence, nowMs) }
        : { state };
    case 'no-token':
      return state.phase === 'connecting' ? { state: pause(memory, event.reason, nowMs) } : { state };
    case 'timer':
      return (state.phase === 'waiting' || state.phase === 'paused') && nowMs >= state.untilMs
        ? { state: connecting(memory, settings, nowMs) }
        : { state };
    case 'retry':
      return state.phase === 'waiting' || state.phase === 'paused'
        ? { state: connecting(memory, settings, nowMs) }
        : { state };
  }
}

function connecting(memory: SessionMemory, settings: SessionSettings, nowMs: number): SessionState {
  const { missing } = memory;
  if (!memory.backfillAllowed || missing === undefined) return { phase: 'connecting', memory, backfillMinutes: 0 };
  const silentMs = nowMs - missing.sinceMs + BACKFILL_MARGIN_MS;
  const minutes = wasSetBack(nowMs, missing.sinceMs)
    ? settings.maxBackfillMinutes
    : Math.max(1, Math.ceil(silentMs / 60_000));
  return { phase: 'connecting', memory, backfillMinutes: Math.min(minutes, settings.maxBackfillMinutes) };
}

/** A clock that was set back does not say how long a silence was: then as much is asked for as there is, for doubling is cheaper than loss. */
function wasSetBack(nowMs: number, sinceMs: number): boolean {
  return nowMs < sinceMs - CLOCK_JITTER_MS;
}

function opened(
  state: SessionState & { phase: 'connecting' },
  nowMs: number,
): { state: SessionState; interruption?: Interruption } {
  const { missing, ...rest } = state.memory;
  const reading: SessionState = { phase: 'reading', memory: rest, connectedAtMs: nowMs };
  if (missing === undefined) return { state: reading };
  const backfilledFromMs = Math.max(missing.sinceMs, nowMs - state.backfillMinutes * 60_000);
  const interruption: Interruption = {
    fromMs: missing.sinceMs,
    toMs: Math.max(nowMs, missing.sinceMs), // the clock may have been set back
    cause: missing.cause,
    evidence: wasSetBack(nowMs, missing.sinceMs) ? `${missing.evidence}; ${SET_BACK}` : missing.evidence,
    ...(state.backfillMinutes > 0 ? { backfilledFromMs } : {}),
  };
  return { state: reading, interruption };
}

function lost(
  state: SessionState & { phase: 'connecting' | 'reading' },
  event: SessionEvent & { kind: 'lost' },
  nowMs: number,
  settings: SessionSettings,
): SessionState {
  const healthy = state.phase === 'reading' && nowMs - state.connectedAtMs >= HEALTHY_MS;
  const attempts = healthy ? { network: 0, server: 0, rate: 0 } : state.memory.attempts;
  const sinceMs = state.phase === 'reading' ? event.lastByteAtMs : nowMs;
  const memory = missingSince(
    { ...state.memory, attempts: { ...attempts, network: attempts.network + 1 } },
    sinceMs,
    event.cause,
    event.evidence,
  );
  return wait(memory, ladderDelay(settings.ladders.network, attempts.network), event.evidence, nowMs);
}

/** Remembers since when nothing is heard, unless an earlier failure began the silence. */
function missingSince(memory: SessionMemory, sinceMs: number, cause: GapCause, evidence: string): SessionMemory {
  return { ...memory, missing: memory.missing ?? { sinceMs, cause, evidence } };
}

function refused(
  state: SessionState & { phase: 'connecting' },
  refusal: Refusal,
  nowMs: number,
  settings: SessionSettings,
): SessionState {
  if (refusal.kind === 'backfill-refused')
    return connecting({ ...state.memory, backfillAllowed: false }, settings, nowMs);
  const memory = refusedSince(state.memory, refusal.sentence, nowMs);
  switch (refusal.kind) {
    case 'rate-limited':
    case 'too-many-connections': {
      const ladderMs = ladderDelay(settings.ladders.rate, memory.attempts.rate);
      const resetMs = refusal.resetAtMs === undefined ? 0 : refusal.resetAtMs - nowMs;
      return wait(climbed(memory, 'rate'), Math.max(ladderMs, resetMs), refusal.sentence, nowMs);
    }
    case 'server-error':
      return wait(
        climbed(memory, 'server'),
        ladderDelay(settings.ladders.server, memory.attempts.server),
        refusal.sentence,
        nowMs,
      );
    case 'token-refused':
    case 'out-of-money':
    case 'rejected':
      return pause(memory, refusal.sentence, nowMs);
  }
}

function refusedSince(memory: SessionMemory, sentence: string, nowMs: number): SessionMemory {
  return missingSince(memory, nowMs, 'refused', sentence);
}

function climbed(memory: SessionMemory, ladder: keyof SessionMemory['attempts']): SessionMemory {
  return { ...memory, attempts: { ...memory.attempts, [ladder]: memory.attempts[ladder] + 1 } };
}

function wait(memory: SessionMemory, delayMs: number, reason: string, nowMs: number): SessionState {
  return { phase: 'waiting', memory, untilMs: nowMs + delayMs, reason };
}

function pause(memory: SessionMemory, reason: string, nowMs: number): SessionState {
  return { phase: 'paused', memory, untilMs: nowMs + PAUSE_RECHECK_MS, reason };
}
