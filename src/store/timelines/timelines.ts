/** How far each timeline is read, who reads it now, and what its readings did. */
import type { Queryable } from '../db.ts';
import { FOLLOWED_BY } from './timeline-collections.ts';

export type TimelineKey = { collectionId: number; platform: string; accountId: string };

/** `sweep`: what the reading under way has to remember, as its reader wrote it; its `run` says who reads. */
export type TimelineRow = {
  newestId: string | null;
  dailyRate: number | null;
  sweptAt: string | null;
  failures: number;
  sweep: ({ run: string } & Record<string, unknown>) | null;
};

export type RunOutcome = 'done' | 'protected' | 'suspended' | 'gone' | 'failed' | 'interrupted';

/** Timelines that active collections follow and that have no row yet get one, due at once, in no order: so that nodes that begin together do not compete. */
export async function enrolTimelines(db: Queryable, atMs: number): Promise<void> {
  await db.query(
    `insert into timelines (collection_id, platform, account_id, due_at)
      select c.collection_id, f.platform, f.account_id, $1::timestamptz
        from collections c join followed_accounts f using (platform)
        where c.kind = 'timeline' and c.wanted = 'active' and f.active and ${FOLLOWED_BY}
          and not exists (select from timelines t where (t.collection_id, t.platform, t.account_id) = (c.collection_id, f.platform, f.account_id))
        order by random()
      on conflict do nothing`,
    [new Date(atMs).toISOString()],
  );
}

export type DueTimeline = TimelineKey & { collection: string };

/** Timelines that are due, the longest waiting first: of active accounts that can be read, of collections that want them. */
export async function dueTimelines(db: Queryable, atMs: number, limit: number): Promise<DueTimeline[]> {
  const rows = await db.query<{ collection_id: number; platform: string; account_id: string; name: string }>(
    `select t.collection_id, t.platform, t.account_id, c.name
      from timelines t join collections c using (collection_id)
        join followed_accounts f on (f.platform, f.account_id) = (t.platform, t.account_id)
      where t.due_at <= $1 and c.wanted = 'active' and f.active and f.state in ('public', 'protected') and ${FOLLOWED_BY}
      order by t.due_at limit $2`,
    [new Date(atMs).toISOString(), limit],
  );
  return rows.map(({ collection_id, platform, account_id, name }) => ({
    ...{ collectionId: collection_id, platform, accountId: account_id, collection: name },
  }));
}

/**
 * Begins a reading, or goes on with one that its reader left: from now on only `run` may move it. Undefined when nobody follows this
 * timeline any more.
 */
export async function beginRun(
  tx: Queryable,
  key: TimelineKey,
  begin: { run: string; node: string; atMs: number },
): Promise<TimelineRow | undefined> {
  const { collectionId, platform, accountId } = key;
  const [row] = await tx.query<{
    newest_id: string | null;
    daily_rate: number | null;
    swept_at: string | null;
    failures: number;
    sweep: TimelineRow['sweep'];
  }>(
    `select newest_id, daily_rate, swept_at, failures, sweep from timelines t
        join collections c using (collection_id)
        join followed_accounts f on (f.platform, f.account_id) = (t.platform, t.account_id)
      where collection_id = $1 and t.platform = $2 and t.account_id = $3 and c.wanted = 'active' and f.active for update of t`,
    [collectionId, platform, accountId],
  );
  if (row === undefined) return undefined;
  const at = new Date(begin.atMs).toISOString();
  if (row.sweep !== null)
    await tx.query(
      `update timeline_runs set finished_at = $2, outcome = 'interrupted' where run_id = $1 and finished_at is null`,
      [row.sweep.run, at],
    );
  await tx.query(
    `insert into timeline_runs (run_id, collection_id, platform, account_id, node, started_at) values ($1, $2, $3, $4, $5, $6)`,
    [begin.run, collectionId, platform, accountId, begin.node, at],
  );
  return {
    newestId: row.newest_id,
    dailyRate: row.daily_rate,
    sweptAt: row.swept_at,
    failures: row.failures,
    sweep: row.sweep,
  };
}

/** Whose reading it is from now on; in the transaction of `beginRun`, which holds the row. */
export async function takeSweep(
  tx: Queryable,
  { collectionId, platform, accountId }: TimelineKey,
  sweep: { run: string } & Record<string, unknown>,
): Promise<void> {
  await tx.query('update timelines set sweep = $4 where collection_id = $1 and platform = $2 and account_id = $3', [
    ...[collectionId, platform, accountId, JSON.stringify(sweep)],
  ]);
}

/** Keeps where the reading stands. False, having changed nothing, when another reader has taken it over. */
export async function keepSweep(
  tx: Queryable,
  { collectionId, platform, accountId }: TimelineKey,
  sweep: { run: string } & Record<string, unknown>,
): Promise<boolean> {
  const rows = await tx.query(
    `update timelines set sweep = $4 where collection_id = $1 and platform = $2 and account_id = $3
      and sweep->>'run' = $5 returning account_id`,
    [collectionId, platform, accountId, JSON.stringify(sweep), sweep.run],
  );
  return rows.length > 0;
}

