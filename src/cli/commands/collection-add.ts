import { type Command, Option } from 'commander';
import { loadCredentials } from '../../compose.ts';
import { loadCollections, loadPermits } from '../lazy-parts.ts';
import { type Config, readXToken } from '../../config.ts';
import { MistnetError } from '../../core/errors.ts';
import { systemClock } from '../../core/time.ts';
import type { FilterDefinition } from '../../core/rules/definition.ts';
import type { TimelineSchedule } from '../../jobs/timelines/schedule.ts';
import { firstReadingSentence } from '../collection-outlook.ts';
import { parseDuration } from '../parse-duration.ts';
import { parseBudget } from '../read-options.ts';
import { changeWithDeed, terminalUser } from '../change-with-deed.ts';
import { withDatabase } from '../with-database.ts';
import { definitionOf, type FilterFlags, usualCredential, warn, withFilterOptions } from './collection-filter.ts';

type AddOptions = FilterFlags & {
  kind: 'sample' | 'filter' | 'timeline' | 'import';
  keep: string;
  zone: string;
  api: 'v2' | 'v1.1';
  set?: string[];
  account?: string[];
  every?: number;
  cron?: string;
  credential?: string;
  budget?: number;
  overBudget?: true;
  json?: true;
};

const LEAST_EVERY_MS = 60_000;

export function addCollectionAdd(collection: Command, config: () => Config): void {
  withFilterOptions(collection.command('add'))
    .description('make a collection and start collecting')
    .argument('<name>', 'small letters, digits, - and _')
    .addOption(
      new Option(
        '--kind <kind>',
        'what it collects: the sample stream, what a filter of words, people and places finds, the timelines of followed accounts, or nothing but what is imported',
      )
        .choices(['sample', 'filter', 'timeline', 'import'])
        .makeOptionMandatory(),
    )
    .option(
      '--keep <what>',
      'files: segments alone; all: posts in the database too; days:N: those of the last N days',
      'all',
    )
    .option('--zone <zone>', 'time zone of the names of its datasets and of --cron, like Europe/Vienna', 'UTC')
    .addOption(new Option('--api <version>', 'version of the API').choices(['v2', 'v1.1']).default('v2'))
    .option(
      '--set <set...>',
      'timelines: of the accounts of this set; without sets and accounts, of all active accounts',
    )
    .option('--account <account...>', 'timelines: of this account')
    .option(
      '--every <time>',
      'timelines: read each so often, like 6h; by default as often as its author posts',
      parseDuration,
    )
    .option('--cron <line>', 'timelines: read at these times, like "5 */8 * * *"')
    .option('--credential <label>', 'the credential to ask with; by default any that will do')
    .option('--budget <amount>', 'timelines: spend at most this a month on it, like 25', parseBudget)
    .option(
      '--over-budget',
      'timelines: also where the first reading is estimated to cost more than the budget has left',
    )
    .option('--json', 'as JSON')
    .action((name: string, options: AddOptions) => add(config(), name, options));
}

async function add(config: Config, name: string, options: AddOptions): Promise<void> {
  const { kind, keep, zone, api, credential, json } = options;
  const collections = await loadCollections();
  const { requireCredential } = await loadCredentials();
  const { setBudget } = await loadPermits();
  const schedule = scheduleOf(options, collections.requireCron);
  const seeds = [
    ...(options.set ?? []).map((set) => ({ set })),
    ...(options.account ?? []).map((account) => ({ account })),
  ];
  if (kind !== 'timeline' && (schedule !== undefined || seeds.length > 0 || options.budget !== undefined))
    throw new MistnetError(
      'usage.invalid',
      '--set, --account, --every, --cron and --budget are for collections of timelines.',
    );
  const definition = await definitionOf(options);
  if (kind === 'filter') return await addFilter(config, name, { ...options, definition });
  if (definition !== undefined)
    throw new MistnetError('usage.invalid', '--words, --people and the like are for collections of the kind filter.');
  const deed = {
    ...{ action: 'collection.create', target: name },
    details: { kind, keep, ...(options.budget === undefined ? {} : { budgetMicros: options.budget }) },
  };
  const { added, accounts, outlook } = await withDatabase(config, (db) =>
    changeWithDeed(db, deed, async (tx) => {
      if (credential !== undefined) await requireCredential(tx, credential);
      const made = await collections.addCollectionIn(tx, systemClock, {
        ...{ name, kind, platform: 'x', api, keep, zone },
        ...(kind === 'import' ? { wanted: 'stopped' as const } : {}),
        backfillMinutes: kind === 'sample' && api === 'v2' ? 5 : 0,
        ...(credential === undefined ? {} : { credential }),
        ...(schedule === undefined ? {} : { schedule }),
      });
      for (const seed of seeds) await collections.addSeed(tx, systemClock, made.collectionId, seed);
      const accounts = await collections.countFollowed(tx, made.collectionId);
      if (kind !== 'timeline') return { added: made, accounts, outlook: '' };
      if (options.budget !== undefined) await setBudget(tx, `collection:${name}`, options.budget);
      const sentence = await firstReadingSentence(tx, { ...made, credential }, options.overBudget === true);
      return { added: made, accounts, outlook: sentence };
    }),
  );
  if (json) print(JSON.stringify(added, null, 2));
  else for (const line of wordsOf(name, kind, { accounts, seeds: seeds.length })) print(line);
  if (outlook !== '') process.stderr.write(`mistnet: ${outlook}\n`);
  if (kind === 'sample' || kind === 'timeline') await warnOfToken(config);
}

