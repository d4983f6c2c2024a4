/**
 * Keeps tokens of OAuth 2 fresh. The token that buys the next pair is good once: what the platform gives in exchange is on the disk, sealed, before
 * anything else happens, and in the database before it is used.
 */
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { causeText } from '../core/errors.ts';
import { makeFolder, writeDurably } from '../capture/durable-file.ts';
import type { Log } from '../core/log.ts';
import { Secret } from '../core/secret.ts';
import type { Clock } from '../core/time.ts';
import type { HttpCaller } from '../platforms/http-call.ts';
import { type Refreshed, refreshToken } from '../platforms/x/refresh-token.ts';
import { noteRefusal } from '../store/credentials/credentials.ts';
import type { Keyring } from '../store/credentials/keyring.ts';
import {
  lockSealed,
  openSealed,
  replaceSealed,
  sealedCredentialSchema,
  sealedCredentials,
  sealFields,
} from '../store/credentials/sealed-credentials.ts';
import type { Database } from '../store/db.ts';

export type RefreshOptions = {
  db: Database;
  ring: Keyring;
  clock: Clock;
  http: HttpCaller;
  apiUrl: string;
  /** Where what was just given lies until the database has it. */
  folder: string;
  log: Log;
  signal: AbortSignal;
};

/** So long before a token ends another one is fetched; X's live for two hours. */
const EARLY_MS = 10 * 60_000;
const PREFIX = 'fresh-token-';

/**
 * Fetches new tokens where they are about to end, or where nobody knows when they end. Of several workers one does it, the others wait for it. A
 * platform that does not answer is asked again with the next call of this; one that refuses takes the credential out of use once its token has ended.
 */
export async function refreshTokens(options: RefreshOptions): Promise<void> {
  const { db, ring, clock } = options;
  await bringIn(options);
  for (const { credential, isRefused } of await sealedCredentials(db, 'x')) {
    if (credential.kind !== 'oauth2' || isRefused) continue;
    if (isDue(openSealed(ring, credential), clock.now())) await refreshOne(options, credential.label);
  }
}

function isDue(fields: ReadonlyMap<string, Secret>, nowMs: number): boolean {
  if (!fields.has('refresh_token') || !fields.has('client_id')) return false;
  const endsMs = Date.parse(fields.get('expires_at')?.reveal() ?? '');
  return Number.isNaN(endsMs) || endsMs - EARLY_MS <= nowMs;
}

async function refreshOne(options: RefreshOptions, label: string): Promise<void> {
  const { db, ring, clock, folder, log } = options;
  const path = join(folder, `${PREFIX}${label}.json`);
  const stored = await db.transaction(async (tx) => {
    const held = await lockSealed(tx, label);
    if (held === undefined) return false;
    const fields = openSealed(ring, held);
    if (!isDue(fields, clock.now())) return false; // another worker was first
    const askedMs = clock.now();
    const answer = await refreshToken(keysOf(fields), options);
    if (answer.kind !== 'fresh') {
      await noteTrouble(tx, options, { label, fields, answer });
      return false;
    }
    const fresh = sealFields(ring, held, freshFields(fields, answer, askedMs));
    try {
      await makeFolder(folder);
      await writeDurably(path, `${JSON.stringify({ replaces: held.sealed, credential: fresh })}\n`);
    } catch (error) {
      log.warn({ credential: label, cause: causeText(error) }, 'credential.not-kept'); // the database may still take it
    }
    await replaceSealed(tx, fresh);
    return true;
  });
  if (!stored) return;
  await rm(path, { force: true });
  log.info({ credential: label }, 'credential.refreshed');
}

/** What a process was given before it died, or while the database was away. */
async function bringIn({ db, ring, folder, log }: RefreshOptions): Promise<void> {
  const names = await readdir(folder).catch(() => []); // nothing was ever given here
  for (const name of names) {
    if (!name.startsWith(PREFIX) || !name.endsWith('.json')) continue;
    const path = join(folder, name);
    const text = await readFile(path, 'utf8').catch(() => undefined); // another worker of this home was first
    if (text === undefined) continue;
    const { replaces, credential } = JSON.parse(text) as { replaces: string; credential: unknown };
    const fresh = sealedCredentialSchema.parse(credential);
    openSealed(ring, fresh); // one that cannot be opened must not take the place of one that can
    const isTaken = await db.transaction(async (tx) => {
      const held = await lockSealed(tx, fresh.label);
      if (held === undefined || held.sealed !== replaces) return false;
      await replaceSealed(tx, fresh);
      return true;
    });
    await rm(path, { force: true });
    if (isTaken) log.info({ credential: fresh.label }, 'credential.refresh-recovered');
  }
}

async function noteTrouble(
  tx: Parameters<typeof noteRefusal>[0],
  { clock, log }: RefreshOptions,
  trouble: { label: string; fields: ReadonlyMap<string, Secret>; answer: Exclude<Refreshed, { kind: 'fresh' }> },
): Promise<void> {
  const { label, fields, answer } = trouble;
  const cause = answer.kind === 'refused' ? answer.sentence : answer.cause;
  log.warn({ credential: label, cause }, 'credential.not-refreshed');
  const endsMs = Date.parse(fields.get('expires_at')?.reveal() ?? '');
  // Without a known end the token may be good for hours: its own refusal will tell.
  if (answer.kind !== 'refused' || !(endsMs <= clock.now())) return;
  const sentence = `its token has ended and the platform gives no other (${cause}): let the person sign in again and add it anew`;
  await noteRefusal(tx, clock, label, sentence);
}

function keysOf(fields: ReadonlyMap<string, Secret>) {
  return {
    clientId: fields.get('client_id')?.reveal() ?? '',
    clientSecret: fields.get('client_secret')?.reveal(),
    refreshToken: fields.get('refresh_token')?.reveal() ?? '',
  };
}

function freshFields(
  fields: ReadonlyMap<string, Secret>,
  { accessToken, refreshToken: next, expiresInSec }: Extract<Refreshed, { kind: 'fresh' }>,
  askedMs: number,
): ReadonlyMap<string, Secret> {
  const tokenName = fields.has('oauth2_access_token') ? 'oauth2_access_token' : 'access_token';
  return new Map([
    ...fields,
    [tokenName, new Secret(accessToken)] as const,
    ['refresh_token', new Secret(next)] as const,
    ['expires_at', new Secret(new Date(askedMs + expiresInSec * 1000).toISOString())] as const,
  ]);
}
