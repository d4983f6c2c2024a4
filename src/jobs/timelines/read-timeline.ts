/** Reads one timeline from where it stands: each page is on the disk before the cursor moves, so that nothing is lost and no page is bought twice. */
import { createHash, randomUUID } from 'node:crypto';
import { crashPoint } from '../../core/crash-point.ts';
import { causeText, MistnetError } from '../../core/errors.ts';
import type { Log } from '../../core/log.ts';
import type { GapCause } from '../../capture/gap.ts';
import type { Account } from '../../core/post.ts';
import type { Clock } from '../../core/time.ts';
import type { PageLog } from '../../capture/page-log.ts';
import type { Asker } from '../../platforms/make-call.ts';
import { readPages } from '../../platforms/read-pages.ts';
import type { ItemOutcome, PagedQuestion, ReadPage, ReadRefusal } from '../../platforms/read-adapter.ts';
import { accountV11, accountV2 } from '../../platforms/x/decode.ts';
import { parseAccountId } from '../../core/ids.ts';
import { noteSights } from '../../store/accounts/note-sights.ts';
import type { Database } from '../../store/db.ts';
import {
  beginRun,
  countPage,
  endRun,
  keepSweep,
  type RunOutcome,
  type TimelineKey,
  type TimelineRow,
  takeSweep,
} from '../../store/timelines/timelines.ts';
import { sightOfMissing } from '../accounts/look-up.ts';
import { framesOfPage, sweepSchema } from './page-marker.ts';
import { nextDue, retryDue, type TimelineSchedule } from './schedule.ts';
import { afterPage, finishSweep, type Sweep, stretchBelow, type TimelineState } from './sweep.ts';

export type TimelineTask = {
  db: Database;
  pages: PageLog;
  plan: string;
  node: string;
  asker: Asker;
  /** The timeline as a question; its pages come newest first and end at `sinceId`. */
  question: (wish: { accountId: string; sinceId?: string }) => PagedQuestion;
  /** How many of the newest posts the platform shows. */
  horizon: number;
  schedule: TimelineSchedule;
  clock: Clock;
  log: Log;
  signal: AbortSignal;
  /** Aborts when a person cancelled this reading: it goes on when it is due again. With the reason STOPPED: as soon as the collection is started. */
  cancelled?: AbortSignal;
};

/** Why a reading is cancelled when its collection is stopped. */
export const STOPPED = new Error('the collection was stopped');

/** `taken`: another reader has it; `idle`: nobody wants it read any more. `paused`: money or keys forbid it, and the sentence says so. */
export type ReadOutcome = { outcome: RunOutcome | 'taken' | 'idle'; posts: number; paused?: string };

/**
 * Reads the timeline to its end. What the platform says of the account (protected, suspended, gone) is an observation, not a failure. Throws only
 * what a later try may mend: an unreachable platform, a database that is away, the signal's reason; the sweep stays where it stood.
 */
export async function readTimeline(task: TimelineTask, key: TimelineKey): Promise<ReadOutcome> {
  const { db, node, clock } = task;
  const run = randomUUID();
  const startedMs = clock.now();
  const begun = await db.transaction(async (tx) => {
    const row = await beginRun(tx, key, { run, node, atMs: startedMs });
    if (row === undefined) return undefined;
    const sweep = sweepOf(row, run, startedMs);
    await takeSweep(tx, key, sweep);
    return { row, sweep };
  });
  if (begun === undefined) return { outcome: 'idle', posts: 0 };
  const reading = new Reading(task, key, begun.row, begun.sweep);
  try {
    return await reading.read();
  } catch (error) {
    if (isPause(error)) return await reading.paused(error.message);
    await reading.failed(error).catch(() => undefined); // the database is away: the sweep is as it was, and the job will be tried again
    if (task.cancelled?.reason === STOPPED && !task.signal.aborted) return reading.stopped();
    throw error;
  }
}

