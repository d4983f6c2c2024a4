/** Rules of a shared stream as rows, for whoever brings them to the platform. */
import type { Queryable } from '../db.ts';
import type { FilterStream, FilterStreamRow } from './filter-streams.ts';
import { noteWhetherToRun, planStream } from './plan-stream.ts';

/** A rule that is at the platform, shall be, or is to go. `isForeign`: somebody else made it, so it is never deleted. */
export type RuleRow = {
  ruleNo: string;
  tag: string;
  value: string;
  ruleId: string | null;
  isForeign: boolean;
  isPresent: boolean;
  isWanted: boolean;
  /** Keys of the clauses that it bears. */
  clauses: string[];
};

/** A stream as it stands but for what it means, which is long; whether anybody is active on it, and how long ago (ms) it was looked at as a whole; null: never. */
export type StreamToSync = Omit<FilterStream, 'meaning' | 'syncedAt'> & {
  hasMembers: boolean;
  /** Rules are at the platform that are not wanted any more. */
  hasLeaving: boolean;
  triedMsAgo: number | null;
  syncedMsAgo: number | null;
};

/** v2's streams, whose rules are at the platform. */
export async function streamsToSync(db: Queryable): Promise<StreamToSync[]> {
  const rows = await db.query<
    Omit<FilterStreamRow, 'meaning' | 'synced_at'> & {
      has_members: boolean;
      has_leaving: boolean;
      tried_ms: number | null;
      synced_ms: number | null;
    }
  >(
    `select plan, api, credential, tag_prefix, revision, synced_revision, error,
        exists (select from filter_members m where m.plan = f.plan and m.to_at is null) as has_members,
        exists (select from filter_rules r where r.plan = f.plan and r.gone_at is null and r.present_at is not null
          and r.unwanted_at is not null) as has_leaving,
        (extract(epoch from clock_timestamp() - tried_at) * 1000)::double precision as tried_ms,
        (extract(epoch from clock_timestamp() - synced_at) * 1000)::double precision as synced_ms
      from filter_streams f where api = 'v2' order by plan`,
  );
  return rows.map((row) => ({
    ...{ plan: row.plan, api: row.api, credential: row.credential, tagPrefix: row.tag_prefix },
    ...{ revision: row.revision, syncedRevision: row.synced_revision, error: row.error },
    ...{
      hasMembers: row.has_members,
      hasLeaving: row.has_leaving,
      triedMsAgo: row.tried_ms,
      syncedMsAgo: row.synced_ms,
    },
  }));
}

/** All rules of a stream that are not gone, oldest first. */
export async function openRules(db: Queryable, plan: string): Promise<RuleRow[]> {
  const rows = await db.query<{
    rule_no: string;
    tag: string;
    value: string;
    rule_id: string | null;
    is_foreign: boolean;
    is_present: boolean;
    is_wanted: boolean;
    clauses: string[];
  }>(
    `select rule_no, tag, value, rule_id, is_foreign, clauses, present_at is not null as is_present, unwanted_at is null as is_wanted
      from filter_rules where plan = $1 and gone_at is null order by rule_no`,
    [plan],
  );
  return rows.map((row) => ({
    ...{ ruleNo: row.rule_no, tag: row.tag, value: row.value, ruleId: row.rule_id, isForeign: row.is_foreign },
    ...{ isPresent: row.is_present, isWanted: row.is_wanted, clauses: row.clauses },
  }));
}

/**
 * Notes that rules are there, under which ids and tags, and so that the stream can run. One that somebody else had made is named by its id from
 * now on, for which what frames mean is worked out anew.
 */
export async function notePresent(
  tx: Queryable,
  { plan, tagPrefix }: Pick<FilterStream, 'plan' | 'tagPrefix'>,
  rules: readonly { ruleNo: string; ruleId: string; platformTag: string }[],
): Promise<void> {
  if (rules.length === 0) return;
  // Also of rules that were given up meanwhile: they are there, so that they must be deleted.
  const noted = await tx.query<{ is_new_name: boolean }>(
    `update filter_rules r set present_at = coalesce(r.present_at, now()), rule_id = g.id, platform_tag = g.tag, error = null,
        is_foreign = not starts_with(g.tag, $1)
      from unnest($2::bigint[], $3::text[], $4::text[]) as g (no, id, tag) join filter_rules had on had.rule_no = g.no
      where r.rule_no = g.no and r.gone_at is null
      returning r.tag <> g.tag and (had.rule_id, had.platform_tag) is distinct from (g.id, g.tag) as is_new_name`,
    [
      tagPrefix,
      rules.map(({ ruleNo }) => ruleNo),
      rules.map(({ ruleId }) => ruleId),
      rules.map((rule) => rule.platformTag),
    ],
  );
  if (noted.some((row) => row.is_new_name)) await planStream(tx, plan);
  else await noteWhetherToRun(tx, plan);
}

/** Notes that rules are not at the platform any more: those that are wanted are to be added again, the others are gone. */
export async function noteAbsent(tx: Queryable, plan: string, ruleNos: readonly string[]): Promise<void> {
  if (ruleNos.length === 0) return;
  await tx.query(
    `update filter_rules set present_at = case when unwanted_at is null then null else present_at end,
        rule_id = case when unwanted_at is null then null else rule_id end,
        gone_at = case when unwanted_at is null then null else now() end
      where rule_no = any($1::bigint[]) and gone_at is null`,
    [ruleNos],
  );
  await noteWhetherToRun(tx, plan);
}

/**
 * Notes why the platform does not take rules, in its words. Where one bore several clauses, each of these gets a rule of its own, so that the others
 * do not suffer from the one that is refused.
 */
export async function noteRefused(
  tx: Queryable,
  plan: string,
  refused: readonly { ruleNo: string; reason: string }[],
): Promise<void> {
  const rows = await tx.query<{ is_shared: boolean }>(
    `update filter_rules r set error = g.reason from unnest($1::bigint[], $2::text[]) as g (no, reason) where r.rule_no = g.no
      returning jsonb_array_length(r.clauses) > 1 and r.unwanted_at is null as is_shared`,
    [refused.map(({ ruleNo }) => ruleNo), refused.map(({ reason }) => reason)],
  );
  if (rows.some(({ is_shared: isShared }) => isShared)) await planStream(tx, plan);
}

/** The newest revision of what a stream shall do; undefined when the stream is not there. */
export async function streamRevision(db: Queryable, plan: string): Promise<number | undefined> {
  const [row] = await db.query<{ revision: number }>('select revision from filter_streams where plan = $1', [plan]);
  return row?.revision;
}

/** Notes how far the platform has what is wanted. `error`: what stands in the way, in its words. */
export async function noteSynced(
  db: Queryable,
  plan: string,
  outcome: { revision?: number; error: string | undefined },
): Promise<void> {
  await db.query(
    `update filter_streams set tried_at = clock_timestamp(), error = $3,
        synced_revision = coalesce($2::integer, synced_revision),
        synced_at = case when $2::integer is null then synced_at else clock_timestamp() end
      where plan = $1`,
    [plan, outcome.revision ?? null, outcome.error ?? null],
  );
}

/** Whether capture says that the plan's stream does not run; true where nobody ever spoke of it. */
export async function isAtRest(db: Queryable, plan: string): Promise<boolean> {
  const [row] = await db.query<{ running: string }>(
    `select count(*) as running from plan_status
      where plan = $1 and status->>'state' <> 'stopped' and stored_at > now() - interval '10 s'`,
    [plan],
  );
  return row?.running === '0';
}
