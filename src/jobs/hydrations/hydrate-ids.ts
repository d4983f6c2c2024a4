/** Works through a list of ids: posts go to segments as frames, then what became of each id goes to the database. Memory does not grow with the list. */
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { newestFrames } from '../../capture/newest-frames.ts';
import type { PageLog } from '../../capture/page-log.ts';
import { crashPoint } from '../../core/crash-point.ts';
import { MistnetError } from '../../core/errors.ts';
import { BudgetReached } from '../../core/permits/budget.ts';
import type { Log } from '../../core/log.ts';
import type { Clock } from '../../core/time.ts';
import { type Asker, makeCall } from '../../platforms/make-call.ts';
import type { ReadPage, ReadQuestion } from '../../platforms/read-adapter.ts';
import type { Database } from '../../store/db.ts';
import { asOnlyHydrator } from '../../store/hydrations/hydration-lock.ts';
import {
  dueIds,
  type Hydration,
  hydrationById,
  type IdNews,
  noteOutcomes,
  setHydrationState,
} from '../../store/hydrations/hydrations.ts';
import { pageFrames } from '../page-frames.ts';

export type HydrationWork = {
  db: Database;
  node: string;
  segmentsFolder: string;
  /** The log of a collection's frames; whoever opens it disposes of it. */
  openPages: (hydration: Hydration) => Promise<PageLog>;
  askerOf: (collection: string, credential?: string) => Asker;
  /** Makes questions for the posts of at most a hundred ids, in the API and with the fields of the list. */
  questionsOf: (hydration: Pick<Hydration, 'api' | 'fields'>) => (ids: readonly string[]) => ReadQuestion;
  clock: Clock;
  log: Log;
  signal: AbortSignal;
};

const BATCH = 100;
const AT_ONCE = 4;
/** An id of which the platform says nothing is asked for so often. */
const MOST_TRIES = 3;
/** So long after money or keys forbade a call it is tried again, unless it is known when that helps. */
const TRY_AGAIN_MS = 60_000;
/** The page that a killed worker could not note is in one of the last segments. */
const NEWEST_SEGMENTS = 3;

/**
 * Works until the list is done, paused by money or keys, stopped by a person, or the signal aborts. Throws what a later try may mend. Nothing happens
 * when another worker has the list. `taken`: aborts when the job is cancelled or another worker's by now; which of the two, the list's state says.
 */
export async function hydrateIds(work: HydrationWork, hydrationId: number, taken: AbortSignal): Promise<void> {
  await asOnlyHydrator(work.db, hydrationId, async () => {
    const { db, clock, log } = work;
    const hydration = await hydrationById(db, hydrationId);
    if (hydration === undefined || (hydration.state !== 'running' && hydration.state !== 'paused')) return;
    const now = () => ({ atMs: clock.now() });
    await setHydrationState(db, hydrationId, { from: ['paused'], to: 'running', ...now() });
    const signal = AbortSignal.any([work.signal, taken]);
    await using pages = await work.openPages(hydration);
    await replay(work, hydration);
    try {
      const isDone = await workThrough({ ...work, signal }, hydration, pages);
      if (!isDone) return;
      await setHydrationState(db, hydrationId, { from: ['running'], to: 'done', ...now() });
      log.info({ hydration: hydration.name }, 'hydration.done');
    } catch (error) {
      if (!(error instanceof MistnetError) || !['budget.reached', 'credential.unusable'].includes(error.code))
        throw error;
      const resumesAtMs = error instanceof BudgetReached ? error.resumesAtMs : undefined;
      // A budget may be raised at any time: waiting for the month alone would miss that.
      const lookAfterMs = Math.min(resumesAtMs ?? Number.POSITIVE_INFINITY, clock.now() + TRY_AGAIN_MS);
      const pause = { from: ['running'] as const, to: 'paused' as const, reason: error.message, lookAfterMs };
      await setHydrationState(db, hydrationId, { ...pause, ...now() });
      log.warn({ hydration: hydration.name, reason: error.message }, 'hydration.paused');
    }
  });
}

