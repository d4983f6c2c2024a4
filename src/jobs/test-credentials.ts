/** Tries what credentials can do and notes it. */
import { MistnetError } from '../core/errors.ts';
import { Secret } from '../core/secret.ts';
import type { Clock } from '../core/time.ts';
import type { HttpCaller } from '../platforms/http-call.ts';
import { usableXCredential } from '../platforms/x/credential-fields.ts';
import { fetchAppToken, probeXCredential } from '../platforms/x/probe-credential.ts';
import {
  type Ability,
  type CredentialKind,
  noteAbilities,
  noteRefusal,
  openCredentials,
  replaceFields,
  unknownCredential,
} from '../store/credentials/credentials.ts';
import type { Keyring } from '../store/credentials/keyring.ts';
import type { Queryable } from '../store/db.ts';

export type CredentialTest = { label: string; kind: CredentialKind; refused: string | null; abilities: Ability[] };

/**
 * Tries one credential or all. A key that is let in nowhere is taken out of use with the platform's words; one that is let in again comes back. An
 * app that was given by key and secret gets its token. Throws `credential.unknown`.
 */
export async function testCredentials(options: {
  db: Queryable;
  ring: Keyring;
  clock: Clock;
  http: HttpCaller;
  apiUrl: string;
  signal: AbortSignal;
  label?: string;
}): Promise<CredentialTest[]> {
  const { db, ring, clock, label } = options;
  const all = await openCredentials(db, ring, 'x');
  const wanted = label === undefined ? all : all.filter((credential) => credential.label === label);
  if (label !== undefined && wanted.length === 0) throw await unknownCredential(db, label);
  const tests: CredentialTest[] = [];
  for (const { label: name, kind, fields } of wanted) {
    const abilities: Ability[] = [];
    let refused: string | null = null;
    try {
      const known = await withToken(options, name, kind, fields);
      abilities.push(...(await probeXCredential(usableXCredential(name, kind, known, clock), options)));
      // Nothing is known of a key when nobody answered.
      if (abilities.every(({ ok, status }) => !ok && status !== 0))
        refused = abilities[0]?.sentence ?? 'is let in nowhere';
    } catch (error) {
      if (!(error instanceof MistnetError) || error.code !== 'credential.unusable') throw error;
      refused = error.message;
    }
    await noteAbilities(db, clock, name, abilities);
    await noteRefusal(db, clock, name, refused);
    tests.push({ label: name, kind, refused, abilities });
  }
  return tests;
}

async function withToken(
  options: Parameters<typeof testCredentials>[0],
  label: string,
  kind: CredentialKind,
  fields: ReadonlyMap<string, Secret>,
): Promise<ReadonlyMap<string, Secret>> {
  const key = fields.get('consumer_key');
  const secret = fields.get('consumer_secret');
  if (kind !== 'app' || fields.has('bearer_token') || key === undefined || secret === undefined) return fields;
  const answer = await fetchAppToken({ key: key.reveal(), secret: secret.reveal() }, options);
  if ('refused' in answer)
    throw new MistnetError('credential.unusable', `The platform gives no token for this key: ${answer.refused}`);
  const known = new Map([...fields, ['bearer_token', new Secret(answer.token)] as const]);
  await replaceFields(options.db, options.ring, label, known);
  return known;
}
