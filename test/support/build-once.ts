/**
 * A program that builds an hour: `node build-once.ts INPUTS OUTPUT`. Prints the revision and exits with 0; told to stop by SIGTERM, it
 * exits with 1 unless the hour had been decided upon.
 */
import { collectInputFiles } from '../../src/process/input-files.ts';
import { build } from './hours.ts';

const [inputs = '', output = ''] = process.argv.slice(2);
const stop = new AbortController();
process.once('SIGTERM', () => stop.abort());
try {
  const files = await collectInputFiles(inputs);
  const { manifest } = await build({ nodes: [{ name: 'one', files }], output, signal: stop.signal });
  process.stdout.write(`${manifest.revision}\n`);
} catch (error) {
  if (!stop.signal.aborted) throw error;
  process.exitCode = 1;
}
