/** What a shared stream shall do now, worked out in the transaction that changes it: its rules, what they mean, whether it runs. */
import { compileFilter, type Clause, legacyFilter } from '../../core/rules/compile.ts';
import type { FilterDefinition } from '../../core/rules/definition.ts';
import { ruleLimits } from '../../core/rules/limits.ts';
import type { MeantRule, StreamMeaning } from '../../core/rules/meaning.ts';
import { packClauses, type StreamRule } from '../../core/rules/pack.ts';
import { legacyOverflow } from '../../core/rules/validate.ts';
import type { Queryable } from '../db.ts';
import { COLLECTIONS_CHANNEL } from '../listen.ts';
import { FilterRefused } from './filter-refused.ts';
import { FILTERS_CHANNEL, type FilterStream, lockStreamOfPlan } from './filter-streams.ts';

type Member = { name: string; version: number; definition: FilterDefinition };

/**
 * Works out anew what the stream of a plan shall do and notes it: rules that are wanted from now on and those that are not any more, its
 * meaning, and whether it is to run. Throws `FilterRefused` when everything together does not fit at the credential's level of
 * access: nothing is changed then, for the transaction ends.
 */
export async function planStream(tx: Queryable, plan: string): Promise<void> {
  const stream = await lockStreamOfPlan(tx, plan);
  if (stream === undefined) return;
  const members = await activeMembers(tx, plan);
  const compiled = members.map((member) => ({ ...member, clauses: compileFilter(member.definition, stream.api) }));
  const rules =
    stream.api === 'v2' ? await planRules(tx, stream, compiled) : await planLegacyFilter(tx, stream, members);
  const meaning: StreamMeaning = {
    revision: stream.revision + 1,
    api: stream.api,
    collections: compiled.map(({ name, version, clauses }) => ({
      ...{ name, version },
      clauses: clauses.map(({ key, sources }) => ({ key, sources })),
    })),
    rules,
  };
  await tx.query('update filter_streams set revision = revision + 1, meaning = $2 where plan = $1', [plan, meaning]);
  await noteWhetherToRun(tx, plan);
  await tx.query('select pg_notify($1, $3), pg_notify($2, $3)', [COLLECTIONS_CHANNEL, FILTERS_CHANNEL, plan]);
}

/**
 * A stream runs while collections are active on it and, on v2, a rule is there: without any the platform refuses the connection. The plan's
 * revision grows when that changes, so that capture hears of it.
 */
export async function noteWhetherToRun(tx: Queryable, plan: string): Promise<void> {
  await tx.query(
    `update plans p set revision = revision + 1, body = body || jsonb_build_object('wanted', w.wanted)
      from (select case when exists (select from filter_members m where m.plan = f.plan and m.to_at is null)
          and (f.api <> 'v2' or exists (select from filter_rules r where r.plan = f.plan and r.present_at is not null
            and r.gone_at is null)) then 'active' else 'stopped' end as wanted
        from filter_streams f where f.plan = $1) w
      where p.plan = $1 and coalesce(p.body->>'wanted', 'stopped') <> w.wanted`,
    [plan],
  );
}

/** The newest versions of the collections that are active on a stream, by name. */
async function activeMembers(tx: Queryable, plan: string): Promise<Member[]> {
  return await tx.query<Member>(
    `select c.name, v.version, v.definition from filter_members m join collections c using (collection_id)
        join lateral (select version, definition from filter_versions v where v.collection_id = c.collection_id
          order by version desc limit 1) v on true
      where m.plan = $1 and m.to_at is null order by c.name`,
    [plan],
  );
}

type RuleRow = {
  rule_no: string;
  tag: string;
  value: string;
  clauses: string[];
  rule_id: string | null;
  platform_tag: string | null;
  unwanted_at: string | null;
  is_refused: boolean;
};

