/** Options that several reading commands share, under the names that twarc gave them where it has them. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { type ChosenFields, MINIMAL_FIELDS } from '../platforms/x/read/dialect.ts';
import { MistnetError } from '../core/errors.ts';
import { parseMoney } from '../core/permits/price-table.ts';

export type OutputOptions = {
  budget?: number;
  output?: string;
  resume?: string;
  progress?: boolean;
  hideProgress?: true;
  flatten?: true;
  provenance?: true;
  credential?: string;
  userAuth?: true;
  appAuth?: true;
  estimate?: true;
  overBudget?: true;
};

export type WindowOptions = { startTime?: string; endTime?: string; sinceId?: string; untilId?: string };
export type ListOptions = OutputOptions & { limit?: number; maxResults?: number; api: 'v2' | 'v1.1' };

/** Where data goes, how to go on after a break, and what is shown meanwhile. `flattened`: what a line is with --flatten. */
export function withOutput(command: Command, flattened: string): Command {
  return command
    .option('--output <file>', 'write into a file instead of the standard output')
    .option('--resume <file>', 'keep in this file how far it came, and go on from there when it exists')
    .option('--flatten', `print ${flattened} a line instead of whole pages`)
    .option('--provenance', 'add __twarc to each line, as twarc does: url, version, retrieved_at')
    .option(
      '--budget <amount>',
      'spend no more than this, by the prices known (5, 0.50): an estimate beyond it is refused before the run',
      parseBudget,
    )
    .option('--over-budget', 'begin although the estimate is beyond the budget, and stop within a page of it')
    .option('--credential <label>', 'ask with a credential that is kept, instead of the keys of the environment')
    .addOption(new Option('--user-auth', "ask in a person's name alone").conflicts('appAuth'))
    .option('--app-auth', "ask with an app's token alone")
    .option('--progress', 'show progress on the standard error (default: on a terminal)')
    .option('--no-progress', 'show none')
    .addOption(new Option('--hide-progress', 'the same as --no-progress').hideHelp());
}

/** For lists that come page by page. */
export function withPages(command: Command, items: string): Command {
  return command
    .option('--limit <n>', `stop after so many ${items} (whole pages may hold some more)`, parseCount)
    .option('--max-results <n>', `${items} per page (default: as many as X gives)`, parseCount)
    .addOption(apiOption());
}

export function apiOption(): Option {
  return new Option('--api <version>', "which of X's APIs is asked").choices(['v2', 'v1.1']).default('v2');
}

export function withWindow(command: Command): Command {
  return command
    .option(
      '--start-time <instant>',
      'posts made at this instant or later: 2026-11-22, 2026-11-22T13:00:00 (UTC)',
      parseInstant,
    )
    .option('--end-time <instant>', 'posts made before this instant (UTC)', parseInstant)
    .option('--since-id <id>', 'posts with a greater id', parsePostIdOption)
    .option('--until-id <id>', 'posts with a smaller id', parsePostIdOption);
}

/** What is asked for, of all window options, without those that were not given. */
export function windowOf({ startTime, endTime, sinceId, untilId }: WindowOptions): WindowOptions {
  return {
    ...(startTime === undefined ? {} : { startTime }),
    ...(endTime === undefined ? {} : { endTime }),
    ...(sinceId === undefined ? {} : { sinceId }),
    ...(untilId === undefined ? {} : { untilId }),
  };
}

export function isProgressWished({ progress, hideProgress }: OutputOptions): boolean | undefined {
  return hideProgress === true ? false : progress;
}

export function parseCount(text: string): number {
  const count = Number(text);
  if (!Number.isSafeInteger(count) || count < 1) throw new InvalidArgumentError('It must be a whole number from 1.');
  return count;
}

export function parseBudget(text: string): number {
  const micros = parseMoney(text);
  if (micros === undefined) throw new InvalidArgumentError('Write an amount like 5 or 0.50.');
  return micros;
}

/** ISO 8601 in UTC, to the second; a day alone is its beginning. */
function parseInstant(text: string): string {
  const parts = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(:\d{2})?(?:\.0+)?(?:Z|\+00:00)?)?$/.exec(text);
  const instant = parts === null ? '' : `${parts[1]}T${parts[2] ?? '00:00'}${parts[3] ?? ':00'}Z`;
  const ms = Date.parse(instant);
  // Day 31 of a short month would be taken for the next month's first.
  if (Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 10) !== parts?.[1])
    throw new InvalidArgumentError('Write an instant in UTC like 2026-11-22 or 2026-11-22T13:00:00.');
  return instant;
}

function parsePostIdOption(text: string): string {
  if (!/^\d{1,19}$/.test(text)) throw new InvalidArgumentError('It must be the id of a post, digits alone.');
  return text;
}

/** For commands whose price can be told before. */
export function estimateOption(): Option {
  return new Option(
    '--estimate',
    'print only what it would bring, cost and take; with --budget, fail where that is too little',
  );
}

/** What a command's options say of how it asks, for `openReadKit`. */
export function askingOf(options: OutputOptions) {
  const { budget, credential, userAuth, appAuth } = options;
  const as = userAuth === true ? ('user' as const) : appAuth === true ? ('app' as const) : undefined;
  return { progress: isProgressWished(options), budget, credential, as };
}

/** Which fields to ask for, under the names of X and of twarc. */
export type FieldOptions = {
  expansions?: string;
  tweetFields?: string;
  userFields?: string;
  mediaFields?: string;
  pollFields?: string;
  placeFields?: string;
  minimalFields?: true;
  contextAnnotations?: boolean;
};

export function withFields(command: Command): Command {
  return command
    .option('--expansions <list>', 'what is referred to and comes along, parted by commas (v2; default: all)')
    .option('--tweet-fields <list>', 'fields of posts (v2; default: all that may be seen)')
    .option('--user-fields <list>', 'fields of accounts')
    .option('--media-fields <list>', 'fields of media')
    .option('--poll-fields <list>', 'fields of polls')
    .option('--place-fields <list>', 'fields of places')
    .option('--minimal-fields', 'ids and what refers to what alone');
}

/** The chosen lists by the names of X's parameters; undefined where nothing was chosen. Throws `usage.invalid` for v1.1, which knows none. */
export function fieldsOf(options: FieldOptions & { api?: 'v2' | 'v1.1' }): ChosenFields | undefined {
  const { expansions, tweetFields, userFields, mediaFields, pollFields, placeFields, minimalFields } = options;
  const chosen: ChosenFields = {
    ...(minimalFields === true ? MINIMAL_FIELDS : {}),
    ...listOf('expansions', expansions),
    ...listOf('tweet.fields', tweetFields),
    ...listOf('user.fields', userFields),
    ...listOf('media.fields', mediaFields),
    ...listOf('poll.fields', pollFields),
    ...listOf('place.fields', placeFields),
  };
  const isChosen = Object.keys(chosen).length > 0;
  if (options.api === 'v1.1' && (isChosen || options.contextAnnotations === false))
    throw new MistnetError(
      'usage.invalid',
      'v1.1 sends every field it has: expansions and fields can be chosen with --api v2 only.',
    );
  return isChosen ? chosen : undefined;
}

function listOf(name: string, text: string | undefined): ChosenFields {
  return text === undefined
    ? {}
    : {
        [name]: text
          .split(',')
          .map((each) => each.trim())
          .filter((each) => each !== ''),
      };
}
