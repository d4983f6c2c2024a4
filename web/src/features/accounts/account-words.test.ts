import { expect, it } from 'vitest';
import { countsInWords, summariseOutcomes } from './account-words.ts';

it('counts outcomes in one order, whatever theirs', () => {
  expect(summariseOutcomes([{ outcome: 'invalid' }, { outcome: 'added' }, { outcome: 'added' }])).toBe(
    '2 added, 1 not an account',
  );
  expect(summariseOutcomes([])).toBe('');
});

it('says how many followed an account first and last, and passes over what was not said', () => {
  const said = (day: string, followers: number | null) => ({
    ...{ at: `${day}T10:00:00.000Z`, followers, following: 1, posts: 2, listed: null },
  });
  expect(countsInWords([said('2026-11-20', null)])).toBe('The platform has not said how many follow it.');
  expect(countsInWords([said('2026-11-20', 1)])).toBe('1 follower on 2026-11-20.');
  const [first, unsaid] = [said('2026-11-20', 1204), said('2026-11-21', null)];
  expect(countsInWords([first, unsaid, said('2026-11-22', 1251)])).toBe(
    '1,204 followers on 2026-11-20, 1,251 on 2026-11-22 (47 more).',
  );
  expect(countsInWords([first, said('2026-11-20', 1205)])).toBe('1,205 followers on 2026-11-20.');
  expect(countsInWords([first, said('2026-11-22', 1200)])).toContain('(4 fewer)');
  expect(countsInWords([first, said('2026-11-22', 1204)])).toContain('(as many)');
});
