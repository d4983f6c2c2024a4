/** What comes behind the capture of a shared stream: hours, compaction, retention, exports, a load into another database. No collection harms another one. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { compactHour } from '../../src/archive/compact-hour.ts';
import { MeaningLog } from '../../src/capture/meaning/meaning-log.ts';
import { hourFolder, SEALED_SUFFIX } from '../../src/capture/segment/layout.ts';
import { silentLog } from '../../src/core/log.ts';
import { filterDefinition } from '../../src/core/rules/definition.ts';
import type { StreamMeaning } from '../../src/core/rules/meaning.ts';
import { systemClock } from '../../src/core/time.ts';
import { buildCollectionHour } from '../../src/jobs/tasks/build-hour.ts';
import { retainRows } from '../../src/jobs/tasks/retain-rows.ts';
import { toExportRequest } from '../../src/share/export-request.ts';
import { runExport } from '../../src/share/run-export.ts';
import type { Database } from '../../src/store/db.ts';
import { addFilterCollection } from '../../src/store/filters/filter-collections.ts';
import { StreamAttribution } from '../../src/store/filters/stream-attribution.ts';
import { setCredential } from '../../src/store/queries/set-credential.ts';
import { setKeep } from '../../src/store/queries/set-keep.ts';
import { rebuildCollection } from '../../src/store/rebuild.ts';
import { freshDatabase } from '../support/database.ts';
import { loadAll, temporaryFolder } from '../support/loader.ts';
import { sampleLine, snowflakeAt } from '../support/sample-posts.ts';
import { writeSealedSegment } from '../support/write-segment.ts';

const NOW = Date.parse('2026-11-22T09:00:00.000Z');
const OLD = Date.parse('2026-11-10T13:05:00.000Z');
const NEW = Date.parse('2026-11-21T13:05:00.000Z');
const signal = new AbortController().signal;

const words: Record<string, string> = { birds: 'bird', cats: 'cat' };

async function addFilters(db: Database): Promise<void> {
  for (const [name, word] of Object.entries(words))
    await db.transaction((tx) =>
      addFilterCollection(tx, systemClock, {
        ...{ name, api: 'v2', credential: 'main', definition: filterDefinition({ words: [word] }) },
        ...{ by: 'a test', reason: 'to begin with' },
      }),
    );
  await db.query("update filter_members set from_at = '2026-11-01T00:00:00Z'");
}

/** Posts from an instant on, captured a moment after they were made; each says which words it has. */
function posts(plan: string, atMs: number, texts: readonly string[]) {
  return texts.map((text, at) => {
    const madeMs = atMs + at * 20;
    const line = JSON.parse(
      sampleLine({ id: snowflakeAt(madeMs, at), atMs: madeMs, account: at % 50, text }),
    ) as object;
    const rules = Object.values(words).filter((word) => text.includes(word));
    const matching_rules = rules.map((word) => ({ id: '1', tag: `${plan}-${word}` }));
    return { payload: JSON.stringify({ ...line, matching_rules }), atMs: madeMs + 5 };
  });
}

const many = (count: number, text: string) => Array.from({ length: count }, (_, at) => `${text} ${at}`);

