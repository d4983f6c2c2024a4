/** A filter collection begins and ends to share its credential's stream. */
import { MistnetError } from '../../core/errors.ts';
import type { FilterApi } from '../../core/rules/compile.ts';
import type { Queryable } from '../db.ts';
import { refuseSampled } from './credential-use.ts';
import { lockFilterStream } from './filter-streams.ts';
import { planStream } from './plan-stream.ts';

export type StreamMember = { collectionId: number; name: string; api: FilterApi; credential: string };

/**
 * From now on the collection is active on its credential's stream. Throws `filter.refused` when the credential is used for another kind of
 * stream, or when everything together does not fit.
 */
export async function joinStream(tx: Queryable, member: StreamMember): Promise<void> {
  await refuseUsed(tx, member);
  const { plan, api } = await lockFilterStream(tx, member);
  if (api !== member.api) await changeApi(tx, { plan, api: member.api });
  await tx.query(
    `insert into filter_members (collection_id, plan, from_at) values ($1, $2, clock_timestamp()) on conflict do nothing`,
    [member.collectionId, plan],
  );
  await planStream(tx, plan);
}

/** From now on the collection is not active on any stream; returns the plan that it left. */
export async function leaveStream(tx: Queryable, collectionId: number): Promise<string | undefined> {
  const [left] = await tx.query<{ plan: string }>(
    'update filter_members set to_at = clock_timestamp() where collection_id = $1 and to_at is null returning plan',
    [collectionId],
  );
  if (left === undefined) return undefined;
  await planStream(tx, left.plan);
  return left.plan;
}

/** One credential can hold one stream of a kind; the collection that has it is named. */
async function refuseUsed(tx: Queryable, { credential, api, collectionId }: StreamMember): Promise<void> {
  await refuseSampled(tx, { credential, api });
  const [other] = await tx.query<{ name: string }>(
    `select c.name from filter_members m join filter_streams f using (plan) join collections c using (collection_id)
      where f.credential = $1 and m.to_at is null and c.collection_id <> $2 and c.api <> $3 order by c.name limit 1`,
    [credential, collectionId, api],
  );
  if (other !== undefined)
    throw new MistnetError(
      'filter.refused',
      `Filter ${other.name} is active and is configured to authenticate as "${credential}" with the other version of the API. Stop it, or give this collection another credential.`,
    );
}

/** Nobody is active on it any more: the credential's stream may speak the other version of the API from now on. */
async function changeApi(tx: Queryable, { plan, api }: { plan: string; api: FilterApi }): Promise<void> {
  await tx.query('update filter_streams set api = $2 where plan = $1', [plan, api]);
  await tx.query(`update plans set revision = revision + 1, body = body - 'filter' where plan = $1`, [plan]);
  await tx.query('update filter_rules set gone_at = now() where plan = $1 and gone_at is null', [plan]);
}
