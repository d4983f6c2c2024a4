/** Whole hours of a generator that this project did not write, with what it says must come out of them. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decompress } from 'lzma-native';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { collectInputFiles } from '../../src/process/input-files.ts';
import { build, parseNamedCsv, readOutput, readParquet } from '../support/hours.ts';

const GENERATOR = fileURLToPath(new URL('../../../shared/bench/gen-tweets.mjs', import.meta.url));

let folder: string;
beforeEach(async (test) => {
  if (!existsSync(GENERATOR)) test.skip(`the generator is not here: ${GENERATOR}`);
  folder = await mkdtemp(join(tmpdir(), 'mistnet-generated-'));
});
afterEach(async () => rm(folder, { recursive: true, force: true }));

type Truth = {
  report: string;
  union: number;
  diff: number;
  servers: { tweets: number; unique: number; dups: number; malformed: number; truncated: number; lines: number }[];
};

async function generate(...options: string[]): Promise<{ truth: Truth; nodes: { name: string; files: string[] }[] }> {
  execFileSync(process.execPath, [GENERATOR, 'hour', '--n', '3000', ...options, '--out', join(folder, 'in')], {
    stdio: 'ignore',
  });
  const nodes = [];
  for (const name of ['tmp1', 'tmp2']) nodes.push({ name, files: await collectInputFiles(join(folder, 'in', name)) });
  return { truth: JSON.parse(await readFile(join(folder, 'in', 'manifest.json'), 'utf8')) as Truth, nodes };
}

/** The generator writes 7.00 where Python writes 7.0. */
const asPython = (report: string) => report.replace(/0%$/, '%');

const unpack = (packed: Buffer) => new Promise<Buffer>((resolve) => decompress(packed, {}, resolve));

describe('a generated hour', () => {
  it.each([
    ['11', 'flat'],
    ['12', 'raw'],
    ['13', 'flat'],
    ['14', 'raw'],
  ])('of seed %s, %s, has the counts of its truth', async (seed, shape) => {
    const { truth, nodes } = await generate('--seed', seed, '--shape', shape);
    const built = await build({ nodes, output: join(folder, 'out') });
    expect(built.manifest.report.line).toBe(asPython(truth.report));
    expect(built.manifest.counts).toMatchObject({ tweets: truth.union, difference: truth.diff });
    expect(
      built.manifest.nodes.map(({ tweets, unique, duplicates, lines }) => ({
        tweets,
        unique,
        dups: duplicates,
        lines,
      })),
    ).toMatchObject(truth.servers.map(({ tweets, unique, dups, lines }) => ({ tweets, unique, dups, lines })));
    expect((await readOutput(built, 'ids')).split('\n').length - 1).toBe(truth.union);
    const [{ n, users }] = (await readParquet(
      built,
      'select count(*)::int as n, count(distinct author_id)::int as users from posts',
    )) as [{ n: number; users: number }];
    expect([n, users]).toEqual([truth.union, built.manifest.counts.users]);
  });

  it('with hostile values, malformed lines and a cut end loses nothing else', async () => {
    const { truth, nodes } = await generate(
      '--seed',
      '15',
      '--shape',
      'flat',
      '--hostile',
      '0.2',
      '--nul',
      '0.05',
      '--malformed',
      '8',
      '--truncate',
      '1',
    );
    const built = await build({ nodes, output: join(folder, 'out') });
    const rows = parseNamedCsv(await readOutput(built, 'tweets'));
    for (const [index, server] of truth.servers.entries()) {
      const report = built.manifest.nodes[index];
      const malformed = Object.values(report?.malformed ?? {}).reduce((sum, count) => sum + count, 0);
      expect(malformed + (report?.blank ?? 0)).toBe(server.malformed + server.truncated);
      expect(report?.tweets).toBe(server.tweets - server.truncated);
    }
    expect(Math.abs(built.manifest.counts.tweets - truth.union)).toBeLessThanOrEqual(1);
    // What pandas reads as missing is a value here.
    for (const word of ['NA', 'null', 'nan']) expect(rows.some((row) => row.text === word)).toBe(true);
    const posts = await readParquet(built, 'select id, text, "author.name" as name from posts order by length(id), id');
    expect(posts.map(({ text }) => String(text).replaceAll('\n', ' ').replaceAll('\0', '\\0'))).toEqual(
      rows.map((row) => row.text),
    );
    expect(posts.map(({ name }) => name ?? '')).toEqual(rows.map((row) => row['author.name']));
  });

  it('packed with xz holds the same', async () => {
    const { nodes } = await generate('--seed', '16', '--shape', 'flat');
    const plain = await build({ nodes, output: join(folder, 'plain') });
    const packed = await build({ nodes, output: join(folder, 'packed'), xzLevel: 6 });
    for (const kind of ['tweets', 'users', 'ids'] as const) {
      const { file, rows } = packed.manifest.outputs[kind];
      expect(file).toBe(`${plain.manifest.outputs[kind].file}.xz`);
      expect(rows).toBe(plain.manifest.outputs[kind].rows);
      expect((await unpack(await readFile(join(packed.dayFolder, file)))).toString()).toBe(
        await readOutput(plain, kind),
      );
    }
  });
});
