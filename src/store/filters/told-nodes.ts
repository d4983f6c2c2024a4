/** Which nodes' capture knows which meaning of a shared stream. */
import type { StreamMeaning } from '../../core/rules/meaning.ts';
import type { Queryable } from '../db.ts';

/** What a node has not noted yet; undefined when it knows the newest. */
export async function meaningToNote(
  db: Queryable,
  { plan, node }: { plan: string; node: string },
): Promise<StreamMeaning | undefined> {
  const [row] = await db.query<{ meaning: StreamMeaning }>(
    `select f.meaning from filter_streams f left join filter_told t on t.plan = f.plan and t.node = $2
      where f.plan = $1 and f.revision is distinct from t.revision`,
    [plan, node],
  );
  return row?.meaning;
}

/** Notes that a node knows a revision. */
export async function noteTold(
  db: Queryable,
  { plan, node, revision }: { plan: string; node: string; revision: number },
): Promise<void> {
  await db.query(
    `insert into filter_told (plan, node, revision, told_at) values ($1, $2, $3, now())
      on conflict (plan, node) do update set revision = excluded.revision, told_at = excluded.told_at`,
    [plan, node, revision],
  );
}

/** Whether the node that holds the plan's lease knows a revision; true as well while nobody holds it. */
export async function isTold(db: Queryable, { plan, revision }: { plan: string; revision: number }): Promise<boolean> {
  const [row] = await db.query<{ missing: string }>(
    `select count(*) as missing from plan_leases l left join filter_told t on t.plan = l.plan and t.node = l.node
      where l.plan = $1 and l.expires_at > now() and coalesce(t.revision, -1) < $2`,
    [plan, revision],
  );
  return row?.missing === '0';
}
