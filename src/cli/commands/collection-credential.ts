import type { Command } from 'commander';
import { loadCredentials } from '../../compose.ts';
import { loadCollections } from '../lazy-parts.ts';
import type { Config } from '../../config.ts';
import { MistnetError } from '../../core/errors.ts';
import { changeWithDeed } from '../change-with-deed.ts';
import { withDatabase } from '../with-database.ts';

export function addCollectionCredentialCommand(collection: Command, config: () => Config): void {
  collection
    .command('credential')
    .description('say which credential a collection is collected with')
    .argument('<name>')
    .argument('[label]', 'one of: mistnet credential list; "environment" is the token of the environment')
    .option('--any', 'any that will do')
    .action(async (name: string, label: string | undefined, { any }: { any?: true }) => {
      if ((label === undefined) !== (any === true))
        throw new MistnetError('usage.invalid', 'Name a credential, or say --any: one of the two.');
      const { setCredential } = await loadCollections();
      const { requireCredential } = await loadCredentials();
      const deed = { action: 'collection.change', target: name, details: { credential: label ?? null } };
      await withDatabase(config(), (db) =>
        changeWithDeed(db, deed, async (tx) => {
          if (label !== undefined) await requireCredential(tx, label);
          await setCredential(tx, name, label);
        }),
      );
      const which = label === undefined ? 'any credential that will do' : `the credential "${label}"`;
      process.stdout.write(`Collection "${name}" is collected with ${which} from now on.\n`);
    });
}
