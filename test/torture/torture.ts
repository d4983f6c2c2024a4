/**
 * `npm run torture -- [--minutes N] [--kills N] [--seed S] [--kills-a-round N] [--beside N]`: rounds of torture, each in a home of its own
 * with a seed of its own, N of them beside each other, until the time is over or so many were killed. The first round's seed is S, the next
 * one's S + 1: a round that failed is repeated by `--seed <its seed> --kills <its kills>`. Prints a line for each step; ends with 1 at the
 * first difference.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startVitest } from 'vitest/node';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string' },
    kills: { type: 'string' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1_000_000)) },
    'kills-a-round': { type: 'string', default: '60' },
    beside: { type: 'string', default: '1' },
  },
});

const given = Object.entries(values).map(([name, value]) => ({ name, number: Number(value) }));
const wrong = given.find(({ number }) => !Number.isInteger(number) || number < 1);
if (wrong !== undefined) {
  console.error(`torture: --${wrong.name} must be a whole number from 1.`);
  process.exit(2);
}

const root = join(import.meta.dirname, '../..');
Object.assign(process.env, {
  TORTURE_SEED: values.seed,
  TORTURE_MINUTES: values.minutes ?? (values.kills === undefined ? '10' : '100000'),
  TORTURE_KILLS: values.kills ?? '1000000',
  TORTURE_ROUND: values['kills-a-round'],
  TORTURE_BESIDE: values.beside,
});
const vitest = await startVitest('test', [], {
  root,
  config: join(root, 'test/torture/vitest.config.ts'),
  run: true,
  watch: false,
});
await vitest?.close();
