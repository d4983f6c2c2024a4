import { type Command, Option } from 'commander';
import type { ReadPage } from '../../platforms/read-adapter.ts';
import { createXReads } from '../../platforms/x/read/x-reads.ts';
import type { CommandContext } from '../context.ts';
import { formatCount, formatQuantity } from '../format.ts';
import type { PageLines } from '../page-lines.ts';
import { printPages } from '../print-pages.ts';
import { openReadKit } from '../read-kit.ts';
import {
  askingOf,
  parseCount,
  type OutputOptions,
  type WindowOptions,
  windowOf,
  withOutput,
  withWindow,
} from '../read-options.ts';
import { wholeArchive } from '../search-options.ts';

type CountsOptions = OutputOptions &
  WindowOptions & { archive?: true; limit?: number; granularity: 'minute' | 'hour' | 'day'; csv?: true; text?: true };

export function addCountsCommand(program: Command, { environment }: CommandContext): void {
  const command = program
    .command('counts')
    .description('print how many posts match a query, by minute, hour or day, without buying them')
    .argument('<query>', "in X's language, as for search")
    .argument('[outfile]', 'the same as --output');
  withOutput(withWindow(command), 'one span of time and its count')
    .option('--archive', 'count in all years; an app token is needed')
    .option('--limit <n>', 'stop after so many spans (whole pages may hold some more)', parseCount)
    .addOption(
      new Option('--granularity <span>', 'how long a span is').choices(['minute', 'hour', 'day']).default('hour'),
    )
    .addOption(new Option('--csv', 'print CSV: start, end, count').conflicts(['text', 'flatten']))
    .addOption(new Option('--text', 'print for reading').conflicts(['csv', 'flatten']))
    .action((query: string, outfile: string | undefined, options: CountsOptions) =>
      printCounts(query, outfile === undefined ? options : { ...options, output: outfile }, environment),
    );
}

async function printCounts(
  query: string,
  options: CountsOptions,
  environment: CommandContext['environment'],
): Promise<void> {
  const { granularity, csv, text } = options;
  const archive = options.archive === true;
  const window = windowOf(options);
  using kit = await openReadKit(environment, {
    ...{ label: 'counts', items: `${granularity}s`, ...askingOf(options) },
  });
  let total = 0;
  const format = csv === true ? 'csv' : text === true ? 'text' : options.flatten === true ? 'flat' : 'pages';
  await printPages({
    ...{ kit, options, items: `${granularity}s` },
    question: { command: 'counts', query, archive, granularity, ...window, format },
    ask: async () => ({
      pages: createXReads({ apiUrl: kit.apiUrl }).counts({
        query,
        archive,
        granularity,
        ...wholeArchive(archive, window),
      }),
    }),
    ...(csv === true || text === true
      ? {
          lines: (page: ReadPage, isFirst: boolean) => spanLines(page, csv === true, isFirst ? granularity : undefined),
        }
      : {}),
    onPage: ({ counts }) => {
      for (const { count } of counts) total += count;
    },
  });
  // A resumed run knows only its own part.
  if (options.resume === undefined)
    kit.progress.note(`${formatQuantity(total, 'post')} ${total === 1 ? 'matches' : 'match'}.`);
}

/** `heads`: the granularity, when a line of column names is to come first. */
function spanLines({ counts }: ReadPage, isCsv: boolean, heads: string | undefined): PageLines {
  const rows = counts.map(({ start, end, count }) =>
    isCsv ? `${start},${end},${count}\n` : `${start} - ${end}: ${formatCount(count)}\n`,
  );
  const head = isCsv && heads !== undefined ? [`start,end,${heads}_count\n`] : [];
  return { ids: [], lines: [...head, ...rows].map((row) => Buffer.from(row)) };
}
