/** The credential that a person's sign-in with a platform leaves. */
import type { Secret } from '../../core/secret.ts';
import type { Clock } from '../../core/time.ts';
import { addCredential, type CredentialKind, replaceFields } from '../credentials/credentials.ts';
import type { Keyring } from '../credentials/keyring.ts';
import type { Database } from '../db.ts';

/** One a person, platform and kind: `x-<person>`, `x-<person>-oauth1`. Fields of before are replaced, a refusal is lifted. */
export async function keepOwnCredential(
  db: Database,
  ring: Keyring,
  clock: Clock,
  wish: { userId: string; kind: CredentialKind; fields: ReadonlyMap<string, Secret> },
): Promise<string> {
  const { userId, kind, fields } = wish;
  return await db.transaction(async (tx) => {
    const [user] = await tx.query<{ name: string; email: string }>(
      'select name, email from auth."user" where id = $1 for update',
      [userId],
    );
    const [known] = await tx.query<{ label: string }>(
      `select label from credentials where owner_id = $1 and platform = 'x' and kind = $2 and label like 'x-%'
        order by credential_id limit 1`,
      [userId, kind],
    );
    if (known !== undefined) {
      await replaceFields(tx, ring, known.label, fields);
      await tx.query('update credentials set refused = null, refused_at = null where label = $1', [known.label]);
      return known.label;
    }
    const label = await freeLabel(tx, `x-${slugOf(user?.name ?? '')}${kind === 'oauth1' ? '-oauth1' : ''}`);
    await addCredential(tx, ring, clock, { label, platform: 'x', kind, owner: user?.email ?? '', fields });
    await tx.query('update credentials set owner_id = $2 where label = $1', [label, userId]);
    return label;
  });
}

async function freeLabel(tx: { query<Row>(text: string, values?: unknown[]): Promise<Row[]> }, wish: string) {
  for (let number = 1; ; number += 1) {
    const label = number === 1 ? wish : `${wish}-${number}`;
    if ((await tx.query('select 1 from credentials where label = $1', [label])).length === 0) return label;
  }
}

/** A name as a label may have it; never empty. */
function slugOf(name: string): string {
  const slug = name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
    .slice(0, 40);
  return slug === '' ? 'user' : slug;
}
