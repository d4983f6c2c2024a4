import type { Command } from 'commander';
import { idsOfLine } from '../../platforms/x/read/ids-of-json.ts';
import { createLegacyXReads, createXReads, LOOKUP_SIZE } from '../../platforms/x/read/x-reads.ts';
import type { CommandContext } from '../context.ts';
import { estimateLines, readLines } from '../input-lines.ts';
import { type Entry, printLookups } from '../print-lookups.ts';
import { openReadKit } from '../read-kit.ts';
import { apiOption, isProgressWished, type OutputOptions, withOutput } from '../read-options.ts';

type HydrateOptions = OutputOptions & { outcomes?: string; api: 'v2' | 'v1.1' };

export function addHydrateCommand(program: Command, { environment }: CommandContext): void {
  const command = program
    .command('hydrate')
    .description('print the posts behind ids, a hundred a call, and what became of those that are gone')
    .argument(
      '<infile>',
      'a file with an id a line, or JSON Lines of posts in any known shape; - for the standard input',
    )
    .argument('[outfile]', 'the same as --output');
  withOutput(command, 'one post, with all it refers to,')
    .option(
      '--outcomes <file>',
      'write a line of JSON for each id: ok, deleted (it was read from a post), not_found, protected, suspended, error',
    )
    .addOption(apiOption())
    .action((infile: string, outfile: string | undefined, options: HydrateOptions) =>
      hydrate(infile, outfile === undefined ? options : { ...options, output: outfile }, environment),
    );
}

async function hydrate(
  infile: string,
  options: HydrateOptions,
  environment: CommandContext['environment'],
): Promise<void> {
  using kit = await openReadKit(environment, {
    label: 'hydrate',
    items: 'ids',
    progress: isProgressWished(options),
    budget: options.budget,
  });
  const { apiUrl } = kit;
  const total = await estimateLines(infile);
  const reads = options.api === 'v1.1' ? createLegacyXReads({ apiUrl }) : createXReads({ apiUrl });
  await printLookups({
    ...{ kit, options, items: 'ids', ...(total === undefined ? {} : { total }) },
    question: { command: 'hydrate', infile, api: options.api, flatten: options.flatten === true },
    lines: readLines(infile),
    entriesOf,
    ask: (ids) => chunksOf(ids, LOOKUP_SIZE).map((chunk) => reads.posts(chunk)),
    keysOf: (page) => page.posts.map(({ postId }) => postId),
    keyOf: ({ kind, id }) => (kind === 'post' ? id : undefined),
  });
}

/** A damaged id is an outcome, not a reason to stop. */
function entriesOf(line: string): Entry[] {
  const found = idsOfLine(line, 'posts');
  const text = line.trim().slice(0, 100);
  if (found === undefined) return [{ unusable: text, reason: 'neither an id nor a post' }];
  const damaged: Entry[] = Array.from({ length: found.damaged }, () => ({
    unusable: text,
    reason: 'an id that was damaged on its way: it was rounded, or cut',
  }));
  return [...found.ids.map((key) => ({ key, existed: !found.bare })), ...damaged];
}

export function chunksOf<Item>(list: readonly Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, at) => list.slice(at * size, (at + 1) * size));
}
