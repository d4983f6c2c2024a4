/** Each command of the cookbook exists, with each option that it is given there: its `--help` says so. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { commandLine } from '../../src/cli/command-line.ts';

const cookbook = readFileSync(join(import.meta.dirname, '../../docs/cookbook.md'), 'utf8');
const program = commandLine({ environment: {}, setExitCode: () => {} });

/** What stands behind `mistnet` in the fenced blocks, word by word. */
function commandsOf(markdown: string): string[][] {
  const blocks = [...markdown.matchAll(/^```sh\n([^]*?)^```/gm)].map((match) => match[1] ?? '');
  return blocks
    .flatMap((block) => block.split('\n'))
    .flatMap((line) => [...line.matchAll(/(?:^|\| )(?:npx )?mistnet (.*?)(?= \| | > |\s+# |$)/g)])
    .map((match) => [...(match[1] ?? '').matchAll(/'[^']*'|"[^"]*"|\S+/g)].map(([word]) => word));
}

/** What is wrong with a command line; undefined when its help has all of it. */
function faultOf(words: string[]): string | undefined {
  let command: Command = program;
  let rest = words;
  for (let next = childOf(command, rest[0]); next !== undefined; next = childOf(command, rest[0])) {
    command = next;
    rest = rest.slice(1);
  }
  if (command === program) return `no command ${words[0]}`;
  if (command.commands.length > 0 && rest[0] === undefined) return 'a group of commands';
  const help = command.helpInformation();
  const unknown = rest
    .filter((word) => /^--?[a-z]/.test(word))
    .filter((word) => !new RegExp(`[ ,]${word}[ ,\n]`).test(help));
  if (unknown.length > 0) return `no option ${unknown.join(', ')}`;
  const isMissing = command.registeredArguments.filter(({ required }) => required).length > 0 && rest.length === 0;
  return isMissing ? 'an argument is missing' : undefined;
}

function childOf(command: Command, word: string | undefined): Command | undefined {
  return command.commands.find((child) => child.name() === word);
}

describe('the cookbook', () => {
  it('names only commands and options that exist', () => {
    const commands = commandsOf(cookbook);
    expect(commands.length).toBeGreaterThan(30);
    const faults = commands.map((words) => ({ words: words.join(' '), fault: faultOf(words) }));
    expect(faults.filter(({ fault }) => fault !== undefined)).toEqual([]);
  });

  it('would be caught naming others', () => {
    const text =
      '```sh\nnpx mistnet fly x\nmistnet import f --colour c > x\na | mistnet account\nmistnet import f --json | jq\n```\n';
    expect(commandsOf(text).map(faultOf)).toEqual([
      'no command fly',
      'no option --colour',
      'a group of commands',
      undefined,
    ]);
  });
});
