import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/longest-first.ts';

/** Tests that start PostgreSQL, programs or whole systems; each has a database, folders and ports of its own. */
const heavy = ['test/{integration,oracle,faults}/**/*.test.ts'];
/**
 * Of these the ones that need the machine for themselves: whole systems and streams, whose heartbeats and alarms go by the clock; a run of the suite
 * within a test; and weeks that pass by the clock of a platform 50,000 times as fast.
 */
const alone = [
  'test/{faults,oracle}/**/*.test.ts',
  'test/integration/{system,capture}-*.test.ts',
  'test/integration/accounts-weeks.test.ts',
];
const longer = {
  globalSetup: ['test/support/postgres-global-setup.ts'],
  testTimeout: 600_000,
  hookTimeout: 120_000,
};
const exclude = ['**/node_modules/**', '**/dist/**'];

export default defineConfig({
  test: {
    pool: 'forks',
    // Two at a time suits the smallest machine that we build on; more would only make timeouts of slow tests.
    maxWorkers: 2,
    maxConcurrency: 2,
    allowOnly: false,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['{src,emulator/src,emulator/test,web/src,bench,test}/**/*.test.{ts,tsx}'],
          exclude: [...exclude, ...heavy],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: heavy,
          exclude: [...exclude, ...alone],
          ...longer,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'alone',
          include: alone,
          exclude,
          fileParallelism: false,
          ...longer,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
