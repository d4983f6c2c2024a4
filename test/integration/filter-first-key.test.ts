/** A filter that was made before there was any key takes the first one that is added; whoever had a key keeps it. */
import { expect, it } from 'vitest';
import { filterDefinition } from '../../src/core/rules/definition.ts';
import { systemClock } from '../../src/core/time.ts';
import { addFilterCollection, filterCredential } from '../../src/store/filters/filter-collections.ts';
import { takeFirstKey } from '../../src/store/filters/first-key.ts';
import { findCollection } from '../../src/store/queries/find-collection.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';

it('waits for a key that is added later, and leaves a stream alone that the token of the environment was asked with', async () => {
  await using test = await freshDatabase();
  const { db } = test;
  const credentialOf = async (name: string) =>
    (await filterCredential(db, (await findCollection(db, name)).collectionId)).credential;
  await add(test, 'birds');
  expect(await takeFirstKey(db)).toEqual([]);
  await addKey(test, 'personal', 'vera@example.org');
  expect(await takeFirstKey(db), 'a key of somebody else').toEqual([]);
  await addKey(test, 'office', '');
  expect(await takeFirstKey(db)).toEqual([{ collection: 'birds', credential: 'office' }]);
  expect(await credentialOf('birds')).toBe('office');
  const streams = await db.query<{ plan: string }>('select plan from filter_members where to_at is null order by plan');
  expect(streams).toEqual([{ plan: 'filter-office' }]);

  await add(test, 'fish');
  await db.query(`update filter_streams set synced_revision = revision where credential = 'environment'`);
  expect(await takeFirstKey(db), 'one whose token is only away for now').toEqual([]);
  expect(await credentialOf('fish')).toBe('environment');
});

async function add({ db }: TestDatabase, name: string): Promise<void> {
  const definition = filterDefinition({ words: ['heron'] });
  await db.transaction((tx) =>
    addFilterCollection(tx, systemClock, {
      ...{ name, api: 'v2', credential: 'environment', definition, by: 'a test', reason: 'a test' },
    }),
  );
}

async function addKey({ db }: TestDatabase, label: string, owner: string): Promise<void> {
  await db.query(
    `insert into credentials (platform, label, kind, owner, key_id, nonce, sealed, added_at)
      values ('x', $1, 'app', $2, 'none', '', '', now())`,
    [label, owner],
  );
}
