/** Which processes of this node ended unasked: what a person who looks at a page should know within a second, not at the next report to the database. */
import type { Clock } from '../../core/time.ts';
import { readRoles, type RolesFile } from './look-at-node.ts';

/**
 * `away`: it does not work, and is started again (at `nextTryAt`, where that is known). `back`: it works again since a short while.
 * `how` it ended, `killed by SIGKILL` for instance; `asked for` when a person wanted it anew.
 */
export type DisturbedRole = {
  role: string;
  state: 'away' | 'back';
  endedAt: string;
  how: string;
  nextTryAt: string | null;
};

/** So long a role that is back is spoken of: many are back before anybody could read that they were away. */
const BACK_MS = 60_000;

/** Asks the supervisor's file of `runFolder`, each time anew. */
export function roleWatch(runFolder: string, clock: Clock): () => Promise<DisturbedRole[]> {
  return async () => disturbedRoles(await readRoles(runFolder), clock.now());
}

/** By role, as the supervisor knows them; none where nobody supervises. `nowMs`: Unix milliseconds. */
export function disturbedRoles(file: RolesFile | undefined, nowMs: number): DisturbedRole[] {
  return (file?.roles ?? []).flatMap(({ role, state, startedAt, lastExit, nextTryAt }): DisturbedRole[] => {
    if (lastExit === null || state === 'ended') return [];
    const told = { role, endedAt: lastExit.at, how: lastExit.how };
    if (state !== 'running') return [{ ...told, state: 'away', nextTryAt }];
    const isFresh = Math.abs(nowMs - Date.parse(startedAt ?? lastExit.at)) < BACK_MS;
    return isFresh && lastExit.how !== ASKED_FOR ? [{ ...told, state: 'back', nextTryAt: null }] : [];
  });
}

/** What the supervisor writes for an end that a person wanted. */
const ASKED_FOR = 'asked for';
