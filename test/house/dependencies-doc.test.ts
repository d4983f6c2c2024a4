import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

const root = join(import.meta.dirname, '../..');
const names = z.record(z.string(), z.string()).default({});
const packageFile = z.object({
  workspaces: z.array(z.string()).default([]),
  dependencies: names,
  devDependencies: names,
  optionalDependencies: names,
});
const readPackage = (folder: string) =>
  packageFile.parse(JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')));

describe('docs/dependencies.md', () => {
  const packages = ['.', ...readPackage('.').workspaces].map((folder) => readPackage(folder));
  const wanted = packages.flatMap((one) =>
    Object.entries({ ...one.dependencies, ...one.devDependencies, ...one.optionalDependencies }),
  );
  // A line names one package, or several that only make sense together.
  const rows = readFileSync(join(root, 'docs/dependencies.md'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim()));
  const explained = rows.flatMap((cells) =>
    [...(cells[1] ?? '').matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? ''),
  );

  it('has a line for each dependency of the three packages, and none without its dependency', () => {
    expect(wanted.length).toBeGreaterThan(20);
    expect(explained.toSorted()).toEqual([...new Set(wanted.map(([name]) => name))].toSorted());
  });

  it('says in each line why this one and what we would write instead', () => {
    expect(rows.filter((cells) => !cells[2] || !cells[3]).map((cells) => cells[1])).toEqual([]);
  });

  it('describes exact versions only, so that a fresh clone installs what was tested', () => {
    expect(wanted.filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([]);
  });
});
