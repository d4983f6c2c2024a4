import { monthOf } from '../../core/permits/budget.ts';
import type { Queryable } from '../db.ts';

/** Money of a UTC month in millionths of a dollar; `budgetMicros` null: no budget. What is in doubt counts as spent. */
export type MonthMoney = {
  month: string;
  spentMicros: number;
  budgetMicros: number | null;
  collections: { collection: string; spentMicros: number; budgetMicros: number | null }[];
};

/** What the running month cost so far, all together and by collection: those that spent something or have a budget. */
export async function spendOfMonth(db: Queryable, nowMs: number): Promise<MonthMoney> {
  const month = monthOf(nowMs);
  const rows = await db.query<{ collection: string; spent: string; budget: string | null }>(
    `select coalesce(s.collection, b.collection) as collection, coalesce(s.spent, 0)::bigint as spent, b.monthly_micros as budget
      from (select collection, sum(micros + in_doubt_micros) as spent from spend where month = $1 group by 1) s
        full join (select substr(scope, 12) as collection, monthly_micros from budgets where scope like 'collection:%') b
          on b.collection = s.collection
      order by 1`,
    [`${month}-01`],
  );
  const [whole] = await db.query<{ monthly_micros: string }>(`select monthly_micros from budgets where scope = ''`);
  const lines = rows.map(({ collection, spent, budget }) => ({
    ...{ collection, spentMicros: Number(spent), budgetMicros: budget === null ? null : Number(budget) },
  }));
  return {
    month,
    spentMicros: lines.reduce((sum, { spentMicros }) => sum + spentMicros, 0),
    budgetMicros: whole === undefined ? null : Number(whole.monthly_micros),
    collections: lines.filter(({ collection }) => collection !== ''),
  };
}