/** Counts a page of a run that is on the disk. */
export async function countPage(tx: Queryable, run: string, posts: number): Promise<void> {
  await tx.query('update timeline_runs set pages = pages + 1, posts = posts + $2 where run_id = $1', [run, posts]);
}

export type RunEnd = { run: string; outcome: RunOutcome; error?: string; atMs: number };

/**
 * Ends a run. `state`: the timeline as it stands when the reading came to its end; without it the sweep stays, to be gone on with. `dueMs`: when
 * it is due again. False, having changed nothing, when another reader has taken the timeline over.
 */
export async function endRun(
  tx: Queryable,
  key: TimelineKey,
  { run, outcome, error, atMs }: RunEnd,
  timeline: {
    dueMs: number;
    failures: number;
    state?: { newestId?: string; dailyRate?: number; sweptAt?: string };
  },
): Promise<boolean> {
  const { collectionId, platform, accountId } = key;
  const { dueMs, failures, state } = timeline;
  const held = await tx.query(
    `update timelines set due_at = $4, failures = $5,
        newest_id = case when $6 then $7 else newest_id end, daily_rate = case when $6 then $8 else daily_rate end,
        swept_at = case when $6 then $9::timestamptz else swept_at end, sweep = case when $6 then null else sweep end
      where collection_id = $1 and platform = $2 and account_id = $3 and sweep->>'run' = $10 returning account_id`,
    [
      ...[collectionId, platform, accountId, instantOf(dueMs), failures],
      ...[state !== undefined, state?.newestId ?? null, state?.dailyRate ?? null, state?.sweptAt ?? null, run],
    ],
  );
  if (held.length === 0) return false;
  await tx.query('update timeline_runs set finished_at = $2, outcome = $3, error = $4 where run_id = $1', [
    run,
    new Date(atMs).toISOString(),
    outcome,
    error ?? null,
  ]);
  return true;
}

/** Moves a timeline to a later turn. `dueAfter`: ms since 1970, by its posts a day. */
export async function postponeTimeline(
  db: Queryable,
  key: TimelineKey,
  dueAfter: (timeline: { dailyRate: number | undefined }) => number,
): Promise<void> {
  const { collectionId, platform, accountId } = key;
  const which = [collectionId, platform, accountId];
  const where = 'collection_id = $1 and platform = $2 and account_id = $3';
  const [row] = await db.query<{ daily_rate: number | null }>(`select daily_rate from timelines where ${where}`, which);
  if (row === undefined) return;
  const dueMs = dueAfter({ dailyRate: row.daily_rate ?? undefined });
  await db.query(`update timelines set due_at = $4 where ${where}`, [...which, instantOf(dueMs)]);
}

/** A page that was on the disk when its reader was killed before it could say so moves the sweep, and counts, as its reader would have had it. */
export async function replayPage(
  db: Queryable,
  key: TimelineKey,
  sweep: { run: string; pages: number; posts: number } & Record<string, unknown>,
): Promise<boolean> {
  const { collectionId, platform, accountId } = key;
  const rows = await db.query(
    `with stood as (
        select sweep from timelines where collection_id = $1 and platform = $2 and account_id = $3 and sweep->>'run' = $5
          and (sweep->>'pages')::integer < $6 for update
      ), counted as (
        update timeline_runs set pages = pages + $6 - (stood.sweep->>'pages')::integer,
            posts = posts + $7 - (stood.sweep->>'posts')::integer
          from stood where run_id = $5::uuid and finished_at is null returning run_id
      )
      update timelines set sweep = $4 from counted where collection_id = $1 and platform = $2 and account_id = $3
        returning account_id`,
    [collectionId, platform, accountId, JSON.stringify(sweep), sweep.run, sweep.pages, sweep.posts],
  );
  return rows.length > 0;
}

export type TimelineRun = {
  collection: string;
  accountId: string;
  handle: string;
  startedAt: string;
  finishedAt: string | null;
  pages: number;
  posts: number;
  outcome: RunOutcome | null;
  error: string | null;
};

/** The newest runs first. `onlyErrors`: those that did not come to their end. */
export async function listRuns(
  db: Queryable,
  { collectionId, onlyErrors, limit }: { collectionId: number; onlyErrors: boolean; limit: number },
): Promise<TimelineRun[]> {
  const rows = await db.query<Record<string, string | number | null>>(
    `select c.name as collection, r.account_id, coalesce(f.handle, '') as handle, r.started_at, r.finished_at, r.pages, r.posts, r.outcome, r.error
      from timeline_runs r join collections c using (collection_id)
        left join followed_accounts f on (f.platform, f.account_id) = (r.platform, r.account_id)
      where r.collection_id = $1 and (not $2 or r.error is not null) order by r.started_at desc limit $3`,
    [collectionId, onlyErrors, limit],
  );
  return rows.map((row) => ({
    collection: String(row.collection),
    accountId: String(row.account_id),
    handle: String(row.handle),
    startedAt: String(row.started_at),
    finishedAt: row.finished_at as string | null,
    pages: Number(row.pages),
    posts: Number(row.posts),
    outcome: row.outcome as RunOutcome | null,
    error: row.error as string | null,
  }));
}

function instantOf(ms: number): string {
  return Number.isFinite(ms) ? new Date(ms).toISOString() : 'infinity';
}