/** Packs all clauses onto rules and notes which are wanted; answers what each that may be there means. */
async function planRules(
  tx: Queryable,
  { plan, credential, tagPrefix }: FilterStream,
  members: readonly (Member & { clauses: Clause[] })[],
): Promise<MeantRule[]> {
  const clauses = new Map(members.flatMap((member) => member.clauses.map((clause) => [clause.key, clause])));
  const [level] = await tx.query<{ level: string | null }>('select level from credentials where label = $1', [
    credential,
  ]);
  const limits = ruleLimits(level?.level ?? undefined);
  const open = await tx.query<RuleRow>(
    `select rule_no, tag, value, clauses, rule_id, platform_tag, unwanted_at, error is not null and present_at is null as is_refused
      from filter_rules where plan = $1 and gone_at is null order by rule_no`,
    [plan],
  );
  // Rules that are on their way out may be kept after all; of two with one text the later row counts.
  const byValue = new Map(open.map((row) => [row.value, row]));
  const present: StreamRule[] = [...byValue.values()].map(({ tag, value, clauses: keys }) => ({
    tag,
    value,
    clauses: keys,
  }));
  // What the platform did not take stands alone, so that what it takes is not refused along with it.
  const refused = new Set(open.flatMap((row) => (row.is_refused ? row.clauses : [])));
  const packing = packClauses({
    clauses: [...clauses.values()].map((clause) => (refused.has(clause.key) ? { ...clause, isAlone: true } : clause)),
    present: present.filter((rule) => rule.clauses.length === 1 || !rule.clauses.some((key) => refused.has(key))),
    ...{ limits, tagPrefix },
  });
  if (packing.kind === 'over') throw tooMany(packing, members);
  const wanted = new Set(packing.rules.map(({ value }) => value));
  await tx.query(
    `update filter_rules set unwanted_at = case when value = any($2::text[]) then null else coalesce(unwanted_at, now()) end
      where plan = $1 and gone_at is null`,
    [plan, [...wanted]],
  );
  await tx.query(
    `insert into filter_rules (plan, tag, value, clauses, wanted_at)
      select $1, t, v, c, now() from unnest($2::text[], $3::text[], $4::jsonb[]) as g (t, v, c)`,
    [
      plan,
      packing.added.map(({ tag }) => tag),
      packing.added.map(({ value }) => value),
      packing.added.map((rule) => JSON.stringify(rule.clauses)),
    ],
  );
  return [
    ...open.map((row) => ({ names: namesOf(row), clauses: row.clauses })),
    ...packing.added.map(({ tag, clauses: keys }) => ({ names: [tag], clauses: keys })),
  ];
}

function namesOf({ tag, rule_id, platform_tag }: RuleRow): string[] {
  // A rule that somebody else made has another tag, which may be that of many: its id names it.
  return platform_tag !== null && platform_tag !== tag && rule_id !== null ? [tag, rule_id] : [tag];
}

function tooMany(
  { needed, allowed, unplaced }: { needed: number; allowed: number; unplaced: string[] },
  members: readonly (Member & { clauses: Clause[] })[],
): FilterRefused {
  const missing = new Set(unplaced);
  const named = members.flatMap(({ name, clauses }) => {
    const [first, ...more] = clauses.filter(({ key }) => missing.has(key)).map(({ sources }) => sources[0]?.text ?? '');
    if (first === undefined) return [];
    return [`"${first}"${more.length === 0 ? '' : ` and ${more.length} more`} of ${name}`];
  });
  const message = `All filters of this credential together would need ${needed} rules; its access level has room for ${allowed}. What does not fit: ${named.slice(0, 10).join('; ')}${named.length > 10 ? ` and of ${named.length - 10} more collections` : ''}.`;
  return new FilterRefused([{ field: 'words', message }]);
}

/** v1.1 has one filter, which the connection bears: when it changes, capture connects anew. */
async function planLegacyFilter(
  tx: Queryable,
  { plan }: FilterStream,
  members: readonly Member[],
): Promise<MeantRule[]> {
  const definitions = members.map(({ definition }) => definition);
  const problems = legacyOverflow(definitions);
  if (problems.length > 0) throw new FilterRefused(problems);
  await tx.query(
    `update plans set revision = revision + 1, body = body || jsonb_build_object('filter', $2::jsonb)
      where plan = $1 and body->'filter' is distinct from $2::jsonb`,
    [plan, JSON.stringify(legacyFilter(definitions))],
  );
  return [];
}
