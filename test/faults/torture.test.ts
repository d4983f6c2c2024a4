/** The short form of `npm run torture`: one round, more than fifty kills. */
import { describe, expect, it } from 'vitest';
import { planTorture, victims } from '../support/system/torture-plan.ts';
import { tortureRound } from '../support/system/torture-round.ts';

const KILLS = 52;
const seed = Number(process.env.TEST_SEED ?? Math.floor(Math.random() * 1_000_000));

describe(`a round of torture (TEST_SEED=${seed})`, () => {
  it(`of ${KILLS} kills and many faults loses nothing but what its gaps say, and doubles nothing`, async () => {
    const steps: string[] = [];
    const report = await tortureRound(seed, KILLS, (line) => steps.push(line)).catch((error: unknown) => {
      throw new Error(`${String(error)}\nafter these steps:\n${steps.join('\n')}`, { cause: error });
    });
    expect(Object.values(report.kills).reduce((sum, count) => sum + count, 0)).toBe(KILLS);
    expect(report.posts).toBeGreaterThan(1000);
    console.log(`torture seed ${seed}: ${JSON.stringify(report)}`);
  });

  it('is the same for the same seed, and kills everybody', () => {
    expect(planTorture(seed, KILLS)).toEqual(planTorture(seed, KILLS));
    const killed = new Set(planTorture(7, 200).flatMap(({ kills }) => kills.map(({ victim }) => victim)));
    expect([...killed].toSorted()).toEqual([...victims].toSorted());
  });
});
