import { type Command } from 'commander';
import { MistnetError } from '../../core/errors.ts';
import { createLegacyXReads, createXReads, TIMELINE_HORIZON } from '../../platforms/x/read/x-reads.ts';
import type { CommandContext } from '../context.ts';
import { type Outlook, printOutlook } from '../estimate.ts';
import { findAccount, parseAccount } from '../find-account.ts';
import { wholeArchive } from '../search-options.ts';
import { printPages } from '../print-pages.ts';
import { openReadKit } from '../read-kit.ts';
import {
  askingOf,
  estimateOption,
  type FieldOptions,
  fieldsOf,
  withFields,
  type ListOptions,
  type WindowOptions,
  windowOf,
  withOutput,
  withPages,
  withWindow,
} from '../read-options.ts';

type TimelineOptions = ListOptions &
  WindowOptions &
  FieldOptions & { excludeReplies?: true; excludeRetweets?: true; useSearch?: true };

export function addTimelineCommand(program: Command, { environment }: CommandContext): void {
  const command = program
    .command('timeline')
    .description(`print an account's posts, newest first, as far back as X shows them (${TIMELINE_HORIZON} posts)`)
    .argument('<account>', 'a name like @jack, an id, or an address of X')
    .argument('[outfile]', 'the same as --output');
  withFields(withOutput(withWindow(withPages(command, 'posts')), 'one post, with all it refers to,'))
    .option('--no-context-annotations', "leave out X's annotations")
    .option(
      '--use-search',
      'search the archive for its posts instead: all of them, where the access has the archive (v2)',
    )
    .addOption(estimateOption())
    .option('--exclude-replies', 'leave out replies; X then shows the newest 800 posts only (v2)')
    .option('--exclude-retweets', 'leave out reposts (v2)')
    .action((account: string, outfile: string | undefined, options: TimelineOptions) =>
      printTimeline(account, outfile === undefined ? options : { ...options, output: outfile }, environment),
    );
}

async function printTimeline(
  account: string,
  options: TimelineOptions,
  environment: CommandContext['environment'],
): Promise<void> {
  const name = parseAccount(account);
  const { api, excludeReplies, excludeRetweets, maxResults, useSearch } = options;
  const fields = fieldsOf(options);
  const exclude = [
    ...(excludeReplies === true ? (['replies'] as const) : []),
    ...(excludeRetweets === true ? (['retweets'] as const) : []),
  ];
  const window = windowOf(options);
  if (api === 'v1.1' && useSearch === true)
    throw new MistnetError('usage.invalid', 'The archive is searched by v2 alone.');
  if (api === 'v1.1' && (exclude.length > 0 || options.startTime !== undefined || options.endTime !== undefined))
    throw new MistnetError(
      'usage.invalid',
      'v1.1 knows neither times nor reliable exclusions for timelines; use --since-id and --until-id, or --api v2.',
    );
  using kit = await openReadKit(environment, {
    ...{ label: `timeline of ${account}`, items: 'posts', ...askingOf(options) },
  });
  const { apiUrl } = kit;
  const without = options.contextAnnotations === false ? ['context_annotations'] : [];
  const outlook = (units: number, basis: string): Outlook => ({
    ...{ units, resource: 'post', unitsPerCall: maxResults ?? (api === 'v1.1' ? 200 : 100), basis },
    endpoint:
      api === 'v1.1'
        ? 'GET /1.1/statuses/user_timeline'
        : useSearch === true
          ? 'GET /2/tweets/search/all'
          : 'GET /2/users/:id/tweets',
  });
  if (options.estimate === true) {
    const { account: found } = await findAccount(kit, createXReads({ apiUrl }), name);
    const most = useSearch === true ? (found?.posts ?? TIMELINE_HORIZON) : TIMELINE_HORIZON;
    return printOutlook(
      { command: 'timeline', account },
      outlook(
        Math.min(options.limit ?? most, found?.posts ?? most, most),
        found?.posts === undefined
          ? `X shows ${TIMELINE_HORIZON} posts at most, and did not say how many there are`
          : `the profile says ${found.posts} ${found.posts === 1 ? 'post' : 'posts'}${useSearch === true ? '' : `, of which X shows ${TIMELINE_HORIZON} at most`}`,
      ),
      { rates: kit.rates, budget: options.budget, note: (sentence) => kit.progress.note(sentence) },
    );
  }
  const perPage = maxResults === undefined ? {} : { perPage: maxResults };
  await printPages({
    ...{ kit, options, items: 'posts' },
    outlook: (units) => outlook(units, 'by the profile'),
    question: {
      ...{ command: 'timeline', account, api, ...window, exclude, flatten: options.flatten === true },
      ...(useSearch === true ? { useSearch } : {}),
      ...(fields === undefined ? {} : { fields }),
    },
    ask: async ({ subject }) => {
      if (api === 'v1.1')
        return { pages: createLegacyXReads({ apiUrl }).timeline({ account: name, ...window, ...perPage }) };
      const reads = createXReads({ apiUrl, fields });
      const found = await findAccount(kit, reads, subject === undefined ? name : parseAccount(subject));
      const total = found.account?.posts;
      if (useSearch === true) {
        const query = [
          `from:${found.id}`,
          ...exclude.map((what) => (what === 'replies' ? '-is:reply' : '-is:retweet')),
        ].join(' ');
        const pages = reads.search({ query, archive: true, ...wholeArchive(true, window), ...perPage, without });
        return { pages, subject: found.id, ...(total === undefined ? {} : { total }) };
      }
      return {
        pages: reads.timeline({ accountId: found.id, ...window, exclude, ...perPage, without }),
        subject: found.id,
        ...(total === undefined || Object.keys(window).length > 0 ? {} : { total: Math.min(total, TIMELINE_HORIZON) }),
      };
    },
  });
}
