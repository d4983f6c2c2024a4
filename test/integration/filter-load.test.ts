/** Many collections on one stream that change while posts come: no post is lost for a word that stood all the time, and each word is said that found it. */
import { describe, expect, it } from 'vitest';
import { freshDatabase } from '../support/database.ts';
import { changeUnderLoad } from '../support/filters/change-under-load.ts';

const SEED = 11;

describe('forty filter collections of one credential', () => {
  it('change all the time on one connection, and lose nothing that any of them asked for', async () => {
    await using test = await freshDatabase();
    const { lost, unsaid, wrong, ...report } = await changeUnderLoad({
      ...{ databaseUrl: test.url, seed: SEED, collections: 40, lone: 60, words: 90, rate: 300 },
      ...{ seconds: 15, everyMs: 250 },
    });
    const told = JSON.stringify(report);
    expect({ lost, unsaid, wrong }, told).toEqual({ lost: [], unsaid: [], wrong: [] });
    expect(report, told).toMatchObject({ connections: 1, gaps: 0 });
    expect(report.changes, told).toBeGreaterThan(10);
    expect(report.ruleRequests, told).toBeGreaterThan(3);
    expect(report.pairsDue, told).toBeGreaterThan(1000);
  }, 240_000);
});
