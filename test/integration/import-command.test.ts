/** Older collections brought in by the real program: recorded payloads stay what they were, damaged ids are told, and a kill doubles and loses nothing. */
import { existsSync } from 'node:fs';
import { access, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { SNOWFLAKE_EPOCH_MS } from '../../src/core/snowflake.ts';
import { freshDatabase } from '../support/database.ts';
import { type KeptFrame, keptSegments } from '../support/system/kept-frames.ts';
import { until } from '../support/system/until.ts';
import { MISTNET, openWorkbench, projectRoot, type Workbench } from '../support/system/workbench.ts';

const FIXTURES = join(projectRoot, '../shared/fixtures');
const lacksFixtures = !existsSync(FIXTURES) && process.env.MISTNET_REQUIRE_ALL !== '1';

type Report = {
  posts: number;
  damaged: number;
  mended: number;
  notPosts: number;
  unreadable: number;
  reports: {
    outcome: string;
    posts: number;
    cut?: string;
    damagedIds: { line: number; id: string; reason: string }[];
  }[];
};
type Json = Record<string, unknown>;

async function postFrames(bench: Workbench, collection: string): Promise<KeptFrame[]> {
  const segments = await keptSegments(bench.home, collection);
  return segments.flatMap(({ frames }) => frames).filter(({ id }) => id !== undefined);
}

/** All statuses of v1.1 in recorded exchanges, each once. */
async function recordedStatuses(): Promise<Json[]> {
  const found = new Map<string, Json>();
  const collect = (value: unknown) => {
    if (Array.isArray(value)) for (const each of value) collect(each);
    else if (typeof value === 'object' && value !== null) {
      const status = value as Json;
      if (typeof status.id_str === 'string' && typeof status.user === 'object' && typeof status.created_at === 'string')
        found.set(status.id_str, status);
      else for (const each of Object.values(status)) collect(each);
    }
  };
  const folder = join(FIXTURES, 'x-v1.1/tweepy-cassettes');
  for (const name of await readdir(folder)) collect(JSON.parse(await readFile(join(folder, name), 'utf8')));
  return [...found.values()].filter(({ text, full_text: full }) => text !== undefined || full !== undefined);
}

/** A post of the nth second of 2021-05-18T00Z as twarc flattens it. */
function flattened(n: number): string {
  const ms = Date.parse('2021-05-18T00:00:00Z') + n * 1000;
  const id = String((BigInt(ms - SNOWFLAKE_EPOCH_MS) << 22n) + BigInt(n % 4096));
  return JSON.stringify({
    ...{ id, created_at: new Date(ms).toISOString(), text: `post ${n} é 🐦`, author_id: '12' },
    ...{ author: { id: '12', username: 'jack' }, filler: 'x'.repeat(1500) },
    __twarc: { retrieved_at: `2021-05-19T${String(10 + (Math.floor(n / 3000) % 10))}:00:00+00:00` },
  });
}

describe('mistnet import', () => {
  it.skipIf(lacksFixtures)(
    'keeps recorded pages, posts and statuses as they were, once, at the instant when they were retrieved',
    async () => {
      await using database = await freshDatabase();
      await using bench = await openWorkbench();
      const env = { MISTNET_DATABASE_URL: database.url };
      const statuses = await recordedStatuses();
      expect(statuses.length).toBeGreaterThan(80);
      const twt = join(bench.folder, 'timeline.twt');
      await writeFile(twt, gzipSync(statuses.map((status) => `${JSON.stringify(status)}\n`).join('')));
      const pages = ['brexit', 'kpop', 'media_policy_violation_on', 'geo_tweets', 'users', 'counts'];
      const files = [...pages.map((name) => join(FIXTURES, `x-v2/twarc-csv/${name}.jsonl`)), twt];

      const end = await bench.mistnet(['import', ...files, '--collection', 'old', '--json'], { env });
      expect(end, end.stderr).toMatchObject({ code: 0 });
      const report = JSON.parse(end.stdout) as Report;
      // Reading them as JSON here has rounded the ids that are numbers, as it does everywhere; id_str has them whole.
      const mended = statuses.filter((status) => String(status.id) !== status.id_str).length;
      expect(mended).toBeGreaterThan(50);
      expect(report).toMatchObject({ damaged: 0, mended, unreadable: 0, posts: 302 + statuses.length });
      expect(report.notPosts).toBeGreaterThan(200);

      const frames = await postFrames(bench, 'old');
      expect(frames.length).toBe(report.posts);
      const kept = new Map(frames.map(({ id, payload, at }) => [id, { text: payload.toString(), at }]));
      for (const status of statuses) expect(kept.get(status.id_str as string)?.text).toBe(JSON.stringify(status));
      for (const name of pages.slice(0, 4)) {
        const lines = (await readFile(join(FIXTURES, `x-v2/twarc-csv/${name}.jsonl`), 'utf8')).trim().split('\n');
        for (const line of lines) {
          const page = JSON.parse(line) as { data: Json[]; __twarc: { retrieved_at: string } };
          for (const post of page.data) {
            const frame = kept.get(post.id as string);
            expect((JSON.parse(frame?.text ?? '{}') as Json).data).toEqual(post);
            expect(Date.parse(frame?.at ?? '')).toBe(Date.parse(page.__twarc.retrieved_at));
          }
        }
      }
      const stored = await database.db.query<{ posts: string; observations: string }>(
        'select (select count(*) from posts) as posts, (select count(*) from observations) as observations',
      );
      expect(stored).toEqual([{ posts: String(kept.size), observations: String(frames.length) }]);

      const moved = `${twt}.moved.gz`;
      await rename(twt, moved);
      const again = await bench.mistnet(['import', moved, files[0] ?? '', '--collection', 'old', '--json'], { env });
      expect((JSON.parse(again.stdout) as Report).reports.map(({ outcome }) => outcome)).toEqual([
        'already',
        'already',
      ]);
      expect(await postFrames(bench, 'old')).toHaveLength(frames.length);
    },
  );

  it('goes on after a kill wherever it came: nothing twice, nothing missing', async () => {
    await using database = await freshDatabase();
    await using bench = await openWorkbench();
    const env = { MISTNET_DATABASE_URL: database.url, MISTNET_NODE: 'here', MISTNET_SEAL_BYTES: '3000000' };
    const count = 20_000;
    const file = join(bench.folder, 'posts.jsonl');
    const lines = Array.from({ length: count }, (_, n) => flattened(n));
    await writeFile(file, `${lines.join('\n')}\n`);
    const other = join(bench.folder, 'other.jsonl');
    await writeFile(other, `${flattened(90_000)}\n`);
    const ledger = join(bench.home, 'segments/old/imports-here.json');
    const lineOf = async () => {
      const text = await readFile(ledger, 'utf8').catch(() => '{"sources":{}}'); // not there yet
      const { sources } = JSON.parse(text) as { sources: Record<string, { line: number; file: string }> };
      return Object.values(sources).find((source) => source.file === file)?.line ?? 0;
    };

    let before = 0;
    for (const [kill, args] of [[file], [other, file], [file]].entries()) {
      const program = bench.start(MISTNET, ['import', ...args, '--collection', 'old'], { env });
      const reached = await until('some batches', async () => {
        const line = await lineOf();
        return line >= before + 1500 ? line : undefined;
      });
      program.child.kill('SIGKILL');
      await program.ended;
      expect(reached, `before kill ${kill}`).toBeLessThan(count);
      before = reached;
    }
    const end = await bench.mistnet(['import', file, other, '--collection', 'old'], { env });
    expect(end, end.stderr).toMatchObject({ code: 0 });

    const frames = await postFrames(bench, 'old');
    const expected = [...lines, flattened(90_000)];
    expect(frames.length).toBe(expected.length);
    expect(new Set(frames.map(({ payload }) => payload.toString()))).toEqual(new Set(expected));
    const stored = await database.db.query<{ posts: string; observations: string }>(
      'select (select count(*) from posts) as posts, (select count(*) from observations) as observations',
    );
    expect(stored).toEqual([{ posts: String(expected.length), observations: String(expected.length) }]);
  });

  it('tells damaged ids with their lines, quarantines them, and takes rows of Social Feed Manager for what they are', async () => {
    await using database = await freshDatabase();
    await using bench = await openWorkbench();
    const env = { MISTNET_DATABASE_URL: database.url };
    const id = (JSON.parse(flattened(1)) as { id: string }).id;
    const damaged = join(bench.folder, 'damaged.jsonl');
    const lines = [
      flattened(1),
      flattened(2).replace(/"id":"(\d+)"/, '"id":$1'),
      flattened(3).replace(/"id":"\d+"/, '"id":"1.39474E+18"'),
      flattened(4).replace(/"id":"(\d{15})\d+"/, '"id":"$10000"'),
      flattened(5).replace('2021-05-18T00:00', '2021-05-18T00:09'),
    ];
    await writeFile(damaged, `${lines.join('\n')}\n`);
    const dry = await bench.mistnet(['import', damaged, '--collection', 'old', '--dry-run', '--json'], { env });
    expect(dry.code).toBe(3);
    expect((JSON.parse(dry.stdout) as Report).reports[0]?.damagedIds.map(({ line }) => line)).toEqual([2, 3, 4, 5]);
    await expect(access(join(bench.home, 'segments/old'))).rejects.toThrow('ENOENT');

    const csv = join(bench.folder, 'sfm.csv');
    const columns = ['twitter_id', 'created_at', 'screen_name', 'text', 'twitter_url'];
    const row = [
      Number(id).toExponential(5),
      '2021-05-18T00:00:01Z',
      'jack',
      '"one, ""two"""',
      `http://twitter.com/jack/status/${id}`,
    ];
    await writeFile(csv, `${columns.join(',')}\n${row.join(',')}\n`);
    const cut = join(bench.folder, 'cut.jsonl.gz');
    await writeFile(cut, gzipSync(`${flattened(6)}\n${flattened(7)}\n`).subarray(0, -12));
    const files = [damaged, csv, cut, join(bench.folder, 'absent.jsonl')];
    const end = await bench.mistnet(['import', ...files, '--collection', 'old', '--json'], { env });
    expect(end, end.stderr).toMatchObject({ code: 3 });
    const report = JSON.parse(end.stdout) as Report;
    expect(report).toMatchObject({ damaged: 4, mended: 1 });
    expect(report.reports.map(({ outcome }) => outcome)).toEqual(['imported', 'imported', 'imported', 'failed']);
    expect(report.reports[2]?.cut).toBeDefined();
    expect(end.stderr).toContain('line 3: 1.39474E+18: the id has been a number');

    const reasons = await database.db.query<{ reason: string }>(
      "select reason from quarantined_frames where reason like 'import: the id%' order by content_offset",
    );
    expect(reasons).toHaveLength(4);
    const texts = await database.db.query<{ text: string; account_id: string | null }>(
      'select text, account_id from posts where post_id = $1',
      [id],
    );
    expect(texts).toHaveLength(1);
    const show = await bench.mistnet(['collection', 'show', 'old', '--json'], { env });
    const { captured, loaded, quarantined, kind } = JSON.parse(show.stdout) as Json;
    expect(kind).toBe('import');
    expect(captured).toBe(Number(loaded) + Number(quarantined));
    const whole = await bench.mistnet(['import', cut, '--collection', 'elsewhere'], { env });
    expect(whole.code).toBe(1);

    await bench.mistnet(['collection', 'add', 'stream', '--kind', 'sample'], { env });
    const wrong = await bench.mistnet(['import', damaged, '--collection', 'stream'], { env });
    expect(wrong).toMatchObject({ code: 2 });
    expect(wrong.stderr).toContain('collects by itself (sample)');
  });
});
