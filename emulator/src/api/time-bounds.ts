import type { Choices } from '../uncertain/choices.ts';

const SECOND_MS = 1000;

/**
 * Where the posts begin that `start_time` names, or end before `end_time` (Unix ms): at the instant itself, or after the second that
 * it stands in, where that one's posts (by `created_at`) are chosen to be left out at the beginning, or to belong to the end.
 */
export function boundAt(name: 'start_time' | 'end_time', at: number, choices: Choices): number {
  const isMoved = name === 'start_time' ? choices['start-time'] === 'exclusive' : choices['end-time'] === 'inclusive';
  return isMoved ? (Math.floor(at / SECOND_MS) + 1) * SECOND_MS : at;
}
