/** Runs every benchmark one after the other, each in a process of its own: `npm run bench`. Results go to bench/results/. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const BENCHMARKS = ['capture.ts', 'load.ts', 'hour.ts'];

for (const name of BENCHMARKS) {
  process.stderr.write(`\n${name}\n`);
  const child = spawn(process.execPath, [join(import.meta.dirname, name), ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) process.exitCode = 1;
}
