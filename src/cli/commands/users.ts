import type { Command } from 'commander';
import { MistnetError } from '../../core/errors.ts';
import { readAccountName } from '../../platforms/x/read/x-names.ts';
import { createLegacyXReads, createXReads, LOOKUP_SIZE } from '../../platforms/x/read/x-reads.ts';
import type { CommandContext } from '../context.ts';
import { type Outlook, printOutlook } from '../estimate.ts';
import { countEntries, estimateEntries, readLines } from '../input-lines.ts';
import { type Entry, printLookups } from '../print-lookups.ts';
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
import { chunksOf } from './hydrate.ts';

type UsersOptions = OutputOptions &
  FieldOptions & { input?: string; usernames?: true; outcomes?: string; api: 'v2' | 'v1.1' };

export function addUsersCommand(program: Command, { environment }: CommandContext): void {
  const command = program
    .command('users')
    .description('print accounts as they are now, a hundred a call, and what became of those that are gone')
    .argument('[account...]', 'names like @jack, ids, or addresses of X');
  withFields(withOutput(command, 'one account'))
    .addOption(estimateOption())
    .option('--input <file>', 'read them from a file, one a line; - for the standard input')
    .option('--usernames', 'take digits alone for names, not for ids')
    .option('--outcomes <file>', 'write a line of JSON for each: ok, not_found, suspended, error')
    .addOption(apiOption())
    .action((accounts: string[], options: UsersOptions) => printUsers(accounts, options, environment));
}

async function printUsers(
  accounts: string[],
  options: UsersOptions,
  environment: CommandContext['environment'],
): Promise<void> {
  const { input, api } = options;
  if ((input === undefined) === (accounts.length === 0))
    throw new MistnetError('usage.invalid', 'Name accounts, or a file with --input: one of the two.');
  using kit = await openReadKit(environment, {
    label: 'users',
    items: 'accounts',
    ...askingOf(options),
  });
  const { apiUrl } = kit;
  const digitsAreHandles = options.usernames === true;
  const entries = (line: string) => entriesOf(line, digitsAreHandles);
  const total = input === undefined ? accounts.length : await estimateEntries(input, entries);
  const fields = fieldsOf(options);
  const outlook = (units: number): Outlook => ({
    ...{ units, resource: 'account', unitsPerCall: LOOKUP_SIZE },
    endpoint: api === 'v1.1' ? 'POST /1.1/users/lookup' : 'GET /2/users',
    basis: 'as many as the input names; those that are gone cost nothing',
  });
  if (options.estimate === true) {
    const units = total ?? (await countEntries(input ?? '-', entries));
    const note = (sentence: string) => kit.progress.note(sentence);
    return printOutlook({ command: 'users' }, outlook(units), { rates: kit.rates, budget: options.budget, note });
  }
  await printLookups({
    ...(total === undefined ? {} : { outlook: outlook(total) }),
    ...{ kit, options, items: 'accounts', ...(total === undefined ? {} : { total }) },
    question: {
      command: 'users',
      ...(input === undefined ? { accounts } : { input }),
      api,
      digitsAreHandles,
      flatten: options.flatten === true,
      ...(fields === undefined ? {} : { fields }),
    },
    lines: input === undefined ? linesOf(accounts) : readLines(input),
    entriesOf: entries,
    ask: (keys) => {
      const ids = chunksOf(
        keys.filter((key) => !key.startsWith('@')),
        LOOKUP_SIZE,
      );
      const handles = chunksOf(
        keys.filter((key) => key.startsWith('@')).map((key) => key.slice(1)),
        LOOKUP_SIZE,
      );
      if (api === 'v1.1') {
        const reads = createLegacyXReads({ apiUrl });
        return [
          ...ids.map((chunk) => reads.accounts({ ids: chunk })),
          ...handles.map((chunk) => reads.accounts({ handles: chunk })),
        ];
      }
      const reads = createXReads({ apiUrl, fields });
      return [
        ...ids.map((chunk) => reads.accountsById(chunk)),
        ...handles.map((chunk) => reads.accountsByHandle(chunk)),
      ];
    },
    keysOf: (page) =>
      page.accounts.flatMap(({ accountId, account: { handle } }) => [
        accountId,
        ...(handle === undefined ? [] : [keyOfHandle(handle)]),
      ]),
    keyOf: ({ kind, id, handle }) => (kind !== 'account' ? undefined : handle === undefined ? id : keyOfHandle(handle)),
  });
}

async function* linesOf(accounts: string[]): AsyncGenerator<string> {
  yield* accounts;
}

function entriesOf(line: string, digitsAreHandles: boolean): Entry[] {
  const text = line.trim();
  if (text === '') return [];
  const name = readAccountName(text, { digitsAreHandles });
  if (name === undefined)
    return [{ unusable: text.slice(0, 100), reason: 'neither a name, nor an id, nor an address of X' }];
  return [{ key: 'id' in name ? name.id : keyOfHandle(name.handle), existed: false }];
}

/** Names are the same in any case. */
function keyOfHandle(handle: string): string {
  return `@${handle.toLowerCase()}`;
}
