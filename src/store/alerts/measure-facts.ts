/** What rules are asked about, measured in a few statements whose answers are bounded however old the installation is. */
import { collectionStatuses } from '../queries/collection-status.ts';
import { FINISHED_AFTER_MS } from '../queries/hours-to-build.ts';
import { HOUR_MS, msToUtcHour } from '../../core/time.ts';
import { listCredentials } from '../credentials/credentials.ts';
import type { Queryable } from '../db.ts';

/** Whoever fails says so every few seconds. */
const FAILING_SEEN_MS = 2 * 60_000;
const WEEK_MS = 7 * 24 * HOUR_MS;

/** Streams that are to run: those of sample collections, and those that filters share. `collection`: null where several share it. */
export async function wantedStreams(db: Queryable, nowMs: number) {
  return [...(await sampleStreams(db, nowMs)), ...(await sharedStreams(db, nowMs))];
}

async function sampleStreams(db: Queryable, nowMs: number) {
  const wanted = await db.query<{ name: string; created_at: string }>(
    `select name, created_at from collections where wanted = 'active' and kind = 'sample' order by name`,
  );
  if (wanted.length === 0) return [];
  const byName = new Map((await collectionStatuses(db)).map((each) => [each.name, each]));
  return wanted.flatMap(({ name, created_at }) => {
    const status = byName.get(name);
    if (status === undefined) return [];
    const { state, reason, lastByteAt } = status;
    const silentMs = lastByteAt === null ? null : Math.max(0, nowMs - Date.parse(lastByteAt));
    const wantedMs = Math.max(0, nowMs - Date.parse(created_at));
    return [{ stream: name, named: name, collection: name, state: state as string, reason, silentMs, wantedMs }];
  });
}

async function sharedStreams(db: Queryable, nowMs: number) {
  const rows = await db.query<{
    plan: string;
    names: string[];
    since: string;
    last_byte_at: string | null;
    state: string | null;
    reason: string | null;
  }>(
    `select f.plan, array_agg(distinct c.name) as names, min(m.from_at) as since, said.last_byte_at, said.state, said.reason
      from filter_streams f join filter_members m on m.plan = f.plan and m.to_at is null
          join collections c on c.collection_id = m.collection_id
        left join lateral (
          select max(s.status->>'lastByteAt') over () as last_byte_at, s.status->>'state' as state, s.status->>'reason' as reason
            from plan_status s where s.plan = f.plan order by s.stored_at desc limit 1) said on true
      group by f.plan, said.last_byte_at, said.state, said.reason order by f.plan`,
  );
  return rows.map(({ plan, names, since, last_byte_at: last, state, reason }) => ({
    ...{
      stream: plan,
      named: sharedName(names),
      collection: onlyOne(names),
      state: state ?? 'starting',
      reason: reason ?? undefined,
    },
    silentMs: last === null ? null : Math.max(0, nowMs - Date.parse(last)),
    wantedMs: Math.max(0, nowMs - Date.parse(since)),
  }));
}

/** What nodes say lately that they cannot open or write. `collection`: null where several share it. */
export async function failingPlans(db: Queryable, nowMs: number) {
  const rows = await db.query<{ plan: string; name: string | null; node: string; reason: string | null }>(
    `select s.plan, c.name, s.node, s.status->>'reason' as reason
      from plan_status s left join plans p using (plan) left join collections c using (collection_id)
      where s.status->>'state' = 'failed' and s.observed_at > $1 and coalesce(c.wanted, 'active') = 'active'
      order by s.plan, s.node limit 500`,
    [new Date(nowMs - FAILING_SEEN_MS).toISOString()],
  );
  return rows.map(({ plan, name, node, reason }) => ({
    ...{ stream: name ?? plan, collection: name, node },
    reason: reason ?? 'it does not say why',
  }));
}

