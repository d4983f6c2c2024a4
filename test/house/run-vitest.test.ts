/** The count at the end of `npm test`, tried on small planted trees: nothing that goes wrong may be counted as nothing. */
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runVitest } from '../run-vitest.ts';
import type { Tally } from '../tally-reporter.ts';

const IMPORT = `import { beforeAll, describe, expect, it } from 'vitest';\n`;
const PASSES = `it('passes', () => expect(1).toBe(1));\n`;

describe('the count of a test run', () => {
  it('counts passed and failed tests, and lists the skipped with their reasons', async () => {
    const text = `${IMPORT}${PASSES}
      it('fails', () => expect(1).toBe(2));
      it('is skipped', (test) => test.skip('no fixtures here'));
      it.skip('is switched off', () => {});
      describe.skip('a group', () => { it('is left out', () => {}); });`;
    expect(await count({ 'a.test.ts': text })).toEqual({
      passed: 1,
      failed: 1,
      skipped: [
        { name: 'a.test.ts > is skipped', reason: 'no fixtures here' },
        { name: 'a.test.ts > is switched off', reason: 'no reason given' },
        { name: 'a.test.ts > a group > is left out', reason: 'no reason given' },
      ],
    });
  });

  it('counts a file that cannot be read as tests', async () => {
    const tally = await count({ 'a.test.ts': `${IMPORT}${PASSES}`, 'b.test.ts': `throw new Error('planted');` });
    expect(tally).toMatchObject({ passed: 1, failed: 1 });
  });

  it('counts an error that no test caught', async () => {
    const text = `${IMPORT}${PASSES}void Promise.reject(new Error('planted'));`;
    expect((await count({ 'a.test.ts': text })).failed).toBeGreaterThanOrEqual(1);
  });

  it('counts a hook that failed', async () => {
    const text = `${IMPORT}beforeAll(() => { throw new Error('planted'); });\n${PASSES}`;
    expect((await count({ 'a.test.ts': text })).failed).toBeGreaterThanOrEqual(1);
  });

  it('counts a test process that was killed', async () => {
    const text = `${IMPORT}${PASSES}it('dies', () => { process.kill(process.pid, 'SIGKILL'); });`;
    expect((await count({ 'a.test.ts': text })).failed).toBeGreaterThanOrEqual(1);
  });

  it('counts a test that was left focused', async () => {
    const text = `${IMPORT}it.only('is focused', () => {});\n${PASSES}`;
    expect((await count({ 'a.test.ts': text })).failed).toBeGreaterThanOrEqual(1);
  });

  it('counts a run without tests', async () => {
    expect(await count({})).toMatchObject({ passed: 0, failed: 1 });
  });

  it('counts a vitest that could not start', async () => {
    const tally = await count({ 'vitest.config.ts': `throw new Error('planted');` });
    expect(tally).toMatchObject({ passed: 0, failed: 1 });
  });
});

async function count(files: Record<string, string>): Promise<Tally> {
  const folder = await mkdtemp(join(tmpdir(), 'mistnet-run-'));
  try {
    await symlink(join(import.meta.dirname, '../../node_modules'), join(folder, 'node_modules'));
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
    return await runVitest(['--allowOnly=false'], { folder, output: 'ignore' });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
