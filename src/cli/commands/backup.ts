import type { Command } from 'commander';
import { readConfig } from '../../config.ts';
import { noteDeed } from '../change-with-deed.ts';
import type { CommandContext } from '../context.ts';
import { loadBackups } from '../lazy-parts.ts';
import { withDatabase } from '../with-database.ts';

export function addBackupCommands(program: Command, { environment }: CommandContext): void {
  const backup = program
    .command('backup')
    .description('copies of the data are made by programs of yours; the page says by which commands: note');
  backup
    .command('note')
    .description('note that a backup was made: the page tells how old the last one is, and an alert that none is newer')
    .argument('[where]', 'where it lies, for people', '')
    .action(async (where: string) => {
      const { BACKUP_NOTED } = await loadBackups();
      const deed = { action: BACKUP_NOTED, target: null, details: { note: where } };
      await withDatabase(readConfig(environment), (db) => noteDeed(db, deed));
      process.stdout.write('Noted: a backup was made just now.\n');
    });
}
