import { defineConfig } from 'vitest/config';

/** Tests that start PostgreSQL, programs or whole systems: one file at a time, for each of them fills a small machine. */
const heavy = ['test/{integration,oracle,faults}/**/*.test.ts'];
const exclude = ['**/node_modules/**', '**/dist/**'];

export default defineConfig({
  test: {
    pool: 'forks',
    // Two at a time suits the smallest machine that we build on; more would only make timeouts of slow tests.
    maxWorkers: 2,
    allowOnly: false,
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
          exclude,
          globalSetup: ['test/support/postgres-global-setup.ts'],
          fileParallelism: false,
          testTimeout: 600_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
