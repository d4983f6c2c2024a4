import { MistnetError } from '../../core/errors.ts';
import type { Clock } from '../../core/time.ts';
import { requireStreamKind } from '../credentials/stream-kinds.ts';
import type { Database, Queryable } from '../db.ts';
import { COLLECTIONS_CHANNEL } from '../listen.ts';
import { refuseFiltered } from '../filters/credential-use.ts';
import { COLLECTION_COLUMNS, type Collection, type CollectionRow, toCollection } from './collection.ts';
import { noteWanted } from './wanted-spans.ts';

export type NewCollection = Pick<Collection, 'name' | 'kind' | 'platform' | 'api'> & {
  keep?: string;
  zone?: string;
  wanted?: Collection['wanted'];
  /** How far back to ask for what was missed after a reconnect; 0 where the access does not allow it. */
  backfillMinutes?: number;
  /** The label of the credential that it is to be asked with; any that will do when absent. */
  credential?: string;
  /** When timelines are read; kept in the plan as given. */
  schedule?: object;
};

/**
 * Makes a collection and its plan, which bears its name, and tells who listens. Throws `collection.invalid`, `zone.invalid`, or
 * `collection.exists`, and `credential.unusable` for a stream with a key of a kind that the platform lets into none.
 */
export async function addCollection(db: Database, clock: Clock, wish: NewCollection): Promise<Collection> {
  return await db.transaction((tx) => addCollectionIn(tx, clock, wish));
}

/** Like `addCollection`, in a transaction of the caller's. */
export async function addCollectionIn(tx: Queryable, clock: Clock, wish: NewCollection): Promise<Collection> {
  const { name, kind, platform, api, keep = 'all', zone = 'UTC', wanted = 'active', backfillMinutes = 0 } = wish;
  requireName(name);
  requireKeep(keep);
  requireZone(zone);
  if (wish.credential !== undefined) {
    const use = { credential: wish.credential, api };
    if (kind === 'sample' || kind === 'filter') await requireStreamKind(tx, use);
    if (kind === 'sample' && wanted === 'active') await refuseFiltered(tx, use);
  }
  const rows = await tx.query<CollectionRow>(
    `insert into collections (name, kind, platform, api, keep, zone, wanted, created_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (name) do nothing returning ${COLLECTION_COLUMNS}`,
    [name, kind, platform, api, keep, zone, wanted, new Date(clock.now()).toISOString()],
  );
  const row = rows[0];
  if (row === undefined)
    throw new MistnetError('collection.exists', `There is a collection "${name}" already. Choose another name.`);
  await tx.query('insert into plans (plan, collection_id, body) values ($1, $2, $3)', [
    name,
    row.collection_id,
    {
      backfillMinutes,
      ...(wish.credential === undefined ? {} : { credential: wish.credential }),
      ...(wish.schedule === undefined ? {} : { schedule: wish.schedule }),
    },
  ]);
  if (wanted === 'active') await noteWanted(tx, row.collection_id, wanted);
  await tx.query('select pg_notify($1, $2)', [COLLECTIONS_CHANNEL, name]);
  return toCollection(row);
}

function requireName(name: string): void {
  if (name.startsWith('filter-'))
    throw new MistnetError(
      'collection.invalid',
      `"${name}" cannot be a collection's name: names that begin with filter- are those of shared streams.`,
    );
  if (/^[a-z0-9][a-z0-9_-]{0,62}$/.test(name)) return;
  throw new MistnetError(
    'collection.invalid',
    `"${name}" cannot be a collection's name. Use 1 to 63 small letters, digits, - and _, beginning with a letter or digit.`,
  );
}

/** Throws `collection.invalid` unless it is files, all or days:N. */
export function requireKeep(keep: string): void {
  if (/^(files|all|days:[1-9][0-9]{0,4})$/.test(keep)) return;
  throw new MistnetError('collection.invalid', `"${keep}" is not a way to keep posts. Use files, all or days:N.`);
}

function requireZone(zone: string): void {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
  } catch (cause) {
    throw new MistnetError('zone.invalid', `"${zone}" is not a time zone; write it like Europe/Vienna or UTC.`, {
      cause,
    });
  }
}
