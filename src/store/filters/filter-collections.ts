/** Filter collections: made, changed and looked into. Every change is a version with who, when and why. */
import { MistnetError } from '../../core/errors.ts';
import { compileFilter, type FilterApi } from '../../core/rules/compile.ts';
import type { FilterDefinition } from '../../core/rules/definition.ts';
import { ruleLimits } from '../../core/rules/limits.ts';
import { NOBODY_KNOWN, type Validation, validateFilter } from '../../core/rules/validate.ts';
import type { Clock } from '../../core/time.ts';
import { ENVIRONMENT_LABEL } from '../credentials/credentials.ts';
import type { Queryable } from '../db.ts';
import { addCollectionIn } from '../queries/add-collection.ts';
import type { Collection } from '../queries/collection.ts';
import { findCollection } from '../queries/find-collection.ts';
import { FilterRefused } from './filter-refused.ts';
import { joinStream, leaveStream } from './join-stream.ts';
import { planStream } from './plan-stream.ts';

/** `by`: who wished it, as it shall be shown; `reason`: why, one sentence. */
export type FilterChange = { definition: FilterDefinition; by: string; reason: string };

/** `createdAt`: ISO 8601 with Z. Versions count from 1. */
export type FilterVersion = FilterChange & { version: number; createdAt: string };

type VersionRow = {
  version: number;
  definition: FilterDefinition;
  created_at: string;
  created_by: string;
  reason: string;
};

/**
 * Makes a filter collection with its first version; an active one joins its credential's stream at once. In the caller's transaction. Throws
 * `FilterRefused` with all problems, and what `addCollectionIn` throws.
 */
export async function addFilterCollection(
  tx: Queryable,
  clock: Clock,
  wish: FilterChange & {
    name: string;
    api: FilterApi;
    credential: string;
    keep?: string;
    zone?: string;
    wanted?: Collection['wanted'];
  },
): Promise<{ collection: Collection; warnings: Validation['warnings'] }> {
  const { definition, by, reason, api, credential, wanted = 'active', ...rest } = wish;
  const { warnings } = await requireFilter(tx, { definition, api, credential });
  const collection = await addCollectionIn(tx, clock, {
    ...rest,
    kind: 'filter',
    platform: 'x',
    api,
    credential,
    wanted,
  });
  await addVersion(tx, clock, collection, { definition, by, reason });
  const { collectionId, name } = collection;
  if (wanted === 'active') await joinStream(tx, { collectionId, name, api, credential });
  return { collection, warnings };
}

/**
 * Keeps a change as a new version and has the stream changed accordingly; the same definition again makes no version. Throws
 * `collection.unknown`, `collection.invalid` for other kinds, `FilterRefused`; `filter.changed` where `basedOn` is not the version that there is: somebody was quicker.
 */
export async function saveFilterVersion(
  tx: Queryable,
  clock: Clock,
  name: string,
  { basedOn, ...change }: FilterChange & { basedOn?: number },
): Promise<{ version: FilterVersion; warnings: Validation['warnings'] }> {
  const collection = await requireFilterCollection(tx, name);
  await tx.query('select from collections where collection_id = $1 for update', [collection.collectionId]);
  const { credential } = await filterCredential(tx, collection.collectionId);
  const { warnings } = await requireFilter(tx, { definition: change.definition, api: collection.api, credential });
  const current = await currentFilter(tx, collection.collectionId);
  if (isSame(current.definition, change.definition)) return { version: current, warnings };
  if (basedOn !== undefined && basedOn !== current.version)
    throw new MistnetError(
      'filter.changed',
      `${current.by} has changed it meanwhile (version ${current.version}): “${current.reason}”`,
    );
  const version = await addVersion(tx, clock, collection, change);
  const [member] = await tx.query<{ plan: string }>(
    'select plan from filter_members where collection_id = $1 and to_at is null',
    [collection.collectionId],
  );
  if (member !== undefined) await planStream(tx, member.plan);
  return { version, warnings };
}

/** A filter collection was started or stopped: it joins its credential's stream or leaves it. Call it in the transaction that notes the wish. */
export async function filterWanted(tx: Queryable, collection: Collection, wanted: Collection['wanted']): Promise<void> {
  const { collectionId, name, api } = collection;
  if (wanted === 'stopped') return void (await leaveStream(tx, collectionId));
  const { credential } = await filterCredential(tx, collectionId);
  const { definition } = await currentFilter(tx, collectionId);
  await requireFilter(tx, { definition, api, credential });
  await joinStream(tx, { collectionId, name, api, credential });
}

/** A filter collection got another credential: it moves to that one's stream. Call it in the transaction that notes it. */
export async function filterCredentialChanged(tx: Queryable, collection: Collection): Promise<void> {
  if (collection.wanted === 'stopped') return;
  await leaveStream(tx, collection.collectionId);
  await filterWanted(tx, collection, 'active');
}

/** The newest version. Throws `collection.invalid` when there is none. */
export async function currentFilter(db: Queryable, collectionId: number): Promise<FilterVersion> {
  const [version] = await filterHistory(db, collectionId, { limit: 1 });
  if (version === undefined)
    throw new MistnetError('collection.invalid', 'This collection has no filter: it is of another kind.');
  return version;
}

