import type { Command } from 'commander';
import { MistnetError } from '../../core/errors.ts';
import { readPostName } from '../../platforms/x/read/x-names.ts';
import type { CommandContext } from '../context.ts';
import { withOutput, withPages, withWindow } from '../read-options.ts';
import { type SearchOptions, withSearch } from '../search-options.ts';
import { printSearch } from './search.ts';

export function addConversationCommand(program: Command, { environment }: CommandContext): void {
  const command = program
    .command('conversation')
    .description(
      'print the answers to a post and the answers to these, of the last seven days or with --archive of all years',
    )
    .argument('<post>', 'the id or the address of the post with which the conversation began')
    .argument('[outfile]', 'the same as --output');
  withSearch(withOutput(withWindow(withPages(command, 'posts')), 'one post, with all it refers to,')).action(
    async (post: string, outfile: string | undefined, options: SearchOptions) => {
      const id = readPostName(post);
      if (id === undefined)
        throw new MistnetError('usage.invalid', `"${post}" is no post; write its id or its address at X.`);
      if (options.api === 'v1.1')
        throw new MistnetError('usage.invalid', 'v1.1 cannot search for conversations; use --api v2.');
      const wish = outfile === undefined ? options : { ...options, output: outfile };
      await printSearch({ command: 'conversation', post: id }, `conversation_id:${id}`, wish, environment);
    },
  );
}
