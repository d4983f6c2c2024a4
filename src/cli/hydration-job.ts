/** Hands a list of ids over to the workers. */
import { basename } from 'node:path';
import { loadHydrations } from './lazy-parts.ts';
import { readConfig } from '../config.ts';
import { MistnetError } from '../core/errors.ts';
import { systemClock } from '../core/time.ts';
import { LOOKUP_SIZE } from '../platforms/x/read/x-reads.ts';
import type { Database } from '../store/db.ts';
import type { HydrationFields, HydrationId } from '../store/hydrations/hydrations.ts';
import { affordableSentence, ratesOf } from './collection-outlook.ts';
import type { CommandContext } from './context.ts';
import { estimate, type Outlook, requireWithin } from './estimate.ts';
import { formatQuantity } from './format.ts';
import { readLines } from './input-lines.ts';
import { entriesOfLine } from './post-ids.ts';
import { longDeed } from './change-with-deed.ts';
import { withDatabase } from './with-database.ts';

type JobOptions = {
  job: string;
  api: 'v2' | 'v1.1';
  credential?: string;
  budget?: number;
  overBudget?: true;
  fields: HydrationFields;
};

const ROWS_AT_ONCE = 10_000;

/** Reads the list into the database, a part at a time, and says what it will cost. Called again after a break it goes on. Throws `budget.reached`. */
export async function addHydrationJob(
  infile: string,
  options: JobOptions,
  environment: CommandContext['environment'],
): Promise<void> {
  const { job: name, api, credential, budget, fields } = options;
  const source = infile === '-' ? 'the standard input' : basename(infile);
  const deed = { action: 'hydration.ask', target: name, details: { source } };
  const handOver = async (db: Database): Promise<number> => {
    const hydrations = await loadHydrations();
    const hydrationId = await db.transaction(async (tx) => {
      const found = (await hydrations.listCollections(tx)).find((each) => each.name === name);
      if (found !== undefined && found.kind !== 'import')
        throw new MistnetError('collection.invalid', `Collection "${name}" collects by itself; choose another name.`);
      const { collectionId } =
        found ??
        (await hydrations.addCollectionIn(tx, systemClock, {
          ...{ name, kind: 'import', platform: 'x', api, wanted: 'stopped' },
          ...(credential === undefined ? {} : { credential }),
        }));
      const wish = { collectionId, name, api, source, atMs: systemClock.now() };
      return await hydrations.addHydration(tx, Object.keys(fields).length === 0 ? wish : { ...wish, fields });
    });
    await fill(db, hydrationId, infile);
    const { outcomes } = await hydrations.hydrationSummary(db, hydrationId);
    const outlook: Outlook = {
      ...{ units: outcomes.waiting ?? 0, resource: 'post', unitsPerCall: LOOKUP_SIZE },
      endpoint: api === 'v1.1' ? 'POST /1.1/statuses/lookup' : 'GET /2/tweets',
      basis: 'as many as there are ids, each once; those that are gone cost nothing',
    };
    const isAllowed = options.overBudget === true;
    if (!isAllowed) requireWithin(estimate(outlook, await ratesOf(db, credential)).micros, budget);
    const sentence = await affordableSentence(db, { name, credential, outlook }, isAllowed);
    process.stderr.write(`mistnet: ${sentence}\n`);
    const change = { from: ['filling'] as const, to: 'running' as const, atMs: systemClock.now() };
    await hydrations.setHydrationState(db, hydrationId, change);
    const invalid = outcomes.invalid ?? 0;
    const unusable = invalid === 0 ? '' : `, ${formatQuantity(invalid, 'line')} ${invalid === 1 ? 'is' : 'are'} none`;
    process.stdout.write(
      `${formatQuantity(outcomes.waiting ?? 0, 'id')} ${outcomes.waiting === 1 ? 'is' : 'are'} to be asked for by the workers${unusable}; the posts go to the collection "${name}". See: mistnet hydration show ${name}\n`,
    );
    return outcomes.waiting ?? 0;
  };
  await withDatabase(readConfig(environment), (db) =>
    longDeed(
      db,
      deed,
      () => handOver(db),
      (ids) => ({ ids }),
    ),
  );
}

async function fill(db: Database, hydrationId: number, infile: string): Promise<void> {
  const { fillHydration } = await loadHydrations();
  let position = 0;
  let rows: HydrationId[] = [];
  const flush = async () => {
    if (rows.length > 0) await fillHydration(db, hydrationId, rows);
    rows = [];
  };
  for await (const line of readLines(infile)) {
    for (const entry of entriesOfLine(line)) {
      if ('key' in entry) rows.push({ position, postId: entry.key, existed: entry.existed });
      else rows.push({ position, postId: entry.unusable, existed: false, invalid: entry.reason });
      position++;
    }
    if (rows.length >= ROWS_AT_ONCE) await flush();
  }
  await flush();
}
