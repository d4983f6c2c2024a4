/** What it means to people that a process of the machine has ended. Pure. */
import type { DisturbedRole } from '../api/types.ts';

type RoleWords = { name: string; away: string; back: string };

const roles: Record<string, RoleWords> = {
  capture: {
    name: 'Capture',
    away: 'Streams are not read until it is; what the platform cannot send again is recorded as a gap.',
    back: 'Streams are read again. What was missed is fetched where the platform still has it, and recorded as a gap where not.',
  },
  worker: {
    name: 'The worker',
    away: 'Posts are still captured and kept; loading them, jobs, exports and datasets wait.',
    back: 'Posts are loaded again, and jobs that it was at are taken up where they were.',
  },
  server: {
    name: 'The server of this page',
    away: 'Capture and jobs go on meanwhile.',
    back: 'Capture and jobs went on meanwhile.',
  },
};

/** `cause` goes before the instant at which it ended. */
export function roleWords({ role, state, how }: DisturbedRole): { title: string; cause: string; effect: string } {
  const { name, away, back } = roles[role] ?? { name: role, away: '', back: '' };
  const cause = how === 'asked for' ? 'It was ended, as somebody asked,' : `It ended unexpectedly (${how})`;
  return state === 'away'
    ? { title: `${name} is being started again.`, cause, effect: away }
    : { title: `${name} is back.`, cause, effect: back };
}
