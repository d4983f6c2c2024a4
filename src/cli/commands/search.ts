import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { MistnetError } from '../../core/errors.ts';
import { createLegacyXReads, createXReads } from '../../platforms/x/read/x-reads.ts';
import type { CommandContext } from '../context.ts';
import { requireAffordable } from '../estimate.ts';
import { countMatches, printEstimate } from '../estimate-search.ts';
import { printPages } from '../print-pages.ts';
import { openReadKit } from '../read-kit.ts';
import { askingOf, fieldsOf, windowOf, withOutput, withPages, withWindow } from '../read-options.ts';
import { perPageOf, type SearchOptions, wholeArchive, withSearch } from '../search-options.ts';

export function addSearchCommand(program: Command, { environment }: CommandContext): void {
  const command = program
    .command('search')
    .description('print the posts of the last seven days, or of all years with --archive, that match a query')
    .argument('<query>', "in X's language: 'whale OR dolphin lang:en -is:retweet'")
    .argument('[outfile]', 'the same as --output');
  withSearch(withOutput(withWindow(withPages(command, 'posts')), 'one post, with all it refers to,'))
    .option(
      '--estimate',
      'print only what it would bring, cost and take, by counting first, which X bills by the call; with --budget, fail where that is too little',
    )
    .action((query: string, outfile: string | undefined, options: SearchOptions) => {
      const wish = outfile === undefined ? options : { ...options, output: outfile };
      return options.estimate === true
        ? printEstimate(query, wish, environment)
        : printSearch({ command: 'search', query }, query, wish, environment);
    });
}

/** Prints what a query finds. `question`: what a resume file remembers of it. */
export async function printSearch(
  question: { command: string; [key: string]: unknown },
  query: string,
  options: SearchOptions,
  environment: CommandContext['environment'],
): Promise<void> {
  const { api, sortOrder, contextAnnotations } = options;
  const fields = fieldsOf(options);
  const archive = options.archive === true;
  const window = windowOf(options);
  if (
    api === 'v1.1' &&
    (archive || sortOrder !== undefined || options.startTime !== undefined || options.endTime !== undefined)
  )
    throw new MistnetError(
      'usage.invalid',
      'v1.1 searches the last seven days by --since-id and --until-id alone (and since: and until: in the query); use --api v2.',
    );
  using kit = await openReadKit(environment, {
    ...{ label: question.command, items: 'posts', ...askingOf(options) },
  });
  const { apiUrl } = kit;
  const perPage = perPageOf(options);
  const isBegun = options.resume !== undefined && existsSync(options.resume);
  if (options.budget !== undefined && !isBegun) {
    const isCounted = api === 'v2' && options.overBudget !== true;
    requireAffordable(isCounted ? (await countMatches(kit, query, options)).outlook : undefined, options, {
      rates: kit.rates,
      note: (sentence) => kit.progress.note(sentence),
    });
  }
  await printPages({
    ...{ kit, options, items: 'posts' },
    question: {
      ...question,
      api,
      archive,
      ...window,
      sortOrder: sortOrder ?? 'recency',
      flatten: options.flatten === true,
      ...(fields === undefined ? {} : { fields }),
    },
    ask: async () => ({
      pages:
        api === 'v1.1'
          ? createLegacyXReads({ apiUrl }).search({ query, ...window, perPage })
          : createXReads({ apiUrl, fields }).search({
              ...{ query, archive, sortOrder, perPage, ...wholeArchive(archive, window) },
              without: contextAnnotations ? [] : ['context_annotations'],
            }),
    }),
  });
}
