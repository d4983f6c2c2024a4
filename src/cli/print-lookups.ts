/** Prints what became of many ids or names, a hundred at a time, so that a run that was broken off at any instant goes on where it was. */
import { createHash, type Hash } from 'node:crypto';
import { resolve } from 'node:path';
import { MistnetError } from '../core/errors.ts';
import { type Answered, makeCall } from '../platforms/make-call.ts';
import type { ItemOutcome, ReadPage, ReadQuestion } from '../platforms/read-adapter.ts';
import { readVersion } from './context.ts';
import { type ExactOutput, openOutput, STANDARD_OUTPUT } from './exact-output.ts';
import { type Outlook, requireAffordable } from './estimate.ts';
import { formatCount } from './format.ts';
import { linesOfPage } from './page-lines.ts';
import { failureOf, withSoFar } from './read-failure.ts';
import { Interrupted, type ReadKit } from './read-kit.ts';
import type { OutputOptions } from './read-options.ts';
import { readResumeFile, type ResumeState, writeResumeFile } from './resume-file.ts';

/** Something asked for. `key`: by which the answer is found, as the platform writes it. `existed`: it was seen before, so that "not found" means deleted. */
export type Entry = { key: string; existed: boolean } | { unusable: string; reason: string };

/** What is kept of each thing asked for: one JSON line. */
export type OutcomeLine = {
  id: string;
  outcome: 'ok' | 'deleted' | 'protected' | 'suspended' | 'not_found' | 'error';
  code?: string;
  message?: string;
  endpoint?: string;
  at: string;
};

export type LookupsToPrint = {
  kit: ReadKit;
  options: OutputOptions & { outcomes?: string };
  question: Record<string, unknown>;
  items: string;
  /** The input, and what stands in a line of it; undefined: a line without anything. */
  lines: AsyncIterable<string>;
  entriesOf: (line: string) => Entry[];
  total?: number;
  /** What all of it will take: with a budget, a run beyond it is refused before it begins. Absent: unknown before the input is read. */
  outlook?: Outlook;
  /** The questions for a batch of at most a hundred keys, each key once. */
  ask: (keys: string[]) => ReadQuestion[];
  /** Keys of a page: under which of them its posts or accounts were asked for. */
  keysOf: (page: ReadPage) => string[];
  /** The key that an outcome is about. */
  keyOf: (outcome: ItemOutcome) => string | undefined;
};

const BATCH = 100;
/** So many calls are on the way at a time; they are printed in order. */
const AT_ONCE = 4;

/** Prints all pages and all outcomes, and says on the standard error how many of each there were. */
export async function printLookups(wish: LookupsToPrint): Promise<void> {
  const { kit, options, question, items } = wish;
  const { resume } = options;
  const outputName = options.output === undefined ? STANDARD_OUTPUT : resolve(options.output);
  const outcomesName = options.outcomes === undefined ? undefined : resolve(options.outcomes);
  const names = [outputName, ...(outcomesName === undefined ? [] : [outcomesName])];
  const kept = resume === undefined ? undefined : await readResumeFile(resume, question, names);
  if (kept === undefined)
    requireAffordable(wish.outlook, options, { rates: kit.rates, note: (sentence) => kit.progress.note(sentence) });
  await using output = await openOutput(options.output, kept?.outputs[outputName] ?? undefined);
  await using outcomes =
    outcomesName === undefined ? undefined : await openOutput(outcomesName, kept?.outputs[outcomesName] ?? undefined);
  const state: ResumeState = kept ?? {
    ...{
      resume: 1,
      question,
      input: { lines: 0, sha256: '' },
      outputs: Object.fromEntries(names.map((name) => [name, null])),
    },
    ...{ items: 0, pages: 0, outcomes: {}, done: false },
  };
  kit.progress.begun(state.items, state.pages);
  if (wish.total !== undefined) kit.progress.expect(wish.total);
  const keep = async (): Promise<void> => {
    if (resume === undefined) return;
    for (const one of [output, ...(outcomes === undefined ? [] : [outcomes])])
      state.outputs[one.name] = (await one.settle()) ?? null;
    await writeResumeFile(resume, state);
  };
  // A run that is killed within its first batch must not leave that batch behind in front of the next run's.
  if (kept === undefined) await keep();
  if (!state.done) await printAll(wish, state, output, outcomes, keep);
  kit.progress.note(`${formatCount(state.items)} ${items}: ${summary(state)}.`);
}