/** Versions of a collection, newest first; `before` goes on below a version. */
export async function filterHistory(
  db: Queryable,
  collectionId: number,
  { before, limit = 100 }: { before?: number; limit?: number } = {},
): Promise<FilterVersion[]> {
  const rows = await db.query<VersionRow>(
    `select version, definition, created_at, created_by, reason from filter_versions
      where collection_id = $1 and ($2::integer is null or version < $2) order by version desc limit $3`,
    [collectionId, before ?? null, limit],
  );
  return rows.map(toVersion);
}

/** The label that a collection is asked with, and what was bought with it (null: nobody said). */
export async function filterCredential(
  db: Queryable,
  collectionId: number,
): Promise<{ credential: string; level: string | null }> {
  const [row] = await db.query<{ credential: string | null; level: string | null }>(
    `select p.body->>'credential' as credential, k.level from plans p left join credentials k on k.label = p.body->>'credential'
      where p.collection_id = $1`,
    [collectionId],
  );
  return { credential: row?.credential ?? ENVIRONMENT_LABEL, level: row?.level ?? null };
}

/**
 * What a new filter collection is asked with when nobody says: the token of the environment where there is one (v2), else the first
 * credential that was added, is not refused and will do. Undefined: there is none.
 */
export async function usualFilterCredential(
  db: Queryable,
  { api, hasEnvironmentToken, owner = '' }: { api: FilterApi; hasEnvironmentToken: boolean; owner?: string },
): Promise<string | undefined> {
  if (api === 'v2' && hasEnvironmentToken) return ENVIRONMENT_LABEL;
  const kind = api === 'v2' ? 'app' : 'oauth1';
  const [row] = await db.query<{ label: string }>(
    `select label from credentials where platform = 'x' and kind = $1 and refused is null and owner in ('', $2)
      order by owner <> '', credential_id limit 1`,
    [kind, owner],
  );
  return row?.label;
}

/** What was bought with a credential; null: nobody said. */
export async function filterLevel(db: Queryable, credential: string): Promise<string | null> {
  const [row] = await db.query<{ level: string | null }>('select level from credentials where label = $1', [
    credential,
  ]);
  return row?.level ?? null;
}

/** Checks a definition by the limits of a credential's level. Throws `FilterRefused` with all problems. */
export async function requireFilter(
  db: Queryable,
  { definition, api, credential }: { definition: FilterDefinition; api: FilterApi; credential: string },
): Promise<Validation> {
  const level = await filterLevel(db, credential);
  const validation = validateFilter(definition, { api, limits: ruleLimits(level ?? undefined) });
  // Nobody known yet is no mistake of the person's: it is kept, and begins when they are found.
  const problems = validation.problems.filter((problem) => problem !== NOBODY_KNOWN);
  if (problems.length > 0) throw new FilterRefused(problems);
  return validation;
}

/** Throws `collection.unknown`, and `collection.invalid` for a collection of another kind. */
export async function requireFilterCollection(db: Queryable, name: string): Promise<Collection> {
  const collection = await findCollection(db, name);
  if (collection.kind !== 'filter')
    throw new MistnetError(
      'collection.invalid',
      `Collection "${name}" has no filter: it is of the kind ${collection.kind}.`,
    );
  return collection;
}

async function addVersion(
  tx: Queryable,
  clock: Clock,
  { collectionId, api }: Pick<Collection, 'collectionId' | 'api'>,
  { definition, by, reason }: FilterChange,
): Promise<FilterVersion> {
  const [row] = await tx.query<VersionRow>(
    `insert into filter_versions (collection_id, version, definition, created_at, created_by, reason)
      select $1, coalesce(max(version), 0) + 1, $2, $3, $4, $5 from filter_versions where collection_id = $1
      returning version, definition, created_at, created_by, reason`,
    [collectionId, definition, new Date(clock.now()).toISOString(), by, reason],
  );
  const sources = compileFilter(definition, api).flatMap((clause) => clause.sources);
  await tx.query(
    `insert into filter_seeds (collection_id, kind, text) select $1, * from unnest($2::text[], $3::text[]) on conflict do nothing`,
    [collectionId, sources.map(({ kind }) => kind), sources.map(({ text }) => text)],
  );
  return toVersion(row as VersionRow);
}

function toVersion({ version, definition, created_at, created_by, reason }: VersionRow): FilterVersion {
  return { version, definition, createdAt: created_at, by: created_by, reason };
}

function isSame(a: FilterDefinition, b: FilterDefinition): boolean {
  const sorted = (value: unknown): unknown =>
    typeof value !== 'object' || value === null || Array.isArray(value)
      ? Array.isArray(value)
        ? value.map(sorted)
        : value
      : Object.fromEntries(
          Object.entries(value)
            .sort(([x], [y]) => (x < y ? -1 : 1))
            .map(([key, each]) => [key, sorted(each)]),
        );
  return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
}
