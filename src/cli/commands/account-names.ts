import { createReadStream } from 'node:fs';
import { access } from 'node:fs/promises';
import { basename } from 'node:path';
import { createInterface } from 'node:readline';
import type { Command } from 'commander';
import { loadAccountNames } from '../lazy-parts.ts';
import type { Config } from '../../config.ts';
import { causeText, MistnetError } from '../../core/errors.ts';
import { longDeed } from '../change-with-deed.ts';
import { withDatabase } from '../with-database.ts';

export function addAccountNames(account: Command, config: () => Config, setExitCode: (code: number) => void): void {
  account
    .command('import-names')
    .description('take former names from an older collection into the history of followed accounts')
    .argument(
      '<file>',
      'JSON Lines: {"uid", "former_names": {"2014-01-16T13:48:56Z": "OldName"}, "name"}; - is the standard input',
    )
    .action((file: string) => importFile(config(), file, setExitCode));
}

async function importFile(config: Config, file: string, setExitCode: (code: number) => void): Promise<void> {
  if (file !== '-')
    await access(file).catch((error: unknown) => {
      throw new MistnetError('folder.unreadable', `${file} cannot be read: ${causeText(error)}.`, { cause: error });
    });
  const { importNames } = await loadAccountNames();
  const counts = new Map<string, number>();
  await withDatabase(config, async (db) => {
    const deed = { action: 'account.import-names', target: basename(file) };
    const all = async () => {
      for await (const outcome of importNames(db, linesOf(file))) {
        process.stdout.write(`${JSON.stringify(outcome)}\n`);
        counts.set(outcome.outcome, (counts.get(outcome.outcome) ?? 0) + 1);
      }
    };
    await longDeed(db, deed, all, () => ({ accounts: counts.get('added') ?? 0 }));
  });
  const summary = [...counts].map(([outcome, count]) => `${count} ${outcome}`).join(', ');
  process.stderr.write(`mistnet: ${summary === '' ? 'The list is empty' : summary}.\n`);
  if (counts.has('invalid') || counts.has('unknown')) setExitCode(1);
}

async function* linesOf(file: string): AsyncGenerator<string> {
  const input = file === '-' ? process.stdin : createReadStream(file);
  yield* createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
}
