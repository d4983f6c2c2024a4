import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Refusal } from '../platforms/adapter.ts';
import { X_LADDERS } from '../platforms/x/sample-stream.ts';
import {
  firstState,
  HEALTHY_MS,
  type Interruption,
  PAUSE_RECHECK_MS,
  PLACE_FREED_PAUSE_MS,
  type SessionEvent,
  type SessionMemory,
  type SessionState,
  step,
} from './stream-session.ts';

const NOW = 1_000_000_000_000;
const SETTINGS = { ladders: X_LADDERS, maxBackfillMinutes: 5 };
const MEMORY: SessionMemory = { attempts: { network: 0, server: 0, rate: 0 }, backfillAllowed: true };

type Phase = SessionState['phase'];
type EventName = Exclude<SessionEvent['kind'], 'refused'> | `refused:${Refusal['kind']}`;

const STATES: Record<Phase, SessionState> = {
  connecting: { phase: 'connecting', memory: MEMORY, backfillMinutes: 0 },
  reading: { phase: 'reading', memory: MEMORY, connectedAtMs: NOW - 1000 },
  waiting: { phase: 'waiting', memory: MEMORY, untilMs: NOW, reason: 'x' },
  paused: { phase: 'paused', memory: MEMORY, untilMs: NOW, reason: 'x' },
  stopped: { phase: 'stopped', memory: MEMORY },
};

const refusal = (kind: Refusal['kind']): SessionEvent => ({
  kind: 'refused',
  refusal: { kind, sentence: `said ${kind}` },
});
const EVENTS: Record<EventName, SessionEvent> = {
  opened: { kind: 'opened' },
  lost: { kind: 'lost', cause: 'cut', evidence: 'ECONNRESET', lastByteAtMs: NOW - 500 },
  'refused:rate-limited': refusal('rate-limited'),
  'refused:too-many-connections': refusal('too-many-connections'),
  'place-freed': { kind: 'place-freed', sentence: 'said too-many-connections' },
  'refused:server-error': refusal('server-error'),
  'refused:backfill-refused': refusal('backfill-refused'),
  'refused:token-refused': refusal('token-refused'),
  'refused:out-of-money': refusal('out-of-money'),
  'refused:rejected': refusal('rejected'),
  'no-token': { kind: 'no-token', reason: 'no token' },
  timer: { kind: 'timer' },
  retry: { kind: 'retry' },
  stop: { kind: 'stop' },
};

/** The specification's table; the compiler demands every cell. `same`: the state stays the very same value. */
const TABLE: Record<Phase, Record<EventName, Phase | 'same'>> = {
  connecting: {
    opened: 'reading',
    lost: 'waiting',
    'refused:rate-limited': 'waiting',
    'refused:too-many-connections': 'waiting',
    'place-freed': 'waiting',
    'refused:server-error': 'waiting',
    'refused:backfill-refused': 'connecting',
    'refused:token-refused': 'paused',
    'refused:out-of-money': 'paused',
    'refused:rejected': 'paused',
    'no-token': 'paused',
    timer: 'same',
    retry: 'same',
    stop: 'stopped',
  },
  reading: { ...allSame(), lost: 'waiting', stop: 'stopped' },
  waiting: { ...allSame(), timer: 'connecting', retry: 'connecting', stop: 'stopped' },
  paused: { ...allSame(), timer: 'connecting', retry: 'connecting', stop: 'stopped' },
  stopped: allSame(),
};

function allSame(): Record<EventName, 'same'> {
  return Object.fromEntries(Object.keys(EVENTS).map((name) => [name, 'same'])) as Record<EventName, 'same'>;
}

describe('the table of states and events', () => {
  for (const phase of Object.keys(STATES) as Phase[]) {
    for (const name of Object.keys(EVENTS) as EventName[]) {
      const expected = TABLE[phase][name];
      it(`${phase} on ${name}: ${expected}`, () => {
        const before = STATES[phase];
        const { state } = step(before, EVENTS[name], NOW, SETTINGS);
        if (expected === 'same') expect(state).toBe(before);
        else expect(state.phase).toBe(expected);
      });
    }
  }
});

