import type { Command } from 'commander';
import { createLegacyXReads, createXReads } from '../../platforms/x/read/x-reads.ts';
import type { CommandContext } from '../context.ts';
import { MistnetError } from '../../core/errors.ts';
import type { EndpointName } from '../../platforms/x/read/endpoint-limits.ts';
import { type Outlook, printOutlook } from '../estimate.ts';
import { findAccount, parseAccount } from '../find-account.ts';
import type { PageLines } from '../page-lines.ts';
import { printPages } from '../print-pages.ts';
import { openReadKit } from '../read-kit.ts';
import {
  askingOf,
  estimateOption,
  type FieldOptions,
  fieldsOf,
  type ListOptions,
  withFields,
  withOutput,
  withPages,
} from '../read-options.ts';
import type { ReadPage } from '../../platforms/read-adapter.ts';

type FollowsOptions = ListOptions & FieldOptions & { ids?: true };
type Direction = 'followers' | 'following';

export function addFollowsCommands(program: Command, { environment }: CommandContext): void {
  for (const direction of ['followers', 'following'] as const) {
    const command = program
      .command(direction)
      .description(
        direction === 'followers'
          ? 'print the accounts that follow an account, newest follow first'
          : 'print the accounts that an account follows, newest follow first',
      )
      .argument('<account>', 'a name like @jack, an id, or an address of X')
      .argument('[outfile]', 'the same as --output');
    withFields(withOutput(withPages(command, 'accounts'), 'one account'))
      .addOption(estimateOption())
      .option('--ids', 'print their ids alone, one a line (v2: 1000 a page, v1.1: 5000)')
      .action((account: string, outfile: string | undefined, options: FollowsOptions) =>
        printFollows(
          direction,
          account,
          outfile === undefined ? options : { ...options, output: outfile },
          environment,
        ),
      );
  }
}

async function printFollows(
  direction: Direction,
  account: string,
  options: FollowsOptions,
  environment: CommandContext['environment'],
): Promise<void> {
  const name = parseAccount(account);
  const { api, ids, maxResults } = options;
  using kit = await openReadKit(environment, {
    ...{
      label: `${direction} of ${account}`,
      items: 'accounts',
      ...askingOf(options),
    },
  });
  const { apiUrl } = kit;
  const fields = fieldsOf(options);
  const outlook = (units: number, basis: string): Outlook => ({
    ...{ units, resource: 'account', basis },
    unitsPerCall: maxResults ?? (api === 'v1.1' ? (ids === true ? 5000 : 200) : 1000),
    endpoint: api === 'v1.1' ? legacyEndpoint(direction, ids === true) : `GET /2/users/:id/${direction}`,
  });
  if (options.estimate === true) {
    const { account: found } = await findAccount(kit, createXReads({ apiUrl }), name);
    const said = direction === 'followers' ? found?.followers : found?.following;
    if (said === undefined)
      throw new MistnetError(
        'platform.refused',
        `X does not say how many ${direction} ${account} has: nothing can be reckoned.`,
      );
    return printOutlook(
      { command: direction, account },
      outlook(Math.min(options.limit ?? said, said), `the profile says ${said}`),
      { rates: kit.rates, budget: options.budget, note: (sentence) => kit.progress.note(sentence) },
    );
  }
  const perPage = maxResults === undefined ? {} : { perPage: maxResults };
  await printPages({
    ...{ kit, items: 'accounts' },
    outlook: (units) => outlook(units, 'by the profile'),
    // Ids are lines of their own, which a limit can cut like flattened ones.
    options: ids === true ? { ...options, flatten: true } : options,
    question: {
      ...{ command: direction, account, api, ids: ids === true, flatten: options.flatten === true },
      ...(fields === undefined ? {} : { fields }),
    },
    ask: async ({ subject }) => {
      if (api === 'v1.1') {
        const of = ids === true ? 'ids' : 'list';
        const wish = { account: name, direction: direction === 'followers' ? 'followers' : 'friends', of } as const;
        return { pages: createLegacyXReads({ apiUrl }).follows({ ...wish, ...perPage }) };
      }
      const reads = createXReads({ apiUrl, fields });
      const found = await findAccount(kit, reads, subject === undefined ? name : parseAccount(subject));
      const total = direction === 'followers' ? found.account?.followers : found.account?.following;
      return {
        pages: reads.follows({ accountId: found.id, direction, lean: ids === true, ...perPage }),
        subject: found.id,
        ...(total === undefined ? {} : { total }),
      };
    },
    ...(ids === true ? { lines: idLines } : {}),
  });
}

function legacyEndpoint(direction: Direction, ids: boolean): EndpointName {
  const list = direction === 'followers' ? 'followers' : 'friends';
  return `GET /1.1/${list}/${ids ? 'ids' : 'list'}`;
}

function idLines({ accounts, accountIds }: ReadPage): PageLines {
  const ids = [...accounts.map(({ accountId }) => accountId as string), ...accountIds];
  return { ids, lines: ids.map((id) => Buffer.from(`${id}\n`)) };
}
