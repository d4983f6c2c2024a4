import type { Command } from 'commander';
import { MistnetError } from '../../core/errors.ts';
import { createLegacyXReads, createXReads, LOOKUP_SIZE } from '../../platforms/x/read/x-reads.ts';
import type { CommandContext } from '../context.ts';
import { addHydrationJob } from '../hydration-job.ts';
import { type Outlook, printOutlook } from '../estimate.ts';
import { countEntries, estimateEntries, readLines } from '../input-lines.ts';
import { entriesOfLine } from '../post-ids.ts';
import { printLookups } from '../print-lookups.ts';
import { openReadKit } from '../read-kit.ts';
import {
  apiOption,
  askingOf,
  estimateOption,
  type FieldOptions,
  fieldsOf,
  type OutputOptions,
  withFields,
  withOutput,
} from '../read-options.ts';

type HydrateOptions = OutputOptions &
  FieldOptions & {
    job?: string;
    outcomes?: string;
    api: 'v2' | 'v1.1';
  };

export function addHydrateCommand(program: Command, { environment }: CommandContext): void {
  const command = program
    .command('hydrate')
    .description('print the posts behind ids, a hundred a call, and what became of those that are gone')
    .argument(
      '<infile>',
      'a file with an id a line, or JSON Lines of posts in any known shape; - for the standard input',
    )
    .argument('[outfile]', 'the same as --output');
  withFields(withOutput(command, 'one post, with all it refers to,'))
    .option('--no-context-annotations', "leave out X's annotations")
    .addOption(estimateOption())
    .option(
      '--job <name>',
      'leave it to the workers: the posts go to a collection of this name, what became of each id to mistnet hydration',
    )
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
  const fields = fieldsOf(options);
  const without = options.contextAnnotations === false ? ['context_annotations'] : [];
  if (options.job !== undefined && options.estimate !== true) {
    requireNoneOf(options);
    const asked = { ...(fields === undefined ? {} : { chosen: fields }), ...(without.length === 0 ? {} : { without }) };
    return await addHydrationJob(infile, { ...options, job: options.job, fields: asked }, environment);
  }
  using kit = await openReadKit(environment, {
    label: 'hydrate',
    items: 'ids',
    ...askingOf(options),
  });
  const { apiUrl } = kit;
  const total = await estimateEntries(infile, entriesOfLine);
  const note = (sentence: string) => kit.progress.note(sentence);
  const outlook = (units: number): Outlook => ({
    ...{ units, resource: 'post', unitsPerCall: LOOKUP_SIZE },
    endpoint: options.api === 'v1.1' ? 'POST /1.1/statuses/lookup' : 'GET /2/tweets',
    basis: 'as many as the input names; those that are gone cost nothing',
  });
  if (options.estimate === true)
    return printOutlook({ command: 'hydrate', infile }, outlook(total ?? (await countEntries(infile, entriesOfLine))), {
      rates: kit.rates,
      budget: options.budget,
      note,
    });
  const reads = options.api === 'v1.1' ? createLegacyXReads({ apiUrl }) : createXReads({ apiUrl, fields, without });
  await printLookups({
    ...(total === undefined ? {} : { outlook: outlook(total) }),
    ...{ kit, options, items: 'ids', ...(total === undefined ? {} : { total }) },
    question: {
      ...{ command: 'hydrate', infile, api: options.api, flatten: options.flatten === true },
      ...(fields === undefined ? {} : { fields }),
    },
    lines: readLines(infile),
    entriesOf: entriesOfLine,
    ask: (ids) => chunksOf(ids, LOOKUP_SIZE).map((chunk) => reads.posts(chunk)),
    keysOf: (page) => page.posts.map(({ postId }) => postId),
    keyOf: ({ kind, id }) => (kind === 'post' ? id : undefined),
  });
}

/** What is about printing means nothing for a job. */
function requireNoneOf(options: HydrateOptions): void {
  const given = (['output', 'resume', 'flatten', 'provenance', 'outcomes', 'userAuth', 'appAuth'] as const).find(
    (name) => options[name] !== undefined,
  );
  if (given === undefined) return;
  const flag = given.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  throw new MistnetError(
    'usage.invalid',
    `--${flag} and --job do not go together: a job prints nothing. The posts go to its collection (mistnet export --collection ${options.job}), what became of each id to mistnet hydration outcomes ${options.job}; --credential says who asks.`,
  );
}

export function chunksOf<Item>(list: readonly Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, at) => list.slice(at * size, (at + 1) * size));
}
