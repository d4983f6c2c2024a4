/**
 * `npm test`: the checks, then every test. Its last line is exactly `N passed, N failed, N skipped`, where each step of the
 * checks counts as one test; the exit code is 0 only when nothing failed. With `MISTNET_REQUIRE_ALL=1` a skip is a failure.
 * Arguments go to vitest: `npm test -- src/capture` runs the checks and the tests of one folder.
 */
import { join } from 'node:path';
import { runCheck } from './check.ts';
import { runVitest } from './run-vitest.ts';
import type { Tally } from './tally-reporter.ts';

const requireAll = process.env.MISTNET_REQUIRE_ALL === '1';

const steps = await runCheck();
const tests = await runVitest(process.argv.slice(2), { folder: join(import.meta.dirname, '..'), output: 'inherit' });

const failedSteps = steps.filter((step) => !step.passed);
for (const step of failedSteps) console.log(`check failed: ${step.name}`);
if (tests.problem !== undefined) console.log(tests.problem);
listSkipped(tests.skipped);

const passed = tests.passed + steps.length - failedSteps.length;
const failed = tests.failed + failedSteps.length + (requireAll ? tests.skipped.length : 0);
const skipped = requireAll ? 0 : tests.skipped.length;
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = failed > 0 ? 1 : 0;

function listSkipped(skippedTests: Tally['skipped']): void {
  if (skippedTests.length === 0) return;
  console.log(`\nSkipped${requireAll ? ', which counts as failed here' : ''}:`);
  for (const { name, reason } of skippedTests) console.log(`  ${name}: ${reason}`);
  console.log('');
}
