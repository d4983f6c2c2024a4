/** `mistnet urls`: where the links of stored posts lead, found out politely, and the list of what became of them. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { loadLinks } from '../lazy-parts.ts';
import { readConfig } from '../../config.ts';
import { MistnetError } from '../../core/errors.ts';
import { systemClock } from '../../core/time.ts';
import type { ExpandProgress, ExpandWish } from '../../jobs/links/expand-links.ts';
import type { Database } from '../../store/db.ts';
import type { LinkRecord, LinkState } from '../../store/links/list-links.ts';
import type { LinkSelection } from '../../store/links/posts-to-look-at.ts';
import { type CommandContext, readVersion } from '../context.ts';
import { formatCount, formatQuantity, formatTable } from '../format.ts';
import { showLinksProgress } from '../links-progress.ts';
import { parseDuration } from '../parse-duration.ts';
import { withDatabase } from '../with-database.ts';

type ExpandOptions = {
  startDate?: string;
  endDate?: string;
  account?: string;
  twitterUser?: string;
  collection?: string;
  limit?: number;
  refetch?: true;
  json?: true;
  progress: boolean;
};

type ListOptions = {
  status?: number;
  state?: LinkState;
  startDate?: string;
  endDate?: string;
  slowerThan?: number;
  fasterThan?: number;
  limit: number;
  json?: true;
};

export function addUrlsCommands(program: Command, context: CommandContext): void {
  const urls = program.command('urls').description('where the links of stored posts lead');
  urls
    .command('expand')
    .description('follow the links of posts to their ends and keep every redirect; run again, it goes on')
    .option('--start-date <day>', 'posts of this day (UTC) or later, as YYYY-MM-DD')
    .option('--end-date <day>', 'posts of this day (UTC) or earlier, as YYYY-MM-DD')
    .option('--account <account>', 'posts of this account: its handle, present or former, or its id')
    .option('--twitter-user <account>', 'the same as --account')
    .option('--collection <name>', 'posts that this collection met')
    .option('--limit <posts>', 'follow the links of so many posts, those without links not counted', wholeNumber)
    .option('--refetch', 'follow links again whose end is known')
    .option('--json', 'print what came of it as JSON')
    .option('--no-progress', 'say nothing on the way')
    .action(async (options: ExpandOptions) => {
      const wish = { ...windowOf(options), account: accountOf(options), collection: options.collection };
      await withDatabase(readConfig(context.environment), (db) => expandNow(db, wish, options, context));
    });
  urls
    .command('list')
    .description('links and where they lead, checked last first')
    .option('--status <code>', 'that were answered with this status at last', wholeNumber)
    .addOption(new Option('--state <state>', 'in this state').choices(['due', 'done', 'refused', 'unreachable']))
    .option('--start-date <day>', 'checked on this day (UTC) or later, as YYYY-MM-DD')
    .option('--end-date <day>', 'checked on this day (UTC) or earlier, as YYYY-MM-DD')
    .option('--slower-than <time>', 'that took at least so long, as 500ms or 2s', parseDuration)
    .option('--faster-than <time>', 'that took less than so long', parseDuration)
    .option('--limit <links>', 'so many at most', wholeNumber, 1000)
    .option('--json', 'one JSON object a line, with redirects and headers')
    .action(async ({ status, state, slowerThan, fasterThan, limit, json, ...options }: ListOptions) => {
      const { postedFrom: checkedFrom, postedTo: checkedTo } = windowOf(options);
      const filter = {
        limit,
        ...(status === undefined ? {} : { status }),
        ...(state === undefined ? {} : { state }),
        ...(slowerThan === undefined ? {} : { slowerMs: Math.round(slowerThan) }),
        ...(fasterThan === undefined ? {} : { fasterMs: Math.round(fasterThan) }),
        ...(checkedFrom === undefined ? {} : { checkedFrom }),
        ...(checkedTo === undefined ? {} : { checkedTo }),
      };
      const { listLinks } = await loadLinks();
      const records = await withDatabase(readConfig(context.environment), (db) => listLinks(db, filter));
      printList(records, json === true);
    });
}

type Wish = Pick<LinkSelection, 'postedFrom' | 'postedTo'> & {
  account: string | undefined;
  collection: string | undefined;
};

async function expandNow(db: Database, wish: Wish, options: ExpandOptions, context: CommandContext): Promise<void> {
  const { expandLinks, asOnlyExpander, openFollower } = await loadLinks();
  const selection = await selectionOf(db, wish);
  const { linksAllow: allowed } = readConfig(context.environment);
  const follower = openFollower({ allowed, version: readVersion(), clock: systemClock });
  const stop = new AbortController();
  const onSignal = () => stop.abort();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, onSignal);
  using progress = showLinksProgress(process.stderr, {
    isShown: options.progress,
    monotonicMs: follower.monotonicMs,
  });
  const expandWish: ExpandWish = {
    selection,
    refetch: options.refetch === true,
    ...(options.limit === undefined ? {} : { limit: options.limit }),
  };
  let newest: ExpandProgress | undefined;
  const onProgress = (heard: ExpandProgress) => {
    newest = heard;
    progress.heard(heard);
  };
  try {
    for (let hasSaid = false; ; hasSaid = true) {
      const work = { db, follower, signal: stop.signal };
      const ended = await asOnlyExpander(db, () => expandLinks(work, expandWish, onProgress));
      if (ended !== undefined) return printSummary(ended.result, options.json === true);
      if (!hasSaid) process.stderr.write('mistnet: Links are being followed already; waiting for that to end.\n');
      await sleep(LOOK_EVERY_MS, undefined, { signal: stop.signal });
    }
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    if (newest !== undefined) printSummary(newest, options.json === true);
    process.stderr.write('mistnet: stopped; the same command goes on.\n');
    context.setExitCode(1);
  } finally {
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.removeListener(name, onSignal);
  }
}

const LOOK_EVERY_MS = 500;

async function selectionOf(db: Database, { account, collection, ...window }: Wish): Promise<LinkSelection> {
  const { findAccount, findCollection } = await loadLinks();
  const found = account === undefined ? undefined : await findAccount(db, account);
  return {
    ...window,
    ...(found === undefined ? {} : { account: { platform: found.platform, accountId: found.accountId } }),
    ...(collection === undefined ? {} : { collectionId: (await findCollection(db, collection)).collectionId }),
  };
}

function accountOf({ account, twitterUser }: ExpandOptions): string | undefined {
  if (account !== undefined && twitterUser !== undefined)
    refuse('--account and --twitter-user mean the same; give one of them.');
  return account ?? twitterUser;
}

/** Whole days in UTC, the last one included. */
function windowOf(options: { startDate?: string; endDate?: string }): { postedFrom?: string; postedTo?: string } {
  const start = dayMs('--start-date', options.startDate);
  const end = dayMs('--end-date', options.endDate);
  if (start !== undefined && end !== undefined && end < start)
    refuse(`--end-date is ${options.endDate}, which is before --start-date ${options.startDate}.`);
  return {
    ...(start === undefined ? {} : { postedFrom: new Date(start).toISOString() }),
    ...(end === undefined ? {} : { postedTo: new Date(end + DAY_MS).toISOString() }),
  };
}

