/** What a benchmark says in the end: its result as JSON, and each figure beside its goal, a line each. */
import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';

/** `figure` against `goal`; `comparer` says what a ratio is against, in words. */
export type Measure = { name: string; figure: number; goal: `${'<=' | '>=' | '<'} ${number}`; comparer: string };

const loadBefore = loadavg().map(round2);

/** What a figure depends on beside the code: said in every result. */
export function circumstances() {
  return {
    commit: execFileSync('git', ['rev-parse', '--short', 'HEAD'], {
      cwd: import.meta.dirname,
      encoding: 'utf8',
    }).trim(),
    at: new Date().toISOString(),
    machine: {
      cpu: cpus()[0]?.model,
      cores: cpus().length,
      loadBefore,
      loadAtEnd: loadavg().map(round2),
      node: process.version,
    },
  };
}

/** Prints the result to standard output (and to the file), the measures to standard error too. */
export async function tell(result: object, measures: Measure[], file: string | undefined): Promise<void> {
  const judged = measures.map((measure) => ({ ...measure, met: isMet(measure) }));
  const json = `${JSON.stringify({ ...result, measures: judged }, null, 2)}\n`;
  process.stdout.write(json);
  for (const { name, figure, goal, comparer, met } of judged)
    process.stderr.write(
      `${met ? 'met    ' : 'not met'}  ${name}: ${figure} (goal ${goal})${comparer && `, ${comparer}`}\n`,
    );
  if (file !== undefined) await writeFile(file, json);
}

function isMet({ figure, goal }: Measure): boolean {
  const [sign, bound] = goal.split(' ') as ['<=' | '>=' | '<', string];
  if (sign === '>=') return figure >= Number(bound);
  return sign === '<' ? figure < Number(bound) : figure <= Number(bound);
}

export function median(numbers: number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}

export function round2(value: number): number {
  return Math.round(value * 100) / 100;
}
