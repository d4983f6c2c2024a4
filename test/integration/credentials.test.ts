/** Keys to the platforms: sealed at rest, tried on an emulator, refused and taken back. */
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startEmulator as startEmulatorHere } from '../../emulator/src/start-emulator.ts';
import { X_LADDERS } from '../../src/platforms/x/sample-stream.ts';
import { silentLog } from '../../src/core/log.ts';
import { filterDefinition } from '../../src/core/rules/definition.ts';
import { Secret } from '../../src/core/secret.ts';
import { systemClock } from '../../src/core/time.ts';
import { usableCredentials } from '../../src/jobs/credential-pool.ts';
import { PeopleFinder } from '../../src/jobs/filters/find-people.ts';
import { sharePermits } from '../../src/jobs/permits/shared-permits.ts';
import { testCredentials } from '../../src/jobs/test-credentials.ts';
import { createHttpCaller } from '../../src/platforms/http-call.ts';
import { createXReads } from '../../src/platforms/x/read/x-reads.ts';
import { canonicalField, kindOfFields } from '../../src/platforms/x/credential-fields.ts';
import {
  addCredential,
  listCredentials,
  openCredentials,
  removeCredential,
} from '../../src/store/credentials/credentials.ts';
import { addFilterCollection } from '../../src/store/filters/filter-collections.ts';
import { readKeyring } from '../../src/store/credentials/keyring.ts';
import { startEmulator } from '../support/system/emulator.ts';
import { openWorkbench } from '../support/system/workbench.ts';
import { freshDatabase } from '../support/database.ts';

const clock = { now: () => Date.parse('2026-11-22T12:00:00Z') };
const fieldsOf = (object: Record<string, string>) =>
  new Map(Object.entries(object).map(([name, value]) => [canonicalField(name), new Secret(value)]));

