import type { Command } from 'commander';
import { loadCollections } from '../lazy-parts.ts';
import type { Config } from '../../config.ts';
import { changeWithDeed } from '../change-with-deed.ts';
import { withDatabase } from '../with-database.ts';

export function addKeepCommand(collection: Command, config: () => Config): void {
  collection
    .command('keep')
    .description('change which posts stay in the database; files stay in any case')
    .argument('<name>')
    .argument('<what>', 'files: segments alone; all: posts in the database too; days:N: those of the last N days')
    .action(async (name: string, what: string) => {
      const { setKeep } = await loadCollections();
      const deed = { action: 'collection.change', target: name, details: { keep: what } };
      const { before, isWider } = await withDatabase(config(), (db) =>
        changeWithDeed(db, deed, (tx) => setKeep(tx, name, what)),
      );
      process.stdout.write(`${sentence({ name, what, before })}\n`);
      if (isWider)
        process.stderr.write(`mistnet: Posts that were removed come back by: mistnet rebuild --collection ${name}\n`);
    });
}

function sentence({ name, what, before }: { name: string; what: string; before: string }): string {
  if (what === before) return `Collection "${name}" keeps ${what} already.`;
  const then = {
    files: 'its posts leave the database with the next daily retention',
    all: before === 'files' ? 'what was captured is loaded now' : 'nothing is removed any more',
  }[what];
  return `Collection "${name}" keeps ${what} now, not ${before}; ${then ?? 'older posts leave the database with the next daily retention'}.`;
}
