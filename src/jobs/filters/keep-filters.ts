/** The worker's loop of filter collections: rules go to the platform within seconds, names of people are looked up, both are looked at anew now and then. */
import { setTimeout as sleep } from 'node:timers/promises';
import { causeText, MistnetError } from '../../core/errors.ts';
import type { Log } from '../../core/log.ts';
import type { Clock } from '../../core/time.ts';
import type { Asker } from '../../platforms/make-call.ts';
import type { PermitSource } from '../../platforms/permit-source.ts';
import type { RulesAsker } from '../../platforms/x/filter-rules.ts';
import type { Database } from '../../store/db.ts';
import { FILTERS_CHANNEL } from '../../store/filters/filter-streams.ts';
import { noteSynced, type StreamToSync, streamsToSync } from '../../store/filters/rule-rows.ts';
import { listen } from '../../store/listen.ts';
import type { AccountQuestions } from '../accounts/look-up.ts';
import { PeopleFinder } from './find-people.ts';
import { RulesPace } from './rules-pace.ts';
import { holdStream, syncRules } from './sync-rules.ts';

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

/** Runs until the signal aborts. While PostgreSQL or the platform is away it waits and goes on. */
export async function keepFilters(work: FilterWork): Promise<void> {
  const { databaseUrl, signal, log } = work;
  const wake = makeWake();
  const people = new PeopleFinder(work);
  const looked = new Set<string>();
  const paces = new Map<string, RulesPace>();
  const ended = new AbortController();
  const listening = listen(databaseUrl, FILTERS_CHANNEL, () => wake.now(), AbortSignal.any([signal, ended.signal]));
  let failures = 0;
  try {
    while (!signal.aborted) {
      let pauseMs = LOOK_EVERY_MS;
      try {
        await people.look();
        for (const stream of await streamsToSync(work.db)) {
          const pace = paces.get(stream.credential) ?? new RulesPace(() => performance.now());
          paces.set(stream.credential, pace);
          await syncWhereDue(work, stream, looked, pace);
        }
        failures = 0;
      } catch (error) {
        if (signal.aborted) return;
        if (failures++ === 0) log.warn({ cause: causeText(error) }, 'filters.trouble');
        pauseMs = Math.min(LONGEST_PAUSE_MS, 250 * 2 ** failures);
      }
      await wake.within(pauseMs, signal);
    }
  } finally {
    ended.abort();
    await listening;
  }
}

/** `looked`: the streams that this worker has compared with the platform since it started. */
async function syncWhereDue(
  work: FilterWork,
  stream: StreamToSync,
  looked: Set<string>,
  pace: RulesPace,
): Promise<void> {
  const { db, rules, permitsOf, log, signal, settleMs } = work;
  const { plan, credential, revision, syncedRevision, syncedMsAgo, triedMsAgo, error } = stream;
  const isNew = revision !== syncedRevision;
  const isIdle = !stream.hasMembers && !isNew;
  const isThorough =
    !looked.has(plan) || error !== null || (syncedMsAgo ?? Number.POSITIVE_INFINITY) > THOROUGH_EVERY_MS;
  const isLeft = stream.hasLeaving && pace.mayDelete() && (triedMsAgo ?? 0) > LEFT_EVERY_MS;
  if (!isLeft && (isIdle || (!isNew && !isThorough))) return;
  if (error !== null && (triedMsAgo ?? Number.POSITIVE_INFINITY) < AGAIN_MS) return;
  const asker = { ...rules, permits: permitsOf(credential), credential, signal };
  try {
    await holdStream(db, plan, async () => {
      // Another worker may have done it while this one waited for its turn.
      const now = (await streamsToSync(db)).find((each) => each.plan === plan);
      if (now === undefined) return;
      const isDone = await syncRules(now, {
        db,
        asker,
        log,
        signal,
        isThorough,
        pace,
        ...(settleMs === undefined ? {} : { settleMs }),
      });
      if (isDone) looked.add(plan);
    });
  } catch (cause) {
    if (!(cause instanceof MistnetError) || signal.aborted) throw cause;
    if (cause.code !== 'credential.unusable' && cause.code !== 'budget.reached') throw cause;
    await noteSynced(db, plan, { error: cause.message }); // nothing to ask with: said, and tried again
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