async function withRing() {
  const folder = await mkdtemp(join(tmpdir(), 'mistnet-keys-'));
  const path = join(folder, 'secrets.key');
  return { path, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}

describe('the key file', () => {
  it('is made once, for its owner alone, also when two make it at the same time', async () => {
    await using place = await withRing();
    const rings = await Promise.all([1, 2, 3].map(() => readKeyring({ path: place.path, mayMake: true })));
    expect(new Set(rings.map(({ current }) => current)).size).toBe(1);
    expect((await stat(place.path)).mode & 0o777).toBe(0o600);
  });

  it('is not made anew where secrets exist that another one opens', async () => {
    await using place = await withRing();
    await expect(readKeyring({ path: place.path, mayMake: false })).rejects.toMatchObject({ code: 'config.invalid' });
  });

  it('may be given instead; older keys go on opening what they sealed', async () => {
    await using test = await freshDatabase();
    await using place = await withRing();
    const old = await readKeyring({ path: place.path, mayMake: true });
    const wish = { platform: 'x', owner: '', kind: 'app', fields: fieldsOf({ bearer_token: 'first' }) } as const;
    await addCredential(test.db, old, clock, { ...wish, label: 'a' });
    const lines = await readFile(place.path, 'utf8');
    await writeFile(place.path, `knew ${Buffer.alloc(32, 7).toString('base64')}\n${lines}`);
    const both = await readKeyring({ path: place.path, mayMake: false });
    await addCredential(test.db, both, clock, { ...wish, label: 'b' });
    const opened = await openCredentials(test.db, both, 'x');
    expect(opened.map(({ fields }) => fields.get('bearer_token')?.reveal())).toEqual(['first', 'first']);
    const given = await readKeyring({ path: '/nowhere', given: new Secret(lines.trim()), mayMake: false });
    await expect(openCredentials(test.db, given, 'x')).rejects.toThrow(/"b" was sealed by the key knew/);
  });
});

describe('a credential', () => {
  it('lies in the database as cipher, and its bytes serve no other row', async () => {
    await using test = await freshDatabase();
    await using place = await withRing();
    const ring = await readKeyring({ path: place.path, mayMake: true });
    const fields = fieldsOf({ bearer_token: 'very-secret-token' });
    const wish = { platform: 'x', kind: 'app', owner: 'ada', fields } as const;
    await addCredential(test.db, ring, clock, { ...wish, label: 'one' });
    await expect(addCredential(test.db, ring, clock, { ...wish, label: 'one' })).rejects.toMatchObject({
      code: 'credential.exists',
    });
    const [row] = await test.db.query<Record<string, unknown>>('select * from credentials');
    const bytes = Object.values(row ?? {}).map((value) =>
      Buffer.isBuffer(value) ? value.toString('latin1') : JSON.stringify(value),
    );
    expect(bytes.join()).not.toContain('very-secret');
    expect(JSON.stringify(await listCredentials(test.db))).not.toContain('sealed');
    await test.db.query("update credentials set label = 'two'");
    await expect(openCredentials(test.db, ring, 'x')).rejects.toMatchObject({ code: 'credential.unusable' });
    await expect(removeCredential(test.db, 'on')).rejects.toMatchObject({ code: 'credential.unknown' });
    await removeCredential(test.db, 'two');
  });

  it('is told apart by its fields, under the names that other tools use', () => {
    const all = { api_key: 'k', 'api-secret-key': 's', access_token: 't', access_secret: 'u' };
    expect(kindOfFields(fieldsOf(all), 'oauth1').fields.size).toBe(4);
    expect(() => kindOfFields(fieldsOf(all))).toThrow(/several credentials \(app, oauth1\)/);
    expect(kindOfFields(fieldsOf({ token: 't' })).kind).toBe('app');
    expect(() => kindOfFields(fieldsOf({ access_token: 'hush' }))).toThrow(/access_token make no credential/);
  });

  it('is tried on the platform: what works is named, a wrong one is taken out of use, an app gets its token', async () => {
    await using bench = await openWorkbench();
    const emulator = await startEmulator(bench, ['--seed', '3']);
    const keys = (await (await fetch(new URL('/_emulator/credentials', emulator.url))).json()) as Record<
      string,
      string
    >;
    await using test = await freshDatabase();
    await using place = await withRing();
    const ring = await readKeyring({ path: place.path, mayMake: true });
    const add = (label: string, kind: 'app' | 'oauth1', fields: Map<string, Secret>) =>
      addCredential(test.db, ring, clock, { label, platform: 'x', owner: '', ...kindOfFields(fields, kind) });
    await add(
      'key-only',
      'app',
      fieldsOf({ consumer_key: keys.consumer_key ?? '', consumer_secret: keys.consumer_secret ?? '' }),
    );
    await add('person', 'oauth1', fieldsOf(keys));
    await add('wrong', 'app', fieldsOf({ bearer_token: 'wrong' }));
    using http = createHttpCaller();
    const live = { now: () => Date.now() };
    const options = {
      db: test.db,
      ring,
      clock: live,
      http,
      apiUrl: emulator.url,
      signal: new AbortController().signal,
    };
    const tests = await testCredentials(options);
    expect(tests.map(({ label, refused }) => [label, refused])).toEqual([
      ['key-only', null],
      ['person', null],
      ['wrong', 'HTTP 401: Unauthorized'],
    ]);
    const [app, person] = tests;
    expect(app?.abilities.filter(({ ok }) => !ok)).toEqual([]);
    expect(person?.abilities[0]).toMatchObject({
      ability: 'who it is',
      ok: true,
      sentence: expect.stringMatching(/^@\w+$/),
    });
    expect((await listCredentials(test.db)).map(({ refused }) => refused === null)).toEqual([true, true, false]);
    await expect(testCredentials({ ...options, label: 'wron' })).rejects.toThrow(/Did you mean wrong/);
  });
});

describe("somebody's own key", () => {
  it('is what the people of its filter are looked up with, though the key of all is no good', async () => {
    await using emulator = await startEmulatorHere({ seed: 3, rate: 1 });
    const told = async (path: string, body?: object) =>
      (await (
        await fetch(new URL(path, emulator.url), {
          headers: { 'content-type': 'application/json', connection: 'close' },
          ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
        })
      ).json()) as Record<string, string> & { calls: { path: string; caller: string; allowed: number }[] };
    const keys = await told('/_emulator/credentials');
    const app = await told('/_emulator/apps', { name: 'her own' });
    await using test = await freshDatabase();
    const { db } = test;
    await using place = await withRing();
    const ring = await readKeyring({ path: place.path, mayMake: true });
    for (const [label, owner, token] of [
      ['all', '', 'wrong'],
      ['hers', 'ada', app.bearer_token ?? ''],
    ] as const) {
      const fields = fieldsOf({ bearer_token: token });
      await addCredential(db, ring, clock, { label, owner, platform: 'x', kind: 'app', fields });
    }
    const definition = filterDefinition({
      people: [keys.user_public, keys.user_renamed_before, keys.user_renamed].map((name) => ({ name: `@${name}` })),
    });
    const wish = { definition, by: 'ada', reason: 'a test', name: 'hers', api: 'v2', credential: 'hers' } as const;
    await db.transaction((tx) => addFilterCollection(tx, systemClock, wish));
    using http = createHttpCaller();
    await using permits = sharePermits({
      ...{ db, databaseUrl: test.url, node: 'here', worker: 'one', clock: systemClock, log: silentLog },
      credentials: () =>
        usableCredentials({ db, ring, clock: systemClock, environmentToken: undefined, log: silentLog }),
    });
    const finder = new PeopleFinder({
      ...{ db, clock: systemClock, log: silentLog, signal: new AbortController().signal },
      questions: createXReads({ apiUrl: emulator.url }),
      askerOf: (credential) => ({
        ...{
          http,
          clock: systemClock,
          ladders: X_LADDERS,
          random: () => 0,
          timeoutMs: 10_000,
          maxBytes: 2 ** 24,
        },
        permits: permits.sourceFor({ credential }),
      }),
    });
    await finder.look();
    await finder.look(); // who nobody knows is asked for again in a day
    const [kept] = await db.query<{ definition: { people: { name: string; accountId?: string }[] } }>(
      'select definition from filter_versions order by version desc limit 1',
    );
    expect(kept?.definition.people.map(({ accountId }) => accountId)).toEqual([
      keys.user_public_id,
      undefined,
      keys.user_renamed_id,
    ]);
    const { calls } = await told('/_emulator/truth/calls');
    expect(
      calls.filter(({ path }) => path.startsWith('/2/')).map(({ path, caller, allowed }) => [path, caller, allowed]),
    ).toEqual([['/2/users/by', `app ${app.id}`, 1]]);
  });
});
