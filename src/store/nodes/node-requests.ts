/** What people ask a node to do: at present, to start a role anew. The row stays as the record of it. */
import type { Queryable } from '../db.ts';

export const restartableRoles = ['capture', 'worker', 'server'] as const;
export type RestartableRole = (typeof restartableRoles)[number];

/** `takenAt`: when a process of the node took it in hand; `outcome`: what came of it. */
export type NodeRequest = {
  requestId: string;
  node: string;
  role: RestartableRole;
  askedBy: string;
  askedAt: string;
  takenAt: string | null;
  outcome: string | null;
};

type Row = {
  request_id: string;
  node: string;
  role: RestartableRole;
  asked_by: string;
  asked_at: string;
  taken_at: string | null;
  outcome: string | null;
};

/** Undefined when there is no such node. One that waits already is given back instead of another. */
export async function askRestart(
  db: Queryable,
  wish: { node: string; role: RestartableRole; askedBy: string },
): Promise<NodeRequest | undefined> {
  const { node, role, askedBy } = wish;
  const waiting = await db.query<Row>(
    'select * from node_requests where node = $1 and role = $2 and taken_at is null limit 1',
    [node, role],
  );
  const rows =
    waiting.length > 0
      ? waiting
      : await db.query<Row>(
          `insert into node_requests (node, role, asked_by) select node, $2, $3 from nodes where node = $1 returning *`,
          [node, role, askedBy],
        );
  return rows[0] === undefined ? undefined : toRequest(rows[0]);
}

/** Takes what waits for this node; each request is given to one caller only. Those nobody took for an hour are not carried out any more. */
export async function takeRequests(db: Queryable, node: string): Promise<NodeRequest[]> {
  const rows = await db.query<Row>(
    `update node_requests set taken_at = clock_timestamp(),
        outcome = case when asked_at < now() - interval '1 hour' then 'Nobody took it for an hour; it was let be.' end
      where request_id in (select request_id from node_requests where node = $1 and taken_at is null for update skip locked)
      returning *`,
    [node],
  );
  return rows.filter(({ outcome }) => outcome === null).map(toRequest);
}

export async function noteOutcome(db: Queryable, requestId: string, outcome: string): Promise<void> {
  await db.query('update node_requests set outcome = $2 where request_id = $1', [requestId, outcome]);
}

/** The newest requests of all nodes, at most a hundred. */
export async function listRequests(db: Queryable): Promise<NodeRequest[]> {
  return (await db.query<Row>('select * from node_requests order by request_id desc limit 100')).map(toRequest);
}

function toRequest(row: Row): NodeRequest {
  return {
    requestId: row.request_id,
    node: row.node,
    role: row.role,
    askedBy: row.asked_by,
    askedAt: row.asked_at,
    takenAt: row.taken_at,
    outcome: row.outcome,
  };
}
