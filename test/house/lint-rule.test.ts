/**
 * The lint, judged from outside: what we rely on it to refuse is planted and must be found. Its type-aware half comes from a
 * second package and would be silent without it.
 */
import { spawnSync } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

const root = join(import.meta.dirname, '../..');

const plants: [rule: string, file: string, text: string][] = [
  ['typescript(no-floating-promises)', 'src/core/a.ts', 'export const f = () => { Promise.resolve(1); };'],
  ['typescript(no-misused-promises)', 'src/core/b.ts', 'export const f = () => { if (Promise.resolve(1)) f(); };'],
  ['typescript(no-explicit-any)', 'src/core/c.ts', 'export const f = (value: any) => String(value);'],
  ['import(no-cycle)', 'src/core/d.ts', `import { e } from './e.ts';\nexport const d = () => e;`],
  ['eslint(no-empty)', 'src/core/f.ts', 'export const f = () => { try { f(); } catch {} };'],
  ['node(no-process-env)', 'src/core/g.ts', 'export const home = process.env.HOME;'],
  ['unicorn(no-process-exit)', 'src/core/h.ts', 'export const leave = () => process.exit(1);'],
  ['eslint(no-restricted-properties)', 'src/core/i.ts', 'export const now = () => Date.now();'],
  ['eslint(no-restricted-properties)', 'emulator/src/j.ts', 'export const chance = () => Math.random();'],
  ['eslint(no-debugger)', 'web/src/k.tsx', 'export const stop = () => { debugger; };'],
];

const allowed: [file: string, text: string][] = [
  ['src/core/e.ts', `import { d } from './d.ts';\nexport const e = () => d;`],
  ['src/core/time.ts', 'export const systemClock = { now: () => Date.now() };'],
  ['src/config.ts', 'export const home = process.env.HOME;'],
  ['src/cli/main.ts', 'process.exit(0);'],
  ['src/core/reasoned.ts', 'export const f = () => { try { f(); } catch { /* nothing to lose */ } };'],
];

describe('the lint', () => {
  let folder: string;
  let found: { code: string; filename: string }[];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mistnet-lint-'));
    for (const [file, text] of [...plants.map(([, file, text]) => [file, text] as const), ...allowed]) {
      await mkdir(dirname(join(folder, file)), { recursive: true });
      await writeFile(join(folder, file), `${text}\n`);
    }
    for (const name of ['.oxlintrc.json', 'tsconfig.json']) await copyFile(join(root, name), join(folder, name));
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
    found = lint(folder);
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each(plants)('refuses %s in %s', (rule, file) => {
    expect(found.filter((finding) => finding.filename === file).map((finding) => finding.code)).toContain(rule);
  });

  it('allows what has its home, and an empty catch that says why', () => {
    const homes = allowed.map(([file]) => file).filter((file) => file !== 'src/core/e.ts');
    expect(found.filter((finding) => homes.includes(finding.filename))).toEqual([]);
  });
});

function lint(folder: string) {
  const program = join(root, 'node_modules/oxlint/bin/oxlint');
  const { stdout } = spawnSync(process.execPath, [program, '--format=json', '.'], { cwd: folder, encoding: 'utf8' });
  return z
    .object({ diagnostics: z.array(z.object({ code: z.string(), filename: z.string() })) })
    .parse(JSON.parse(stdout)).diagnostics;
}
