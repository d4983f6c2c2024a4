import type { Command } from 'commander';
import { loadPermits } from '../lazy-parts.ts';
import { type Config, readConfig } from '../../config.ts';
import { MistnetError } from '../../core/errors.ts';
import type { CommandContext } from '../context.ts';
import { formatTable } from '../format.ts';
import { changeWithDeed } from '../change-with-deed.ts';
import { withDatabase } from '../with-database.ts';
import { addPriceCommands } from './budget-prices.ts';

type Scope = { collection?: string; user?: string };

export function addBudgetCommands(program: Command, { environment }: CommandContext): void {
  const budget = program.command('budget').description('what reading may cost in a month (UTC), and what it has cost');
  const config = () => readConfig(environment);

  budget
    .command('set')
    .description('set the money of a month; work that reaches it is paused until the next month begins')
    .argument('<amount>', "in the platform's currency, like 25 or 12.50; none: as much as it costs")
    .option('--collection <name>', 'of one collection; without it: of all together')
    .option('--user <name>', 'of one user')
    .action((amount: string, scope: Scope) => setBudget(config(), amount, scope));

  budget
    .command('show')
    .description('budgets, and what was spent this month')
    .option('--json', 'as JSON')
    .action(({ json }: { json?: true }) => showBudgets(config(), json === true));

  addPriceCommands(budget, config);
}

async function setBudget(config: Config, amount: string, { collection, user }: Scope): Promise<void> {
  const permits = await loadPermits();
  if (collection !== undefined && user !== undefined)
    throw new MistnetError(
      'usage.invalid',
      'A budget is of a collection or of a user: give one of --collection and --user.',
    );
  const micros = amount === 'none' ? undefined : permits.parseMoney(amount);
  if (amount !== 'none' && micros === undefined)
    throw new MistnetError('usage.invalid', `"${amount}" is no amount of money; write it like 25 or 12.50, or none.`);
  const scope = collection !== undefined ? `collection:${collection}` : user !== undefined ? `user:${user}` : '';
  const target = scope === '' ? 'all' : scope;
  await withDatabase(config, (db) =>
    changeWithDeed(db, { action: 'budget.set', target, details: { monthlyMicros: micros ?? null } }, async (tx) => {
      if (collection !== undefined) await permits.findCollection(tx, collection);
      await permits.setBudget(tx, scope, micros);
    }),
  );
  const limit = micros === undefined ? 'have no limit' : `may cost ${permits.formatMoney(micros)} a month`;
  print(`The calls of ${nameOf(scope)} ${limit}.`);
}

async function showBudgets(config: Config, json: boolean): Promise<void> {
  const { budgetReport, formatMoney } = await loadPermits();
  const report = await withDatabase(config, (db) => budgetReport(db));
  if (json) return print(JSON.stringify(report, null, 2));
  const { month, budgets, spend } = report;
  if (budgets.length === 0) print('No budget is set: mistnet budget set AMOUNT [--collection NAME]');
  else
    print(
      formatTable(
        ['budget', month, 'spent', 'left'],
        budgets.map(({ scope, budgetMicros, spentMicros }) => [
          nameOf(scope),
          formatMoney(budgetMicros),
          formatMoney(spentMicros),
          formatMoney(Math.max(0, budgetMicros - spentMicros)),
        ]),
      ),
    );
  if (spend.length === 0) return;
  print('');
  print(
    formatTable(
      ['collection', 'user', 'what', 'units', 'cost', 'in doubt'],
      spend.map((line) => [
        line.collection || '-',
        line.user || '-',
        line.resource === '' ? 'of workers that died' : `${line.platform} ${line.resource}`,
        line.units,
        formatMoney(line.micros),
        formatMoney(line.inDoubtMicros),
      ]),
    ),
  );
}

function nameOf(scope: string): string {
  const [kind, name] = scope.split(/:(.*)/s);
  return name === undefined ? 'all together' : `${kind} ${name}`;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