async function printAll(
  wish: LookupsToPrint,
  state: ResumeState,
  output: ExactOutput,
  outcomes: ExactOutput | undefined,
  keep: () => Promise<void>,
): Promise<void> {
  const { kit, options } = wish;
  const version = readVersion();
  const { flatten, provenance } = options;
  const lineOptions = {
    version,
    ...(flatten === undefined ? {} : { flatten }),
    ...(provenance === undefined ? {} : { provenance }),
  };
  const stop = new AbortController();
  const signal = AbortSignal.any([kit.signal, stop.signal]);
  try {
    for await (const { batch, answers } of inOrder(batches(wish, state), AT_ONCE, (one) =>
      askBatch(wish, one, signal),
    )) {
      const pages: ReadPage[] = [];
      for (const answered of answers) {
        if (answered.kind === 'page') pages.push(answered.page);
        else throw failureOf(answered, { apiUrl: kit.apiUrl, soFar: soFarOf(wish, state) });
      }
      for (const page of pages) {
        const { lines } = linesOfPage(page, lineOptions);
        await output.write(Buffer.concat(lines));
      }
      const told = outcomesOfBatch(wish, batch, pages);
      if (outcomes !== undefined && told.length > 0)
        await outcomes.write(Buffer.from(told.map((line) => `${JSON.stringify(line)}\n`).join('')));
      state.outcomes ??= {};
      for (const { outcome } of told) state.outcomes[outcome] = (state.outcomes[outcome] ?? 0) + 1;
      state.items += told.length;
      state.pages += pages.length;
      state.input = batch.upTo;
      await keep();
      kit.progress.printed(told.length, pages.length);
    }
    state.done = true;
    await keep();
  } catch (error) {
    if (!(error instanceof Interrupted)) throw withSoFar(error, soFarOf(wish, state));
    throw new MistnetError('process.failed', `Interrupted: ${soFarOf(wish, state)}`);
  } finally {
    stop.abort(new Interrupted());
  }
}

type Batch = { entries: Entry[]; upTo: { lines: number; sha256: string } };

/**
 * Batches of the input that were not answered before: whole lines, with a hundred entries or, where a line holds many, more. Throws when the
 * input's beginning is not what it was.
 */
async function* batches(
  { lines: input, entriesOf }: LookupsToPrint,
  { input: kept }: ResumeState,
): AsyncGenerator<Batch> {
  const digest = createHash('sha256');
  const answered = kept?.lines ?? 0;
  let lines = 0;
  let entries: Entry[] = [];
  const batch = (): Batch => ({ entries, upTo: { lines, sha256: digestSoFar(digest) } });
  for await (const line of input) {
    digest.update(line).update('\n');
    lines += 1;
    if (lines < answered) continue;
    if (lines === answered) {
      if (digestSoFar(digest) !== kept?.sha256) throw otherInput();
      continue;
    }
    entries.push(...entriesOf(line));
    if (entries.length < BATCH) continue;
    yield batch();
    entries = [];
  }
  if (lines < answered) throw otherInput();
  if (entries.length > 0) yield batch();
}

function digestSoFar(digest: Hash): string {
  return digest.copy().digest('hex');
}

function otherInput(): MistnetError {
  return new MistnetError(
    'usage.invalid',
    'The input does not begin with what was answered before; the resume file belongs to another one.',
  );
}

async function askBatch(
  { kit, ask }: LookupsToPrint,
  batch: Batch,
  signal: AbortSignal,
): Promise<{ batch: Batch; answers: Answered[] }> {
  const keys = new Set(batch.entries.flatMap((entry) => ('key' in entry ? [entry.key] : [])));
  const answers: Answered[] = [];
  for (const question of ask([...keys])) {
    const answered = await makeCall(kit.asker, question, { signal });
    answers.push(answered);
    if (answered.kind !== 'page') break;
  }
  return { batch, answers };
}

function outcomesOfBatch({ keysOf, keyOf }: LookupsToPrint, { entries }: Batch, pages: ReadPage[]): OutcomeLine[] {
  const found = new Map<string, string>();
  const missing = new Map<string, { outcome: ItemOutcome; at: string }>();
  const at = pages.at(-1)?.receivedAt ?? '';
  for (const page of pages) {
    for (const key of keysOf(page)) found.set(key, page.receivedAt);
    for (const outcome of page.outcomes) {
      const key = outcome.isAsked ? keyOf(outcome) : undefined;
      if (key !== undefined) missing.set(key, { outcome, at: page.receivedAt });
    }
  }
  return entries.map((entry): OutcomeLine => {
    if (!('key' in entry)) return { id: entry.unusable, outcome: 'error', message: entry.reason, at };
    const { key, existed } = entry;
    const foundAt = found.get(key);
    if (foundAt !== undefined) return { id: key, outcome: 'ok', at: foundAt };
    const gone = missing.get(key);
    if (gone === undefined)
      return { id: key, outcome: 'error', message: 'X gave nothing and said nothing about it', at };
    const { outcome, evidence } = gone.outcome;
    return {
      ...{ id: key, outcome: outcome === 'not_found' && existed ? 'deleted' : outcome },
      ...{ code: evidence.code, message: evidence.sentence, endpoint: evidence.endpoint, at: gone.at },
    };
  });
}

function summary({ outcomes = {} }: ResumeState): string {
  const told = Object.entries(outcomes).map(([outcome, count]) => `${formatCount(count)} ${outcome.replace('_', ' ')}`);
  return told.length === 0 ? 'nothing was asked for' : told.join(', ');
}

function soFarOf({ items, options }: LookupsToPrint, state: ResumeState): string {
  const goOn = options.resume === undefined ? '' : '; the same command goes on from there';
  return `${formatCount(state.items)} ${items} were answered${goOn}.`;
}

/** Works on so many at once and gives the results in the order of the source. A failure comes when it is that one's turn. */
async function* inOrder<Item, Result>(
  source: AsyncIterable<Item>,
  atOnce: number,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  const running: Promise<Result>[] = [];
  for await (const item of source) {
    const result = work(item);
    result.catch(() => undefined); // told when it is its turn, or beside the point once an earlier one has failed
    running.push(result);
    if (running.length >= atOnce) yield await (running.shift() as Promise<Result>);
  }
  while (running.length > 0) yield await (running.shift() as Promise<Result>);
}