describe('the ladders (invariants 2 and 3)', () => {
  it('climb as the platform publishes: network', () => {
    expect(delays(EVENTS.lost, 67).filter((_, at) => [0, 1, 2, 3, 63, 64, 65, 66].includes(at))).toEqual([
      0, 250, 500, 750, 15_750, 16_000, 16_000, 16_000,
    ]);
  });

  it('climb as the platform publishes: server errors', () => {
    expect(delays(EVENTS['refused:server-error'], 8)).toEqual([5, 10, 20, 40, 80, 160, 320, 320].map((s) => s * 1000));
  });

  it('climb as the platform publishes: 429', () => {
    expect(delays(EVENTS['refused:rate-limited'], 6)).toEqual([60, 120, 240, 480, 900, 900].map((s) => s * 1000));
  });

  it('are not climbed for a place that was freed', () => {
    const climbed: SessionMemory = { ...MEMORY, attempts: { network: 1, server: 2, rate: 3 } };
    const { state } = step({ ...STATES.connecting, memory: climbed }, EVENTS['place-freed'], NOW, SETTINGS);
    expect(state).toMatchObject({ phase: 'waiting', untilMs: NOW + PLACE_FREED_PAUSE_MS });
    expect(state.memory.attempts).toEqual(climbed.attempts);
    expect(state.memory.missing).toEqual({ sinceMs: NOW, cause: 'refused', evidence: 'said too-many-connections' });
  });

  it('wait for the reset that the platform named when it is later than the ladder', () => {
    const event: SessionEvent = {
      kind: 'refused',
      refusal: { kind: 'rate-limited', sentence: '', resetAtMs: NOW + 700_000 },
    };
    expect(step(STATES.connecting, event, NOW, SETTINGS).state).toMatchObject({
      phase: 'waiting',
      untilMs: NOW + 700_000,
    });
  });

  it('start anew after a connection that lived a minute, and not after a shorter one', () => {
    const memory: SessionMemory = { ...MEMORY, attempts: { network: 4, server: 2, rate: 1 } };
    const after = (livedMs: number) =>
      step({ phase: 'reading', memory, connectedAtMs: NOW - livedMs }, EVENTS.lost, NOW, SETTINGS).state.memory
        .attempts;
    expect(after(HEALTHY_MS)).toEqual({ network: 1, server: 0, rate: 0 });
    expect(after(HEALTHY_MS - 1)).toEqual({ network: 5, server: 2, rate: 1 });
  });
});

describe('interruptions and backfill (invariants 4 and 5)', () => {
  it('a silence begins with the last byte, keeps its first cause and ends once', () => {
    const lost = step(STATES.reading, EVENTS.lost, NOW, SETTINGS).state;
    const again = step(lost, { kind: 'timer' }, NOW, SETTINGS).state;
    const refused = step(again, EVENTS['refused:server-error'], NOW + 1000, SETTINGS).state;
    const third = step(refused, { kind: 'timer' }, NOW + 70_000, SETTINGS).state;
    const { state, interruption } = step(third, { kind: 'opened' }, NOW + 70_000, SETTINGS);
    expect(interruption).toEqual<Interruption>({
      fromMs: NOW - 500,
      toMs: NOW + 70_000,
      cause: 'cut',
      evidence: 'ECONNRESET',
      backfilledFromMs: NOW - 500,
    });
    expect(state.memory.missing).toBeUndefined();
    expect(step(state, { kind: 'opened' }, NOW + 71_000, SETTINGS).interruption).toBeUndefined();
  });

  it.each([
    [1_000, 1],
    [49_000, 1],
    [50_001, 2],
    [230_000, 4],
    [3_600_000, 5],
  ])('a silence of %i ms asks for %i minutes again', (silentMs, minutes) => {
    const state = firstState(SETTINGS, NOW, { sinceMs: NOW - silentMs, cause: 'restart', evidence: '' });
    expect(state).toMatchObject({ phase: 'connecting', backfillMinutes: minutes });
  });

  it('asks for all there is after a clock that was set back, which does not say how long the silence was', () => {
    const missing = { sinceMs: NOW + 3_600_000, cause: 'restart', evidence: 'was not running' } as const;
    const before = firstState(SETTINGS, NOW, missing);
    expect(before).toMatchObject({ phase: 'connecting', backfillMinutes: SETTINGS.maxBackfillMinutes });
    const { interruption } = step(before, EVENTS.opened, NOW, SETTINGS);
    expect(interruption).toMatchObject({ fromMs: missing.sinceMs, toMs: missing.sinceMs });
    expect(interruption?.evidence).toMatch(/^was not running; the clock was set back/);
    const corrected = firstState(SETTINGS, NOW, { ...missing, sinceMs: NOW + 500 });
    expect(corrected).toMatchObject({ backfillMinutes: 1 });
  });

  it('asks for nothing before anything was missed, nor where it is not possible', () => {
    expect(firstState(SETTINGS, NOW)).toMatchObject({ backfillMinutes: 0 });
    const missing = { sinceMs: NOW - 1000, cause: 'restart' as const, evidence: '' };
    expect(firstState({ ...SETTINGS, maxBackfillMinutes: 0 }, NOW, missing)).toMatchObject({ backfillMinutes: 0 });
  });

  it('never asks again once it was refused, and says that nothing was back-filled', () => {
    const first = firstState(SETTINGS, NOW, { sinceMs: NOW - 1000, cause: 'restart', evidence: '' });
    const second = step(first, EVENTS['refused:backfill-refused'], NOW, SETTINGS).state;
    expect(second).toMatchObject({ phase: 'connecting', backfillMinutes: 0 });
    expect(step(second, { kind: 'opened' }, NOW, SETTINGS).interruption).not.toHaveProperty('backfilledFromMs');
  });

  it('leaves what is older than the backfill uncovered', () => {
    const first = firstState(SETTINGS, NOW, { sinceMs: NOW - 3_600_000, cause: 'restart', evidence: '' });
    const { interruption } = step(first, { kind: 'opened' }, NOW, SETTINGS);
    expect(interruption?.backfilledFromMs).toBe(NOW - 5 * 60_000);
  });
});

