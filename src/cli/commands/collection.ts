import type { Command } from 'commander';
import { loadCollections } from '../lazy-parts.ts';
import type { Database } from '../../store/db.ts';
import { type Config, readConfig } from '../../config.ts';
import type { CommandContext } from '../context.ts';
import { changeWithDeed } from '../change-with-deed.ts';
import { withDatabase } from '../with-database.ts';
import { formatDuration, formatTable } from '../format.ts';
import { collectionText, keepWords, shortCompaction, shortRetention } from '../collection-words.ts';
import { firstReadingSentence } from '../collection-outlook.ts';
import { addCollectionAdd } from './collection-add.ts';
import { addCollectionCredentialCommand } from './collection-credential.ts';
import { addFilterCommands } from './collection-filter.ts';
import { addKeepCommand } from './collection-keep.ts';
import { addTimelineCommands } from './collection-timelines.ts';

export function addCollectionCommands(program: Command, { environment }: CommandContext): void {
  const collection = program
    .command('collection')
    .description(
      'what is collected: add, list, show, start, stop, keep, credential, filter, history, seeds, runs, gaps',
    );
  const config = () => readConfig(environment);

  addCollectionAdd(collection, config);
  addTimelineCommands(collection, config);
  addCollectionCredentialCommand(collection, config);
  addFilterCommands(collection, config);

  collection
    .command('list')
    .description('all collections, stopped ones too, and how they stand')
    .option('--json', 'as JSON')
    .action(async ({ json }: { json?: true }) => {
      const { collectionStatuses, compactionsOfCollections, retentionRuns } = await loadCollections();
      const { rows, runs, compactions } = await withDatabase(config(), async (db) => ({
        rows: await collectionStatuses(db),
        runs: await retentionRuns(db),
        compactions: await compactionsOfCollections(db),
      }));
      if (json) return print(JSON.stringify(rows, null, 2));
      if (rows.length === 0) return print('No collection yet. Add one: mistnet collection add NAME --kind sample');
      print(
        formatTable(
          [
            'name',
            'state',
            'captured',
            'loaded',
            'quarantined',
            'gaps',
            'keeps',
            'retention',
            'compaction',
            'last byte',
          ],
          rows.map((row) => [
            row.name,
            row.state,
            row.captured,
            row.loaded,
            row.quarantined,
            row.gaps,
            keepWords(row.keep),
            shortRetention(runs, row.name),
            shortCompaction(compactions.find(({ collection }) => collection === row.name)),
            row.lastByteAt ?? 'never',
          ]),
        ),
      );
    });

  collection
    .command('show')
    .description('one collection: settings and how it stands')
    .argument('<name>')
    .option('--json', 'as JSON')
    .action(async (name: string, { json }: { json?: true }) => {
      const shown = await withDatabase(config(), (db) => readCollection(db, name));
      print(json ? JSON.stringify(shown, null, 2) : collectionText(shown));
    });

  collection
    .command('gaps')
    .description('when the collection was not listening, why, and what stayed uncovered')
    .argument('<name>')
    .option('--json', 'as JSON')
    .action((name: string, { json }: { json?: true }) => showGaps(config(), name, json === true));

  addKeepCommand(collection, config);
  for (const [verb, wanted] of [
    ['start', 'active'],
    ['stop', 'stopped'],
  ] as const) {
    const command = collection
      .command(verb)
      .description(verb === 'start' ? 'collect again' : 'stop collecting; what was collected stays')
      .argument('<name>');
    if (verb === 'start')
      command.option(
        '--over-budget',
        'also where the first reading of timelines is estimated to cost more than the budget has left',
      );
    command.action(async (name: string, { overBudget }: { overBudget?: true }) => {
      const { findCollection, setWanted, timelineCollections } = await loadCollections();
      const outlook = await withDatabase(config(), (db) =>
        changeWithDeed(db, { action: `collection.${verb}`, target: name }, async (tx) => {
          const found = await findCollection(tx, name);
          const plan = (await timelineCollections(tx)).find(({ collectionId }) => collectionId === found.collectionId);
          await setWanted(tx, name, wanted);
          if (verb === 'stop' || plan === undefined) return undefined;
          return await firstReadingSentence(tx, { ...plan, credential: plan.body.credential }, overBudget === true);
        }),
      );
      if (outlook !== undefined) process.stderr.write(`mistnet: ${outlook}\n`);
      print(
        wanted === 'active'
          ? `Collection "${name}" is to run.`
          : `Collection "${name}" is to stop; its posts and files stay.`,
      );
    });
  }
}

async function readCollection(db: Database, name: string) {
  const { collectionStatuses, compactionsOfCollections, findCollection, retentionRuns } = await loadCollections();
  const found = await findCollection(db, name);
  const [status] = await collectionStatuses(db, name);
  const [compaction] = await compactionsOfCollections(db, name);
  const runs = await retentionRuns(db, { collectionId: found.collectionId, limit: 30 });
  return { ...found, ...status, retentionRuns: runs, ...(compaction === undefined ? {} : { compaction }) };
}

async function showGaps(config: Config, name: string, json: boolean): Promise<void> {
  const { findCollection, gapsOfCollection } = await loadCollections();
  const gaps = await withDatabase(config, async (db) => {
    const { collectionId } = await findCollection(db, name);
    return await gapsOfCollection(db, collectionId, { limit: 1000 });
  });
  if (json) return print(JSON.stringify(gaps, null, 2));
  if (gaps.length === 0) return print('No gap: nothing is known to be missing.');
  for (const { from, to, cause, evidence, uncoveredMs } of gaps) {
    const silentMs = Date.parse(to) - Date.parse(from);
    const filled =
      uncoveredMs === 0
        ? 'all of it back-filled'
        : uncoveredMs >= silentMs
          ? `none of it back-filled, ${formatDuration(uncoveredMs)} missing`
          : `${formatDuration(silentMs - uncoveredMs)} back-filled, ${formatDuration(uncoveredMs)} missing`;
    print(`${from} to ${to}: gap of ${formatDuration(silentMs)} (${cause}: ${evidence}), ${filled}`);
  }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
