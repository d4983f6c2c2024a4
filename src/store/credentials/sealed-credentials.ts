/** Credentials as they lie sealed: they can be handed on without the key that opens them, e.g. to lie beside a plan. */
import { z } from 'zod';
import { Secret } from '../../core/secret.ts';
import type { Queryable } from '../db.ts';
import type { CredentialKind } from './credentials.ts';
import type { Keyring } from './keyring.ts';
import { openSecret } from './sealed-secret.ts';

/** `nonce` and `sealed` in base64. Nothing in it can be read without the key `keyId`. */
export const sealedCredentialSchema = z.strictObject({
  format: z.literal(1),
  label: z.string(),
  kind: z.enum(['app', 'oauth1', 'oauth2']),
  keyId: z.string(),
  nonce: z.base64(),
  sealed: z.base64(),
});

export type SealedCredential = z.infer<typeof sealedCredentialSchema>;

/** All of a platform in the order in which they were added. `isRefused`: it is taken out of use at present. */
export async function sealedCredentials(
  db: Queryable,
  platform: string,
): Promise<{ credential: SealedCredential; isRefused: boolean }[]> {
  const rows = await db.query<{
    label: string;
    kind: CredentialKind;
    refused: string | null;
    key_id: string;
    nonce: Buffer;
    sealed: Buffer;
  }>('select label, kind, refused, key_id, nonce, sealed from credentials where platform = $1 order by credential_id', [
    platform,
  ]);
  return rows.map(({ label, kind, refused, key_id, nonce, sealed }) => ({
    credential: {
      ...{ format: 1, label, kind, keyId: key_id },
      ...{ nonce: nonce.toString('base64'), sealed: sealed.toString('base64') },
    },
    isRefused: refused !== null,
  }));
}

/** Its secret fields. Throws `credential.unusable` when it cannot be opened. */
export function openSealed(
  ring: Keyring,
  { label, keyId, nonce, sealed }: SealedCredential,
): ReadonlyMap<string, Secret> {
  const bytes = { keyId, nonce: Buffer.from(nonce, 'base64'), sealed: Buffer.from(sealed, 'base64') };
  const fields = JSON.parse(openSecret(ring, label, bytes)) as Record<string, string>;
  return new Map(Object.entries(fields).map(([name, value]) => [name, new Secret(value)]));
}
