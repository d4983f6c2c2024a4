import { setTimeout as pause } from 'node:timers/promises';
import type { Clock } from '../../core/time.ts';
import type { LinkFollower } from './follow-link.ts';
import { createHostTurns } from './host-turns.ts';
import { createResolve } from './may-reach.ts';

/** Between two requests to one host. */
const GAP_MS = 1_000;

/** What follows links. `allowed`: addresses that may be asked although they are private; `version` is told to whoever is asked. */
export function openFollower(options: { allowed: readonly string[]; version: string; clock: Clock }): LinkFollower {
  const monotonicMs = () => performance.now();
  const sleep = (ms: number, signal: AbortSignal) => pause(ms, undefined, { signal });
  return {
    allowed: new Set(options.allowed),
    resolve: createResolve(),
    turns: createHostTurns({ gapMs: GAP_MS, monotonicMs, sleep }),
    userAgent: `mistnet/${options.version} (+link check)`,
    ...{ clock: options.clock, monotonicMs },
  };
}
