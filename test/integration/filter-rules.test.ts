/** Rules of a shared stream on their way to the platform: whoever is killed, refused or not answered, no word that is asked for is without a rule. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startEmulator } from '../../emulator/src/start-emulator.ts';
import { MeaningReader } from '../../src/capture/meaning/meaning-reader.ts';
import { filterDefinition } from '../../src/core/rules/definition.ts';
import { systemClock } from '../../src/core/time.ts';
import { addFilterCollection, saveFilterVersion } from '../../src/store/filters/filter-collections.ts';
import { rulesOfCollection } from '../../src/store/filters/filter-reports.ts';
import { findCollection } from '../../src/store/queries/find-collection.ts';
import { setWanted } from '../../src/store/queries/set-wanted.ts';
import { freshDatabase } from '../support/database.ts';
import { type RulesProxy, rulesProxy } from '../support/filters/rules-proxy.ts';
import { syncNow } from '../support/filters/sync-now.ts';
import { temporaryFolder } from '../support/loader.ts';
import { runToCrashPoint } from '../support/run-to-crash-point.ts';

const PROGRAM = 'test/support/filters/sync-once.ts';
const PLAN = 'filter-main';

type There = { id: string; value: string; tag?: string };

async function office() {
  await using started = new AsyncDisposableStack();
  const emulator = started.use(await startEmulator({ seed: 3, rate: 1 }));
  const proxy: RulesProxy = started.use(await rulesProxy(emulator.url));
  const test = started.use(await freshDatabase());
  const { db } = test;
  const ask = async <T>(path: string, body?: object): Promise<T> => {
    const response = await fetch(new URL(path, emulator.url), {
      headers: { authorization: 'Bearer emulator-token', 'content-type': 'application/json', connection: 'close' },
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    });
    return (await response.json()) as T;
  };
  const there = async () => (await ask<{ data?: There[] }>('/2/tweets/search/stream/rules')).data ?? [];
  const part = (words: string[], raw: string[] = []) => ({
    definition: filterDefinition({ words, raw }),
    by: 'a test',
  });
  const stack = started.move();
  return {
    ...{ db, url: test.url, proxy, ask, there },
    add: (name: string, words: string[], raw?: string[]) =>
      db.transaction((tx) =>
        addFilterCollection(tx, systemClock, {
          ...part(words, raw),
          ...{ name, api: 'v2', credential: 'main', reason: 'to begin with' },
        }),
      ),
    change: (name: string, words: string[], raw?: string[]) =>
      db.transaction((tx) => saveFilterVersion(tx, systemClock, name, { ...part(words, raw), reason: 'a change' })),
    stop: (name: string) => setWanted(db, name, 'stopped'),
    sync: (options?: { isThorough?: boolean }) => syncNow(db, proxy.url, options),
    rulesOf: async (name: string) => rulesOfCollection(db, (await findCollection(db, name)).collectionId),
    /** Words that some rule at the platform bears. */
    words: async () =>
      new Set((await there()).flatMap(({ value }) => value.split(' OR ').map((each) => each.replaceAll(/[()]/g, '')))),
    /** What is noted agrees with what the platform has, rule by rule. */
    expectAgreed: async () => {
      const noted = await db.query<{ id: string; value: string }>(
        'select rule_id as id, value from filter_rules where plan = $1 and gone_at is null and present_at is not null order by 2',
        [PLAN],
      );
      const ours = (await there()).filter(({ tag }) => tag?.startsWith('mistnet-') === true);
      const byValue = (a: There, b: There) => (a.value < b.value ? -1 : 1);
      expect(ours.toSorted(byValue).map(({ id, value }) => ({ id, value }))).toEqual(noted);
      const [left] = await db.query(
        'select from filter_rules where plan = $1 and gone_at is null and unwanted_at is not null',
        [PLAN],
      );
      expect(left, 'a rule that is not wanted').toBeUndefined();
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

describe('a worker that is killed while it changes rules', () => {
  it('leaves no word without a rule, wherever it is, and the next one goes on from there', async () => {
    await using test = await office();
    await test.add('pets', ['cat', 'dog']);
    await test.add('sky', ['cloud']);
    expect(await test.sync()).toEqual([true]);
    await test.expectAgreed();
    const points = ['rules.told', 'rules.sent', 'rules.noted', 'rules.deleted', 'rules.ended'] as const;
    for (const [round, name] of points.entries()) {
      const stays = await test.words();
      // One word more, one less; `dog` stands all the time.
      await test.change('pets', ['dog', `bird${round}`]);
      const killed = await runToCrashPoint(PROGRAM, [test.url, test.proxy.url], { name, signal: 'SIGKILL' });
      expect(killed, `${name}: ${killed.stderr}`).toMatchObject({ signal: 'SIGKILL' });
      const left = await test.words();
      for (const word of ['dog', 'cloud']) expect([...left], `${name} with ${[...stays].join(', ')}`).toContain(word);
      const ended = await runToCrashPoint(PROGRAM, [test.url, test.proxy.url]);
      expect(ended, `after ${name}: ${ended.stderr}`).toMatchObject({ code: 0 });
      expect([...(await test.words())].sort(), `after ${name}`).toEqual([`bird${round}`, 'cloud', 'dog']);
      await test.expectAgreed();
      expect(await test.rulesOf('pets')).toMatchObject({ isSynced: true, error: null });
    }
    for (const name of ['pets', 'sky']) await test.stop(name);
    const stopped = await runToCrashPoint(PROGRAM, [test.url, test.proxy.url], {
      ...{ name: 'rules.deleted', signal: 'SIGKILL' },
    });
    expect(stopped).toMatchObject({ signal: 'SIGKILL' });
    await test.sync();
    expect(await test.there()).toEqual([]);
    await test.expectAgreed();
  }, 180_000);

  it('as capture at meaning.noted finds what it noted, notes it once, and tells that it knows it', async () => {
    await using test = await office();
    await using home = await temporaryFolder();
    await test.add('pets', ['cat']);
    const args = [test.url, home.path];
    const program = 'test/support/filters/note-meaning-once.ts';
    const told = async () => await test.db.query('select revision from filter_told');
    const killed = await runToCrashPoint(program, args, { name: 'meaning.noted', signal: 'SIGKILL' });
    expect(killed, killed.stderr).toMatchObject({ signal: 'SIGKILL' });
    expect(await told()).toEqual([]);
    const file = join(home.path, PLAN, 'meaning-n1.jsonl');
    const before = await readFile(file, 'utf8');
    const ended = await runToCrashPoint(program, args);
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
    expect(await readFile(file, 'utf8')).toBe(before);
    const [stream] = await test.db.query<{ revision: number }>('select revision from filter_streams');
    expect(await told()).toEqual([stream]);
    const reader = new MeaningReader(join(home.path, PLAN), 'n1');
    await reader.refresh();
    expect(reader.at(Number.POSITIVE_INFINITY)?.meaning.collections).toMatchObject([{ name: 'pets' }]);
  });
});

describe('workers that bring rules to the platform', () => {
  it('do not get in each other’s way: one does it, whether several look or one was told of it', async () => {
    await using test = await office();
    for (let n = 0; n < 6; n++) await test.add(`c${n}`, [`word${n}`, 'common'], [`word${n} has:media`]);
    const all = await Promise.all([1, 2, 3].map(() => test.sync()));
    expect(all.flat().filter(Boolean).length).toBeGreaterThan(0);
    await test.sync();
    await test.expectAgreed();
    const values = (await test.there()).map(({ value }) => value);
    expect(new Set(values).size).toBe(values.length);
    const added = test.proxy.changes.flatMap(({ add }) => add ?? []).map(({ value }) => value);
    expect(added.toSorted(), 'each was asked for once').toEqual([...new Set(added)].toSorted());
  });

  it('go on where the platform answered 503 or 429, or its answer was lost, and add nothing twice', async () => {
    await using test = await office();
    await test.add('pets', ['cat']);
    test.proxy.faults = [503, 503, 503];
    expect(await test.sync()).toEqual([false]);
    expect(await test.rulesOf('pets')).toMatchObject({ isSynced: false, error: expect.stringMatching(/503/) });
    test.proxy.faults = [429];
    expect(await test.sync()).toEqual([false]);
    expect(await test.rulesOf('pets')).toMatchObject({ error: expect.stringMatching(/429/) });
    // The rule was added, but nobody heard of it: asked again, the platform says that it is there.
    test.proxy.faults = ['lost'];
    expect(await test.sync()).toEqual([true]);
    expect(await test.rulesOf('pets')).toMatchObject({ isSynced: true, error: null });
    await test.expectAgreed();
    await test.change('pets', ['dog']);
    test.proxy.faults = [503, 'lost'];
    expect(await test.sync({ isThorough: false })).toEqual([true]);
    await test.expectAgreed();
    expect([...(await test.words())]).toEqual(['dog']);
  });

  it('share a rule that somebody else had made, and leave it there', async () => {
    await using test = await office();
    await test.ask('/2/tweets/search/stream/rules', {
      add: [{ value: 'cat', tag: 'of somebody else' }, { value: 'x y' }],
    });
    await test.add('pets', ['cat']);
    expect(await test.sync()).toEqual([true]);
    // Its id is what its frames will name: what they mean was worked out anew.
    expect(await test.sync()).toEqual([true]);
    expect(await test.rulesOf('pets')).toMatchObject({ isSynced: true, rules: [{ state: 'present', value: 'cat' }] });
    await test.change('pets', ['dog']);
    await test.sync();
    expect((await test.there()).map(({ value }) => value).sort()).toEqual(['cat', 'dog', 'x y']);
    await test.stop('pets');
    await test.sync();
    expect((await test.there()).map(({ value }) => value).sort()).toEqual(['cat', 'x y']);
  });

  it.each([true, false])(
    'let no word suffer from one that the platform refuses (which keeps all out: %s)',
    async (refusesAll) => {
      await using test = await office();
      test.proxy.refusesAll = refusesAll;
      await test.add('pets', ['cat', 'dog']);
      expect(await test.sync()).toEqual([true]);
      test.proxy.refuses = /zebra/;
      await test.add('zoo', ['zebra', 'lion']);
      await test.change('pets', ['dog', 'fish']);
      for (let look = 0; look < 4; look++) {
        await test.sync({ isThorough: look === 2 });
        for (const word of ['dog']) expect([...(await test.words())], `look ${look}`).toContain(word);
      }
      expect([...(await test.words())].sort()).toEqual(['dog', 'fish', 'lion']);
      expect(await test.rulesOf('pets')).toMatchObject({ isSynced: true });
      const zoo = await test.rulesOf('zoo');
      expect(zoo?.rules.find(({ value }) => value === 'zebra')).toMatchObject({
        ...{ state: 'wanted', error: expect.stringMatching(/cannot read/) },
      });
      expect(zoo?.error).toMatch(/does not take the rule zebra/);
      // Corrected, nothing is left of it.
      await test.change('zoo', ['gnu', 'lion']);
      await test.sync();
      expect([...(await test.words())].sort()).toEqual(['dog', 'fish', 'gnu', 'lion']);
      expect(await test.rulesOf('zoo')).toMatchObject({ isSynced: true, error: null });
    },
  );
});
