import { expect, it } from 'vitest';
import { endOfLink } from './link-words.ts';

const checkedAt = '2026-11-22T13:00:00.000Z';

it('says what became of a link in each state', () => {
  const due = { state: 'due', finalStatus: null, cause: null } as const;
  expect(endOfLink({ ...due, checkedAt: null })).toBe('Not asked for yet');
  expect(endOfLink({ ...due, checkedAt, cause: 'timeout' })).toBe('No answer (to be tried again): timeout');
  expect(endOfLink({ ...due, checkedAt, finalStatus: 503 })).toBe('503 (to be tried again) from');
  expect(endOfLink({ state: 'done', finalStatus: 404, checkedAt, cause: null })).toBe('404 from');
  expect(endOfLink({ state: 'refused', finalStatus: null, checkedAt, cause: 'a private address' })).toBe(
    'Not followed: a private address',
  );
  expect(endOfLink({ state: 'unreachable', finalStatus: null, checkedAt, cause: null })).toBe('No answer, given up');
});