const DAY_MS = 24 * 3_600_000;

function dayMs(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const ms = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 10) !== text)
    refuse(`${option} is "${text}": dates must be in the format YYYY-MM-DD.`);
  return ms;
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (!/^\d{1,9}$/.test(text) || number === 0) throw new InvalidArgumentError('Write a whole number above 0.');
  return number;
}

function printSummary(progress: ExpandProgress, json: boolean): void {
  if (json) process.stdout.write(`${JSON.stringify(progress)}\n`);
  const { posts, expanded, followed, answered, refused, unreachable, again, statuses } = progress;
  const groups = Object.entries(statuses)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([group, count]) => `${group} ${formatCount(count)}`);
  process.stderr.write(
    [
      `${formatQuantity(posts, 'post')} looked at, ${formatCount(expanded)} with links to follow; ${formatQuantity(followed, 'link')} followed.`,
      `  answered     ${formatCount(answered)}${groups.length === 0 ? '' : `  (${groups.join(', ')})`}`,
      `  refused      ${formatCount(refused)}`,
      `  unreachable  ${formatCount(unreachable)}`,
      ...(again === 0
        ? []
        : [
            `${formatCount(again)} of them will be tried again: by the worker when it runs, or by this command, from an hour on.`,
          ]),
      '',
    ].join('\n'),
  );
}

function printList(records: LinkRecord[], json: boolean): void {
  if (json) return void process.stdout.write(records.map((record) => `${JSON.stringify(record)}\n`).join(''));
  if (records.length === 0) return void process.stderr.write('mistnet: There is no such link.\n');
  const rows = records.map(({ state, finalStatus, tries, durationMs, checkedAt, posts, url, finalUrl, cause }) => [
    state,
    finalStatus === null ? '' : String(finalStatus),
    tries,
    durationMs === null ? '' : String(durationMs),
    checkedAt ?? '',
    posts,
    printable(url),
    finalUrl === null || finalUrl === url ? '' : printable(finalUrl),
    printable(cause ?? ''),
  ]);
  const head = ['STATE', 'STATUS', 'TRIES', 'MS', 'CHECKED', 'POSTS', 'URL', 'LEADS TO', 'CAUSE'];
  process.stdout.write(`${formatTable(head, rows)}\n`);
}

/** What strangers wrote must not steer the terminal. */
function printable(text: string): string {
  return text.replaceAll(/\p{C}/gu, '\uFFFD');
}

function refuse(sentence: string): never {
  throw new MistnetError('usage.invalid', sentence);
}
