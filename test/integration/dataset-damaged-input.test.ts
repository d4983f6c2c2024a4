/** A folder with a file that is damaged: the hour is built of what can be read, and the commands say so to whoever looks. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { openWorkbench } from '../support/system/workbench.ts';
import { makeTweet, rawLine } from '../support/tweets.ts';

it('an hour of a file that is cut off is told as such, when it is built and in the list', async () => {
  await using bench = await openWorkbench();
  const inputs = join(bench.folder, 'in');
  const output = join(bench.folder, 'out');
  await mkdir(inputs);
  const whole = gzipSync(Array.from({ length: 200 }, (_, index) => `${rawLine(makeTweet(index + 1))}\n`).join(''));
  const build = ['dataset', 'build', '--from', inputs, '--hour', '2022-10-01T13Z', '--output', output];
  await writeFile(join(inputs, 'a.jsonl.gz'), whole.subarray(0, whole.length / 2));
  const cut = await bench.mistnet(build);
  expect(cut, cut.stderr).toMatchObject({ code: 0 });
  expect(cut.stderr).toMatch(/^ {2}read only up to its damage: a\.jsonl\.gz; put a good copy back and build again$/m);
  expect((await bench.mistnet(['dataset', 'list', output])).stdout).toMatch(/ damaged input\n$/);
  await writeFile(join(inputs, 'a.jsonl.gz'), whole);
  expect((await bench.mistnet(build)).stderr).not.toMatch(/damage/);
  expect((await bench.mistnet(['dataset', 'list', output])).stdout).toMatch(/ whole\n$/);
});
