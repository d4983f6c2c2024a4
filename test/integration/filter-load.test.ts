/** Many collections on one stream that change while posts come: no post is lost for a word that stood all the time, and each word is said that found it. */
import { describe, expect, it } from 'vitest';
import { freshDatabase } from '../support/database.ts';
import { changeUnderLoad } from '../support/filters/change-under-load.ts';

const SEED = 11;

describe('thirty filter collections of one credential', () => {
  it('change all the time on one connection, and lose nothing that any of them asked for', async () => {
    await using test = await freshDatabase();
    const { lost, unsaid, wrong, ...report } = await changeUnderLoad({
      ...{ databaseUrl: test.url, seed: SEED, collections: 30, lone: 50, words: 70, rate: 150 },
      ...{ seconds: 12, everyMs: 300 },
    });
    const told = JSON.stringify(report);
    expect({ lost, unsaid, wrong }, told).toEqual({ lost: [], unsaid: [], wrong: [] });
    expect(report.changes, told).toBeGreaterThan(5);
    expect(report.ruleRequests, told).toBeGreaterThan(1);
    expect(report.pairsDue, told).toBeGreaterThan(100);
  }, 400_000);
});
