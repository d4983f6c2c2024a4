/** The worker's loop of filter collections: rules go to the platform within seconds, names of people are looked up, both are looked at anew now and then. */
import { setTimeout as sleep } from 'node:timers/promises';
import { causeText, MistnetError } from '../../core/errors.ts';
import type { Log } from '../../core/log.ts';
import type { Clock } from '../../core/time.ts';
import type { Asker } from '../../platforms/make-call.ts';
import type { PermitSource } from '../../platforms/permit-source.ts';
import type { RulesAsker } from '../../platforms/x/filter-rules.ts';
import type { Database } from '../../store/db.ts';
import { takeFirstKey } from '../../store/filters/first-key.ts';
import { FILTERS_CHANNEL } from '../../store/filters/filter-streams.ts';
import { noteSynced, type StreamToSync, streamsToSync } from '../../store/filters/rule-rows.ts';
import { listen } from '../../store/listen.ts';
import type { AccountQuestions } from '../accounts/look-up.ts';
import { PeopleFinder } from './find-people.ts';
import { RulesPace } from './rules-pace.ts';
import { holdStream, PREPARE_MS, syncRules } from './sync-rules.ts';

export type FilterWork = {
  db: Database;
  databaseUrl: string;
  /** Leave to call with one credential. */
  permitsOf: (credential: string) => PermitSource;
  rules: Omit<RulesAsker, 'permits' | 'credential' | 'signal'>;
  /** What people are looked up with: the credential of the filter that names them. */
  askerOf: (credential: string) => Asker;
  questions: AccountQuestions;
  clock: Clock;
  log: Log;
  signal: AbortSignal;
  settleMs?: number;
};

/** Notices are not relied on: so often it looks by itself. */
const LOOK_EVERY_MS = 2_000;
/** After a refusal the platform is left alone for so long. */
const AGAIN_MS = 5_000;
/** What the platform has is compared with what is noted so often. */
const THOROUGH_EVERY_MS = 5 * 60_000;
/** Rules that could not be deleted at once are looked at again so often. */
const LEFT_EVERY_MS = 60_000;
const LONGEST_PAUSE_MS = 5_000;
/** Each holds a connection to the database while it is at its stream; one more place is for the names. */
const AT_ONCE = 4;
/** No plan's name. */
const PEOPLE = 'people of filters';
/** Two looks at one stream are so far apart. */
const LOOKS_APART_MS = 250;

/**
 * Runs until the signal aborts. While PostgreSQL or the platform is away it waits and goes on. Streams do not wait for each other, nor for names that are
 * looked up: each has a pace of its own, and some have long pauses.
 */
export async function keepFilters(work: FilterWork): Promise<void> {
  const { databaseUrl, signal, log } = work;
  const wake = makeWake();
  const people = new PeopleFinder(work);
  const state: SyncState = { looked: new Set(), paces: new Map() };
  const ended = new AbortController();
  const listening = listen(databaseUrl, FILTERS_CHANNEL, () => wake.now(), AbortSignal.any([signal, ended.signal]));
  const running = new Map<string, Promise<void>>();
  let failures = 0;
  const note = (error: unknown) => {
    if (!signal.aborted && failures++ === 0) log.warn({ cause: causeText(error) }, 'filters.trouble');
  };
  const run = (name: string, part: () => Promise<boolean>) => {
    if (running.has(name)) return;
    const toEnd = async () => {
      const hasWorked = await part().catch(note);
      running.delete(name);
      if (hasWorked !== true) return;
      failures = 0;
      wake.now(); // there may be something new that found it busy
    };
    running.set(name, toEnd());
  };
  try {
    while (!signal.aborted) {
      const failedBefore = failures;
      let pauseMs = LOOK_EVERY_MS;
      try {
        run(PEOPLE, () => people.look().then(() => false));
        for (const stream of await streamsToSync(work.db)) {
          const dueInMs = whenDue(stream, state);
          if (dueInMs > 0) pauseMs = Math.min(pauseMs, dueInMs);
          else if (running.size < AT_ONCE) run(stream.plan, () => syncNow(work, stream.plan, state));
        }
      } catch (error) {
        note(error);
      }
      if (failures > failedBefore) pauseMs = Math.min(LONGEST_PAUSE_MS, 250 * 2 ** Math.min(failures, 10));
      await wake.within(pauseMs, signal);
    }
  } finally {
    ended.abort();
    await listening;
    await Promise.all(running.values());
  }
}

