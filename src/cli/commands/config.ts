import type { Command } from 'commander';
import { describeConfig, readConfig } from '../../config.ts';
import type { CommandContext } from '../context.ts';

export function addConfigCommand(program: Command, { environment }: CommandContext): void {
  program
    .command('config')
    .description('show every setting, its effective value and where it came from')
    .option('--json', 'as JSON')
    .action((options: { json?: true }) => {
      readConfig(environment);
      const rows = describeConfig(environment);
      if (options.json) return void process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
      for (const { name, value, origin, doc } of rows)
        process.stdout.write(`${name}=${value}\n    ${origin}. ${doc}.\n`);
    });
}