function sweepOf(row: TimelineRow, run: string, nowMs: number): Sweep {
  const left = row.sweep === null ? undefined : sweepSchema.safeParse(row.sweep).data;
  if (left !== undefined) return { ...(left as Sweep), run };
  return {
    run,
    ...(row.newestId === null ? {} : { sinceId: row.newestId }),
    position: {},
    pages: 0,
    posts: 0,
    startedAt: new Date(nowMs).toISOString(),
  };
}

class Reading {
  readonly #task: TimelineTask;
  readonly #key: TimelineKey;
  readonly #row: TimelineRow;
  readonly #startedMs: number;
  #sweep: Sweep;
  #posts = 0;
  /** What the pages said of the account itself. */
  #author: Author | undefined;

  constructor(task: TimelineTask, key: TimelineKey, row: TimelineRow, sweep: Sweep) {
    this.#task = task;
    this.#key = key;
    this.#row = row;
    this.#sweep = sweep;
    this.#startedMs = task.clock.now();
  }

  async read(): Promise<ReadOutcome> {
    const { asker, question, cancelled } = this.#task;
    const signal = cancelled === undefined ? this.#task.signal : AbortSignal.any([this.#task.signal, cancelled]);
    const { sinceId, position } = this.#sweep;
    const wish = { accountId: this.#key.accountId, ...(sinceId === undefined ? {} : { sinceId }) };
    // A sweep whose last page is kept and whose reader was killed then has nothing left to ask.
    const isOver = this.#sweep.pages > 0 && position.token === undefined;
    if (!isOver) {
      const steps = readPages(asker, question(wish), { signal, from: position });
      let step = await steps.next();
      for (; !step.done; step = await steps.next()) {
        const { page, next } = step.value;
        if (page.subject !== undefined) return await this.#cannotBeRead(page.subject);
        if (!(await this.#keep(page, next))) return { outcome: 'taken', posts: this.#posts };
      }
      const end = step.value;
      if (end.kind === 'refused') return await this.#refused(end.refusal);
      if (end.kind === 'unreachable')
        throw new MistnetError('platform.unreachable', `The platform does not answer: ${end.cause}.`);
      if (end.kind === 'endless')
        throw new MistnetError('platform.refused', 'The platform leads back to the page that was just read.');
    }
    return await this.#finish();
  }

  /** First the disk, then the cursor. */
  async #keep(page: ReadPage, next: Sweep['position'] | undefined): Promise<boolean> {
    const { pages, db } = this.#task;
    const postIds = page.posts.map(({ postId }) => postId);
    this.#author ??= authorOf(page, this.#key.accountId);
    const { posts: hadPosts } = this.#author?.account ?? {};
    const begun = this.#sweep.pages > 0 || hadPosts === undefined ? this.#sweep : { ...this.#sweep, hadPosts };
    const sweep = afterPage(begun, { postIds }, next);
    await pages.append(framesOfPage(page, this.#key.accountId, sweep));
    // crash point page.appended: recovery must note the page by the marker behind it, and not buy it again.
    crashPoint('page.appended');
    const isOurs = await db.transaction(async (tx) => {
      if (!(await keepSweep(tx, this.#key, sweep))) return false;
      await countPage(tx, sweep.run, postIds.length);
      return true;
    });
    // crash point page.noted: recovery must go on behind the page.
    crashPoint('page.noted');
    this.#sweep = sweep;
    this.#posts += postIds.length;
    return isOurs;
  }

  async #finish(): Promise<ReadOutcome> {
    const { db, clock, horizon, schedule, plan, log } = this.#task;
    const nowMs = clock.now();
    const known = knownOf(this.#author);
    const { state, unreachable } = finishSweep(stateOf(this.#row), this.#sweep, { nowMs, horizon, known });
    if (unreachable !== undefined) await this.#recordGap('horizon', unreachable, unreachable.evidence);
    // It had gone out of sight while it was read, and came back: what was missing was had after all.
    const { unread } = this.#sweep;
    if (unread !== undefined) await this.#recordGap('account-unreadable', unread, 'it came back and was read on', true);
    const isOurs = await db.transaction(async (tx) => {
      await this.#noteAuthor(tx);
      // From where the sweep began: after one that stood for long, what came meanwhile is due at once.
      const dueMs = nextDue(schedule, Date.parse(this.#sweep.startedAt), state.dailyRate);
      return await endRun(tx, this.#key, this.#end('done'), { dueMs, failures: 0, state });
    });
    if (!isOurs) return { outcome: 'taken', posts: this.#posts };
    log.info({ plan, account: this.#key.accountId, posts: this.#posts, pages: this.#sweep.pages }, 'timeline.read');
    return { outcome: 'done', posts: this.#posts };
  }

  /** Protected, suspended, gone: noted with what showed it. The timeline waits until a later look finds the account again. */
  async #cannotBeRead(subject: ItemOutcome): Promise<ReadOutcome> {
    const { db, clock } = this.#task;
    const sight = sightOfMissing(this.#key.accountId, subject, clock.now());
    if (sight === undefined)
      throw new MistnetError('platform.refused', `The platform said of the account: ${subject.evidence.sentence}`);
    const outcome = sight.state === 'public' ? 'failed' : sight.state;
    const error = `${sight.endpoint}: ${sight.evidence}`;
    const failures = this.#row.failures + 1;
    await this.#tellUnread(error);
    await db.transaction(async (tx) => {
      await noteSights(tx, [sight]);
      const dueMs = retryDue(clock.now(), failures);
      await endRun(tx, this.#key, { ...this.#end(outcome), error }, { dueMs, failures });
    });
    return { outcome, posts: this.#posts };
  }

  /** In the middle of its pages: what lies below is missing, unless it comes back. */
  async #tellUnread(error: string): Promise<void> {
    if (this.#sweep.position.token === undefined || this.#sweep.unread !== undefined) return;
    const unread = stretchBelow(this.#sweep, knownOf(this.#author).createdAtMs);
    if (unread === undefined) return;
    await this.#recordGap('account-unreadable', unread, `it went out of sight while it was read (${error})`);
    this.#sweep = { ...this.#sweep, unread };
    await keepSweep(this.#task.db, this.#key, this.#sweep);
  }

  /** Named after the sweep, whoever reads it: one that is told twice, because its end could not be noted, is one gap. */
  async #recordGap(
    cause: GapCause,
    { fromMs, toMs }: { fromMs: number; toMs: number },
    evidence: string,
    isFilled = false,
  ): Promise<void> {
    const { pages, plan, node } = this.#task;
    const { accountId } = this.#key;
    const from = new Date(fromMs).toISOString();
    await pages.recordGap({
      ...{ gapId: gapIdOf([plan, accountId, this.#sweep.startedAt, cause]), plan, node, cause, from },
      to: new Date(toMs).toISOString(),
      evidence: `account ${accountId}: ${evidence}`,
      ...(isFilled ? { backfilledFrom: from } : {}),
      uncoveredMs: isFilled ? 0 : Math.round(toMs - fromMs),
    });
  }

  async #refused(refusal: ReadRefusal): Promise<ReadOutcome> {
    const sentence = `The platform refused: ${refusal.sentence}.`;
    if (!PAUSES.has(refusal.kind)) throw new MistnetError('platform.refused', sentence);
    return await this.paused(sentence);
  }

  /** Money or keys forbid it: no failure of this timeline, which stays due and goes on where it stands. */
  async paused(sentence: string): Promise<ReadOutcome> {
    const timeline = { dueMs: this.#startedMs, failures: this.#row.failures };
    await endRun(this.#task.db, this.#key, { ...this.#end('interrupted'), error: sentence }, timeline);
    return { outcome: 'interrupted', posts: this.#posts, paused: sentence };
  }

  /** Its collection was stopped: nobody's failure. */
  stopped(): ReadOutcome {
    return { outcome: 'interrupted', posts: this.#posts };
  }

  /** Notes a failure; the sweep stays, so that the next try goes on. */
  async failed(error: unknown): Promise<void> {
    const { signal, cancelled } = this.#task;
    if (signal.aborted || cancelled?.aborted === true) return await this.#endInterrupted();
    await this.#endFailed(causeText(error));
  }

  async #endFailed(error: string): Promise<void> {
    const failures = this.#row.failures + 1;
    const dueMs = retryDue(this.#task.clock.now(), failures);
    await endRun(this.#task.db, this.#key, { ...this.#end('failed'), error }, { dueMs, failures });
  }

  /** Told to stop: due at once, for whoever comes next; one that was cancelled waits for its next turn. */
  async #endInterrupted(): Promise<void> {
    const { schedule, cancelled } = this.#task;
    const nextMs = nextDue(schedule, this.#startedMs, this.#row.dailyRate ?? undefined);
    const dueMs = cancelled?.aborted === true && cancelled.reason !== STOPPED ? nextMs : this.#startedMs;
    const timeline = { dueMs, failures: this.#row.failures };
    await endRun(this.#task.db, this.#key, this.#end('interrupted'), timeline);
  }

  #end(outcome: RunOutcome) {
    return { run: this.#sweep.run, outcome, atMs: this.#task.clock.now() };
  }

  /** Renames come to light in the pages themselves, days before the weekly look. */
  async #noteAuthor(tx: Parameters<typeof noteSights>[0]): Promise<void> {
    if (this.#author === undefined) return;
    const { account, profile, page } = this.#author;
    await noteSights(tx, [
      {
        ...{ platform: this.#key.platform, accountId: this.#key.accountId, atMs: Date.parse(page.receivedAt) },
        state: account.protected === true ? 'protected' : 'public',
        ...(account.handle === undefined ? {} : { handle: account.handle }),
        ...{ endpoint: page.endpoint, evidence: 'its timeline was read' },
        ...(profile === undefined ? {} : { profile }),
      },
    ]);
  }
}

function stateOf({ newestId, dailyRate, sweptAt }: TimelineRow): TimelineState {
  return {
    ...(newestId === null ? {} : { newestId }),
    ...(dailyRate === null ? {} : { dailyRate }),
    ...(sweptAt === null ? {} : { sweptAt }),
  };
}

/** What the platform itself may mend, or a person with money or a new key; nothing that trying again would. */
const PAUSES: ReadonlySet<ReadRefusal['kind']> = new Set([
  'usage-capped',
  'out-of-money',
  'credential-refused',
  'not-allowed',
]);

function isPause(error: unknown): error is MistnetError {
  return error instanceof MistnetError && (error.code === 'budget.reached' || error.code === 'credential.unusable');
}

/** `profile`: absent where it is not in the form that profiles are kept in. */
type Author = { account: Account; profile?: Record<string, unknown>; page: ReadPage };

/** The account as its page shows it: among the includes of v2, within each post of v1.1. */
function authorOf(page: ReadPage, accountId: string): Author | undefined {
  const id = parseAccountId(accountId);
  if (id === undefined) return undefined;
  const { users } = (page.envelope.includes ?? {}) as { users?: Record<string, unknown>[] };
  const profile = users?.find((user) => user.id === accountId);
  if (profile !== undefined) return { account: accountV2(id, profile), profile, page };
  const legacy = page.posts[0]?.payload.user as Record<string, unknown> | undefined;
  return legacy?.id_str === accountId ? { account: accountV11(id, legacy), page } : undefined;
}

function knownOf(author: Author | undefined): { createdAtMs?: number; posts?: number } {
  const { createdAt, posts } = author?.account ?? {};
  const createdAtMs = createdAt === undefined ? Number.NaN : Date.parse(createdAt);
  return { ...(Number.isNaN(createdAtMs) ? {} : { createdAtMs }), ...(posts === undefined ? {} : { posts }) };
}

/** In the form of an UUID, as the ids of all gaps. */
function gapIdOf(parts: readonly string[]): string {
  const hex = createHash('sha256').update(parts.join('\n')).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}
