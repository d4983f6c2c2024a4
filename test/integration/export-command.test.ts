/** `mistnet export` as people call it. */
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { type ExportBench, exportBench } from '../support/exports.ts';
import { samplePosts } from '../support/sample-posts.ts';
import { projectRoot } from '../support/server.ts';

const START = Date.parse('2026-11-22T13:00:00.000Z');

type Said = { code: number; out: string; err: string };

async function mistnet(bench: ExportBench, ...args: string[]): Promise<Said> {
  const environment = {
    PATH: process.env.PATH,
    MISTNET_HOME: join(bench.home, 'home'),
    MISTNET_DATABASE_URL: bench.url,
  };
  const program = join(projectRoot, 'src/cli/main.ts');
  const run = promisify(execFile)(process.execPath, [program, ...args], { env: environment, maxBuffer: 1 << 28 });
  return await run.then(
    ({ stdout, stderr }) => ({ code: 0, out: stdout, err: stderr }),
    (error: { code: number; stdout: string; stderr: string }) => ({
      code: error.code,
      out: error.stdout,
      err: error.stderr,
    }),
  );
}

describe('mistnet export', () => {
  it('publishes a folder in the home and lists it, and writes rows to a pipe', async () => {
    await using bench = await exportBench();
    const posts = samplePosts(5, 700, START);
    await bench.load(
      'birds',
      posts.map(({ line }, n) => ({ payload: line, atMs: START + n * 20 })),
    );
    const done = await mistnet(bench, 'export', '--collection', 'birds', '--name', 'first', '--preset', 'sfm');
    expect(done).toMatchObject({ code: 0, out: `${join(bench.home, 'home/exports/first')}\n` });
    expect(done.err).toContain('700 rows, counted and written');
    expect(await readdir(join(bench.home, 'home/exports/first'))).toContain('first.csv');
    const piped = await mistnet(
      bench,
      'export',
      'all',
      '--format',
      'ids',
      '--output',
      '-',
      '--posted-from',
      '2026-11-22',
    );
    expect(piped.out.split('\n').slice(0, -1)).toEqual(posts.map(({ id }) => id));
    const named = await mistnet(bench, 'export', '--collection', 'birds', '--format', 'jsonl', '--json');
    const manifest = JSON.parse(named.out) as { name: string; rows: number };
    expect(manifest.name).toMatch(/^birds-[0-9]{8}t[0-9]{6}z$/);
    expect(manifest.rows).toBe(700);
    const waiting = await mistnet(bench, 'export', 'all', '--background', '--name', 'later');
    expect(waiting).toMatchObject({ code: 0, out: 'later\n' });
    expect(waiting.err).toContain('which does not run: mistnet start');
    expect((await mistnet(bench, 'export', 'cancel', 'later')).err).toBe('Cancelled later.\n');
    const list = (await mistnet(bench, 'export', 'list')).out.split('\n').slice(1, -1);
    expect(list.map((line) => line.split(/\s+/).slice(0, 2).join(' '))).toEqual([
      'later cancelled',
      `${manifest.name} done`,
      'first done',
    ]);
    expect((await mistnet(bench, 'export', 'show', 'first')).out).toContain('first: done\nrows      700 of 700');
    const elsewhere = join(bench.home, 'elsewhere');
    expect((await mistnet(bench, 'export', 'all', '--excel-safe', '--output', elsewhere, '--name', 'mine')).out).toBe(
      `${elsewhere}\n`,
    );
    expect((await readFile(join(elsewhere, 'mine.csv'), 'utf8')).split('\r\n')[1]).toContain(
      `"=""${posts[0]?.id ?? ''}"""`,
    );
  });

  it('says in one sentence what is wrong with a wish', async () => {
    await using bench = await exportBench();
    await bench.load('birds', [{ payload: samplePosts(5, 1, START)[0]?.line ?? '', atMs: START }]);
    const wrong = async (...args: string[]) => {
      const { code, out, err } = await mistnet(bench, 'export', ...args);
      expect(out).toBe('');
      return `${code} ${err.trim()}`;
    };
    expect(await wrong()).toBe(
      '2 mistnet: Say what to export, one of: all, --collection NAME, --account NAME, --set NAME.',
    );
    expect(await wrong('everything')).toContain('"everything" is nothing that can be exported');
    expect(await wrong('all', '--format', 'xls')).toBe(
      '2 mistnet: --format is "xls"; it must be one of csv, tsv, xlsx, jsonl, parquet, ids.',
    );
    expect(await wrong('all', '--format', 'xlsx', '--output', '-')).toContain('no format for a pipe');
    expect(await wrong('all', '--name', '../x')).toContain('--name is "../x"');
    expect(await wrong('--collection', 'bird')).toContain('Did you mean birds?');
    expect(await wrong('--account', 'nobody')).toContain('No stored post or followed account belongs to "nobody"');
    expect(await wrong('--set', 'nobody')).toBe('1 mistnet: There is no set of accounts "nobody".');
    expect(await wrong('show', 'x')).toContain('There is no export "x"');
  });
});
