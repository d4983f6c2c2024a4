import type { Command } from 'commander';
import { loadCollections } from '../lazy-parts.ts';
import type { Config } from '../../config.ts';
import { MistnetError } from '../../core/errors.ts';
import { systemClock } from '../../core/time.ts';
import type { SeedWish } from '../../store/timelines/timeline-collections.ts';
import { formatTable } from '../format.ts';
import { changeWithDeed, ifChanged } from '../change-with-deed.ts';
import { withDatabase } from '../with-database.ts';
import { listFilterSeeds } from './collection-filter.ts';

type SeedFlags = { set?: string; account?: string };

/** What only collections of timelines have: seeds, and runs. */
export function addTimelineCommands(collection: Command, config: () => Config): void {
  const seeds = collection
    .command('seeds')
    .description('what a collection of timelines follows: list, add, remove; what a filter asks for: list');
  seeds
    .command('list')
    .argument('<collection>')
    .option('--json', 'as JSON')
    .action((name: string, { json }: { json?: true }) => listSeeds(config(), name, json === true));
  for (const verb of ['add', 'remove'] as const)
    seeds
      .command(verb)
      .argument('<collection>')
      .option('--set <set>', 'a set of accounts')
      .option('--account <account>', 'one account')
      .action((name: string, flags: SeedFlags) => changeSeed(config(), name, verb, flags));

  collection
    .command('runs')
    .description('readings of timelines, the newest first, and the errors of those that failed')
    .argument('<collection>')
    .option('--errors', 'only those with an error')
    .option('--json', 'as JSON')
    .action((name: string, flags: { errors?: true; json?: true }) => listRuns(config(), name, flags));
}

async function listSeeds(config: Config, name: string, json: boolean): Promise<void> {
  const collections = await loadCollections();
  const { kind } = await withDatabase(config, (db) => collections.findCollection(db, name));
  if (kind === 'filter') return await listFilterSeeds(config, name, json);
  const { seeds, accounts, hadSeeds } = await withDatabase(config, async (db) => {
    const { collectionId } = await requireTimelines(db, name);
    return {
      seeds: await collections.listSeeds(db, collectionId),
      accounts: await collections.countFollowed(db, collectionId),
      hadSeeds: await collections.hadSeeds(db, collectionId),
    };
  });
  if (json) return print(JSON.stringify(seeds, null, 2));
  if (seeds.length === 0)
    return print(
      hadSeeds
        ? `Collection "${name}" follows nobody: its last seed was taken out.`
        : `Collection "${name}" follows all active accounts: ${accounts} now.`,
    );
  print(
    formatTable(
      ['seed', 'name', 'accounts', 'since'],
      seeds.map((seed) => [seed.kind, seed.name, seed.accounts, seed.addedAt.slice(0, 16)]),
    ),
  );
  print(`${accounts} active accounts in all.`);
}

async function changeSeed(config: Config, name: string, verb: 'add' | 'remove', flags: SeedFlags): Promise<void> {
  const collections = await loadCollections();
  const { set, account } = flags;
  if ((set === undefined) === (account === undefined))
    throw new MistnetError('usage.invalid', 'Give one of --set and --account.');
  const seed: SeedWish = set === undefined ? { account: account ?? '' } : { set };
  await withDatabase(config, async (db) => {
    const { collectionId } = await requireTimelines(db, name);
    const deed = { action: 'collection.change', target: name, details: { [`${verb}Seeds`]: [seed] } };
    const changed = await changeWithDeed(db, ifChanged(deed), async (tx) => {
      if (verb === 'add') return await collections.addSeed(tx, systemClock, collectionId, seed);
      await collections.removeSeed(tx, systemClock, collectionId, seed);
      return true;
    });
    const accounts = await collections.countFollowed(db, collectionId);
    print(
      `${changed ? '' : 'It is among the seeds already. '}Collection "${name}" follows ${accounts} active accounts now.`,
    );
  });
}

async function listRuns(config: Config, name: string, { errors, json }: { errors?: true; json?: true }): Promise<void> {
  const collections = await loadCollections();
  const runs = await withDatabase(config, async (db) => {
    const { collectionId } = await requireTimelines(db, name);
    return await collections.listRuns(db, { collectionId, onlyErrors: errors === true, limit: 200 });
  });
  if (json) return print(JSON.stringify(runs, null, 2));
  if (runs.length === 0) return print(errors ? 'No run failed.' : 'No timeline was read yet.');
  print(
    formatTable(
      ['account', 'started', 'finished', 'pages', 'saved', 'outcome', 'error'],
      runs.map((run) => [
        run.handle === '' ? run.accountId : `@${run.handle}`,
        run.startedAt.slice(0, 19),
        run.finishedAt?.slice(0, 19) ?? 'running',
        run.pages,
        run.posts,
        run.outcome ?? '',
        run.error ?? '',
      ]),
    ),
  );
}

async function requireTimelines(
  db: Parameters<Awaited<ReturnType<typeof loadCollections>>['findCollection']>[0],
  name: string,
) {
  const { findCollection } = await loadCollections();
  const found = await findCollection(db, name);
  if (found.kind === 'timeline') return found;
  throw new MistnetError(
    'collection.invalid',
    `Collection "${name}" is a ${found.kind} collection; only those of timelines have seeds and runs.`,
  );
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
