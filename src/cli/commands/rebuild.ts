import type { Command } from 'commander';
import { loadCollections } from '../../compose.ts';
import { readConfig } from '../../config.ts';
import type { CommandContext } from '../command-line.ts';
import { formatCount } from '../format.ts';
import { withDatabase } from '../with-database.ts';

export function addRebuildCommand(program: Command, { environment }: CommandContext): void {
  program
    .command('rebuild')
    .description("throw a collection's rows away and load them anew from its segments")
    .requiredOption('--collection <name>', 'which collection')
    .action(async ({ collection }: { collection: string }) => {
      const { rebuildCollection } = await loadCollections();
      const { observations, posts, segments } = await withDatabase(readConfig(environment), (db) =>
        rebuildCollection(db, collection),
      );
      process.stdout.write(
        `Removed ${formatCount(observations)} observations and ${formatCount(posts)} posts that no other collection holds; ` +
          `${formatCount(segments)} segments are loaded anew whenever mistnet runs.\n`,
      );
    });
}
