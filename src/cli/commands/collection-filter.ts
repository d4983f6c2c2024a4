import { type Command, Option } from 'commander';
import { loadCollections } from '../lazy-parts.ts';
import type { Config } from '../../config.ts';
import { MistnetError } from '../../core/errors.ts';
import { systemClock } from '../../core/time.ts';
import type { FilterDefinition, PersonRole } from '../../core/rules/definition.ts';
import { formatTable } from '../format.ts';
import { changeWithDeed, terminalUser } from '../change-with-deed.ts';
import { withDatabase } from '../with-database.ts';

export type FilterFlags = {
  words?: string[];
  people?: string;
  peopleAs?: PersonRole[];
  location?: string[];
  place?: string[];
  country?: string[];
  language?: string[];
  exclude?: ('reposts' | 'replies' | 'quotes')[];
  rule?: string[];
  reason?: string;
};

/** What a filter is made of, as options. */
export function withFilterOptions(command: Command): Command {
  return command
    .option('--words <line...>', 'filter: words; a space is AND, a comma is OR, quotes make a phrase, -word excludes')
    .option('--people <names>', 'filter: names or ids, divided by commas')
    .addOption(
      new Option(
        '--people-as <role...>',
        'filter: posts from them, replies to them, mentions of them (default: from)',
      ).choices([...['from', 'to', 'mentions']]),
    )
    .option(
      '--location <box...>',
      'filter: a box west,south,east,north in degrees; --location=-0.5,51,0.3,52 where it begins with a minus',
    )
    .option('--place <name...>', 'filter: a place by name or id')
    .option('--country <code...>', 'filter: a country by its two letters')
    .option('--language <code...>', 'filter: only in these languages, like de')
    .addOption(new Option('--exclude <what...>', 'filter: leave these out').choices(['reposts', 'replies', 'quotes']))
    .option('--rule <rule...>', "filter: a rule in the platform's own grammar")
    .option('--reason <text>', 'filter: why, for its history');
}

/** What the options ask for; undefined when none of them was given. Throws `filter.refused` for people that cannot be names. */
export async function definitionOf(flags: FilterFlags): Promise<FilterDefinition | undefined> {
  const { words, people, peopleAs, location, place, country, language, exclude, rule } = flags;
  if ([words, people, peopleAs, location, place, country, language, exclude, rule].every((flag) => flag === undefined))
    return undefined;
  const { filterDefinition, parsePeople, FilterRefused } = await loadCollections();
  const named = parsePeople(people ?? '');
  if (named.problems.length > 0) throw new FilterRefused(named.problems);
  return filterDefinition({
    ...(words === undefined ? {} : { words }),
    people: named.people,
    ...(peopleAs === undefined ? {} : { peopleAs }),
    ...(location === undefined ? {} : { locations: location }),
    ...(place === undefined ? {} : { places: place }),
    ...(country === undefined ? {} : { countries: country }),
    ...(language === undefined ? {} : { languages: language }),
    exclude: {
      reposts: exclude?.includes('reposts') ?? false,
      replies: exclude?.includes('replies') ?? false,
      quotes: exclude?.includes('quotes') ?? false,
    },
    ...(rule === undefined ? {} : { raw: rule }),
  });
}

export function addFilterCommands(collection: Command, config: () => Config): void {
  withFilterOptions(
    collection
      .command('filter')
      .description('say anew what a filter collection asks for: all of it; without options, show it')
      .argument('<name>')
      .option('--json', 'as JSON'),
  ).action((name: string, flags: FilterFlags & { json?: true }) => changeFilter(config(), name, flags));
  collection
    .command('history')
    .description('every version of a filter, the newest first: when, who, why, what')
    .argument('<name>')
    .option('--json', 'as JSON')
    .action((name: string, { json }: { json?: true }) => showHistory(config(), name, json === true));
}

async function changeFilter(config: Config, name: string, flags: FilterFlags & { json?: true }): Promise<void> {
  const definition = await definitionOf(flags);
  if (definition === undefined) return await showFilter(config, name, flags.json === true);
  const { saveFilterVersion } = await loadCollections();
  const reason = flags.reason ?? 'changed in the terminal';
  const { version, warnings } = await withDatabase(config, (db) =>
    changeWithDeed(db, { action: 'collection.filter', target: name, details: { reason } }, (tx) =>
      saveFilterVersion(tx, systemClock, name, { definition, by: terminalUser(), reason }),
    ),
  );
  warn(warnings);
  if (flags.json) return print(JSON.stringify(version, null, 2));
  print(
    `Collection "${name}" asks for version ${version.version} of its filter now; the platform hears of it within seconds.`,
  );
}

