import { type CapturePlan, planSchema } from '../../capture/plan.ts';
import type { Queryable } from '../db.ts';

/** A plan as capture takes it, whose it is (undefined: a stream that collections share), and who holds its lease now (a lease that has expired is held by nobody). */
export type LeasedPlan = { plan: CapturePlan; collection?: string; heldBy?: string };

type Row = {
  plan: string;
  collection: string | null;
  kind: string;
  platform: string;
  api: string;
  wanted: string;
  revision: number;
  body: object;
  held_by: string | null;
};

/**
 * All plans of streams that this node may capture, stopped ones included (capture must hear of the stop), by name. Those held by another
 * node are left out: `acquirePlanLease` gives them when they become free.
 */
export async function plansOfNode(db: Queryable, node: string): Promise<LeasedPlan[]> {
  const rows = await db.query<Row>(
    `select p.plan, s.collection, s.kind, s.platform, s.api, s.wanted, p.revision, p.body, l.node as held_by
      from plans p join (
          select p.plan, c.name as collection, c.kind, c.platform, c.api, c.wanted
            from plans p join collections c using (collection_id) where c.kind = 'sample'
          union all
          select f.plan, null, 'filter', f.platform, f.api, coalesce(p.body->>'wanted', 'stopped')
            from filter_streams f join plans p using (plan)) s using (plan)
        left join plan_leases l on l.plan = p.plan and l.copy = 0 and l.expires_at > now()
      where l.node is null or l.node = $1 order by p.plan`,
    [node],
  );
  return rows.map(({ collection, held_by, body, plan, kind, platform, api, wanted, revision }) => ({
    plan: planSchema.parse({ ...body, format: 1, plan, kind, platform, api, wanted, revision }),
    ...(collection === null ? {} : { collection }),
    ...(held_by === null ? {} : { heldBy: held_by }),
  }));
}