async function addFilter(
  config: Config,
  name: string,
  options: AddOptions & { definition: FilterDefinition | undefined },
): Promise<void> {
  const { definition, api, keep, zone, credential, reason, json } = options;
  if (definition === undefined)
    throw new MistnetError(
      'usage.invalid',
      'Say what is asked for: --words, --people, --location, --place, --country or --rule.',
    );
  const { addFilterCollection } = await loadCollections();
  const { requireCredential } = await loadCredentials();
  const hasEnvironmentToken = !('missing' in (await readXToken(config.x)));
  const deed = { action: 'collection.create', target: name, details: { kind: 'filter', keep } };
  const { collection, warnings } = await withDatabase(config, (db) =>
    changeWithDeed(db, deed, async (tx) => {
      if (credential !== undefined) await requireCredential(tx, credential);
      return await addFilterCollection(tx, systemClock, {
        ...{ name, api, keep, zone, definition, by: terminalUser(), reason: reason ?? 'made in the terminal' },
        credential: credential ?? (await usualCredential(tx, { api, hasEnvironmentToken })),
      });
    }),
  );
  warn(warnings);
  if (json) return print(JSON.stringify(collection, null, 2));
  print(`Collection "${name}" was added; it runs whenever mistnet does (mistnet start).`);
}

function wordsOf(
  name: string,
  kind: AddOptions['kind'],
  { accounts, seeds }: { accounts: number; seeds: number },
): string[] {
  if (kind === 'import')
    return [`Collection "${name}" was added; mistnet import FILE --collection ${name} brings posts into it.`];
  const added = `Collection "${name}" was added; it runs whenever mistnet does (mistnet start).`;
  if (kind === 'sample') return [added];
  return [
    added,
    seeds === 0
      ? `It reads the timelines of all active accounts, ${accounts} now, and of those that are added later.`
      : `It reads ${accounts} timelines now; what joins its sets is read, too.`,
  ];
}

/** Without anything to ask with, a collection waits, and says so. */
async function warnOfToken(config: Config): Promise<void> {
  const token = await readXToken(config.x);
  if (!('missing' in token)) return;
  const { listCredentials } = await loadCredentials();
  if ((await withDatabase(config, (db) => listCredentials(db))).length > 0) return;
  process.stderr.write(`mistnet: It will be paused: ${token.missing}\n`);
}

function scheduleOf(
  { every, cron, zone }: AddOptions,
  requireCron: (expression: string, zone: string) => void,
): TimelineSchedule | undefined {
  if (every !== undefined && cron !== undefined)
    throw new MistnetError('usage.invalid', 'Give --every or --cron, not both.');
  if (every !== undefined) {
    if (every >= LEAST_EVERY_MS) return { kind: 'every', ms: every };
    throw new MistnetError('usage.invalid', 'Timelines are read once a minute at most: give --every 1m or more.');
  }
  if (cron === undefined) return undefined;
  requireCron(cron, zone);
  return { kind: 'cron', expression: cron, zone };
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
