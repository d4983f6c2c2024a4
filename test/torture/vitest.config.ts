import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

/** The long form runs for as long as it is told: no time limit here. */
export default defineConfig({
  test: {
    root: join(import.meta.dirname, '../..'),
    include: ['test/torture/rounds.torture.ts'],
    pool: 'forks',
    testTimeout: 0,
    disableConsoleIntercept: true,
  },
});
