/** Prints all pages of one question, so that a run that was broken off at any instant goes on where it was. */
import type { ItemOutcome, PagedQuestion, Position, ReadPage } from '../platforms/read-adapter.ts';
import { readPages, type WalkEnd } from '../platforms/read-pages.ts';
import { compareIds } from '../core/ids.ts';
import { MistnetError } from '../core/errors.ts';
import { readVersion } from './context.ts';
import { type ExactOutput, openOutput, STANDARD_OUTPUT } from './exact-output.ts';
import { type Outlook, requireAffordable } from './estimate.ts';
import { formatCount } from './format.ts';
import { linesOfPage, itemsOf, type PageLines } from './page-lines.ts';
import { failureOf, withSoFar } from './read-failure.ts';
import { Interrupted, type ReadKit } from './read-kit.ts';
import type { OutputOptions } from './read-options.ts';
import { readResumeFile, type ResumeState, writeResumeFile } from './resume-file.ts';
import { resolve } from 'node:path';

export type PagesToPrint = {
  kit: ReadKit;
  options: OutputOptions & { limit?: number };
  /** The command and all that decides what it prints. */
  question: Record<string, unknown>;
  /** What its items are called. */
  items: string;
  /**
   * Makes the question itself, after what was kept of an earlier run was found. `subject`: the account's id, when that run knew it; answer with the
   * one found now, so that it is kept.
   */
  ask: (kept: { subject?: string }) => Promise<{ pages: PagedQuestion; subject?: string; total?: number }>;
  /** What so many items will take: with a budget, a run beyond it is refused before its first page. Absent: unknown, or asked before. */
  outlook?: (units: number) => Outlook;
  /** Instead of the page's own lines; `isFirst`: nothing was printed before, by earlier runs neither. */
  lines?: (page: ReadPage, isFirst: boolean) => PageLines;
  /** Called with each page once it is printed. */
  onPage?: (page: ReadPage) => void;
};

/**
 * Prints until there is no more, or as much as was wished. In a file nothing stands twice and nothing is missing, however often the command
 * was killed and called again with the same `--resume`. Throws what to tell a person when the list cannot be read to its end.
 */
export async function printPages(wish: PagesToPrint): Promise<void> {
  const { kit, options, question, items, ask } = wish;
  const { resume } = options;
  const outputName = options.output === undefined ? STANDARD_OUTPUT : resolve(options.output);
  const kept = resume === undefined ? undefined : await readResumeFile(resume, question, [outputName]);
  if (kept?.done === true) return kit.progress.note(`this was finished before: ${formatCount(kept.items)} ${items}.`);
  const { pages, subject, total } = await ask(kept?.subject === undefined ? {} : { subject: kept.subject });
  if (kept === undefined && wish.outlook !== undefined) {
    const units = Math.min(total ?? Number.POSITIVE_INFINITY, options.limit ?? Number.POSITIVE_INFINITY);
    requireAffordable(Number.isFinite(units) ? wish.outlook(units) : undefined, options, {
      rates: kit.rates,
      note: (sentence) => kit.progress.note(sentence),
    });
  }
  await using output = await openOutput(options.output, kept?.outputs[outputName] ?? undefined);
  const state: ResumeState = {
    ...{ resume: 1, question, ...(subject === undefined ? {} : { subject }), position: kept?.position ?? {} },
    ...{ outputs: { [outputName]: null }, items: kept?.items ?? 0, pages: kept?.pages ?? 0, done: false },
  };
  kit.progress.begun(state.items, state.pages);
  if (total !== undefined) kit.progress.expect(Math.min(total, options.limit ?? total));
  const keep = async (): Promise<void> => {
    if (resume === undefined) return;
    state.outputs = { [outputName]: (await output.settle()) ?? null };
    await writeResumeFile(resume, state);
  };
  // A run that is killed within its first page must not leave that page behind in front of the next run's.
  if (kept === undefined) await keep();
  const soFar = () =>
    `${formatCount(state.items)} ${items} were printed${resume === undefined ? '' : '; the same command goes on from there'}.`;
  const end = await walk(wish, pages, output, state, keep).catch((error: unknown) => {
    throw withSoFar(error, soFar());
  });
  if (end.kind === 'interrupted') throw new MistnetError('process.failed', `Interrupted: ${soFar()}`);
  if (end.kind === 'gone') throw goneError(end.subject);
  if (end.kind !== 'end' && end.kind !== 'enough')
    throw failureOf(end, { apiUrl: kit.apiUrl, soFar: state.items === 0 ? '' : soFar() });
  state.done = end.kind === 'end';
  await keep();
}

