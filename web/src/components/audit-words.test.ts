import { describe, expect, it } from 'vitest';
import { auditWords, detailWords, targetWords, whoWords } from './audit-words.ts';

it('says in words what was done, also of the thing that a page is about, and what is not known by its own name', () => {
  expect(auditWords('collection.stop')).toBe('stopped a collection');
  expect(auditWords('collection.stop', { ofIt: true })).toBe('stopped it');
  expect(auditWords('collection.filter', { ofIt: true })).toBe('changed what it asks for');
  expect(auditWords('budget.set', { ofIt: true })).toBe('set its budget');
  expect(auditWords('thing.do-so')).toBe('thing do so');
  const details = { monthlyMicros: 3_000_000, keep: 'days:30', addSeeds: [{ set: 'Birds' }], credential: null, n: 2 };
  expect(detailWords(details)).toBe('a month: $3.00, posts stay: days:30, added: Birds, credential: none, n: 2');
  expect(detailWords({})).toBe('');
  expect(detailWords({ files: 2, stage: 'begun' })).toBe('files: 2, begun');
});

it('says who without a name it was, and leaves names as they are', () => {
  expect(whoWords('loopback', 'loopback')).toBe('this machine (without sign-in)');
  expect(whoWords('none', 'none')).toBe('somebody (without sign-in)');
  expect(whoWords('loopback', 'session')).toBe('loopback');
});

describe('targetWords', () => {
  it('names what a budget is of, and no bare number', () => {
    expect(targetWords('budget.set', 'all')).toBe('all together');
    expect(targetWords('budget.set', 'collection:birds')).toBe('collection birds');
    expect(targetWords('collection.stop', 'birds')).toBe('birds');
    expect(targetWords('alert.acknowledge', '2')).toBe('–');
    expect(targetWords('session.start', null)).toBe('–');
  });
});
