import { describe, expect, it } from 'vitest';
import { MistnetError } from '../core/errors.ts';
import { awaySentence, classifyDatabaseError } from './database-errors.ts';

const withCode = (code: string) => Object.assign(new Error('x'), { code });

describe('an error of the database', () => {
  it('is away when nobody answers, it is shutting down, or it has no room', () => {
    for (const code of ['ECONNREFUSED', 'ECONNRESET', '57P01', '57P03', '08006', '53100', '53300', '25006'])
      expect([code, classifyDatabaseError(withCode(code))]).toEqual([code, 'away']);
    expect(classifyDatabaseError(new Error('Connection terminated unexpectedly'))).toBe('away');
    expect(classifyDatabaseError(new Error('timeout exceeded when trying to connect'))).toBe('away');
    expect(classifyDatabaseError(new AggregateError([withCode('ECONNREFUSED')]))).toBe('away');
    expect(classifyDatabaseError(new MistnetError('database.unreachable', 'x'))).toBe('away');
  });

  it('is told as what it is: nobody is told to start a server that has no room', () => {
    const full = Object.assign(new Error('could not extend file "base/1/2": No space left on device'), {
      code: '53100',
    });
    expect(awaySentence(full, 'db:5432')).toBe(
      'PostgreSQL at db:5432 cannot go on: could not extend file "base/1/2": No space left on device (53100). Once its machine can again, all goes on by itself.',
    );
    expect(awaySentence(withCode('53300'), 'db:5432')).toMatch(/has no connection left \(53300\)/);
    expect(awaySentence(withCode('ECONNREFUSED'), 'db:5432')).toBe(
      'PostgreSQL at db:5432 does not answer (ECONNREFUSED). Start it or correct MISTNET_DATABASE_URL.',
    );
    expect(awaySentence(new Error('timeout expired'), 'db:5432')).toMatch(/does not answer \(timeout expired\)/);
  });

  it('is a conflict when repeating may do, refused when the data will never do, else a fault', () => {
    for (const code of ['40001', '40P01', '55P03'])
      expect([code, classifyDatabaseError(withCode(code))]).toEqual([code, 'conflict']);
    for (const code of ['22P02', '22021', '54001', '23502', '23514'])
      expect([code, classifyDatabaseError(withCode(code))]).toEqual([code, 'refused']);
    for (const code of ['42P01', '23505', '57014', ''])
      expect([code, classifyDatabaseError(withCode(code))]).toEqual([code, 'fault']);
    expect(classifyDatabaseError('x')).toBe('fault');
    expect(classifyDatabaseError(undefined)).toBe('fault');
  });
});
