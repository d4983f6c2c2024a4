import type { Command } from 'commander';
import { MistnetError } from '../../core/errors.ts';
import { readPostName } from '../../platforms/x/read/x-names.ts';
import { createXReads } from '../../platforms/x/read/x-reads.ts';
import type { CommandContext } from '../context.ts';
import { printPages } from '../print-pages.ts';
import { openReadKit } from '../read-kit.ts';
import {
  askingOf,
  type FieldOptions,
  fieldsOf,
  type OutputOptions,
  parseCount,
  withFields,
  withOutput,
} from '../read-options.ts';

type AnswersOptions = OutputOptions & FieldOptions & { limit?: number };

/** `quotes` and `reposters`: what others made of a post. */
export function addAnswersCommands(program: Command, { environment }: CommandContext): void {
  for (const [name, items, description, flattened] of [
    ['quotes', 'posts', 'print the posts that quote a post, newest first', 'one post, with all it refers to,'],
    ['reposters', 'accounts', 'print the accounts that reposted a post, newest repost first', 'one account'],
  ] as const) {
    const command = program
      .command(name)
      .description(description)
      .argument('<post>', 'its id or its address')
      .argument('[outfile]', 'the same as --output')
      .option('--limit <n>', `stop after so many ${items} (whole pages may hold some more)`, parseCount);
    if (name === 'reposters') command.alias('retweeted-by');
    withFields(withOutput(command, flattened)).action(
      (post: string, outfile: string | undefined, options: AnswersOptions) =>
        printAnswers(
          { name, items, post },
          outfile === undefined ? options : { ...options, output: outfile },
          environment,
        ),
    );
  }
}

async function printAnswers(
  { name, items, post }: { name: 'quotes' | 'reposters'; items: string; post: string },
  options: AnswersOptions,
  environment: CommandContext['environment'],
): Promise<void> {
  const id = readPostName(post);
  if (id === undefined)
    throw new MistnetError('usage.invalid', `"${post}" is no post; write its id or its address at X.`);
  const fields = fieldsOf(options);
  using kit = await openReadKit(environment, { label: `${name} of ${id}`, items, ...askingOf(options) });
  await printPages({
    ...{ kit, options, items },
    question: {
      ...{ command: name, post: id, flatten: options.flatten === true },
      ...(fields === undefined ? {} : { fields }),
    },
    ask: async () => ({ pages: createXReads({ apiUrl: kit.apiUrl, fields })[name](id) }),
  });
}
