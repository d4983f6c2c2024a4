import { expect, it } from 'vitest';
import { summariseOutcomes } from './account-words.ts';

it('counts outcomes in one order, whatever theirs', () => {
  expect(summariseOutcomes([{ outcome: 'invalid' }, { outcome: 'added' }, { outcome: 'added' }])).toBe(
    '2 added, 1 not an account',
  );
  expect(summariseOutcomes([])).toBe('');
});
