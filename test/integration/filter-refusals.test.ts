/** What a filter or a sample collection is told when another stream has its credential: in the words that people know, in both directions. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { filterDefinition } from '../../src/core/rules/definition.ts';
import { systemClock } from '../../src/core/time.ts';
import { addFilterCollection, saveFilterVersion } from '../../src/store/filters/filter-collections.ts';
import { addCollection } from '../../src/store/queries/add-collection.ts';
import { findCollection } from '../../src/store/queries/find-collection.ts';
import { setCredential } from '../../src/store/queries/set-credential.ts';
import { setWanted } from '../../src/store/queries/set-wanted.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';

type Api = 'v2' | 'v1.1';
type Wish = { api?: Api; credential?: string; wanted?: 'active' | 'stopped' };

let test: TestDatabase;

beforeAll(async () => {
  test = await freshDatabase();
  // What is sold with one connection, and what is sold with more.
  await test.db.query(
    `insert into credentials (platform, label, kind, level, key_id, nonce, sealed, added_at)
      select 'x', l, 'app', v, 'none', '', '', now() from unnest($1::text[], $2::text[]) as g (l, v)`,
    [
      ['main', 'spare', 'large'],
      ['pay-per-use', 'pay-per-use', 'enterprise'],
    ],
  );
});
afterAll(() => test[Symbol.asyncDispose]());
beforeEach(async () => {
  for (const { name } of await test.db.query<{ name: string }>('select name from collections'))
    await setWanted(test.db, name, 'stopped');
});

let made = 0;
const fresh = (kind: string) => `${kind}${++made}`;

async function filter({ api = 'v2', credential = 'main', wanted = 'active' }: Wish = {}, words = ['cat']) {
  const name = fresh('filter');
  const definition = filterDefinition({ words });
  await test.db.transaction((tx) =>
    addFilterCollection(tx, systemClock, { name, api, credential, wanted, definition, by: 'a test', reason: 'a test' }),
  );
  return name;
}

async function sample({ api = 'v2', credential, wanted = 'active' }: Wish = {}) {
  const name = fresh('sample');
  const named = credential === undefined ? {} : { credential };
  await addCollection(test.db, systemClock, { name, kind: 'sample', platform: 'x', api, wanted, ...named });
  return name;
}

const sampled = (name: string, credential = 'main') =>
  `Streamsample is also configured to authenticate as "${credential}" (collection "${name}"). Stop it, or give this collection another credential.`;
const filtered = (name: string, credential = 'main') =>
  `Filter ${name} is active and is configured to authenticate as "${credential}". Stop it, or give this collection another credential.`;

describe('a credential that another stream has', () => {
  it('is refused to a filter while a sample collection that names it is active, whichever way it comes to it', async () => {
    const name = await sample({ credential: 'main' });
    await expect(filter()).rejects.toMatchObject({ code: 'filter.refused', message: sampled(name) });
    // One that is not active is not looked at; started or moved here, it is.
    const waiting = await filter({ wanted: 'stopped' });
    await expect(setWanted(test.db, waiting, 'active')).rejects.toThrow(sampled(name));
    expect(await findCollection(test.db, waiting)).toMatchObject({ wanted: 'stopped' });
    const elsewhere = await filter({ credential: 'spare' });
    await expect(setCredential(test.db, elsewhere, 'main')).rejects.toThrow(sampled(name));
    await setWanted(test.db, name, 'stopped');
    await setWanted(test.db, waiting, 'active');
  });

  it('is refused to a sample collection while a filter has it, whichever way it comes to it', async () => {
    const name = await filter();
    await expect(sample({ credential: 'main' })).rejects.toMatchObject({
      ...{ code: 'collection.invalid', message: filtered(name) },
    });
    const waiting = await sample({ credential: 'main', wanted: 'stopped' });
    await expect(setWanted(test.db, waiting, 'active')).rejects.toThrow(filtered(name));
    expect(await findCollection(test.db, waiting)).toMatchObject({ wanted: 'stopped' });
    const any = await sample(); // takes whichever is free
    await expect(setCredential(test.db, any, 'main')).rejects.toThrow(filtered(name));
    await setCredential(test.db, any, 'spare');
    await setWanted(test.db, name, 'stopped');
    await setWanted(test.db, waiting, 'active');
  });

  it('serves both where it was sold with more than one connection, but never both on one account of v1.1', async () => {
    const name = await filter({ credential: 'large' });
    const other = await sample({ credential: 'large' });
    await expect(sample({ credential: 'large', api: 'v1.1' })).rejects.toThrow(filtered(name, 'large'));
    await setWanted(test.db, name, 'stopped');
    await expect(filter({ credential: 'large', api: 'v1.1' })).rejects.toThrow(sampled(other, 'large'));
  });

  it('speaks one version of the API to all its filters at a time', async () => {
    const name = await filter({ api: 'v1.1' });
    await expect(filter({ api: 'v2' })).rejects.toThrow(
      `Filter ${name} is active and is configured to authenticate as "main" with the other version of the API.`,
    );
  });
});

describe('a definition that cannot be', () => {
  it('is refused in these words, and nothing is made', async () => {
    const name = await filter();
    const change = (part: Parameters<typeof filterDefinition>[0]) =>
      test.db.transaction((tx) =>
        saveFilterVersion(tx, systemClock, name, {
          definition: filterDefinition(part),
          by: 'a test',
          reason: 'a test',
        }),
      );
    const refusals: [Parameters<typeof filterDefinition>[0], string][] = [
      [{ words: ['the'] }, '"the" is too common a word to be asked for alone.'],
      [{ words: ['"to be"'] }, '""to be"" is too common a word to be asked for alone.'],
      [{ people: [{ name: 'nasa esa' }] }, 'Please use commas to separate people: "nasa esa" has a space in it.'],
      [{ locations: ['1,2,3'] }, 'A box needs four numbers (long,lat,long,lat); there are 3.'],
      [{ locations: ['1,2,3,180'] }, '180 is out of range: each number must be at least -180 and less than 180.'],
      [{ raw: ['the lang:en'] }, 'Words like "the" and "and" are too common to be asked for alone'],
    ];
    for (const [part, message] of refusals)
      await expect(change(part)).rejects.toMatchObject({
        ...{ code: 'filter.refused', message: expect.stringContaining(message) },
      });
    expect(
      await test.db.query(
        'select version from filter_versions join collections using (collection_id) where name = $1',
        [name],
      ),
    ).toHaveLength(1);
    // A line break is a space, and names that nobody has are said and kept.
    const { warnings, version } = await change({ words: ['snow\nleopard'], people: [{ name: 'nobody_x' }] });
    expect(version.version).toBe(2);
    expect(warnings.map(({ message }) => message)).toEqual([
      '"nobody_x" is not known on the platform (yet). It is kept and looked up again each day.',
    ]);
    const rules = await test.db.query(
      "select value from filter_rules where unwanted_at is null and gone_at is null and plan = 'filter-main'",
    );
    expect(rules).toContainEqual({ value: 'snow leopard' });
  });
});
