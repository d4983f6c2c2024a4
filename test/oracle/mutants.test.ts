/** Does the suite notice mistakes? Each is made in a copy of the tree, and the tests that guard the place must fail there. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mutants } from './mutants.ts';

const root = join(import.meta.dirname, '../..');
/** All that the tests named in the list read. */
const NEEDED = [
  'src',
  'test',
  'emulator',
  'migrations',
  'bin',
  'docs',
  'package.json',
  'tsconfig.json',
  'vitest.config.ts',
  'openapi.json',
];

let copy: string;
beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), 'mistnet-mutants-'));
  for (const name of NEEDED) await cp(join(root, name), join(copy, name), { recursive: true });
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'));
});
afterAll(async () => rm(copy, { recursive: true, force: true }));

async function runTests(files: string[]): Promise<{ code: number | null; said: string }> {
  const args = [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--bail=1', ...files];
  const child = spawn(process.execPath, args, {
    cwd: copy,
    env: { ...process.env, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const parts: Buffer[] = [];
  child.stdout.on('data', (part: Buffer) => parts.push(part));
  child.stderr.on('data', (part: Buffer) => parts.push(part));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, said: Buffer.concat(parts).toString('utf8') };
}

describe('the suite', () => {
  it('is green in a copy where no mistake is made', async () => {
    // One of each kind: the rest of them are run, unharmed, with the whole suite.
    const files = ['src/capture/segment/format.test.ts', 'test/integration/capture-recover.test.ts'];
    const { code, said } = await runTests(files);
    expect(code, said.slice(-3000)).toBe(0);
  });

  it.each(mutants)('notices that $mistake', async ({ file, was, becomes, noticedBy }) => {
    const path = join(copy, file);
    const source = await readFile(path, 'utf8');
    expect(source.split(was), `"${was}" must stand in ${file} once`).toHaveLength(2);
    await writeFile(
      path,
      source.replace(was, () => becomes),
    );
    try {
      const { code, said } = await runTests(noticedBy);
      expect(code, said.slice(-3000)).toBe(1);
      // A test that could not even begin proves nothing.
      expect(said).toMatch(/AssertionError|Error: .*(Waited|fast-check|Property failed)|FAIL .*>/);
      expect(said).not.toMatch(/SyntaxError|Cannot find module|No test files found/);
    } finally {
      await writeFile(path, source);
    }
  });
});
