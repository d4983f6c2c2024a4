/**
 * `npm run check`: everything that can be said of the code without running it. Two steps run at a time; a line each, and
 * the whole output of those that fail. Not for tests: `test/run.ts` runs this and then those.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

const root = join(import.meta.dirname, '..');
const STEPS_AT_A_TIME = 2;

type Step = {
  name: string;
  /** A program of node_modules, without its folder, and its arguments. */
  program: string;
  args: string[];
  /** Finds in its output how many files it looked at: a step that looked at none has failed, whatever its exit code. */
  looked?: RegExp;
};

export type StepResult = { name: string; passed: boolean; ms: number; files: number | null; output: string };

/** Runs all steps, printing each as it ends; resolves to one result a step, in the order of their ends. */
export async function runCheck(): Promise<StepResult[]> {
  const waiting = steps();
  const results: StepResult[] = [];
  const work = async () => {
    for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) {
      const result = await runStep(step);
      results.push(result);
      print(result);
    }
  };
  await Promise.all(Array.from({ length: STEPS_AT_A_TIME }, work));
  return results;
}

/** The slowest first, so that none of them is alone at the end. */
function steps(): Step[] {
  const types = (workspace: string): Step => ({
    name: `types ${workspace}`,
    program: 'typescript/bin/tsc',
    args: ['--noEmit', '-p', join(workspace, 'tsconfig.json')],
  });
  const folders = ['src', 'test', 'bench', 'emulator/src', 'emulator/test', 'web/src'].filter((folder) =>
    existsSync(join(root, folder)),
  );
  return [
    types('.'),
    ...(existsSync(join(root, 'web/src')) ? [types('web')] : []),
    types('emulator'),
    {
      name: 'lint',
      program: 'oxlint/bin/oxlint',
      args: ['--deny-warnings', '.'],
      looked: /Finished in \S+ on (\d+) files?/,
    },
    {
      name: 'unused code',
      program: 'knip/bin/knip.js',
      args: [],
    },
    {
      name: 'imports',
      program: 'dependency-cruiser/bin/dependency-cruise.mjs',
      args: ['--config', '.dependency-cruiser.mjs', ...folders],
      looked: /\((\d+) modules/,
    },
    {
      name: 'format',
      program: '@biomejs/biome/bin/biome',
      args: ['format', '--max-diagnostics=none', '.'],
      looked: /Checked (\d+) files?/,
    },
  ];
}

function runStep(step: Step): Promise<StepResult> {
  const started = performance.now();
  return new Promise((resolve) => {
    const program = join(root, 'node_modules', step.program);
    const child = spawn(process.execPath, [program, ...step.args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
    const end = (code: number | null, problem: string) => {
      const output = Buffer.concat(chunks).toString() + problem;
      const files =
        step.looked === undefined ? null : Number(step.looked.exec(stripVTControlCharacters(output))?.[1] ?? 0);
      const sawNothing = code === 0 && files === 0;
      resolve({
        name: step.name,
        passed: code === 0 && !sawNothing,
        ms: performance.now() - started,
        files,
        output: sawNothing ? `${output}\nIt looked at no file.` : output,
      });
    };
    child.on('error', (error) => end(null, `\nIt did not start: ${error.message}`));
    child.on('close', (code, signal) => end(code, signal === null ? '' : `\nIt was ended by ${signal}.`));
  });
}

function print({ name, passed, ms, files, output }: StepResult): void {
  const seen = files === null ? '' : `  ${files} files`;
  console.log(`${passed ? 'ok    ' : 'FAILED'}  ${name.padEnd(16)} ${(ms / 1000).toFixed(1).padStart(5)} s${seen}`);
  if (!passed) console.log(`\n${output.trim()}\n`);
}

if (import.meta.main) {
  const results = await runCheck();
  const failed = results.filter((result) => !result.passed);
  if (failed.length > 0) {
    console.log(`${failed.length} of ${results.length} steps failed: ${failed.map((step) => step.name).join(', ')}`);
    process.exitCode = 1;
  }
}