describe('pauses (invariant 6)', () => {
  it('look again after a quarter of an hour, and not before', () => {
    const { state } = step(STATES.connecting, EVENTS['refused:token-refused'], NOW, SETTINGS);
    expect(step(state, { kind: 'timer' }, NOW + PAUSE_RECHECK_MS - 1, SETTINGS).state).toBe(state);
    expect(step(state, { kind: 'timer' }, NOW + PAUSE_RECHECK_MS, SETTINGS).state.phase).toBe('connecting');
    expect(step(state, { kind: 'retry' }, NOW, SETTINGS).state.phase).toBe('connecting');
  });
});

describe('any order of events (invariants 1, 4, 5 and 7)', () => {
  it('holds the invariants', () => {
    const anyEvent = fc.constantFrom(...(Object.keys(EVENTS) as EventName[]));
    fc.assert(
      fc.property(fc.array(fc.tuple(anyEvent, fc.integer({ min: 0, max: 400_000 })), { maxLength: 60 }), (script) => {
        let now = NOW;
        let state = firstState(SETTINGS, now);
        let silentSince: number | undefined;
        for (const [name, waitMs] of script) {
          now += waitMs;
          const event: SessionEvent =
            name === 'lost' ? ({ ...EVENTS.lost, lastByteAtMs: now - 1 } as SessionEvent) : EVENTS[name];
          const before = state;
          const { state: after, interruption } = step(before, event, now, SETTINGS);
          if (after.phase === 'reading' && before.phase !== 'reading')
            expect([before.phase, name]).toEqual(['connecting', 'opened']);
          if (before.phase === 'stopped') expect(after).toBe(before);
          if (interruption !== undefined) {
            expect(interruption.fromMs).toBe(silentSince);
            expect(interruption.toMs).toBe(now);
            if (interruption.backfilledFromMs !== undefined) {
              expect(interruption.backfilledFromMs).toBeGreaterThanOrEqual(interruption.fromMs);
              expect(interruption.backfilledFromMs).toBeLessThanOrEqual(interruption.toMs);
            }
          }
          if (after.phase === 'reading') expect(after.memory.missing).toBeUndefined();
          silentSince = after.memory.missing?.sinceMs;
          if (after.phase === 'waiting') expect(after.untilMs - now).toBeLessThanOrEqual(900_000);
          state = after;
        }
      }),
    );
  });
});

/** The waits of so many failures of one kind in a row. */
function delays(event: SessionEvent, times: number): number[] {
  const found: number[] = [];
  let state: SessionState = STATES.connecting;
  for (let time = 0; time < times; time++) {
    const { state: waiting } = step(state, event, NOW, SETTINGS);
    if (waiting.phase !== 'waiting') throw new Error(`not waiting but ${waiting.phase}`);
    found.push(waiting.untilMs - NOW);
    state = step(waiting, { kind: 'timer' }, waiting.untilMs, SETTINGS).state;
  }
  return found;
}
