/** Tokens of OAuth 2 that are renewed: by one of several workers, across a crash, and refused in the end. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Emulator, startEmulator } from '../../emulator/src/start-emulator.ts';
import { silentLog } from '../../src/core/log.ts';
import { Secret } from '../../src/core/secret.ts';
import { usableCredentials } from '../../src/jobs/credential-pool.ts';
import { refreshTokens } from '../../src/jobs/refresh-tokens.ts';
import { createHttpCaller } from '../../src/platforms/http-call.ts';
import { kindOfFields } from '../../src/platforms/x/credential-fields.ts';
import { addCredential, listCredentials, openCredentials, setLevel } from '../../src/store/credentials/credentials.ts';
import { readKeyring } from '../../src/store/credentials/keyring.ts';
import type { Database } from '../../src/store/db.ts';
import { freshDatabase } from '../support/database.ts';

const CALLBACK = 'http://127.0.0.1:9999/callback';
const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
const CHALLENGE = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';

async function openBench() {
  const stack = new AsyncDisposableStack();
  const emulator = stack.use(await startEmulator({ seed: 5, rate: 1 }));
  const { db } = stack.use(await freshDatabase());
  const folder = await mkdtemp(join(tmpdir(), 'mistnet-tokens-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const http = stack.use(createHttpCaller());
  const ring = await readKeyring({ path: join(folder, 'secrets.key'), mayMake: true });
  const time = { ms: Date.now() };
  const clock = { now: () => time.ms };
  const { signal } = new AbortController();
  const fields = new Map(Object.entries(await signIn(emulator)).map(([name, value]) => [name, new Secret(value)]));
  await addCredential(db, ring, clock, {
    label: 'person',
    platform: 'x',
    owner: '',
    ...kindOfFields(fields, 'oauth2'),
  });
  const options = { db, ring, clock, http, apiUrl: emulator.url, folder: join(folder, 'run'), log: silentLog, signal };
  const secret = async (name: string) => (await openCredentials(db, ring, 'x'))[0]?.fields.get(name)?.reveal();
  /** Whether the platform lets the pool's credential in. */
  const isLetIn = async () => {
    const [credential] = await usableCredentials({ db, ring, clock, environmentToken: undefined, log: silentLog });
    const url = new URL('/2/users/me', emulator.url);
    const authorization = credential?.authorization({ method: 'GET', url }) ?? '';
    return (await fetch(url, { headers: { authorization, connection: 'close' } })).status === 200;
  };
  return { options, secret, isLetIn, time, folder, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** What a person who signed in hands over. */
async function signIn({ url }: Pick<Emulator, 'url'>): Promise<Record<string, string>> {
  const post = (path: string, form: Record<string, string>) =>
    fetch(new URL(path, url), {
      method: 'POST',
      redirect: 'manual',
      headers: { connection: 'close' },
      body: new URLSearchParams(form),
    });
  const keys = (await (await fetch(new URL('/_emulator/credentials', url))).json()) as { client_id: string };
  const client = { client_id: keys.client_id, redirect_uri: CALLBACK };
  const scope = 'tweet.read users.read follows.read offline.access';
  const proof = { code_challenge: CHALLENGE, code_challenge_method: 'S256' };
  const sent = await post('/i/oauth2/authorize', {
    ...{ ...client, ...proof, scope, response_type: 'code', state: 'x', account: 'user_public', decision: 'allow' },
  });
  const code = new URL(sent.headers.get('location') ?? '').searchParams.get('code') ?? '';
  const exchange = { ...client, grant_type: 'authorization_code', code_verifier: VERIFIER, code };
  const pair = (await (await post('/2/oauth2/token', exchange)).json()) as Record<string, string>;
  return {
    client_id: keys.client_id,
    access_token: pair.access_token ?? '',
    refresh_token: pair.refresh_token ?? '',
  };
}

/** A database in which whatever is done in a transaction is lost with the process that did it. */
function dyingAtCommit(db: Database): Database {
  return Object.assign(Object.create(db) as Database, {
    transaction: async (work: Parameters<Database['transaction']>[0]) =>
      await db.transaction(async (tx) => {
        await work(tx);
        throw new Error('the process died here');
      }),
  });
}

describe('a token of OAuth 2', () => {
  it('is renewed by one of several workers, in time, and what was given before a crash is not lost', async () => {
    await using bench = await openBench();
    const { options, secret, isLetIn, time } = bench;
    const before = await secret('refresh_token');
    await Promise.all([1, 2, 3].map(() => refreshTokens(options)));
    const first = await secret('refresh_token');
    expect(first).not.toBe(before);
    expect(await isLetIn()).toBe(true);
    await setLevel(options.db, 'person', 'basic');
    const pool = {
      db: options.db,
      ring: options.ring,
      clock: options.clock,
      environmentToken: undefined,
      log: silentLog,
    };
    expect(await usableCredentials(pool), 'limits and prices go by it').toMatchObject([
      { kind: 'user', level: 'basic' },
    ]);
    await refreshTokens(options); // fresh enough
    expect(await secret('refresh_token')).toBe(first);

    time.ms += 2 * 3_600_000;
    await expect(refreshTokens({ ...options, db: dyingAtCommit(options.db) })).rejects.toThrow(/died here/);
    expect(await secret('refresh_token')).toBe(first);
    expect(await readdir(options.folder)).toHaveLength(1);
    await refreshTokens(options);
    expect(await secret('refresh_token')).not.toBe(first);
    expect(await readdir(options.folder)).toEqual([]);
    expect(await isLetIn()).toBe(true);
    expect((await listCredentials(options.db))[0]).toMatchObject({ refused: null });

    // Somebody else has used it up: when its token has ended, it is out of use, with the reason.
    time.ms += 2 * 3_600_000;
    await usedUp(bench);
    await refreshTokens(options);
    expect((await listCredentials(options.db))[0]?.refused).toMatch(/sign in again/);
  });
});

/** Another program renews with the same token. */
async function usedUp({ options, secret }: Awaited<ReturnType<typeof openBench>>): Promise<void> {
  const form = { grant_type: 'refresh_token', refresh_token: (await secret('refresh_token')) ?? '' };
  const body = new URLSearchParams({ ...form, client_id: (await secret('client_id')) ?? '' });
  const answer = await fetch(new URL('/2/oauth2/token', options.apiUrl), { method: 'POST', body });
  expect(answer.status).toBe(200);
}
