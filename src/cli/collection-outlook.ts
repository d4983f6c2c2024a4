/** What collecting timelines for the first time will cost, before it begins. */
import { loadCredentials } from '../compose.ts';
import { loadCollections, loadPermits } from './lazy-parts.ts';
import { MistnetError } from '../core/errors.ts';
import { TIMELINE_HORIZON } from '../platforms/x/read/x-reads.ts';
import type { Queryable } from '../store/db.ts';
import { estimate, estimateSentence, type Outlook, type Rates, UNKNOWN_RATES } from './estimate.ts';
import { formatCount, formatQuantity } from './format.ts';

/** Answers with the sentence to say. Throws `budget.reached` where it goes beyond what a budget has left, unless `isAllowed`. */
export async function firstReadingSentence(
  db: Queryable,
  collection: { collectionId: number; name: string; api: 'v2' | 'v1.1'; credential?: string | undefined },
  isAllowed: boolean,
): Promise<string> {
  const { firstReading } = await loadCollections();
  const { timelines, posts, unsaid } = await firstReading(db, collection.collectionId, TIMELINE_HORIZON);
  const outlook: Outlook = {
    units: posts + unsaid * TIMELINE_HORIZON,
    ...{ resource: 'post', unitsPerCall: collection.api === 'v2' ? 100 : 200 },
    endpoint: collection.api === 'v2' ? 'GET /2/users/:id/tweets' : 'GET /1.1/statuses/user_timeline',
    basis: `the first reading of ${formatQuantity(timelines, 'timeline')}, each as far as X shows it (${formatCount(TIMELINE_HORIZON)} posts); later ones buy what is new${unsaid === 0 ? '' : `; of ${formatCount(unsaid)} nobody knows how many posts there are`}`,
  };
  return await affordableSentence(db, { ...collection, outlook }, isAllowed);
}

/** Answers with the sentence to say. Throws `budget.reached` where it goes beyond what a budget of the month has left, unless `isAllowed`. */
export async function affordableSentence(
  db: Queryable,
  collection: { name: string; credential?: string | undefined; outlook: Outlook },
  isAllowed: boolean,
): Promise<string> {
  const { outlook } = collection;
  const { budgetReport, formatMoney } = await loadPermits();
  const found = estimate(outlook, await ratesOf(db, collection.credential));
  const { budgets } = await budgetReport(db);
  for (const { scope, budgetMicros, spentMicros } of budgets) {
    if (scope !== '' && scope !== `collection:${collection.name}`) continue;
    const left = Math.max(0, budgetMicros - spentMicros);
    if (found.micros <= left || isAllowed) continue;
    throw new MistnetError(
      'budget.reached',
      `${estimateSentence(outlook, found)} The budget${scope === '' ? '' : ' of the collection'} has ${formatMoney(left)} left this month. Raise it (mistnet budget set), or say --over-budget: then it pauses at the budget and goes on next month.`,
    );
  }
  return estimateSentence(outlook, found);
}

/** By what is kept, without opening it. */
export async function ratesOf(db: Queryable, label: string | undefined): Promise<Rates> {
  const { listCredentials } = await loadCredentials();
  const { loadPrices } = await loadPermits();
  const credentials = (await listCredentials(db)).filter(
    (each) => each.refused === null && (label === undefined || each.label === label),
  );
  if (credentials.length === 0) return { ...UNKNOWN_RATES, prices: await loadPrices(db) };
  return {
    prices: await loadPrices(db),
    credentials: credentials.map(({ label: name, kind, level }) => ({
      ...{ label: name, kind: kind === 'app' ? 'app' : 'user', authorization: () => '' },
      ...(level === null ? {} : { level }),
    })),
  };
}
