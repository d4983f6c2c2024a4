/** Former names from Social Feed Manager in the history of followed accounts. */
import { describe, expect, it } from 'vitest';
import { importNames, type NamesOutcome } from '../../src/jobs/accounts/import-names.ts';
import { findFollowed, historyOf } from '../../src/store/accounts/find-followed.ts';
import { follow } from '../../src/store/accounts/note-sights.ts';
import { freshDatabase } from '../support/database.ts';

async function* linesOf(lines: unknown[]): AsyncGenerator<string> {
  for (const line of lines) yield typeof line === 'string' ? line : JSON.stringify(line);
}

describe('former names', () => {
  it('of both ages of the key go before the name that was met here, once, and faulty lines stop nothing', async () => {
    await using test = await freshDatabase();
    const { db } = test;
    for (const [accountId, handle] of [
      ['12', 'Now'],
      ['13', 'Other'],
    ] as const)
      await follow(db, [
        {
          ...{ platform: 'x', accountId, handle, state: 'public', atMs: Date.parse('2026-01-01T00:00:00Z') },
          ...{ endpoint: '/2/users', evidence: 'seen' },
        },
      ]);
    const lines = [
      { uid: '12', former_names: { '2015-03-01T10:00:00Z': 'now', 'Thu Jan 16 13:48:56 2014': 'First' } },
      '',
      { uid: 13, former_names: '{"2015-03-01T10:00:00Z":"Older"}', name: 'Between' },
      { uid: '99', former_names: {} },
      { uid: '1.39474E+18', former_names: {} },
      { uid: '12', former_names: { yesterday: 'X' } },
      'no json',
    ];
    const outcomes: NamesOutcome[] = [];
    for await (const outcome of importNames(db, linesOf(lines))) outcomes.push(outcome);
    expect(outcomes.map(({ line, outcome }) => [line, outcome])).toEqual([
      [1, 'added'],
      [3, 'added'],
      [4, 'unknown'],
      [5, 'invalid'],
      [6, 'invalid'],
      [7, 'invalid'],
    ]);
    const namesOf = async (uid: string) =>
      (await historyOf(db, await findFollowed(db, uid))).names.map(({ notedAt, handle }) => [
        new Date(notedAt).toISOString(),
        handle,
      ]);
    const expected = [
      ['2014-01-16T13:48:55.999Z', 'First'],
      ['2014-01-16T13:48:56.000Z', 'now'],
      ['2015-03-01T10:00:00.000Z', 'Now'],
    ];
    expect(await namesOf('12')).toEqual(expected);
    expect(await namesOf('13')).toEqual([
      ['2015-03-01T09:59:59.999Z', 'Older'],
      ['2015-03-01T10:00:00.000Z', 'Between'],
      ['2026-01-01T00:00:00.000Z', 'Other'],
    ]);
    for await (const { outcome } of importNames(db, linesOf(lines.slice(0, 1)))) expect(outcome).toBe('present');
    expect(await namesOf('12')).toEqual(expected);
    expect(await findFollowed(db, 'first')).toMatchObject({ accountId: '12' });
  });
});
