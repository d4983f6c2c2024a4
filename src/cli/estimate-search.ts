/** What a search would bring and take, by counting first. */
import { formatMoney } from '../core/permits/price-table.ts';
import { readPages } from '../platforms/read-pages.ts';
import { createXReads } from '../platforms/x/read/x-reads.ts';
import type { CommandContext } from './context.ts';
import { estimate, leastTime, type Outlook, requireWithin } from './estimate.ts';
import { formatCount, formatQuantity } from './format.ts';
import { failureOf } from './read-failure.ts';
import { openReadKit, type ReadKit } from './read-kit.ts';
import { askingOf, windowOf } from './read-options.ts';
import { perPageOf, type SearchOptions, wholeArchive } from './search-options.ts';

/** Prints one line of JSON: posts, calls of the search, and the least time that its limits allow. */
export async function printEstimate(
  query: string,
  options: SearchOptions,
  environment: CommandContext['environment'],
): Promise<void> {
  using kit = await openReadKit(environment, {
    ...{ label: 'estimate', items: 'days', ...askingOf(options) },
  });
  const { posts, countCalls, outlook } = await countMatches(kit, query, options);
  const { units: wanted } = outlook;
  const { calls, micros, leastMs } = estimate(outlook, kit.rates);
  const line = {
    query,
    archive: options.archive === true,
    posts,
    wanted,
    calls,
    countCalls,
    cost: micros / 1e6,
    leastSeconds: Math.ceil(leastMs / 1000),
  };
  process.stdout.write(`${JSON.stringify(line)}\n`);
  kit.progress.note(
    `${formatQuantity(posts, 'post')} ${posts === 1 ? 'matches' : 'match'}; ${formatCount(wanted)} of them take ${formatQuantity(calls, 'call')}, ${formatMoney(micros)} by the prices known, ${leastTime(leastMs)}. X counts before it leaves out what cannot be shown, so that fewer may come.`,
  );
  requireWithin(micros, options.budget);
}

/** Counts by days, which X bills by the call. `posts`: how many match; the outlook is for as many as are wanted. */
export async function countMatches(
  kit: ReadKit,
  query: string,
  options: SearchOptions,
): Promise<{ posts: number; countCalls: number; outlook: Outlook }> {
  const archive = options.archive === true;
  const perPage = perPageOf(options);
  const window = wholeArchive(archive, windowOf(options));
  const question = createXReads({ apiUrl: kit.apiUrl }).counts({ query, archive, granularity: 'day', ...window });
  const pages = readPages(kit.asker, question, { signal: kit.signal });
  let posts = 0;
  let countCalls = 0;
  for (;;) {
    const step = await pages.next();
    if (step.done) {
      if (step.value.kind !== 'end' && step.value.kind !== 'enough')
        throw failureOf(step.value, { apiUrl: kit.apiUrl, soFar: '' });
      break;
    }
    const { counts } = step.value.page;
    for (const { count } of counts) posts += count;
    countCalls += 1;
  }
  const outlook: Outlook = {
    ...{
      units: Math.min(posts, options.limit ?? posts),
      resource: 'post',
      unitsPerCall: perPage,
      basis: 'by counting',
    },
    endpoint: archive ? 'GET /2/tweets/search/all' : 'GET /2/tweets/search/recent',
  };
  return { posts, countCalls, outlook };
}