/** True when no id is left; false when somebody wants it worked on no further. */
async function workThrough(work: HydrationWork, hydration: Hydration, pages: PageLog): Promise<boolean> {
  const { db } = work;
  const reading = { hydration, pages, session: randomUUID(), question: work.questionsOf(hydration) };
  let behind = '-1';
  for (;;) {
    work.signal.throwIfAborted();
    const due = await dueIds(db, hydration.hydrationId, { behind, limit: BATCH * AT_ONCE });
    if (due.length === 0 && behind === '-1') return true;
    behind = due.at(-1)?.position ?? '-1'; // from the beginning once more, for those of which nothing was said
    const batches = Array.from({ length: Math.ceil(due.length / BATCH) }, (_, at) =>
      due.slice(at * BATCH, (at + 1) * BATCH),
    );
    const ended = await Promise.allSettled(batches.map((batch) => askFor(work, reading, batch)));
    for (const result of ended) if (result.status === 'rejected') throw result.reason;
    const now = await hydrationById(db, hydration.hydrationId);
    if (now?.state !== 'running' || now.round !== hydration.round) return false;
  }
}

type HydrationReading = {
  hydration: Hydration;
  pages: PageLog;
  session: string;
  question: (ids: readonly string[]) => ReadQuestion;
};

/** First the disk, then the database. */
async function askFor(
  work: HydrationWork,
  { hydration, pages, session, question }: HydrationReading,
  batch: Awaited<ReturnType<typeof dueIds>>,
): Promise<void> {
  const ids = batch.map(({ postId }) => postId);
  const asker = work.askerOf(hydration.name, hydration.credential ?? undefined);
  const answered = await makeCall(asker, question(ids), { signal: work.signal });
  if (answered.kind === 'unreachable')
    throw new MistnetError('platform.unreachable', `The platform does not answer: ${answered.cause}.`);
  if (answered.kind === 'refused') {
    const { kind, sentence } = answered.refusal;
    const isOfCredential = kind === 'credential-refused' || kind === 'not-allowed';
    const isOfMoney = kind === 'out-of-money' || kind === 'usage-capped';
    const code = isOfMoney ? 'budget.reached' : isOfCredential ? 'credential.unusable' : 'platform.refused';
    throw new MistnetError(code, `The platform refused: ${sentence}`);
  }
  const { page } = answered;
  const news = newsOf(batch, page);
  const { hydrationId, round } = hydration;
  await pages.append(pageFrames(page, { hydration: { hydrationId, round, news } }, session));
  // crash point ids.appended: recovery must note the outcomes by the marker behind the page, and not buy it again.
  crashPoint('ids.appended');
  await noteOutcomes(work.db, hydration, news);
  // crash point ids.noted: recovery must ask for the ids behind these.
  crashPoint('ids.noted');
}

function newsOf(batch: Awaited<ReturnType<typeof dueIds>>, page: ReadPage): IdNews[] {
  const found = new Set<string>(page.posts.map(({ postId }) => postId));
  const missing = new Map(page.outcomes.filter(({ isAsked }) => isAsked).map((outcome) => [outcome.id, outcome]));
  const at = page.receivedAt;
  return batch.map(({ postId, existed, tries }): IdNews => {
    if (found.has(postId)) return { postId, outcome: 'ok', message: null, at };
    const gone = missing.get(postId);
    if (gone !== undefined) {
      const outcome = gone.outcome === 'not_found' && existed ? 'deleted' : gone.outcome;
      return { postId, outcome, message: gone.evidence.sentence, at };
    }
    const message = 'the platform gave nothing and said nothing about it';
    return { postId, outcome: tries + 1 < MOST_TRIES ? null : 'error', message, at };
  });
}

const markerSchema = z.object({
  mistnet: z.object({
    hydration: z.object({
      hydrationId: z.number(),
      round: z.number(),
      news: z.array(
        z.object({
          postId: z.string(),
          outcome: z.enum(['ok', 'deleted', 'protected', 'suspended', 'not_found', 'error', 'invalid']).nullable(),
          message: z.string().nullable(),
          at: z.string(),
        }),
      ),
    }),
  }),
});

const MARKER_START = '{"mistnet":{"hydration":';

/** Pages that were on the disk when a worker was killed before it could note them. */
async function replay({ db, node, segmentsFolder }: HydrationWork, hydration: Hydration): Promise<void> {
  for await (const frames of newestFrames(join(segmentsFolder, hydration.name), node, NEWEST_SEGMENTS))
    for (const { payload } of frames) {
      if (payload.subarray(0, MARKER_START.length).toString('utf8') !== MARKER_START) continue;
      const marker = markerSchema.safeParse(JSON.parse(payload.toString('utf8'))).data?.mistnet.hydration;
      if (marker?.hydrationId !== hydration.hydrationId || marker.round !== hydration.round) continue;
      await noteOutcomes(
        db,
        hydration,
        marker.news.filter(({ outcome }) => outcome !== null),
      );
    }
}
