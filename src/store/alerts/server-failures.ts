/** Requests that the server answered with HTTP 500, counted by hour and route; kept for some days. */
import type { Queryable } from '../db.ts';
import { keepableText } from '../load/keepable-text.ts';

/** `route`: method and pattern, `GET /api/v1/posts/:id`, never what somebody asked for. */
export type ServerFailure = { node: string; route: string; cause: string };

const KEPT = '8 days';
const LONGEST_CAUSE = 500;

export async function noteServerFailure(
  db: Queryable,
  { node, route, cause }: ServerFailure,
  nowMs: number,
): Promise<void> {
  const now = new Date(nowMs).toISOString();
  await db.query(
    `with old as (delete from server_failures where hour < $4::timestamptz - interval '${KEPT}')
      insert into server_failures as f (node, route, hour, failures, cause, last_at)
        values ($1, $2, date_trunc('hour', $4::timestamptz, 'UTC'), 1, $3, $4)
        on conflict (node, route, hour) do update set failures = f.failures + 1, cause = excluded.cause, last_at = excluded.last_at`,
    [node, route, keepableText(cause.slice(0, LONGEST_CAUSE), 'cause', []) ?? '', now],
  );
}

/** Those of the last day, the newest 500. `agoMs`: since the newest of its hour. */
export async function recentServerFailures(
  db: Queryable,
  nowMs: number,
): Promise<(ServerFailure & { hour: string; failures: number; agoMs: number })[]> {
  const rows = await db.query<{
    node: string;
    route: string;
    hour: string;
    failures: string;
    cause: string;
    last_at: string;
  }>('select * from server_failures where last_at > $1 order by last_at desc limit 500', [
    new Date(nowMs - DAY_MS).toISOString(),
  ]);
  return rows.map(({ node, route, hour, failures, cause, last_at: lastAt }) => ({
    ...{ node, route, hour, cause },
    failures: Number(failures),
    agoMs: Math.max(0, nowMs - Date.parse(lastAt)),
  }));
}

const DAY_MS = 86_400_000;
