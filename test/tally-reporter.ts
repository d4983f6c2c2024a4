/**
 * Writes what vitest counted to the file named by `MISTNET_TALLY_FILE`, for `test/run.ts`. It is written at the end of the
 * run only: no file means that vitest did not get there. A default export, because vitest loads reporters so.
 */
import { writeFileSync } from 'node:fs';
import type { Reporter, TestModule, TestSuite } from 'vitest/node';

export type Tally = {
  passed: number;
  failed: number;
  skipped: { name: string; reason: string }[];
  /** What went wrong outside of tests, in one sentence. */
  problem?: string;
};

export default class TallyReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const tally: Tally = { passed: 0, failed: unhandledErrors.length, skipped: [] };
    for (const module of modules) {
      // A file that could not be read as tests, and a hook that failed around tests, are failures of their own.
      for (const suite of [module, ...module.children.allSuites()]) tally.failed += suite.errors().length;
      for (const test of module.children.allTests()) {
        const result = test.result();
        if (result.state === 'passed') tally.passed++;
        else if (result.state !== 'skipped') tally.failed++;
        else {
          const name = `${module.relativeModuleId} > ${test.fullName}`;
          tally.skipped.push({ name, reason: result.note ?? reasonOfSuite(test.parent) });
        }
      }
    }
    if (process.env.MISTNET_TALLY_FILE) writeFileSync(process.env.MISTNET_TALLY_FILE, JSON.stringify(tally));
  }
}

function reasonOfSuite(parent: TestModule | TestSuite): string {
  return parent.errors().length > 0 ? 'what stands before it failed' : 'no reason given';
}
