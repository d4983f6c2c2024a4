/** Runs vitest as a program of its own and counts what it did, so that its crash is a number too. */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Tally } from './tally-reporter.ts';

const root = join(import.meta.dirname, '..');

/**
 * Runs the tests below `folder` with that folder's vitest settings; `output` is where vitest's own words go. A run that
 * crashed, met an error outside of tests or found no test counts at least one failure. SIGINT and SIGTERM reach vitest.
 */
export async function runVitest(
  args: string[],
  { folder, output }: { folder: string; output: 'inherit' | 'ignore' },
): Promise<Tally> {
  const tallyFolder = await mkdtemp(join(tmpdir(), 'mistnet-tally-'));
  const tallyFile = join(tallyFolder, 'tally.json');
  try {
    const ending = await runProgram(
      [
        join(root, 'node_modules/vitest/vitest.mjs'),
        'run',
        '--reporter=default',
        `--reporter=${join(root, 'test/tally-reporter.ts')}`,
        ...args,
      ],
      { cwd: folder, env: { ...process.env, MISTNET_TALLY_FILE: tallyFile }, stdio: ['ignore', output, output] },
    );
    return judge(await readTally(tallyFile), ending);
  } finally {
    await rm(tallyFolder, { recursive: true, force: true });
  }
}

function judge(tally: Tally | null, ending: number | string): Tally {
  if (tally === null) return { passed: 0, failed: 1, skipped: [], problem: `vitest ended with ${ending}, uncounted` };
  if (tally.passed + tally.failed + tally.skipped.length === 0)
    return { ...tally, failed: 1, problem: 'vitest found no tests' };
  if (ending !== 0 && tally.failed === 0)
    return { ...tally, failed: 1, problem: `vitest counted no failure but ended with ${ending}` };
  return tally;
}

/** Resolves to the exit code, or to the name of the signal or error that ended it. */
function runProgram(args: string[], options: Parameters<typeof spawn>[2]): Promise<number | string> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, options);
    const passOn = (signal: NodeJS.Signals) => child.kill(signal);
    process.on('SIGINT', passOn).on('SIGTERM', passOn);
    const end = (ending: number | string) => {
      process.off('SIGINT', passOn).off('SIGTERM', passOn);
      resolve(ending);
    };
    child.on('error', (error) => end(error.message));
    child.on('close', (code, signal) => end(signal ?? code ?? 1));
  });
}

async function readTally(file: string): Promise<Tally | null> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Tally;
  } catch {
    return null; // its absence is counted as a failure
  }
}
