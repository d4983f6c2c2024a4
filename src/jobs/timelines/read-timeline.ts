/** Reads one timeline from where it stands: each page is on the disk before the cursor moves, so that nothing is lost and no page is bought twice. */
import { randomUUID } from 'node:crypto';
import { causeText, MistnetError } from '../../core/errors.ts';
import type { Log } from '../../core/log.ts';
import type { Account } from '../../core/post.ts';
import type { Clock } from '../../core/time.ts';
import type { PageLog } from '../../capture/page-log.ts';
import type { Asker } from '../../platforms/make-call.ts';
import { readPages } from '../../platforms/read-pages.ts';
import type { ItemOutcome, PagedQuestion, ReadPage, ReadRefusal } from '../../platforms/read-adapter.ts';
import { accountV2 } from '../../platforms/x/decode.ts';
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
import { afterPage, finishSweep, type Sweep, type TimelineState } from './sweep.ts';

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
};

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
    await reading.failed(error).catch(() => undefined); // the database is away: the sweep is as it was, and the job will be tried again
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
  #author: { account: Account; payload: Record<string, unknown>; page: ReadPage } | undefined;

  constructor(task: TimelineTask, key: TimelineKey, row: TimelineRow, sweep: Sweep) {
    this.#task = task;
    this.#key = key;
    this.#row = row;
    this.#sweep = sweep;
    this.#startedMs = task.clock.now();
  }

  async read(): Promise<ReadOutcome> {
    const { asker, question, signal } = this.#task;
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
    const sweep = afterPage(this.#sweep, { postIds }, next);
    await pages.append(framesOfPage(page, this.#key.accountId, sweep));
    const isOurs = await db.transaction(async (tx) => {
      if (!(await keepSweep(tx, this.#key, sweep))) return false;
      await countPage(tx, sweep.run, postIds.length);
      return true;
    });
    this.#sweep = sweep;
    this.#posts += postIds.length;
    this.#author ??= authorOf(page, this.#key.accountId);
    return isOurs;
  }

  async #finish(): Promise<ReadOutcome> {
    const { db, clock, horizon, schedule, pages, plan, node, log } = this.#task;
    const nowMs = clock.now();
    const { createdAt, posts } = this.#author?.account ?? {};
    const known = {
      ...(createdAt === undefined || Number.isNaN(Date.parse(createdAt)) ? {} : { createdAtMs: Date.parse(createdAt) }),
      ...(posts === undefined ? {} : { posts }),
    };
    const { state, unreachable } = finishSweep(stateOf(this.#row), this.#sweep, { nowMs, horizon, known });
    if (unreachable !== undefined) {
      const { fromMs, toMs, evidence } = unreachable;
      await pages.recordGap({
        // Named after the sweep: one that is finished twice, because its end could not be noted, leaves one gap.
        ...{ gapId: `${this.#sweep.run}`, plan, node, cause: 'horizon' },
        from: new Date(fromMs).toISOString(),
        to: new Date(toMs).toISOString(),
        evidence: `account ${this.#key.accountId}: ${evidence}`,
        uncoveredMs: Math.round(toMs - fromMs),
      });
    }
    await db.transaction(async (tx) => {
      await this.#noteAuthor(tx);
      const dueMs = nextDue(schedule, this.#startedMs, state.dailyRate);
      await endRun(tx, this.#key, this.#end('done'), { dueMs, failures: 0, state });
    });
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
    await db.transaction(async (tx) => {
      await noteSights(tx, [sight]);
      const dueMs = retryDue(clock.now(), failures);
      await endRun(tx, this.#key, { ...this.#end(outcome), error }, { dueMs, failures });
    });
    return { outcome, posts: this.#posts };
  }

  async #refused(refusal: ReadRefusal): Promise<ReadOutcome> {
    const isPause = ['usage-capped', 'out-of-money', 'credential-refused', 'not-allowed'].includes(refusal.kind);
    const sentence = `The platform refused: ${refusal.sentence}.`;
    if (!isPause) throw new MistnetError('platform.refused', sentence);
    await this.#endFailed(sentence);
    return { outcome: 'failed', posts: this.#posts, paused: sentence };
  }

  /** Notes a failure; the sweep stays, so that the next try goes on. */
  async failed(error: unknown): Promise<void> {
    const { signal } = this.#task;
    if (signal.aborted) return await this.#endInterrupted();
    await this.#endFailed(causeText(error));
  }

  async #endFailed(error: string): Promise<void> {
    const failures = this.#row.failures + 1;
    const dueMs = retryDue(this.#task.clock.now(), failures);
    await endRun(this.#task.db, this.#key, { ...this.#end('failed'), error }, { dueMs, failures });
  }

  /** Told to stop: due at once, for whoever comes next. */
  async #endInterrupted(): Promise<void> {
    const timeline = { dueMs: this.#startedMs, failures: this.#row.failures };
    await endRun(this.#task.db, this.#key, this.#end('interrupted'), timeline);
  }

  #end(outcome: RunOutcome) {
    return { run: this.#sweep.run, outcome, atMs: this.#task.clock.now() };
  }

  /** Renames come to light in the pages themselves, days before the weekly look. */
  async #noteAuthor(tx: Parameters<typeof noteSights>[0]): Promise<void> {
    if (this.#author === undefined) return;
    const { account, payload, page } = this.#author;
    await noteSights(tx, [
      {
        ...{ platform: this.#key.platform, accountId: this.#key.accountId, atMs: Date.parse(page.receivedAt) },
        state: account.protected === true ? 'protected' : 'public',
        ...(account.handle === undefined ? {} : { handle: account.handle }),
        ...{ endpoint: page.endpoint, evidence: 'its timeline was read', profile: payload },
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

/** The account as the includes of its page show it. */
function authorOf(page: ReadPage, accountId: string) {
  const { users } = (page.envelope.includes ?? {}) as { users?: Record<string, unknown>[] };
  const payload = users?.find(({ id }) => id === accountId);
  const id = parseAccountId(accountId);
  return payload === undefined || id === undefined ? undefined : { account: accountV2(id, payload), payload, page };
}