type PrintEnd = WalkEnd | { kind: 'interrupted' } | { kind: 'gone'; subject: ItemOutcome };

async function walk(
  { kit, options, lines: ownLines, onPage }: PagesToPrint,
  question: PagedQuestion,
  output: ExactOutput,
  state: ResumeState,
  keep: () => Promise<void>,
): Promise<PrintEnd> {
  const { signal, asker, progress } = kit;
  const limit = options.limit ?? Number.POSITIVE_INFINITY;
  const version = readVersion();
  const { flatten, provenance } = options;
  const lineOptions = {
    version,
    ...(flatten === undefined ? {} : { flatten }),
    ...(provenance === undefined ? {} : { provenance }),
  };
  const steps = readPages(asker, question, {
    signal,
    from: state.position ?? {},
    ...(options.limit === undefined ? {} : { wanted: () => limit - state.items }),
    onAnew: ({ sentence }) =>
      progress.note(
        `X no longer takes the token of the next page (${sentence}); going on below the oldest post so far.`,
      ),
  });
  try {
    for (;;) {
      const step = await steps.next();
      if (step.done) return step.value;
      const { page, position, next } = step.value;
      const printed = ownLines?.(page, state.pages === 0) ?? linesOfPage(page, lineOptions);
      const { lines, items, cutAt } = share(
        printed,
        page,
        position,
        options.flatten === true ? limit - state.items : undefined,
      );
      await output.write(Buffer.concat(lines));
      state.items += items;
      state.pages += 1;
      state.position = cutAt === undefined ? next : { ...position, skipTo: cutAt };
      // Without a next page the walk is over, and only the end itself is kept: a file that says "go on" would begin anew.
      if (state.position !== undefined) await keep();
      progress.printed(items);
      onPage?.(page);
      if (page.subject !== undefined) return { kind: 'gone', subject: page.subject };
      if (cutAt !== undefined) return { kind: 'enough' };
    }
  } catch (error) {
    if (error instanceof Interrupted) return { kind: 'interrupted' };
    throw error;
  }
}

/** What of a page is to be printed: not what an earlier run printed of it, and no more than is wanted. `cutAt`: the last item, when some are left over. */
function share(
  { lines, ids }: PageLines,
  page: ReadPage,
  { skipTo }: Position,
  wanted: number | undefined,
): { lines: Buffer[]; items: number; cutAt?: string } {
  if (ids.length !== lines.length) return { lines, items: itemsOf(page) };
  const from = skipTo === undefined ? 0 : firstAfter(ids, skipTo, page.posts.length > 0);
  const to = wanted === undefined ? lines.length : Math.min(lines.length, from + wanted);
  const last = ids[to - 1];
  return {
    lines: lines.slice(from, to),
    items: to - from,
    ...(to < lines.length && last !== undefined ? { cutAt: last } : {}),
  };
}

/** Where to go on in a page that was cut: after the item printed last, or, when that is gone, at the first older one. */
function firstAfter(ids: string[], skipTo: string, isByAge: boolean): number {
  const at = ids.indexOf(skipTo);
  if (at !== -1) return at + 1;
  const older = isByAge ? ids.findIndex((id) => compareIds(id, skipTo) < 0) : 0;
  return older === -1 ? ids.length : older;
}

function goneError({ outcome, id, handle, evidence }: ItemOutcome): MistnetError {
  const who = handle === undefined ? `account ${id}` : `@${handle}`;
  const words = {
    not_found: 'is not known to X',
    suspended: 'is suspended',
    protected: 'cannot be read by this token, for it is protected',
    error: 'cannot be read',
  };
  return new MistnetError(
    outcome === 'not_found' ? 'account.unknown' : 'platform.refused',
    `${who} ${words[outcome]} (${evidence.sentence.replace(/[.\s]+$/, '')}).`,
  );
}

/** The same sentence for an account that a look-up did not give. */
export function accountGone(outcome: ItemOutcome): MistnetError {
  return goneError(outcome);
}
