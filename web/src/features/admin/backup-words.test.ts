import { expect, it } from 'vitest';
import { backupAge, backupTone } from './backup-words.ts';

it('says how old the last backup is, and shows one that is older than a week', () => {
  const last = { at: '2026-11-01T00:00:00.000Z', who: 'Ada', note: '' };
  const afterDays = (days: number) => Date.parse(last.at) + days * 86_400_000;
  expect([backupAge(null), backupTone(null)]).toEqual(['None noted', 'busy']);
  expect([backupAge(last, afterDays(2)), backupTone(last, afterDays(2))]).toEqual(['2 d old', 'good']);
  expect(backupTone(last, afterDays(8))).toBe('busy');
});
