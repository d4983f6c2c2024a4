/** Timelines of followed accounts through the whole path: the emulator's truth is what is stored, though the worker is killed; no page that was kept is bought again. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { snowflakeToMs } from '../../src/core/snowflake.ts';
import { type EmulatorProgram, startEmulator } from '../support/system/emulator.ts';
import { keptSegments, postIds } from '../support/system/kept-frames.ts';
import { rolePid, startMistnet, towards } from '../support/system/mistnet.ts';
import { gone, signalProcess } from '../support/system/processes.ts';
import { until } from '../support/system/until.ts';
import { type Environment, openWorkbench, type Workbench } from '../support/system/workbench.ts';

type Run = {
  accountId: string;
  startedAt: string;
  finishedAt: string | null;
  outcome: string | null;
  posts: number;
  pages: number;
};
type Marker = { mistnet: { timeline: string; url: string } };

const HORIZON = 3200;

async function json<T>(bench: Workbench, env: Environment, args: string[]): Promise<T> {
  const end = await bench.mistnet([...args, '--json'], { env });
  expect(end, end.stderr).toMatchObject({ code: 0 });
  return JSON.parse(end.stdout) as T;
}

async function truthOf(emulator: EmulatorProgram, account: string): Promise<string[]> {
  const url = new URL(`/_emulator/truth/account/posts?account=${account}&limit=100000`, emulator.url);
  const text = await (await fetch(url, { headers: { connection: 'close' } })).text();
  return text.split('\n').filter((line) => line !== '');
}

describe('a collection of timelines', () => {
  it('holds what the platform would show, once, with the horizon as a gap; workers that are killed lose and double nothing', async () => {
    await using bench = await openWorkbench();
    const emulator = await startEmulator(bench, ['--seed', '7', '--rate', '20']);
    const env = towards(emulator, { MISTNET_SEAL_AGE_MS: '2000' });
    const handles = (await (await fetch(new URL('/_emulator/credentials', emulator.url))).json()) as Record<
      string,
      string
    >;
    const list = join(bench.folder, 'accounts.txt');
    await writeFile(
      list,
      ['user_public', 'user_renamed', 'user_deleted', 'user_suspended'].map((name) => handles[name]).join('\n'),
    );
    const imported = await bench.mistnet(['account', 'import', list, '--set', 'press'], { env });
    const outcomes = imported.stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { outcome: string }).outcome);
    expect(outcomes).toEqual(['added', 'added', 'not_found', 'suspended']);
    const added = await bench.mistnet(['collection', 'add', 'press', '--kind', 'timeline', '--set', 'press'], { env });
    expect(added.stdout).toContain('It reads 2 timelines now');

    const mistnet = await startMistnet(bench, env);
    for (const atLeast of [200, 1500]) {
      await mistnet.statusIs('press', `${atLeast} posts`, ({ captured }) => captured >= atLeast, 120_000);
      const pid = await rolePid(bench, 'worker');
      signalProcess(pid, 'SIGKILL');
      await gone(pid);
    }
    const runs = await until(
      'both timelines to be read',
      async () => {
        const all = await json<Run[]>(bench, env, ['collection', 'runs', 'press']);
        return all.filter(({ outcome }) => outcome === 'done').length === 2 ? all : undefined;
      },
      { withinMs: 240_000, everyMs: 2000 },
    );
    // A status may be a second old and equal an earlier seal's rows; what lies on the disk cannot, once the runs are done.
    const kept = postIds(await keptSegments(bench.home, 'press')).length;
    await mistnet.statusIs(
      'press',
      `${kept} posts captured and loaded`,
      ({ captured, loaded }) => captured === kept && loaded === kept,
    );
    const gaps = await json<{ cause: string; evidence: string }[]>(bench, env, ['collection', 'gaps', 'press']);
    expect(gaps.map(({ cause }) => cause)).toEqual(['horizon', 'horizon']);
    const port = new URL(emulator.url);
    const calls = (await (await fetch(new URL('/_emulator/truth/calls', port))).json()) as {
      calls: { path: string; byStatus: Record<string, number> }[];
    };
    await mistnet.stop();

    const frames = (await keptSegments(bench.home, 'press')).flatMap((segment) => segment.frames);
    const markers = frames
      .map(({ payload }) => JSON.parse(payload.toString()) as Partial<Marker>)
      .filter((value): value is Marker => value.mistnet !== undefined);
    const urls = markers.map(({ mistnet: { url } }) => url);
    expect(new Set(urls).size, 'pages that were kept twice').toBe(urls.length);
    const bought = calls.calls
      .filter(({ path }) => path.endsWith('/tweets') && path.includes('users'))
      .reduce((sum, { byStatus }) => sum + (byStatus['200'] ?? 0), 0);
    // A page on its way while its reader was killed is lost on the way: at most one for each of two readers and two kills.
    expect(bought - urls.length).toBeLessThanOrEqual(4);

    const posts = frames.filter(({ id }) => id !== undefined);
    expect(kept).toBe(posts.length);
    const authors = new Map(
      posts.map(({ id, payload }) => [
        id as string,
        (JSON.parse(payload.toString()) as { data: { author_id: string } }).data.author_id,
      ]),
    );
    expect(authors.size, 'posts that are there twice').toBe(posts.length);
    for (const [name, accountId] of [...new Set(runs.map((run) => run.accountId))].entries()) {
      const done = runs.find((run) => run.accountId === accountId && run.outcome === 'done');
      const first = runs.filter((run) => run.accountId === accountId).map(({ startedAt }) => Date.parse(startedAt));
      const stored = [...authors].filter(([, author]) => author === accountId).map(([id]) => id);
      const truth = (await truthOf(emulator, accountId)).filter(
        (id) => (snowflakeToMs(id) ?? 0) < Math.min(...first) - 1000,
      );
      const oldest = stored.toSorted((a, b) => a.length - b.length || (a < b ? -1 : 1))[0] ?? '';
      const shown = truth.filter((id) => id.length > oldest.length || (id.length === oldest.length && id >= oldest));
      expect(
        shown.filter((id) => !authors.has(id)),
        `posts of account ${name} that are missing`,
      ).toEqual([]);
      expect(stored.length).toBeGreaterThan(HORIZON - 10);
      expect(done?.finishedAt).not.toBeNull();
    }
  });
});
