/** Accounts from a list that a person wrote: each line gets one outcome, in the order of the lines, and no line stops the others. */
import { causeText, MistnetError } from '../../core/errors.ts';
import type { Clock } from '../../core/time.ts';
import type { Asker } from '../../platforms/make-call.ts';
import { type AccountInput, parseAccountInput } from '../../platforms/x/account-input.ts';
import { addToSet, ensureSet } from '../../store/accounts/change-followed.ts';
import { follow, noteSights } from '../../store/accounts/note-sights.ts';
import type { Database } from '../../store/db.ts';
import { type AccountQuestions, type Look, lookUp } from './look-up.ts';

/** One line's outcome. `line` counts from 1, blank lines too; `uid` and `handle` as far as they are known. */
export type ImportOutcome = {
  line: number;
  input: string;
  outcome: 'added' | 'present' | 'not_found' | 'suspended' | 'protected' | 'invalid' | 'error';
  uid: string | null;
  handle: string | null;
  message: string;
};

export type ImportOptions = {
  db: Database;
  asker: Asker;
  questions: AccountQuestions;
  clock: Clock;
  signal: AbortSignal;
  /** Also into this set, which is made when there is none. */
  set?: string;
  /** Looks everything up and changes nothing. */
  dryRun: boolean;
  /** Protected accounts are followed too; a credential that may see them is needed for their posts. */
  withProtected: boolean;
};

type Line = { line: number; input: string; meant: AccountInput };
/** What a dry run would have followed by now. */
type Wished = Set<string>;
type TargetSet = { setId: number; name: string };

const BATCH = 100;

/** Yields an outcome per line that is not blank, batch by batch of 100 lines. Throws only when the database is away or the signal aborts. */
export async function* importAccounts(
  options: ImportOptions,
  lines: AsyncIterable<string>,
): AsyncGenerator<ImportOutcome> {
  const { db, clock, dryRun } = options;
  const set =
    options.set === undefined || dryRun
      ? undefined
      : { ...(await ensureSet(db, clock, options.set)), name: options.set };
  const wished: Wished = new Set();
  let number = 0;
  let batch: Line[] = [];
  for await (const text of lines) {
    number++;
    const input = text.replace(/^\uFEFF/, '').trim();
    if (input === '') continue;
    batch.push({ line: number, input, meant: parseAccountInput(input) });
    if (batch.length < BATCH) continue;
    yield* await importBatch(options, batch, set, wished);
    batch = [];
  }
  if (batch.length > 0) yield* await importBatch(options, batch, set, wished);
}

async function importBatch(
  options: ImportOptions,
  batch: Line[],
  set: TargetSet | undefined,
  wished: Wished,
): Promise<ImportOutcome[]> {
  const handles = new Set<string>();
  const ids = new Set<string>();
  for (const { meant } of batch) {
    if (meant.kind === 'handle') handles.add(meant.handle.toLowerCase());
    if (meant.kind === 'uid') ids.add(meant.uid);
  }
  const byHandle = await looksOrFailure(options, handles.size === 0 ? undefined : { handles: [...handles] });
  const byId = await looksOrFailure(options, ids.size === 0 ? undefined : { ids: [...ids] });
  const outcomes: ImportOutcome[] = [];
  for (const line of batch) {
    const looks = line.meant.kind === 'uid' ? byId : byHandle;
    outcomes.push(await outcomeOf(options, line, looks, set, wished));
  }
  return outcomes;
}

/** A batch that the platform did not answer fails alone: the next one may fare better. */
async function looksOrFailure(
  { asker, questions, signal }: ImportOptions,
  asked: { ids: string[] } | { handles: string[] } | undefined,
): Promise<Map<string, Look> | { failure: string }> {
  if (asked === undefined) return new Map();
  try {
    return await lookUp(asker, questions, asked, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof MistnetError)) throw error;
    return { failure: causeText(error) };
  }
}

async function outcomeOf(
  options: ImportOptions,
  { line, input, meant }: Line,
  looks: Map<string, Look> | { failure: string },
  set: TargetSet | undefined,
  wished: Wished,
): Promise<ImportOutcome> {
  const say = (outcome: ImportOutcome['outcome'], message: string, known?: { uid?: string; handle?: string }) => ({
    ...{ line, input, outcome },
    uid: known?.uid ?? (meant.kind === 'uid' ? meant.uid : null),
    handle: known?.handle ?? (meant.kind === 'handle' ? meant.handle : null),
    message,
  });
  if (meant.kind === 'invalid') return say('invalid', `"${input}" is not an account: ${meant.why}.`);
  if ('failure' in looks) return say('error', looks.failure);
  const look = looks.get(meant.kind === 'uid' ? meant.uid : meant.handle.toLowerCase());
  if (look === undefined) return say('error', `The platform said nothing of ${input}.`);
  if ('missing' in look) {
    const { outcome, evidence } = look.missing;
    if (outcome === 'suspended') return say('suspended', `${input} is suspended.`);
    if (outcome === 'not_found') return say('not_found', `${input} was not found.`);
    return say(outcome, `${input} cannot be seen: ${evidence.sentence}`);
  }
  const known = { uid: look.accountId, handle: look.handle };
  if (look.state === 'protected' && !options.withProtected)
    return say(
      'protected',
      `@${look.handle} is protected: its posts need a credential that may see them (--with-protected follows it nevertheless).`,
      known,
    );
  return say(...(await take(options, look, set, wished)), known);
}

/** Follows the account, or notes what was seen of one that is followed already. */
async function take(
  { db, clock, dryRun }: ImportOptions,
  look: Exclude<Look, { missing: unknown }>,
  set: TargetSet | undefined,
  wished: Wished,
): Promise<['added' | 'present', string]> {
  if (dryRun) {
    if (wished.has(look.accountId))
      return ['present', `@${look.handle} (${look.accountId}) is in an earlier line of the list.`];
    wished.add(look.accountId);
    const present = await db.query('select from followed_accounts where platform = $1 and account_id = $2', [
      look.platform,
      look.accountId,
    ]);
    return present.length > 0
      ? ['present', `@${look.handle} (${look.accountId}) is followed already.`]
      : ['added', `@${look.handle} (${look.accountId}) would be followed.`];
  }
  return await db.transaction(async (tx) => {
    const isNew = await follow(tx, look);
    if (!isNew) await noteSights(tx, [look]);
    const joined = set === undefined ? undefined : await addToSet(tx, clock, set.setId, look);
    const inSet =
      joined === undefined
        ? ''
        : joined
          ? ` and is in the set "${set?.name}" now`
          : ` and was in the set "${set?.name}" already`;
    return isNew
      ? ['added', `@${look.handle} (${look.accountId}) is followed from now on${inSet}.`]
      : ['present', `@${look.handle} (${look.accountId}) is followed already${inSet}.`];
  });
}
