/** Credentials as rows. Secrets go in sealed and come out only through `openCredentials`. */
import { MistnetError } from '../../core/errors.ts';
import { Secret } from '../../core/secret.ts';
import type { Clock } from '../../core/time.ts';
import type { Queryable } from '../db.ts';
import { readmitCredential } from '../permits/pauses.ts';
import { closestNames } from '../queries/closest-names.ts';
import type { Keyring } from './keyring.ts';
import { openSecret, sealSecret } from './sealed-secret.ts';

export type CredentialKind = 'app' | 'oauth1' | 'oauth2';

/** One thing that a key was tried for. `sentence`: what the platform said. */
export type Ability = { ability: string; ok: boolean; status: number; sentence: string };

/** What may be shown of a credential. Instants ISO 8601 with Z. `refused`: why it is not used at present. */
export type Credential = {
  label: string;
  platform: string;
  kind: CredentialKind;
  owner: string;
  /** What was bought; null: nobody said. */
  level: string | null;
  abilities: Ability[] | null;
  probedAt: string | null;
  refused: string | null;
  refusedAt: string | null;
  addedAt: string;
};

/** A credential with its secret fields, by the names that the platform's console uses (`bearer_token`, `consumer_key`, …). */
export type OpenedCredential = Credential & { fields: ReadonlyMap<string, Secret> };

type Row = {
  label: string;
  platform: string;
  kind: CredentialKind;
  owner: string;
  level: string | null;
  abilities: Ability[] | null;
  probed_at: string | null;
  refused: string | null;
  refused_at: string | null;
  added_at: string;
  key_id: string;
  nonce: Buffer;
  sealed: Buffer;
};

const COLUMNS = 'label, platform, kind, owner, level, abilities, probed_at, refused, refused_at, added_at';
/** The label under which the token of the environment stands in the ledger. */
export const ENVIRONMENT_LABEL = 'environment';

const LABEL = /^[a-z0-9][a-z0-9_.-]{0,62}$/;

/** Throws `credential.exists`, and `usage.invalid` for a label that cannot be one. */
export async function addCredential(
  db: Queryable,
  ring: Keyring,
  clock: Clock,
  wish: {
    label: string;
    platform: string;
    kind: CredentialKind;
    owner: string;
    level?: string | undefined;
    fields: ReadonlyMap<string, Secret>;
  },
): Promise<Credential> {
  const { label, platform, kind, owner, level, fields } = wish;
  if (!LABEL.test(label))
    throw new MistnetError(
      'usage.invalid',
      `"${label}" cannot be a label. Use 1 to 63 small letters, digits, ".", "_" and "-", beginning with a letter or digit.`,
    );
  if (label === ENVIRONMENT_LABEL)
    throw new MistnetError('usage.invalid', `"${label}" is the token of the environment; choose another label.`);
  const { keyId, nonce, sealed } = sealSecret(ring, label, textOf(fields));
  const [row] = await db.query<Row>(
    `insert into credentials (label, platform, kind, owner, key_id, nonce, sealed, added_at, level)
      values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (label) do nothing returning ${COLUMNS}`,
    [label, platform, kind, owner, keyId, nonce, sealed, new Date(clock.now()).toISOString(), level ?? null],
  );
  if (row === undefined)
    throw new MistnetError(
      'credential.exists',
      `There is a credential "${label}" already. Remove it first, or choose another label.`,
    );
  await readmitCredential(db, label);
  return toCredential(row);
}

/** By label; `refused` says it as well where the platform refused one while work went on. */
export async function listCredentials(db: Queryable): Promise<Credential[]> {
  const rows = await db.query<Row>(
    `select c.label, platform, kind, owner, level, abilities, probed_at, coalesce(c.refused, p.sentence) as refused,
        coalesce(c.refused_at, p.since) as refused_at, added_at
      from credentials c left join permit_pauses p on p.credential = c.label and p.why = 'credential-refused'
        and p.endpoint = '' and p.resource = '' and (p.until is null or p.until > now())
      order by c.label`,
  );
  return rows.map(toCredential);
}