async function showFilter(config: Config, name: string, json: boolean): Promise<void> {
  const { compileFilter, currentFilter, plainWords, requireFilterCollection, rulesOfCollection, wholeRule } =
    await loadCollections();
  await withDatabase(config, async (db) => {
    const { collectionId, api } = await requireFilterCollection(db, name);
    const current = await currentFilter(db, collectionId);
    const stream = await rulesOfCollection(db, collectionId);
    if (json) return print(JSON.stringify({ ...current, stream: stream ?? null }, null, 2));
    for (const sentence of plainWords(current.definition, api)) print(sentence);
    print(`\n${wholeRule(compileFilter(current.definition, api))}\n`);
    print(`Version ${current.version}, ${current.createdAt.slice(0, 16)}Z, by ${current.by}: ${current.reason}`);
    if (stream === undefined) return print('It is stopped.');
    print(
      `Stream ${stream.plan}, asked with the credential "${stream.credential}": ${stream.isSynced ? 'the platform has it' : 'on its way to the platform'}.`,
    );
    if (stream.error !== null) print(`The platform says: ${stream.error}`);
    for (const rule of stream.rules)
      print(`  ${rule.state}  ${rule.ruleId ?? ''}  ${rule.value}${rule.error === null ? '' : `  (${rule.error})`}`);
  });
}

async function showHistory(config: Config, name: string, json: boolean): Promise<void> {
  const { filterHistory, plainWords, requireFilterCollection } = await loadCollections();
  await withDatabase(config, async (db) => {
    const { collectionId, api } = await requireFilterCollection(db, name);
    const versions = await filterHistory(db, collectionId);
    if (json) return print(JSON.stringify(versions, null, 2));
    for (const { version, createdAt, by, reason, definition } of versions) {
      print(`${version}  ${createdAt.slice(0, 19)}Z  ${by}: ${reason}`);
      for (const sentence of plainWords(definition, api)) print(`   ${sentence}`);
    }
  });
}

/** The words, people and places of a filter, with what each found in the last seven days. */
export async function listFilterSeeds(config: Config, name: string, json: boolean): Promise<void> {
  const { compileFilter, currentFilter, requireFilterCollection, seedsOfCollection } = await loadCollections();
  const seeds = await withDatabase(config, async (db) => {
    const { collectionId, api } = await requireFilterCollection(db, name);
    const { definition } = await currentFilter(db, collectionId);
    const current = compileFilter(definition, api).flatMap(({ sources }) => sources);
    const since = new Date(systemClock.now() - SEVEN_DAYS_MS).toISOString();
    return await seedsOfCollection(db, collectionId, { current, since });
  });
  if (json) return print(JSON.stringify(seeds, null, 2));
  print(
    formatTable(
      ['kind', 'seed', 'now', 'posts in 7 days', 'last'],
      seeds.map(({ kind, text, isCurrent, posts, lastAt }) => [
        kind,
        text,
        isCurrent ? 'yes' : 'no',
        posts,
        lastAt?.slice(0, 16) ?? '',
      ]),
    ),
  );
}

const SEVEN_DAYS_MS = 7 * 24 * 3_600_000;

/** What is asked with when nobody says. Throws `usage.invalid` when there is nothing. */
export async function usualCredential(
  db: Parameters<Awaited<ReturnType<typeof loadCollections>>['usualFilterCredential']>[0],
  wish: { api: 'v2' | 'v1.1'; hasEnvironmentToken: boolean },
): Promise<string> {
  const { usualFilterCredential } = await loadCollections();
  const label = await usualFilterCredential(db, wish);
  if (label !== undefined) return label;
  throw new MistnetError(
    'usage.invalid',
    `There is no credential to ask with. Add one: mistnet credential add LABEL --from FILE${wish.api === 'v2' ? ', or set MISTNET_X_BEARER_TOKEN' : ' (v1.1 wants the keys of a person, OAuth 1.0a)'}.`,
  );
}

export function warn(warnings: readonly { message: string }[]): void {
  for (const { message } of warnings) process.stderr.write(`mistnet: ${message}\n`);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
