import { type Command } from 'commander';
import { MistnetError } from '../../core/errors.ts';
import { createLegacyXReads, createXReads, TIMELINE_HORIZON } from '../../platforms/x/read/x-reads.ts';
import type { CommandContext } from '../context.ts';
import { findAccount, parseAccount } from '../find-account.ts';
import { printPages } from '../print-pages.ts';
import { openReadKit } from '../read-kit.ts';
import {
  isProgressWished,
  type ListOptions,
  type WindowOptions,
  windowOf,
  withOutput,
  withPages,
  withWindow,
} from '../read-options.ts';

type TimelineOptions = ListOptions & WindowOptions & { excludeReplies?: true; excludeRetweets?: true };

export function addTimelineCommand(program: Command, { environment }: CommandContext): void {
  const command = program
    .command('timeline')
    .description(`print an account's posts, newest first, as far back as X shows them (${TIMELINE_HORIZON} posts)`)
    .argument('<account>', 'a name like @jack, an id, or an address of X')
    .argument('[outfile]', 'the same as --output');
  withOutput(withWindow(withPages(command, 'posts')), 'one post, with all it refers to,')
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
  const { api, excludeReplies, excludeRetweets, maxResults } = options;
  const exclude = [
    ...(excludeReplies === true ? (['replies'] as const) : []),
    ...(excludeRetweets === true ? (['retweets'] as const) : []),
  ];
  const window = windowOf(options);
  if (api === 'v1.1' && (exclude.length > 0 || options.startTime !== undefined || options.endTime !== undefined))
    throw new MistnetError(
      'usage.invalid',
      'v1.1 knows neither times nor reliable exclusions for timelines; use --since-id and --until-id, or --api v2.',
    );
  using kit = await openReadKit(environment, {
    ...{ label: `timeline of ${account}`, items: 'posts', progress: isProgressWished(options), budget: options.budget },
  });
  const { apiUrl } = kit;
  const perPage = maxResults === undefined ? {} : { perPage: maxResults };
  await printPages({
    ...{ kit, options, items: 'posts' },
    question: { command: 'timeline', account, api, ...window, exclude, flatten: options.flatten === true },
    ask: async ({ subject }) => {
      if (api === 'v1.1')
        return { pages: createLegacyXReads({ apiUrl }).timeline({ account: name, ...window, ...perPage }) };
      const reads = createXReads({ apiUrl });
      const found = await findAccount(kit, reads, subject === undefined ? name : parseAccount(subject));
      const total = found.account?.posts;
      return {
        pages: reads.timeline({ accountId: found.id, ...window, exclude, ...perPage }),
        subject: found.id,
        ...(total === undefined || Object.keys(window).length > 0 ? {} : { total: Math.min(total, TIMELINE_HORIZON) }),
      };
    },
  });
}
