/** Credentials as they lie sealed: they can be handed on without the key that opens them, e.g. to lie beside a plan. */
import { z } from 'zod';
import { Secret } from '../../core/secret.ts';
import type { Queryable } from '../db.ts';
import type { CredentialKind } from './credentials.ts';
import type { Keyring } from './keyring.ts';
import { openSecret, sealSecret } from './sealed-secret.ts';

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

type Row = {
  label: string;
  kind: CredentialKind;
  owner: string;
  refused: string | null;
  key_id: string;
  nonce: Buffer;
  sealed: Buffer;
};

const COLUMNS = 'label, kind, owner, refused, key_id, nonce, sealed';

/** `isRefused`: it is taken out of use at present. `isPersonal`: somebody's own, which serves only what names it. */
export type KnownCredential = { credential: SealedCredential; isRefused: boolean; isPersonal: boolean };

/** All of a platform in the order in which they were added. */
export async function sealedCredentials(db: Queryable, platform: string): Promise<KnownCredential[]> {
  const rows = await db.query<Row>(`select ${COLUMNS} from credentials where platform = $1 order by credential_id`, [
    platform,
  ]);
  return rows.map((row) => ({
    ...{ credential: toSealed(row), isRefused: row.refused !== null, isPersonal: row.owner !== '' },
  }));
}

/** One of them, held until the transaction ends: whoever else wants to hold it waits. Undefined when there is none. */
export async function lockSealed(tx: Queryable, label: string): Promise<SealedCredential | undefined> {
  const [row] = await tx.query<Row>(`select ${COLUMNS} from credentials where label = $1 for update`, [label]);
  return row === undefined ? undefined : toSealed(row);
}

/** Puts other sealed bytes in the place of those that are there. */
export async function replaceSealed(tx: Queryable, { label, keyId, nonce, sealed }: SealedCredential): Promise<void> {
  await tx.query('update credentials set key_id = $2, nonce = $3, sealed = $4 where label = $1', [
    ...[label, keyId, Buffer.from(nonce, 'base64'), Buffer.from(sealed, 'base64')],
  ]);
}

/** The same credential with other fields. */
export function sealFields(
  ring: Keyring,
  { label, kind }: Pick<SealedCredential, 'label' | 'kind'>,
  fields: ReadonlyMap<string, Secret>,
): SealedCredential {
  const text = JSON.stringify(Object.fromEntries([...fields].map(([name, secret]) => [name, secret.reveal()])));
  const { keyId, nonce, sealed } = sealSecret(ring, label, text);
  return { format: 1, label, kind, keyId, nonce: nonce.toString('base64'), sealed: sealed.toString('base64') };
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

function toSealed({ label, kind, key_id, nonce, sealed }: Row): SealedCredential {
  return {
    ...{ format: 1, label, kind, keyId: key_id },
    ...{ nonce: nonce.toString('base64'), sealed: sealed.toString('base64') },
  };
}
