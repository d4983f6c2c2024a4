/** Rounds of torture, so many beside each other as told, until the time is over or enough were killed; started by `torture.ts`, which sets the variables. */
import { it } from 'vitest';
import { victims } from '../support/system/torture-plan.ts';
import { type TortureReport, tortureRound } from '../support/system/torture-round.ts';

const setting = (name: string) => Number(process.env[`TORTURE_${name}`]);

it('torture', async () => {
  const began = performance.now();
  const say = (line: string) => console.log(line);
  const sum = { rounds: 0, kills: 0, faults: 0, connections: 0, posts: 0, lost: 0, gaps: 0 };
  const killed = Object.fromEntries(victims.map((victim) => [victim, 0]));
  let seed = setting('SEED');
  let ordered = 0;
  await Promise.all(Array.from({ length: setting('BESIDE') }, roundsInARow));

  async function roundsInARow(): Promise<void> {
    while (ordered < setting('KILLS') && minutes(began) < setting('MINUTES')) {
      const kills = Math.min(setting('ROUND'), setting('KILLS') - ordered);
      ordered += kills;
      await round(seed++, kills);
    }
  }

  async function round(seed: number, kills: number): Promise<void> {
    const report = await tortureRound(seed, kills, say).catch((error: unknown) => {
      say(`FAILED: npm run torture -- --seed ${seed} --kills ${kills}`);
      throw error;
    });
    add(report);
    say(`round of seed ${seed} held: ${JSON.stringify(report)}`);
    say(`so far ${JSON.stringify({ ...sum, killed, minutes: Math.round(minutes(began)) })}`);
  }

  function add({ kills, faults, connections, posts, lost, gaps }: TortureReport): void {
    for (const victim of victims) killed[victim] = (killed[victim] ?? 0) + kills[victim];
    const count = (numbers: Record<string, number>) => Object.values(numbers).reduce((a, b) => a + b, 0);
    sum.rounds++;
    sum.kills += count(kills);
    sum.faults += count(faults);
    sum.connections += connections;
    sum.posts += posts;
    sum.lost += lost;
    sum.gaps += gaps;
  }
});

function minutes(began: number): number {
  return (performance.now() - began) / 60_000;
}
