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
  const judged = batch.map((line) => ({
    line,
    verdict: judge(options, line, line.meant.kind === 'uid' ? byId : byHandle),
  }));
  const takes = await takeAll(
    options,
    judged.flatMap(({ verdict }) => ('look' in verdict ? [verdict.look] : [])),
    set,
    wished,
  );
  return judged.map(({ line, verdict }) => {
    if (!('look' in verdict)) return verdict;
    const [outcome, message] = takes.next().value ?? ['error', 'Nothing was noted of it.'];
    return outcomeOf(line, outcome, message, { uid: verdict.look.accountId, handle: verdict.look.handle });
  });
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

type Seen = Exclude<Look, { missing: unknown }>;

/** What a line came to, or the account that it means and that is to be followed. */
function judge(
  { withProtected }: ImportOptions,
  line: Line,
  looks: Map<string, Look> | { failure: string },
): ImportOutcome | { look: Seen } {
  const { input, meant } = line;
  if (meant.kind === 'invalid') return outcomeOf(line, 'invalid', `"${input}" is not an account: ${meant.why}.`);
  if ('failure' in looks) return outcomeOf(line, 'error', looks.failure);
  const look = looks.get(meant.kind === 'uid' ? meant.uid : meant.handle.toLowerCase());
  if (look === undefined) return outcomeOf(line, 'error', `The platform said nothing of ${input}.`);
  if ('missing' in look) {
    const { outcome, evidence } = look.missing;
    if (outcome === 'suspended') return outcomeOf(line, 'suspended', `${input} is suspended.`);
    if (outcome === 'not_found') return outcomeOf(line, 'not_found', `${input} was not found.`);
    return outcomeOf(line, outcome, `${input} cannot be seen: ${evidence.sentence}`);
  }
  if (look.state !== 'protected' || withProtected) return { look };
  return outcomeOf(
    line,
    'protected',
    `@${look.handle} is protected: its posts need a credential that may see them. “Follow protected ones too” (--with-protected) follows it nevertheless.`,
    { uid: look.accountId, handle: look.handle },
  );
}

function outcomeOf(
  { line, input, meant }: Line,
  outcome: ImportOutcome['outcome'],
  message: string,
  known?: { uid: string; handle: string },
): ImportOutcome {
  return {
    ...{ line, input, outcome },
    uid: known?.uid ?? (meant.kind === 'uid' ? meant.uid : null),
    handle: known?.handle ?? (meant.kind === 'handle' ? meant.handle : null),
    message,
  };
}

type Take = ['added' | 'present', string];

/** Follows accounts, or notes what was seen of those that are followed already, all in one transaction; gives what to say of each, in their order. */
async function takeAll(
  { db, clock, dryRun }: ImportOptions,
  looks: readonly Seen[],
  set: TargetSet | undefined,
  wished: Wished,
): Promise<Iterator<Take, undefined>> {
  if (looks.length === 0) return sayTakes([], new Set(), undefined, undefined);
  if (dryRun) return sayWishes(looks, await followedOf(db, looks), wished);
  return await db.transaction(async (tx) => {
    const added = await follow(tx, looks);
    const met = looks.filter(({ accountId }) => !added.has(accountId));
    if (met.length > 0) await noteSights(tx, met);
    const joined = set === undefined ? undefined : await addToSet(tx, clock, set.setId, looks);
    return sayTakes(looks, added, joined, set);
  });
}

/** An account that stands in several lines is new in the first of them. */
function* sayTakes(
  looks: readonly Seen[],
  added: ReadonlySet<string>,
  joined: ReadonlySet<string> | undefined,
  set: TargetSet | undefined,
): Generator<Take, undefined> {
  const said = new Set<string>();
  for (const { accountId, handle } of looks) {
    const isFirst = !said.has(accountId);
    said.add(accountId);
    const inSet =
      joined === undefined
        ? ''
        : isFirst && joined.has(accountId)
          ? ` and is in the set "${set?.name}" now`
          : ` and was in the set "${set?.name}" already`;
    yield isFirst && added.has(accountId)
      ? ['added', `@${handle} (${accountId}) is followed from now on${inSet}.`]
      : ['present', `@${handle} (${accountId}) is followed already${inSet}.`];
  }
  return undefined;
}

function* sayWishes(looks: readonly Seen[], followed: ReadonlySet<string>, wished: Wished): Generator<Take, undefined> {
  for (const { accountId, handle } of looks) {
    const isRepeated = wished.has(accountId);
    wished.add(accountId);
    if (isRepeated) yield ['present', `@${handle} (${accountId}) is in an earlier line of the list.`];
    else if (followed.has(accountId)) yield ['present', `@${handle} (${accountId}) is followed already.`];
    else yield ['added', `@${handle} (${accountId}) would be followed.`];
  }
  return undefined;
}

async function followedOf(db: Database, looks: readonly Seen[]): Promise<ReadonlySet<string>> {
  const rows = await db.query<{ account_id: string }>(
    'select account_id from followed_accounts join unnest($1::text[], $2::text[]) as s (platform, account_id) using (platform, account_id)',
    [looks.map(({ platform }) => platform), looks.map(({ accountId }) => accountId)],
  );
  return new Set(rows.map(({ account_id }) => account_id));
}
