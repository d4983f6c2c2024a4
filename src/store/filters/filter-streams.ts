/** The shared streams: one for each credential that filter collections ask with. */
import { createHash, randomBytes } from 'node:crypto';
import type { FilterApi } from '../../core/rules/compile.ts';
import type { StreamMeaning } from '../../core/rules/meaning.ts';
import type { Queryable } from '../db.ts';

/** Told whenever what a stream shall do has changed. The payload is the plan. */
export const FILTERS_CHANNEL = 'mistnet_filters';

/** A shared stream as rows know it. */
export type FilterStream = {
  plan: string;
  api: FilterApi;
  credential: string;
  tagPrefix: string;
  revision: number;
  syncedRevision: number;
  syncedAt: string | null;
  error: string | null;
  meaning: StreamMeaning;
};

export type FilterStreamRow = {
  plan: string;
  api: FilterApi;
  credential: string;
  tag_prefix: string;
  revision: number;
  synced_revision: number;
  synced_at: string | null;
  error: string | null;
  meaning: StreamMeaning;
};

export const FILTER_STREAM_COLUMNS =
  'plan, api, credential, tag_prefix, revision, synced_revision, synced_at, error, meaning';

/** The plan of a credential's shared stream: `filter-<label>`, with what a plan's name cannot hold told apart by a digest. */
export function filterPlanName(credential: string): string {
  const plain = credential.toLowerCase().replace(/[^a-z0-9_-]/g, '-');
  if (plain === credential && plain.length <= 56) return `filter-${plain}`;
  return `filter-${plain.slice(0, 45)}-${createHash('sha256').update(credential).digest('hex').slice(0, 8)}`;
}

/** Finds a credential's stream, or makes it, held until the transaction ends: changes of a stream happen one after the other. */
export async function lockFilterStream(
  tx: Queryable,
  wish: { credential: string; api: FilterApi },
): Promise<FilterStream> {
  const plan = filterPlanName(wish.credential);
  const meaning: StreamMeaning = { revision: 0, api: wish.api, collections: [], rules: [] };
  await tx.query('insert into plans (plan, collection_id, body) values ($1, null, $2) on conflict (plan) do nothing', [
    plan,
    { backfillMinutes: 0, credential: wish.credential },
  ]);
  await tx.query(
    `insert into filter_streams (plan, platform, api, credential, tag_prefix, meaning) values ($1, 'x', $2, $3, $4, $5)
      on conflict (plan) do nothing`,
    [plan, wish.api, wish.credential, `mistnet-${randomBytes(4).toString('hex')}-`, meaning],
  );
  const stream = await lockStreamOfPlan(tx, plan);
  if (stream === undefined) throw new Error(`the stream ${plan} went while it was made`);
  return stream;
}

/** The stream of a plan, held until the transaction ends; undefined when the plan is no shared stream's. */
export async function lockStreamOfPlan(tx: Queryable, plan: string): Promise<FilterStream | undefined> {
  const [row] = await tx.query<FilterStreamRow>(
    `select ${FILTER_STREAM_COLUMNS} from filter_streams where plan = $1 for update`,
    [plan],
  );
  return row === undefined ? undefined : toFilterStream(row);
}

export function toFilterStream(row: FilterStreamRow): FilterStream {
  return {
    ...{ plan: row.plan, api: row.api, credential: row.credential, tagPrefix: row.tag_prefix, revision: row.revision },
    ...{ syncedRevision: row.synced_revision, syncedAt: row.synced_at, error: row.error, meaning: row.meaning },
  };
}
