/** Writes `docs/cli.md` and `docs/configuration.md` from the commands and settings themselves: `node test/house/write-reference-docs.ts`. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { commandLine } from '../../src/cli/command-line.ts';
import { describeConfig } from '../../src/config.ts';

const docs = join(import.meta.dirname, '../../docs');
const GENERATED = 'by `node test/house/write-reference-docs.ts`; a test compares the two.';

/** The pages by file, as they should be. */
export function referenceDocs(): Map<string, string> {
  return new Map([
    [join(docs, 'cli.md'), cliDoc()],
    [join(docs, 'configuration.md'), configurationDoc()],
  ]);
}

function cliDoc(): string {
  const program = commandLine({ environment: {}, setExitCode: () => {} });
  const sections = commandsOf(program, 'mistnet').map(([path, command]) => {
    command.configureHelp({ helpWidth: 110 });
    return `## ${path}\n\n\`\`\`\n${command.helpInformation().trimEnd()}\n\`\`\`\n`;
  });
  return [
    '# Commands',
    '',
    `Generated from the commands' own help ${GENERATED}`,
    '',
    'Data goes to the standard output, talk to the standard error. Exit code 0: done; 1: failed; 2: called wrongly; 3: a verify',
    'found differences. Every failure is one sentence; [errors](errors.md) lists their codes.',
    '',
    ...sections,
  ].join('\n');
}

function commandsOf(command: Command, path: string): [string, Command][] {
  const hidden = new Set(['help', 'role']);
  const below = command.commands.filter((child) => !hidden.has(child.name()));
  return [[path, command], ...below.flatMap((child) => commandsOf(child, `${path} ${child.name()}`))];
}

function configurationDoc(): string {
  const rows = describeConfig({}).map(
    ({ name, value, doc }) => `| \`${name}\` | ${value === '' ? '' : `\`${value}\``} | ${doc.replaceAll('|', '\\|')} |`,
  );
  return [
    '# Settings',
    '',
    `Generated from the settings themselves ${GENERATED}`,
    '',
    'All settings are environment variables. `mistnet config` shows those in force and where each came from; secrets are never shown.',
    'A variable that begins with `MISTNET_` and is not in this list is refused, for it is a misspelling; so is a value that cannot be used.',
    '',
    '| variable | default | meaning |',
    '|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

if (import.meta.main) for (const [file, text] of referenceDocs()) writeFileSync(file, text);
