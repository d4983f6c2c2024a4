/**
 * The import rule, judged from outside: each rule of `.dependency-cruiser.mjs` must find a violation planted for it, allowed
 * imports must pass, and the real tree must hold. A rule without a plant fails here.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

const root = join(import.meta.dirname, '../..');
const configFile = join(root, '.dependency-cruiser.mjs');

const { FLOW, default: config } = z
  .object({
    FLOW: z.array(z.string()).min(2),
    default: z.object({ forbidden: z.array(z.object({ name: z.string() })).min(2) }),
  })
  .parse(await import(pathToFileURL(configFile).href));

/** A planted line: the rule that must object, the file, and what it says. */
type Plant = [rule: string, file: string, line: string];

const from = (file: string, target: string) => {
  const path = relative(dirname(file), target);
  return `'${path.startsWith('.') ? path : `./${path}`}'`;
};
const value = (rule: string, file: string, target: string): Plant => [rule, file, `import ${from(file, target)};`];
const typeOnly = (rule: string, file: string, target: string): Plant => [
  rule,
  file,
  `import type { T } from ${from(file, target)};\nexport type U = T;`,
];
const onDemand = (rule: string, file: string, target: string): Plant => [
  rule,
  file,
  `export const load = () => import(${from(file, target)});`,
];

const upstreamPlants = FLOW.slice(0, -1).map((folder, index) =>
  value(`${folder}-imports-upstream-only`, `src/${folder}/planted.ts`, `src/${FLOW[index + 1]}/clean.ts`),
);

const plants: Plant[] = [
  ...upstreamPlants,
  typeOnly('core-imports-upstream-only', 'src/core/planted-type.ts', 'src/cli/clean.ts'),
  onDemand('server-imports-upstream-only', 'src/server/planted-on-demand.ts', 'src/cli/clean.ts'),
  value('no-cycle', 'src/core/cycle-a.ts', 'src/core/cycle-b.ts'),
  value('every-import-resolves', 'src/core/planted-nowhere.ts', 'src/core/nowhere.ts'),
  value('every-folder-has-its-place', 'src/utils/planted.ts', 'src/core/clean.ts'),
  value('server-and-cli-are-siblings', 'src/cli/planted.ts', 'src/server/clean.ts'),
  value('platforms-are-siblings', 'src/platforms/x/planted.ts', 'src/platforms/bluesky/clean.ts'),
  ['sql-only-in-store', 'src/jobs/planted-pg.ts', `import 'pg';`],
  ['sql-only-in-store', 'src/server/planted-pg-type.ts', `import type { T } from 'pg';\nexport type U = T;`],
  ['sql-only-in-store', 'src/process/planted-copy.ts', `import 'pg-copy-streams';`],
  ['sql-only-in-store', 'src/share/planted-kysely.ts', `import 'kysely';`],
  ['sql-only-in-store', 'src/core/planted-not-installed.ts', `import 'pg-cursor';`],
  ['queue-only-in-jobs', 'src/store/planted-queue.ts', `import 'pg-boss';`],
  value('only-cli-and-compose-read-config', 'src/capture/planted-config.ts', 'src/config.ts'),
  typeOnly('only-cli-and-compose-read-config', 'src/jobs/planted-config-type.ts', 'src/config.ts'),
  typeOnly('only-cli-composes', 'src/server/planted-compose-type.ts', 'src/compose.ts'),
  value('product-stands-alone', 'src/capture/planted-judge.ts', 'emulator/src/clean.ts'),
  value('product-stands-alone', 'src/server/planted-browser.ts', 'web/src/clean.ts'),
  value('product-stands-alone', 'src/core/planted.test.ts', 'test/support/clean.ts'),
  ['product-stands-alone', 'src/cli/planted-workspace.ts', `import '@mistnet/emulator';`],
  value('judge-and-browser-stand-alone', 'emulator/src/planted.ts', 'src/core/clean.ts'),
  typeOnly('judge-and-browser-stand-alone', 'web/src/planted.ts', 'src/core/clean.ts'),
  value('workspaces-are-strangers', 'web/src/planted-judge.ts', 'emulator/src/clean.ts'),
];

// Closes the cycle above, which is reported at one of its files only.
const cycleEnd = { file: 'src/core/cycle-b.ts', text: `import './cycle-a.ts';` };