/** Entries of the gap ledger of the last week with time that stays uncovered; the newest 500. */
export async function recentGaps(db: Queryable, nowMs: number) {
  const rows = await db.query<{
    gap_id: string;
    name: string | null;
    plan: string;
    sharers: string[] | null;
    node: string;
    from_at: string;
    to_at: string;
    cause: string;
    uncovered_ms: string;
  }>(
    `select g.gap_id, c.name, g.plan, g.node, g.from_at, g.to_at, g.cause, g.uncovered_ms,
        case when c.name is null then (
          select array_agg(distinct s.name) from collection_plans m join collections s using (collection_id)
            where m.plan = g.plan and m.from_at < g.to_at and m.to_at > g.from_at) end as sharers
      from gaps g join plans p using (plan) left join collections c using (collection_id)
      where g.to_at > $1 and g.uncovered_ms > 0 order by g.to_at desc limit 500`,
    [new Date(nowMs - WEEK_MS).toISOString()],
  );
  return rows.map((row) => ({
    ...{
      gapId: row.gap_id,
      stream: row.name ?? (row.sharers === null ? row.plan : sharedName(row.sharers)),
      collection: row.name ?? onlyOne(row.sharers ?? []),
      node: row.node,
      from: row.from_at,
      cause: row.cause,
    },
    uncoveredMs: Number(row.uncovered_ms),
    endedMs: row.to_at === 'infinity' ? null : Math.max(0, nowMs - Date.parse(row.to_at)),
  }));
}

/** Finished hours of the last week that have posts and no whole dataset, the oldest 500. */
export async function lateHours(db: Queryable, nowMs: number) {
  const newest = new Date(nowMs - FINISHED_AFTER_MS - HOUR_MS).toISOString();
  const rows = await db.query<{ name: string; hour: string }>(
    `with hours as (
        select p.collection_id, s.hour from segments s join collection_plans p
            on p.plan = s.plan and s.hour < p.to_at and s.hour + interval '1 hour' > p.from_at
          where s.hour >= $1 and s.hour <= $2 group by p.collection_id, s.hour having sum(s.frames) > 0)
      select c.name, h.hour from hours h join collections c using (collection_id)
          left join datasets d on d.collection_id = h.collection_id and d.hour = h.hour and d.superseded_at is null and not d.partial
        where c.kind in ('sample', 'filter') and d.dataset_id is null order by h.hour, c.name limit 500`,
    [new Date(nowMs - WEEK_MS).toISOString(), newest],
  );
  return rows.map(({ name, hour }) => {
    const startMs = Date.parse(hour);
    return {
      collection: name,
      hour: msToUtcHour(startMs) as string,
      lateMs: Math.max(0, nowMs - startMs - HOUR_MS - FINISHED_AFTER_MS),
    };
  });
}

export async function refusedCredentials(db: Queryable) {
  return (await listCredentials(db)).flatMap(({ label, owner, refused }) =>
    refused === null ? [] : [{ label, owner, refused }],
  );
}

/** A job of the queue's own table, as its library keeps it. */
export type QueueRow = { id: string; queue: string; data: unknown; output: unknown };

/** Jobs that failed for good in the last week, the newest 200. None where no worker ever ran. */
export async function failedJobs(db: Queryable, nowMs: number): Promise<QueueRow[]> {
  if (!(await hasQueue(db))) return [];
  return await db.query<QueueRow>(
    `select id::text, name as queue, data, output from pgboss.job f where state = 'failed' and completed_on > $1
        and not exists (select from pgboss.job l
          where l.name = f.name and l.singleton_key = f.singleton_key and l.state = 'completed' and l.completed_on > f.completed_on)
      order by completed_on desc limit 200`,
    [new Date(nowMs - WEEK_MS).toISOString()],
  );
}

/** How many jobs stand in each queue, by the library's states. */
export async function queueDepths(db: Queryable): Promise<{ queue: string; state: string; jobs: number }[]> {
  if (!(await hasQueue(db))) return [];
  return await db.query(
    `select name as queue, state::text, count(*)::integer as jobs from pgboss.job
      where state in ('created', 'retry', 'active', 'failed') group by name, state`,
  );
}

/** Whether a worker ever ran: the queue's tables are its library's. */
export async function hasQueue(db: Queryable): Promise<boolean> {
  const [row] = await db.query<{ has: boolean }>(`select to_regclass('pgboss.job') is not null as has`);
  return row?.has === true;
}

const NAMED = 3;

/** `birds, bees and 2 more collections`: who shares a stream, for people; its own name tells nobody anything. */
function sharedName(names: readonly string[]): string {
  const shown = names.slice(0, NAMED).join(', ');
  const more = names.length - NAMED;
  return more > 0 ? `${shown} and ${more} more ${more === 1 ? 'collection' : 'collections'}` : shown;
}

/** Whose rights decide who sees it: an alert about several collections names them all, and is for those who see all. */
function onlyOne(names: readonly string[]): string | null {
  return names.length === 1 ? (names[0] ?? null) : null;
}
