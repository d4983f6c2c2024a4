/** The money part of a visit: what was spent goes into the meter, and more is set aside where budgets allow. */
import { type BudgetStanding, monthOf, reserve, scopesOf } from '../../core/permits/budget.ts';
import type { MoneyReply, MoneyVisit } from '../../core/permits/money-share.ts';
import type { Queryable } from '../db.ts';

type Lease = { worker: string; collection: string; user_label: string; micros: number };

/** To be called inside the transaction that holds the lock of money. */
export async function bookMoney(
  tx: Queryable,
  visit: { worker: string; leaseMs: number; isBooked: boolean; money: readonly MoneyVisit[]; nowMs: number },
): Promise<MoneyReply[]> {
  const { worker, leaseMs, isBooked, money, nowMs } = visit;
  if (money.length === 0) return [];
  const month = `${monthOf(nowMs)}-01`;
  const now = new Date(nowMs).toISOString();
  await writeOff(tx, worker, now);
  if (!isBooked) await addToMeter(tx, month, money);
  const { budgets, spent, leases } = await readMoney(tx, month);
  const replies: MoneyReply[] = [];
  const held = new Map(leases.map((lease) => [leaseKey(lease), lease]));
  for (const { spender, holdingMicros, wantedMicros, atLeastMicros } of money) {
    const covering = scopesOf(spender).filter((scope) => budgets.has(scope));
    const mine = { worker, collection: spender.collection ?? '', user_label: spender.user ?? '' };
    held.delete(leaseKey(mine));
    if (covering.length === 0) {
      held.set(leaseKey(mine), { ...mine, micros: holdingMicros });
      replies.push({ spender, unlimited: true, grantedMicros: 0 });
      continue;
    }
    const others = [...held.values()];
    const standings = covering.map((scope): BudgetStanding => {
      const inScope = others.filter((lease) => covers(scope, lease));
      return {
        scope,
        budgetMicros: budgets.get(scope) as number,
        spentMicros: spent.filter((row) => covers(scope, row)).reduce((sum, { micros }) => sum + micros, 0),
        reservedByOthersMicros: inScope.reduce((sum, { micros }) => sum + micros, 0) + holdingMicros,
        others: new Set(
          inScope.filter((lease) => lease.worker !== worker && lease.micros > 0).map((lease) => lease.worker),
        ).size,
      };
    });
    const { grantedMicros, reached } =
      wantedMicros > 0 ? reserve(standings, { wantedMicros, atLeastMicros }) : { grantedMicros: 0 };
    held.set(leaseKey(mine), { ...mine, micros: holdingMicros + grantedMicros });
    replies.push({ spender, unlimited: false, grantedMicros, ...(reached === undefined ? {} : { reached }) });
  }
  await setAside(
    tx,
    [...held.values()].filter((lease) => lease.worker === worker),
    { month, now, leaseMs },
  );
  return replies;
}

/** What dead workers had set aside counts as spent: nobody knows better. */
async function writeOff(tx: Queryable, worker: string, now: string): Promise<void> {
  await tx.query(
    `with gone as (
        delete from money_leases where expires_at <= $2 and worker <> $1 returning month, collection, user_label, micros
      )
      insert into spend as s (month, collection, user_label, platform, resource, units, micros, in_doubt_micros)
        select month, collection, user_label, '', '', 0, 0, sum(micros) from gone where micros > 0 group by 1, 2, 3
        on conflict (month, collection, user_label, platform, resource) do update
          set in_doubt_micros = s.in_doubt_micros + excluded.in_doubt_micros`,
    [worker, now],
  );
}

async function addToMeter(tx: Queryable, month: string, money: readonly MoneyVisit[]): Promise<void> {
  const rows = money.flatMap(({ spender, spent }) =>
    spent.map((entry) => ({ month, collection: spender.collection ?? '', user_label: spender.user ?? '', ...entry })),
  );
  if (rows.length === 0) return;
  await tx.query(
    `insert into spend as s (month, collection, user_label, platform, resource, units, micros)
        select month, collection, user_label, platform, resource, units, micros from jsonb_populate_recordset(null::spend, $1)
        on conflict (month, collection, user_label, platform, resource) do update
          set units = s.units + excluded.units, micros = s.micros + excluded.micros`,
    [JSON.stringify(rows)],
  );
}

async function readMoney(tx: Queryable, month: string) {
  const [row] = await tx.query<{
    budgets: { scope: string; monthly_micros: number }[];
    spent: { collection: string; user_label: string; micros: number }[];
    leases: Lease[];
  }>(
    `select (select coalesce(jsonb_agg(b), '[]') from budgets b) as budgets,
        (select coalesce(jsonb_agg(s), '[]') from (select collection, user_label, sum(micros + in_doubt_micros) as micros
          from spend where month = $1 group by 1, 2) s) as spent,
        (select coalesce(jsonb_agg(l), '[]') from money_leases l) as leases`,
    [month],
  );
  const { budgets, spent, leases } = row as NonNullable<typeof row>;
  return { budgets: new Map(budgets.map(({ scope, monthly_micros }) => [scope, monthly_micros])), spent, leases };
}

async function setAside(
  tx: Queryable,
  leases: Lease[],
  { month, now, leaseMs }: { month: string; now: string; leaseMs: number },
) {
  await tx.query(
    `insert into money_leases (worker, collection, user_label, month, micros, expires_at)
        select worker, collection, user_label, $2, micros, $3::timestamptz + $4 * interval '1 millisecond'
          from jsonb_populate_recordset(null::money_leases, $1)
        on conflict (worker, collection, user_label) do update set month = excluded.month, micros = excluded.micros,
          expires_at = excluded.expires_at`,
    [JSON.stringify(leases), month, now, leaseMs],
  );
}

function covers(scope: string, { collection, user_label }: { collection: string; user_label: string }): boolean {
  return scope === '' || scope === `collection:${collection}` || scope === `user:${user_label}`;
}

function leaseKey({
  worker,
  collection,
  user_label,
}: {
  worker: string;
  collection: string;
  user_label: string;
}): string {
  return JSON.stringify([worker, collection, user_label]);
}
