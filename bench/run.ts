/** Runs every benchmark one after the other, each in a process of its own: `npm run bench`. Results go to bench/results/. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const BENCHMARKS = [
  ['capture.ts'],
  ['load.ts'],
  ['hour.ts'],
  ['hour.ts', '--xz-level', '6', '--repeat', '1'],
  ['hour.ts', '--posts', '250000,1000000', '--repeat', '1'],
  ['capture-while-building.ts'],
  ['export.ts'],
  ['overview.ts'],
  ['filters.ts'],
] as const;

for (const [name, ...options] of BENCHMARKS) {
  process.stderr.write(`\n${[name, ...options].join(' ')}\n`);
  const child = spawn(process.execPath, [join(import.meta.dirname, name), ...options, ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) process.exitCode = 1;
}
