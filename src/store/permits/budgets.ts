/** Budgets, prices, and what was spent. */
import { type BudgetScope, monthOf } from '../../core/permits/budget.ts';
import { KNOWN_PRICES, type Price } from '../../core/permits/price-table.ts';
import type { Queryable } from '../db.ts';
import { BUDGETS_CHANGED, PERMITS_CHANNEL } from './permits-channel.ts';

/** Sets what may be spent in a month, in millionths; undefined: as much as it will. Workers hear of it at once. */
export async function setBudget(db: Queryable, scope: BudgetScope, monthlyMicros: number | undefined): Promise<void> {
  if (monthlyMicros === undefined) await db.query('delete from budgets where scope = $1', [scope]);
  else
    await db.query(
      `insert into budgets (scope, monthly_micros, set_at) values ($1, $2, now())
        on conflict (scope) do update set monthly_micros = excluded.monthly_micros, set_at = excluded.set_at`,
      [scope, monthlyMicros],
    );
  await db.query('select pg_notify($1, $2)', [PERMITS_CHANNEL, BUDGETS_CHANGED]);
}

/** Sets a price that differs from the known one, in millionths; undefined: the known one holds again. Workers hear of it at once. */
export async function setPrice(
  db: Queryable,
  price: Omit<Price, 'micros'> & { micros: number | undefined },
): Promise<void> {
  const { platform, level, resource, endpoint = '', micros } = price;
  const key = [platform, level, resource, endpoint];
  if (micros === undefined)
    await db.query('delete from prices where platform = $1 and level = $2 and resource = $3 and endpoint = $4', key);
  else
    await db.query(
      `insert into prices (platform, level, resource, endpoint, micros) values ($1, $2, $3, $4, $5)
        on conflict (platform, level, resource, endpoint) do update set micros = excluded.micros`,
      [...key, micros],
    );
  await db.query('select pg_notify($1, $2)', [PERMITS_CHANNEL, BUDGETS_CHANGED]);
}

/** The known prices, then those of this installation, which win. */
export async function loadPrices(db: Queryable): Promise<Price[]> {
  const rows = await db.query<{
    platform: Price['platform'];
    level: string;
    resource: Price['resource'];
    endpoint: string;
    micros: string;
  }>('select platform, level, resource, endpoint, micros from prices order by platform, level, resource, endpoint');
  const own = rows.map(({ endpoint, micros, ...row }) => ({
    ...row,
    micros: Number(micros),
    ...(endpoint === '' ? {} : { endpoint }),
  }));
  return [...KNOWN_PRICES, ...own];
}

/** One line of the price table, in millionths; `publishedMicros` null: nothing is published for this. */
export type PriceLine = Price & { publishedMicros: number | null };

/** Every price that holds, published ones and those of this installation. */
export async function priceTable(db: Queryable): Promise<PriceLine[]> {
  const keyOf = ({ platform, level, resource, endpoint }: Price) => [platform, level, resource, endpoint].join(' ');
  const published = new Map(KNOWN_PRICES.map((price) => [keyOf(price), price.micros]));
  const lines = new Map<string, PriceLine>();
  for (const price of await loadPrices(db))
    lines.set(keyOf(price), { ...price, publishedMicros: published.get(keyOf(price)) ?? null });
  return [...lines.values()];
}

/** One line of what was spent in a month, in millionths; `collection` and `user` empty where the calls were nobody's. */
export type SpendLine = {
  collection: string;
  user: string;
  platform: string;
  resource: string;
  units: number;
  micros: number;
  /** Set aside by workers that went away without a word; counts as spent. */
  inDoubtMicros: number;
};

/** Budgets and the month's spending, by this server's clock. */
export async function budgetReport(db: Queryable): Promise<{
  month: string;
  budgets: { scope: BudgetScope; budgetMicros: number; spentMicros: number }[];
  spend: SpendLine[];
}> {
  const [time] = await db.query<{ now: string }>('select clock_timestamp() as now');
  const month = monthOf(Date.parse((time as { now: string }).now));
  const budgets = await db.query<{ scope: string; monthly_micros: string; spent: string }>(
    `select b.scope, b.monthly_micros, coalesce(sum(s.micros + s.in_doubt_micros), 0) as spent from budgets b
        left join spend s on s.month = $1 and (b.scope = '' or b.scope = 'collection:' || s.collection or b.scope = 'user:' || s.user_label)
        group by b.scope, b.monthly_micros order by b.scope`,
    [`${month}-01`],
  );
  const spend = await db.query<{
    collection: string;
    user_label: string;
    platform: string;
    resource: string;
    units: string;
    micros: string;
    in_doubt_micros: string;
  }>(
    `select collection, user_label, platform, resource, units, micros, in_doubt_micros from spend
        where month = $1 order by collection, user_label, platform, resource`,
    [`${month}-01`],
  );
  return {
    month,
    budgets: budgets.map(({ scope, monthly_micros, spent }) => ({
      scope,
      budgetMicros: Number(monthly_micros),
      spentMicros: Number(spent),
    })),
    spend: spend.map((row) => ({
      collection: row.collection,
      user: row.user_label,
      platform: row.platform,
      resource: row.resource,
      units: Number(row.units),
      micros: Number(row.micros),
      inDoubtMicros: Number(row.in_doubt_micros),
    })),
  };
}