/** What must be allowed, lest a rule that forbids everything looks like a good one. */
const allowed: [file: string, line: string][] = [
  ...FLOW.map((folder): [string, string] => [`src/${folder}/clean.ts`, 'export type T = 1;']),
  ...FLOW.slice(1).map((folder): [string, string] => [`src/${folder}/allowed.ts`, `import '../core/clean.ts';`]),
  ['src/platforms/adapter.ts', 'export type T = 1;'],
  ['src/platforms/x/allowed.ts', `import '../adapter.ts';`],
  ['src/platforms/bluesky/clean.ts', 'export type T = 1;'],
  ['src/store/allowed-sql.ts', `import 'pg';\nimport type { T } from 'pg-copy-streams';\nexport type U = T;`],
  ['src/jobs/allowed-queue.ts', `import 'pg-boss';`],
  ['src/config.ts', `import './core/clean.ts';\nexport type T = 1;`],
  ['src/compose.ts', `import './config.ts';\nimport './server/clean.ts';\nimport 'pg';\nexport type T = 1;`],
  ['src/cli/allowed-start.ts', `import '../config.ts';\nexport const load = () => import('../compose.ts');`],
  ['emulator/src/clean.ts', 'export type T = 1;'],
  ['web/src/clean.ts', 'export type T = 1;'],
  ['test/support/clean.ts', `import '../../src/compose.ts';\nimport '../../emulator/src/clean.ts';`],
  ...['pg', 'pg-copy-streams', 'pg-boss', 'kysely'].flatMap((name): [string, string][] => [
    [`node_modules/${name}/package.json`, JSON.stringify({ name, main: 'index.js', types: 'index.d.ts' })],
    [`node_modules/${name}/index.js`, 'export {};'],
    [`node_modules/${name}/index.d.ts`, 'export type T = 1;'],
  ]),
  ['emulator/package.json', JSON.stringify({ name: '@mistnet/emulator', exports: './src/clean.ts' })],
  ['package.json', JSON.stringify({ name: 'planted', type: 'module', workspaces: ['emulator'] })],
  ['tsconfig.json', JSON.stringify({ compilerOptions: { module: 'nodenext', allowImportingTsExtensions: true } })],
];

describe('the import rule', () => {
  let cleanTree: string;
  let plantedTree: string;

  beforeAll(async () => {
    const files = allowed.map(([file, text]) => ({ file, text }));
    cleanTree = await plantTree(files);
    plantedTree = await plantTree([...files, cycleEnd, ...plants.map(([, file, text]) => ({ file, text }))]);
  });

  afterAll(async () => {
    for (const folder of [cleanTree, plantedTree]) if (folder) await rm(folder, { recursive: true, force: true });
  });

  it('has a planted violation for each of its rules', () => {
    const planted = new Set(plants.map(([rule]) => rule));
    expect(config.forbidden.map((rule) => rule.name).filter((name) => !planted.has(name))).toEqual([]);
  });

  it('finds every planted violation, each at its own file', async () => {
    const { violations } = await cruise(plantedTree, ['src', 'emulator', 'web']);
    const found = new Set(violations.map((violation) => `${violation.rule.name} ${violation.from}`));
    expect(plants.map(([rule, file]) => `${rule} ${file}`).filter((expected) => !found.has(expected))).toEqual([]);
  });

  it('objects to nothing in a tree that keeps to it', async () => {
    const { violations, totalCruised } = await cruise(cleanTree, ['src', 'emulator', 'web', 'test']);
    expect(violations.map((violation) => `${violation.rule.name} ${violation.from} -> ${violation.to}`)).toEqual([]);
    expect(totalCruised).toBeGreaterThan(20);
  });

  it('holds in this repository, and looked at its modules', async () => {
    const folders = ['src', 'emulator/src', 'emulator/test', 'web/src', 'test', 'bench'].filter((folder) =>
      existsSync(join(root, folder)),
    );
    const { violations, totalCruised } = await cruise(root, folders);
    expect(violations.map((violation) => `${violation.rule.name} ${violation.from} -> ${violation.to}`)).toEqual([]);
    expect(totalCruised).toBeGreaterThan(20);
  });

  it('knows every folder of src, which edge rules cannot say of files without imports', async () => {
    const entries = await readdir(join(root, 'src'), { withFileTypes: true });
    expect(entries.filter((entry) => entry.isDirectory() && !FLOW.includes(entry.name))).toEqual([]);
  });

  it('introduces every folder of src in its README, in the order of the flow', async () => {
    const guide = await readFile(join(root, 'src/README.md'), 'utf8');
    const introduced = [...guide.matchAll(/^\| \[(\w+)\]/gm)].map((match) => match[1] ?? '');
    const entries = await readdir(join(root, 'src'), { withFileTypes: true });
    const folders = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
    expect(introduced).toEqual(FLOW.filter((folder) => folders.includes(folder)));
  });

  it('leaves only the settings, the composition and a guide beside the folders of src', async () => {
    const entries = await readdir(join(root, 'src'), { withFileTypes: true });
    const beside = entries.filter((entry) => !entry.isDirectory()).map((entry) => entry.name);
    expect(beside.filter((name) => !/^(README[.]md|(config|compose)([.]test)?[.]ts)$/.test(name))).toEqual([]);
  });
});

async function plantTree(files: { file: string; text: string }[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'mistnet-import-rule-'));
  for (const { file, text } of files) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), `${text}\n`);
  }
  // As npm links a workspace.
  await mkdir(join(folder, 'node_modules/@mistnet'));
  await symlink('../../emulator', join(folder, 'node_modules/@mistnet/emulator'));
  return folder;
}

const cruiseResult = z.object({
  summary: z.object({
    totalCruised: z.number(),
    violations: z.array(z.object({ from: z.string(), to: z.string(), rule: z.object({ name: z.string() }) })),
  }),
});

async function cruise(folder: string, paths: string[]) {
  const program = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [program, '--config', configFile, '--output-type', 'json', ...paths],
    // Its exit code is 0 for JSON whatever it finds; a failure to run rejects.
    { cwd: folder, maxBuffer: 64 * 1024 * 1024 },
  );
  return cruiseResult.parse(JSON.parse(stdout)).summary;
}
