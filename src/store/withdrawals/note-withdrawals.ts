/** What platforms took back, into its two tables. Noting the same again changes nothing, in whichever order notices come: so a segment may be loaded again. */
import { compareIds } from '../../core/ids.ts';
import type { Withdrawal } from '../../core/withdrawal.ts';
import type { Queryable } from '../db.ts';

/** `source`: `stream`, or the endpoint that was asked. `atMs`: when it was said, for those that do not say it themselves. */
export type NotedWithdrawal = { withdrawal: Withdrawal; source: string; atMs: number };

/**
 * Notes withdrawals, in the order of their keys so that two connections never wait for each other in a circle. Of one thing said twice the later
 * instant stands; what was lifted before that holds again. Withheld in no country: it is withheld no more.
 */
export async function noteWithdrawals(tx: Queryable, noted: readonly NotedWithdrawal[]): Promise<void> {
  const posts = newestByKey(noted.filter(({ withdrawal }) => withdrawal.of === 'post'));
  const accounts = newestByKey(noted.filter(({ withdrawal }) => withdrawal.of === 'account'));
  if (posts.length > 0) await tx.query(NOTE_POSTS, columnsOf(posts));
  if (accounts.length > 0)
    await tx.query(NOTE_ACCOUNTS, [
      ...columnsOf(accounts),
      accounts.map(({ withdrawal }) => (withdrawal.of === 'account' ? withdrawal.upToPostId : undefined) ?? null),
    ]);
}

/** Notes of posts that were handed out again that they are neither gone nor hidden any more. What a notice says that came later stays. */
export async function liftPostWithdrawals(
  tx: Queryable,
  { platform, postIds, atMs }: { platform: string; postIds: readonly string[]; atMs: number },
): Promise<void> {
  await tx.query(
    `update post_withdrawals set lifted_at = $3
      where platform = $1 and post_id = any($2::text[]) and kind <> 'withheld' and lifted_at is null and noted_at < $3`,
    [platform, postIds, new Date(atMs).toISOString()],
  );
}

function columnsOf(noted: NotedWithdrawal[]): unknown[] {
  return [
    noted.map(({ withdrawal }) => withdrawal.platform),
    noted.map(({ withdrawal }) => idOf(withdrawal)),
    noted.map(({ withdrawal }) => withdrawal.kind),
    noted.map((each) => new Date(instantOf(each)).toISOString()),
    noted.map(({ source }) => source),
    noted.map(({ withdrawal }) => withdrawal.countries?.join(' ') ?? null),
  ];
}

/** One statement may change a row once: of several the newest, in the order of keys. */
function newestByKey(noted: NotedWithdrawal[]): NotedWithdrawal[] {
  const byKey = new Map<string, NotedWithdrawal>();
  for (const each of noted) {
    const key = `${each.withdrawal.platform} ${idOf(each.withdrawal)} ${each.withdrawal.kind}`;
    const other = byKey.get(key);
    if (other === undefined || isNewer(each, other)) byKey.set(key, each);
  }
  return [...byKey].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each);
}

function isNewer(each: NotedWithdrawal, other: NotedWithdrawal): boolean {
  const [a, b] = [each.withdrawal, other.withdrawal];
  if (a.of === 'account' && b.of === 'account' && a.upToPostId !== undefined && b.upToPostId !== undefined)
    return compareIds(a.upToPostId, b.upToPostId) > 0;
  return instantOf(each) >= instantOf(other);
}

function idOf(withdrawal: Withdrawal): string {
  return withdrawal.of === 'post' ? withdrawal.postId : withdrawal.accountId;
}

function instantOf({ withdrawal, atMs }: NotedWithdrawal): number {
  return withdrawal.atMs ?? atMs;
}

/** What stands from a notice and what it replaces, alike for posts and accounts. */
const MERGE = `do update set noted_at = excluded.noted_at, source = excluded.source, countries = excluded.countries,
    lifted_at = case when excluded.lifted_at is not null or excluded.noted_at < w.lifted_at then coalesce(excluded.lifted_at, w.lifted_at) end`;
const GIVEN = "select platform, id, kind, noted_at, source, string_to_array(countries, ' ') as countries";
const LIFTED = "case when countries = '' then noted_at end";

const NOTE_POSTS = `
  insert into post_withdrawals as w (platform, post_id, kind, noted_at, source, countries, lifted_at)
  ${GIVEN}, ${LIFTED}
    from unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::text[], $6::text[]) as t (platform, id, kind, noted_at, source, countries)
    order by platform, id, kind
  on conflict (platform, post_id, kind) ${MERGE} where excluded.noted_at > w.noted_at`;

/** Places are taken back up to the newest post that was ever named. */
const NOTE_ACCOUNTS = `
  insert into account_withdrawals as w (platform, account_id, kind, noted_at, source, countries, lifted_at, up_to_post_id)
  ${GIVEN}, ${LIFTED}, up_to
    from unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::text[], $6::text[], $7::text[])
      as t (platform, id, kind, noted_at, source, countries, up_to)
    order by platform, id, kind
  on conflict (platform, account_id, kind) ${MERGE}, up_to_post_id = excluded.up_to_post_id
    where case when excluded.kind = 'places'
      then (length(excluded.up_to_post_id), excluded.up_to_post_id) > (length(w.up_to_post_id), w.up_to_post_id)
      else excluded.noted_at > w.noted_at end`;
