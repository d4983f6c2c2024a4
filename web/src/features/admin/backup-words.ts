/** How old the last backup is, in words. Pure but for the clock that it may be given. */
import { formatDuration } from '../../format.ts';
import type { Storage } from './api/use-admin.ts';

type Noted = Storage['backup']['last'];

const DAY_MS = 86_400_000;
/** What is collected in a week can rarely be collected again. */
const OLD_MS = 7 * DAY_MS;

export function backupAge(last: Noted, nowMs = Date.now()): string {
  return last === null ? 'None noted' : `${formatDuration(Math.max(0, nowMs - Date.parse(last.at)))} old`;
}

export function backupTone(last: Noted, nowMs = Date.now()): 'good' | 'busy' {
  return last !== null && nowMs - Date.parse(last.at) < OLD_MS ? 'good' : 'busy';
}