/** `looked`: the streams that this worker has compared with the platform since it started; `paces`: by credential. */
type SyncState = { looked: Set<string>; paces: Map<string, RulesPace> };

/** In how many ms something is to be done for a stream; 0: now. Infinite while there is nothing. */
function whenDue(stream: StreamToSync, state: SyncState): number {
  const { credential, revision, syncedRevision, triedMsAgo, error } = stream;
  const triedAgoMs = triedMsAgo ?? Number.POSITIVE_INFINITY;
  const pace = paceOf(state, credential);
  const isNew = revision !== syncedRevision;
  const isIdle = !stream.hasMembers && !isNew;
  const isLeft = stream.hasLeaving && pace.mayDelete() && triedAgoMs > LEFT_EVERY_MS;
  if (!isLeft && (isIdle || (!isNew && !isToCompare(stream, state)))) return Number.POSITIVE_INFINITY;
  const apartMs = error === null ? LOOKS_APART_MS : AGAIN_MS;
  if (triedAgoMs < apartMs) return apartMs - triedAgoMs;
  // What needs no addition is done on the way; for the others there is nothing to do before the pace allows it.
  const inMs = pace.addInMs() - PREPARE_MS;
  return inMs > 0 && triedAgoMs < LOOK_EVERY_MS ? Math.min(inMs, LOOK_EVERY_MS - triedAgoMs) : 0;
}

function isToCompare({ plan, error, syncedMsAgo }: StreamToSync, { looked }: SyncState): boolean {
  return !looked.has(plan) || error !== null || (syncedMsAgo ?? Number.POSITIVE_INFINITY) > THOROUGH_EVERY_MS;
}

function paceOf({ paces }: SyncState, credential: string): RulesPace {
  const pace = paces.get(credential) ?? new RulesPace(() => performance.now());
  paces.set(credential, pace);
  return pace;
}

/** Answers whether it was this worker's turn. */
async function syncNow(work: FilterWork, plan: string, state: SyncState): Promise<boolean> {
  const { db, rules, permitsOf, log, signal, settleMs } = work;
  try {
    return await holdStream(db, plan, async () => {
      // Another worker may have done it while this one waited for its turn.
      const stream = (await streamsToSync(db)).find((each) => each.plan === plan);
      if (stream === undefined) return;
      const { credential } = stream;
      const isDone = await syncRules(stream, {
        ...{ db, log, signal, pace: paceOf(state, credential), isThorough: isToCompare(stream, state) },
        asker: { ...rules, permits: permitsOf(credential), credential, signal },
        ...(settleMs === undefined ? {} : { settleMs }),
      });
      if (isDone) state.looked.add(plan);
    });
  } catch (cause) {
    if (!(cause instanceof MistnetError) || signal.aborted) throw cause;
    if (cause.code !== 'credential.unusable' && cause.code !== 'budget.reached') throw cause;
    const taken = cause.code === 'credential.unusable' ? await takeFirstKey(db) : [];
    for (const each of taken) log.info(each, 'filters.first-key');
    if (taken.length > 0) return true;
    await noteSynced(db, plan, { error: cause.message }); // nothing to ask with: said, and tried again
    return false;
  }
}

type Wake = { now(): void; within(ms: number, signal: AbortSignal): Promise<void> };

/** A sleep that a notice ends; one that came meanwhile counts. */
function makeWake(): Wake {
  let isDue = false;
  let awake = new AbortController();
  return {
    now: () => {
      isDue = true;
      awake.abort();
    },
    within: async (ms, signal) => {
      if (!isDue)
        await sleep(ms, undefined, { signal: AbortSignal.any([signal, awake.signal]) }).catch(() => undefined); // woken or aborted
      isDue = false;
      awake = new AbortController();
    },
  };
}