async function setUp() {
  await using started = new AsyncDisposableStack();
  const test = started.use(await freshDatabase());
  const home = started.use(await temporaryFolder());
  const segmentsFolder = join(home.path, 'segments');
  await addFilters(test.db);
  const meaning = (plan: string, names: string[]): StreamMeaning => ({
    ...{ revision: 1, api: 'v2' },
    collections: names.map((name) => {
      const key = words[name] ?? '';
      return { name, version: 1, clauses: [{ key, sources: [{ kind: 'word', text: key }] }] };
    }),
    rules: names.map((name) => ({ names: [`${plan}-${words[name] ?? ''}`], clauses: [words[name] ?? ''] })),
  });
  let sequence = 0;
  const capture = async (plan: string, atMs: number, texts: string[]) => {
    const wish = { segmentsFolder, plan, node: 'n1', openedAtMs: atMs, sequence: ++sequence };
    return (await writeSealedSegment({ ...wish, frames: posts(plan, atMs, texts) })).stem;
  };
  const note = async (plan: string, atMs: number, names: string[]) => {
    const log = await MeaningLog.open(join(segmentsFolder, plan), 'n1');
    await log.note({ ...meaning(plan, names), revision: Math.round(atMs / 1000) }, { now: () => atMs });
  };
  const stack = started.move();
  return {
    ...{ db: test.db, home: home.path, segmentsFolder, capture, note, meaning },
    load: (db = test.db) => loadAll({ db, segmentsFolder, connections: 1 }),
    retain: () =>
      retainRows({ db: test.db, segmentsFolder, node: 'n1', clock: { now: () => NOW }, signal, log: silentLog }),
    build: (name: string, hour: string) =>
      buildCollectionHour(
        {
          ...{ db: test.db, segmentsFolder, datasetsFolder: join(home.path, 'datasets') },
          ...{ runFolder: join(home.path, 'run'), version: '9.9.9', clock: systemClock, signal, xzLevel: 'none' },
        },
        name,
        hour,
      ),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** Like `11-10 birds: 40`. */
async function observed(db: Database): Promise<string[]> {
  const rows = await db.query<{ line: string }>(
    `select to_char(captured_at at time zone 'UTC', 'MM-DD') || ' ' || name || ': ' || count(*) as line
      from observations join collections using (collection_id) group by to_char(captured_at at time zone 'UTC', 'MM-DD'), name order by 1`,
  );
  return rows.map(({ line }) => line);
}

const SAID = `select c.name, o.post_id, o.captured_at, array(select text from filter_seeds s where s.seed_id = any(o.matched) order by 1) as words
  from observations o join collections c using (collection_id) order by 1, 2`;

describe('collections that share a stream', () => {
  it('keep rows each for its own time, lose none by another one’s wish, and are made anew alike, here and elsewhere', async () => {
    await using test = await setUp();
    const plan = 'filter-main';
    await test.note(plan, OLD - 60_000, ['birds', 'cats']);
    const texts = [...many(30, 'a bird'), ...many(25, 'a cat'), ...many(10, 'a bird and a cat'), ...many(5, 'nothing')];
    const stems = [await test.capture(plan, OLD, texts), await test.capture(plan, NEW, texts)];
    await test.load();
    const all = ['11-10 birds: 40', '11-10 cats: 35', '11-21 birds: 40', '11-21 cats: 35'];
    expect(await observed(test.db)).toEqual(all);
    const said = await test.db.query(SAID);

    // Another database that has collections of these names gets the same rows from the files alone; a rebuild here, too.
    {
      await using elsewhere = await freshDatabase();
      await addFilters(elsewhere.db);
      await test.load(elsewhere.db);
      expect(await elsewhere.db.query(SAID)).toEqual(said);
    }
    await rebuildCollection(test.db, 'birds');
    await test.load();
    expect(await test.db.query(SAID)).toEqual(said);

    // An export of one has its posts.
    const manifest = await runExport({
      ...{ db: test.db, name: 'cats', folder: join(test.home, 'exports', 'cats'), version: '9.9.9' },
      request: toExportRequest({ from: { kind: 'collection', name: 'cats' }, format: 'ids' }, 'UTC'),
      ...{ clock: systemClock, signal },
    });
    expect(manifest).toMatchObject({ rows: 70 });

    // Only what nobody keeps goes: rows of the one, posts of nobody else; the segments stay.
    await setKeep(test.db, 'birds', 'days:7');
    expect(await test.retain()).toMatchObject({ observations: 40, posts: 30, unverified: 0 });
    expect(await observed(test.db)).toEqual(all.slice(1));
    expect(await test.retain()).toMatchObject({ observations: 0, posts: 0 });
    for (const stem of stems) expect((await stat(`${stem}${SEALED_SUFFIX}`)).size).toBeGreaterThan(0);

    // One that keeps files alone takes nothing from the other, and nothing is loaded a second time.
    await setKeep(test.db, 'cats', 'files');
    await test.load();
    expect(await test.retain()).toMatchObject({ observations: 70, posts: 25 + 10 + 25 });
    await test.load();
    expect(await observed(test.db)).toEqual(['11-21 birds: 40']);
    expect(await test.db.query('select from quarantined_frames')).toEqual([]);

    // Wanted again, it gets what comes; what was comes with a rebuild.
    expect(await setKeep(test.db, 'cats', 'all')).toMatchObject({ isWider: true });
    await rebuildCollection(test.db, 'cats');
    await test.load();
    expect(await observed(test.db)).toEqual(all);
    expect(await test.db.query(SAID)).toEqual(said);
  });

  it('have hours of their own, of two streams where the credential changed, from compacted files, too', async () => {
    await using test = await setUp();
    await test.note('filter-main', OLD - 60_000, ['birds', 'cats']);
    await test.capture('filter-main', OLD, [
      ...many(30, 'a bird'),
      ...many(25, 'a cat'),
      ...many(10, 'a bird and a cat'),
    ]);
    const moved = OLD + 20 * 60_000;
    await test.note('filter-main', moved, ['cats']); // its rules stay known
    await test.note('filter-second', moved, ['birds']);
    await setCredential(test.db, 'birds', 'second');
    await test.db.query("update filter_members set to_at = $1 where to_at is not null and plan = 'filter-main'", [
      new Date(moved).toISOString(),
    ]);
    await test.db.query("update filter_members set from_at = $1 where plan = 'filter-second'", [
      new Date(moved).toISOString(),
    ]);
    await test.capture('filter-main', moved + 60_000, [...many(7, 'a bird'), ...many(8, 'a cat')]);
    await test.capture('filter-second', moved + 60_000, [...many(5, 'a bird')]);
    const ids = async (name: string) => {
      const { manifest, dayFolder } = await test.build(name, '2026-11-10T13Z');
      return { text: await readFile(join(dayFolder, manifest.outputs.ids.file)), posts: manifest.outputs.ids.rows };
    };
    await test.load();
    const before = { birds: await ids('birds'), cats: await ids('cats') };
    expect([before.birds.posts, before.cats.posts]).toEqual([45, 43]);
    for (const plan of ['filter-main', 'filter-second'])
      await compactHour({
        ...{ folder: hourFolder(join(test.segmentsFolder, plan), OLD), plan, node: 'n1', signal },
        isReady: () => true,
      });
    expect((await ids('birds')).text).toEqual(before.birds.text);
    expect((await ids('cats')).text).toEqual(before.cats.text);
  });

  it('are told apart alike by two segments that are loaded side by side, while what rules mean changes', async () => {
    await using test = await setUp();
    const plan = 'filter-main';
    const log = await MeaningLog.open(join(test.segmentsFolder, plan), 'n1');
    const owners = new StreamAttribution({
      ...{ db: test.db, segmentsFolder: test.segmentsFolder, plan, node: 'n1' },
      monotonicMs: () => performance.now(),
    });
    const [frame] = posts(plan, OLD, ['a bird']);
    const line: unknown = JSON.parse(frame?.payload ?? '');
    // Each frame is captured just after a change, and its lane brings itself up to date after it was read, as the loader does.
    let [noted, isOver] = [0, false];
    const lost: string[] = [];
    const frames = [0, 0];
    const lane = async (nth: number) => {
      for (; !isOver; frames[nth] = (frames[nth] ?? 0) + 1) {
        const change = noted;
        await owners.refresh();
        if (change > 0 && owners.rowsOf(line, OLD + change * 1000 + 500).length === 0)
          lost.push(`lane ${nth}: a frame of change ${change}`);
      }
    };
    const lanes = [0, 1].map((nth) =>
      lane(nth).finally(() => {
        isOver = true; // also when it failed
      }),
    );
    for (let change = 1; change <= 150 && !isOver; change++) {
      const names = change % 2 === 0 ? ['birds'] : ['birds', 'cats'];
      await log.note({ ...test.meaning(plan, names), revision: change }, { now: () => OLD + change * 1000 });
      noted = change;
      // Changes are quicker to write than lanes to look: these may not be left behind, however busy the machine.
      do await setImmediate();
      while (!isOver && Math.min(...frames) < change / 10);
    }
    isOver = true;
    await Promise.all(lanes);
    expect(lost).toEqual([]);

    // What is as new as its first post is known to whoever read that post, also when another lane heard of it first.
    await test.db.transaction((tx) =>
      addFilterCollection(tx, systemClock, {
        ...{ name: 'owls', api: 'v2', credential: 'main', definition: filterDefinition({ words: ['bird'] }) },
        ...{ by: 'a test', reason: 'late' },
      }),
    );
    const meaning = test.meaning(plan, ['birds']);
    const owls = meaning.collections.map((each) => ({ ...each, name: 'owls' }));
    const now = { ...meaning, revision: 99, collections: [...meaning.collections, ...owls] };
    await log.note(now, { now: () => NEW });
    const rows = await Promise.all(
      [1, 2].map(async () => {
        await owners.refresh();
        return owners.rowsOf(line, NEW + 500).map(({ matched }) => matched.length);
      }),
    );
    expect(rows).toEqual([
      [1, 1],
      [1, 1],
    ]);
  });
});
