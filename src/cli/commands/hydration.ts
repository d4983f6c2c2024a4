import { once } from 'node:events';
import { type Command, Option } from 'commander';
import { loadHydrations } from '../lazy-parts.ts';
import { type Config, readConfig } from '../../config.ts';
import { MistnetError } from '../../core/errors.ts';
import { systemClock } from '../../core/time.ts';
import type { Hydration, HydrationOutcome, HydrationState } from '../../store/hydrations/hydrations.ts';
import type { CommandContext } from '../context.ts';
import { formatCount, formatQuantity, formatTable } from '../format.ts';
import { changeWithDeed } from '../change-with-deed.ts';
import { withDatabase } from '../with-database.ts';

const OUTCOMES: readonly HydrationOutcome[] = [
  'ok',
  'deleted',
  'protected',
  'suspended',
  'not_found',
  'error',
  'invalid',
];

/** `hydration`: lists of ids that workers ask for; `hydrate FILE --job NAME` makes one. */
export function addHydrationCommands(program: Command, { environment }: CommandContext): void {
  const hydration = program
    .command('hydration')
    .description(
      'lists of ids that the workers ask for (hydrate FILE --job NAME): list, show, outcomes, recheck, cancel, resume',
    );
  const config = () => readConfig(environment);

  hydration
    .command('list')
    .description('all lists, the newest first')
    .option('--json', 'as JSON')
    .action(({ json }: { json?: true }) => list(config(), json === true));

  hydration
    .command('show')
    .description('one list: how far it is, and what became of its ids')
    .argument('<name>')
    .option('--json', 'as JSON')
    .action((name: string, { json }: { json?: true }) => show(config(), name, json === true));

  hydration
    .command('outcomes')
    .description('print what became of each id, a line of JSON each, in the order of the list')
    .argument('<name>')
    .addOption(new Option('--only <outcome>', 'of these alone').choices(OUTCOMES))
    .action((name: string, { only }: { only?: HydrationOutcome }) => outcomes(config(), name, only));

  hydration
    .command('recheck')
    .description('ask for ids once more; show tells what changed')
    .argument('<name>')
    .option('--only <outcomes...>', 'those that were this: error, ok, deleted, …; without it all')
    .action((name: string, { only }: { only?: string[] }) => recheck(config(), name, only));

  for (const [verb, from, to, sentence] of [
    ['cancel', ['filling', 'running', 'paused'], 'cancelled', 'is asked for no further; what there is stays'],
    ['resume', ['cancelled', 'paused'], 'running', 'is asked for again from where it stood'],
  ] as const satisfies [string, HydrationState[], HydrationState, string][])
    hydration
      .command(verb)
      .description(
        verb === 'cancel' ? 'stop asking; what there is stays' : 'go on with one that was stopped or is paused',
      )
      .argument('<name>')
      .action((name: string) => change(config(), name, { verb, from, to, sentence }));
}

async function list(config: Config, json: boolean): Promise<void> {
  const { listHydrations, hydrationSummary } = await loadHydrations();
  const rows = await withDatabase(config, async (db) => {
    const found: (Hydration & { outcomes: Record<string, number> })[] = [];
    for (const each of await listHydrations(db))
      found.push({ ...each, outcomes: (await hydrationSummary(db, each.hydrationId)).outcomes });
    return found;
  });
  if (json) return print(JSON.stringify(rows, null, 2));
  if (rows.length === 0) return print('No list yet. Make one: mistnet hydrate FILE --job NAME');
  print(
    formatTable(
      ['name', 'state', 'source', 'ids', 'waiting', 'ok'],
      rows.map(({ name, state, source, outcomes: { waiting = 0, ok = 0, ...others } }) => [
        ...[name, state, source],
        formatCount(Object.values(others).reduce((sum, count) => sum + count, waiting + ok)),
        ...[formatCount(waiting), formatCount(ok)],
      ]),
    ),
  );
}

async function show(config: Config, name: string, json: boolean): Promise<void> {
  const { findHydration, hydrationSummary } = await loadHydrations();
  const shown = await withDatabase(config, async (db) => {
    const found = await findHydration(db, name);
    return { ...found, ...(await hydrationSummary(db, found.hydrationId)) };
  });
  if (json) return print(JSON.stringify(shown, null, 2));
  const { state, reason, source, round, addedAt, finishedAt } = shown;
  print(`${name}: ${state}${reason === null ? '' : ` (${reason})`}`);
  print(
    `of ${source}, added ${addedAt}${finishedAt === null ? '' : `, done ${finishedAt}`}${round === 1 ? '' : `, round ${round}`}`,
  );
  for (const [outcome, count] of Object.entries(shown.outcomes)) print(`  ${outcome}: ${formatCount(count)}`);
  for (const [words, count] of Object.entries(shown.changed)) print(`  changed ${words}: ${formatCount(count)}`);
}

async function outcomes(config: Config, name: string, only: HydrationOutcome | undefined): Promise<void> {
  const { findHydration, idOutcomes } = await loadHydrations();
  await withDatabase(config, async (db) => {
    const { hydrationId } = await findHydration(db, name);
    for await (const rows of idOutcomes(db, hydrationId, only)) {
      const lines = rows.map(({ id, outcome, message, at }) =>
        JSON.stringify({
          id,
          outcome: outcome ?? 'waiting',
          ...(message === null ? {} : { message }),
          ...(at === null ? {} : { at }),
        }),
      );
      if (!process.stdout.write(`${lines.join('\n')}\n`)) await once(process.stdout, 'drain');
    }
  });
}

async function recheck(config: Config, name: string, only: string[] | undefined): Promise<void> {
  const { findHydration, recheckIds } = await loadHydrations();
  const wrong = only?.find((each) => !(OUTCOMES as readonly string[]).includes(each));
  if (wrong !== undefined) throw new MistnetError('usage.invalid', `"${wrong}" is no outcome: ${OUTCOMES.join(', ')}.`);
  const deed = { action: 'hydration.recheck', target: name, details: { only: only ?? 'all' } };
  const count = await withDatabase(config, (db) =>
    changeWithDeed(db, deed, async (tx) => {
      const { hydrationId, state } = await findHydration(tx, name);
      if (state !== 'done' && state !== 'cancelled')
        throw new MistnetError('job.failed', `The list "${name}" is ${state}: let it end first, or cancel it.`);
      return await recheckIds(tx, hydrationId, (only ?? OUTCOMES) as HydrationOutcome[]);
    }),
  );
  print(`${formatQuantity(count, 'id')} of "${name}" ${count === 1 ? 'is' : 'are'} to be asked for once more.`);
}

async function change(
  config: Config,
  name: string,
  wish: { verb: string; from: readonly HydrationState[]; to: HydrationState; sentence: string },
): Promise<void> {
  const { findHydration, setHydrationState } = await loadHydrations();
  const { verb, from, to, sentence } = wish;
  await withDatabase(config, (db) =>
    changeWithDeed(db, { action: `hydration.${verb}`, target: name }, async (tx) => {
      const { hydrationId, state } = await findHydration(tx, name);
      if (!(await setHydrationState(tx, hydrationId, { from, to, atMs: systemClock.now() })))
        throw new MistnetError('job.failed', `The list "${name}" is ${state} already.`);
    }),
  );
  print(`The list "${name}" ${sentence}.`);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