/** All credentials of a platform with their secrets, those that were refused too. Throws `credential.unusable` when one cannot be opened. */
export async function openCredentials(db: Queryable, ring: Keyring, platform: string): Promise<OpenedCredential[]> {
  const rows = await db.query<Row>(
    `select ${COLUMNS}, key_id, nonce, sealed from credentials where platform = $1 order by label`,
    [platform],
  );
  return rows.map((row) => {
    const text = openSecret(ring, row.label, { keyId: row.key_id, nonce: row.nonce, sealed: row.sealed });
    const fields = Object.entries(JSON.parse(text) as Record<string, string>);
    return { ...toCredential(row), fields: new Map(fields.map(([name, value]) => [name, new Secret(value)])) };
  });
}

/** Throws `credential.unknown`. */
export async function removeCredential(db: Queryable, label: string): Promise<void> {
  const rows = await db.query('delete from credentials where label = $1 returning label', [label]);
  if (rows.length === 0) throw await unknownCredential(db, label);
  await readmitCredential(db, label);
}

/** Seals other fields in place of those that are there. Throws `credential.unknown`. */
export async function replaceFields(
  db: Queryable,
  ring: Keyring,
  label: string,
  fields: ReadonlyMap<string, Secret>,
): Promise<void> {
  const { keyId, nonce, sealed } = sealSecret(ring, label, textOf(fields));
  const rows = await db.query(
    'update credentials set key_id = $2, nonce = $3, sealed = $4 where label = $1 returning label',
    [label, keyId, nonce, sealed],
  );
  if (rows.length === 0) throw await unknownCredential(db, label);
}

function textOf(fields: ReadonlyMap<string, Secret>): string {
  return JSON.stringify(Object.fromEntries([...fields].map(([name, secret]) => [name, secret.reveal()])));
}

/** Notes what a probe found; a credential that works again is used again. Throws `credential.unknown`. */
export async function noteAbilities(db: Queryable, clock: Clock, label: string, abilities: Ability[]): Promise<void> {
  const rows = await db.query(
    'update credentials set abilities = $2, probed_at = $3 where label = $1 returning label',
    [label, JSON.stringify(abilities), new Date(clock.now()).toISOString()],
  );
  if (rows.length === 0) throw await unknownCredential(db, label);
}

/** Takes a credential out of use with the platform's reason, or (`null`) into use again, wherever it was taken out. One that was removed meanwhile is no fault. */
export async function noteRefusal(db: Queryable, clock: Clock, label: string, reason: string | null): Promise<void> {
  await db.query('update credentials set refused = $2, refused_at = $3 where label = $1', [
    label,
    reason,
    reason === null ? null : new Date(clock.now()).toISOString(),
  ]);
  if (reason === null) await readmitCredential(db, label);
}

/** Says what was bought with it; null: nobody says. Workers hear of it with the next look at their pool. Throws `credential.unknown`. */
export async function setLevel(db: Queryable, label: string, level: string | null): Promise<void> {
  const rows = await db.query('update credentials set level = $2 where label = $1 returning label', [label, level]);
  if (rows.length === 0) throw await unknownCredential(db, label);
}

/** Whether secrets exist that a missing key file would make unreadable. */
export async function hasCredentials(db: Queryable): Promise<boolean> {
  return (await db.query('select 1 from credentials limit 1')).length > 0;
}

/** Throws `credential.unknown`. `environment`, the token of the environment, is always one. */
export async function requireCredential(db: Queryable, label: string): Promise<void> {
  if (label === ENVIRONMENT_LABEL) return;
  const found = await db.query('select 1 from credentials where label = $1', [label]);
  if (found.length === 0) throw await unknownCredential(db, label);
}

export async function unknownCredential(db: Queryable, label: string): Promise<MistnetError> {
  const labels = (await listCredentials(db)).map((credential) => credential.label);
  const near = closestNames(label, labels);
  const hint =
    near.length > 0
      ? `Did you mean ${near.join(' or ')}?`
      : labels.length === 0
        ? 'There is none yet: mistnet credential add.'
        : 'mistnet credential list shows those that exist.';
  return new MistnetError('credential.unknown', `There is no credential "${label}". ${hint}`);
}

function toCredential(row: Row): Credential {
  return {
    label: row.label,
    platform: row.platform,
    kind: row.kind,
    owner: row.owner,
    level: row.level,
    abilities: row.abilities,
    probedAt: row.probed_at,
    refused: row.refused,
    refusedAt: row.refused_at,
    addedAt: row.added_at,
  };
}
