import type { Command } from 'commander';
import { loadPermits } from '../lazy-parts.ts';
import type { Config } from '../../config.ts';
import { MistnetError } from '../../core/errors.ts';
import { formatTable } from '../format.ts';
import { changeWithDeed } from '../change-with-deed.ts';
import { withDatabase } from '../with-database.ts';

type Resource = 'post' | 'account' | 'call';
type SetOptions = { endpoint?: string };

/** `budget prices`: the table by which work is estimated and metered, and how to change it. */
export function addPriceCommands(budget: Command, config: () => Config): void {
  const prices = budget
    .command('prices')
    .description(
      'what is charged for each post, account or call, by what was bought; levels without a price cost nothing by the call',
    )
    .option('--json', 'as JSON')
    .action(({ json }: { json?: true }) => showPrices(config(), json === true));

  prices
    .command('set')
    .description('change a price; workers count by it at once')
    .argument('<level>', 'what was bought: pay-per-use, basic, pro, enterprise, academic, 2012')
    .argument('<resource>', 'post, account or call')
    .argument('<amount>', "for one of them, in the platform's currency, like 0.005; known: as published")
    .option('--endpoint <name>', 'at one endpoint alone, as mistnet permits names it: "GET /2/tweets/counts/all"')
    .action((level: string, resource: string, amount: string, options: SetOptions) =>
      setPrice(config(), { ...options, level, resource, amount }),
    );
}

async function showPrices(config: Config, json: boolean): Promise<void> {
  const { priceTable, formatMoney } = await loadPermits();
  const rows = await withDatabase(config, (db) => priceTable(db));
  if (json) return print(JSON.stringify(rows, null, 2));
  print(
    formatTable(
      ['platform', 'level', 'of each', 'at', 'price', 'published'],
      rows.map(({ platform, level, resource, endpoint, micros, publishedMicros }) => [
        platform,
        level,
        resource,
        endpoint ?? 'any endpoint',
        formatMoney(micros),
        publishedMicros === null ? '-' : formatMoney(publishedMicros),
      ]),
    ),
  );
}

async function setPrice(
  config: Config,
  wish: SetOptions & { level: string; resource: string; amount: string },
): Promise<void> {
  const { level, resource, amount, endpoint } = wish;
  const permits = await loadPermits();
  if (!isResource(resource))
    throw new MistnetError('usage.invalid', `"${resource}" is nothing that is charged: post, account or call.`);
  permits.requireLevel(level);
  const micros = amount === 'known' ? undefined : permits.parseMoney(amount);
  if (amount !== 'known' && micros === undefined)
    throw new MistnetError('usage.invalid', `"${amount}" is no amount of money; write it like 0.005, or known.`);
  const deed = {
    ...{ action: 'price.set', target: `x ${level} ${resource}` },
    details: { endpoint: endpoint ?? '', micros: micros ?? null },
  };
  const wished = { platform: 'x' as const, level, resource, micros, ...(endpoint === undefined ? {} : { endpoint }) };
  await withDatabase(config, (db) => changeWithDeed(db, deed, (tx) => permits.setPrice(tx, wished)));
  const at = endpoint === undefined ? '' : ` at ${endpoint}`;
  const price = micros === undefined ? 'as published again' : permits.formatMoney(micros);
  print(`A ${resource}${at} costs ${price} with ${level} of X.`);
}

function isResource(text: string): text is Resource {
  return text === 'post' || text === 'account' || text === 'call';
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
