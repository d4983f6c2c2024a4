import { describe, expect, it } from 'vitest';
import { ApiError } from '../../api/client.ts';
import {
  areNumbersRight,
  bodyOf,
  freshCollection,
  keyProblem,
  nameProblem,
  toName,
  unreadParts,
} from './new-collection.ts';

describe('a collection being made', () => {
  it('gets a name out of whatever somebody types', () => {
    expect(toName('Birds of Österreich!')).toBe('birds-of-osterreich-');
    expect(toName('-_Ünder_score')).toBe('under_score');
  });

  it('says why a name will not do', () => {
    expect(nameProblem('birds', [])).toBeUndefined();
    expect(nameProblem('', [])).toContain('Give it a name');
    expect(nameProblem('birds', ['birds'])).toContain('already');
    expect(nameProblem('Birds', [])).toContain('small letters');
    expect(nameProblem('filter-main', [])).toContain('own');
  });

  it('says of a key that cannot do it why, before anything is sent', () => {
    const key = { kind: 'oauth2' as const, abilities: null, refused: null };
    const v2 = { kind: 'filter' as const, api: 'v2' as const };
    expect(keyProblem(key, v2)).toContain('bearer token');
    expect(keyProblem({ ...key, kind: 'oauth1' }, { ...v2, kind: 'sample' })).toContain('bearer token');
    expect(keyProblem({ ...key, kind: 'app' }, v2)).toBeUndefined();
    expect(keyProblem(key, { ...v2, api: 'v1.1' })).toContain('OAuth 1.0a');
    expect(keyProblem({ ...key, kind: 'oauth1' }, { ...v2, api: 'v1.1' })).toBeUndefined();
    expect(keyProblem(key, { ...v2, kind: 'timeline' })).toBeUndefined();
    const tried = (status: number) => [{ ability: 'filtered stream', ok: false, status, sentence: 'HTTP 403' }];
    expect(keyProblem({ ...key, kind: 'app', abilities: tried(403) }, v2)).toContain('HTTP 403');
    // A network that failed says nothing of the key.
    expect(keyProblem({ ...key, kind: 'app', abilities: tried(0) }, v2)).toBeUndefined();
    expect(keyProblem({ ...key, refused: 'HTTP 401' }, { ...v2, kind: 'timeline' })).toContain('HTTP 401');
  });

  it('is sent with what its kind needs and nothing else', () => {
    expect(bodyOf({ ...freshCollection, kind: 'sample', name: 's', keep: 'days', keepDays: '7' })).toEqual({
      ...{ kind: 'sample', name: 's', keep: 'days:7', visibility: 'everybody', start: true },
      ...{ api: 'v2', zone: 'UTC', reason: '', seeds: [] },
    });
    const timeline = {
      ...freshCollection,
      kind: 'timeline' as const,
      seeds: { sets: ['birds'], accounts: ['@robin'] },
    };
    expect(bodyOf({ ...timeline, schedule: 'daily' })).toMatchObject({
      seeds: [{ set: 'birds' }, { account: '@robin' }],
      schedule: { kind: 'every', ms: 86_400_000 },
    });
    expect(bodyOf(freshCollection)).toHaveProperty('definition');
  });

  it('is not sent with a number that is none', () => {
    const days = { ...freshCollection, keep: 'days' as const };
    expect([areNumbersRight(days), areNumbersRight({ ...days, keepDays: '' })]).toEqual([true, false]);
    expect(areNumbersRight({ ...days, keepDays: '1e3' })).toBe(false);
    expect(areNumbersRight({ ...freshCollection, budget: '1e6' })).toBe(false);
    expect(areNumbersRight({ ...freshCollection, budget: '12.50' })).toBe(true);
    expect(bodyOf({ ...freshCollection, budget: '12.50' })).toMatchObject({ budgetMicros: 12_500_000 });
  });

  it('is told which part of its filter could not even be read', () => {
    const refused = new ApiError({
      ...{ code: 'request.invalid', status: 400, detail: 'body/definition/words/7: too long; body/name: taken' },
      errors: [
        { field: 'body/definition/words/7', message: 'too long' },
        { field: 'body/definition/people', message: 'too many' },
        { field: 'body/name', message: 'taken' },
      ],
    });
    expect(unreadParts(refused)).toEqual([
      { field: 'words', line: 7, message: 'too long' },
      { field: 'people', message: 'too many' },
    ]);
    expect(refused.message).toBe('definition/words/7: too long; name: taken');
    expect(unreadParts(new TypeError('no network'))).toEqual([]);
  });
});
