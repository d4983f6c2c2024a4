/** Brings people's wishes, and sealed what they are to be asked with, from the database to the plan files that capture runs by, and holds the leases of this node. */
import { join } from 'node:path';
import { causeText } from '../core/errors.ts';
import type { Log } from '../core/log.ts';
import type { Clock } from '../core/time.ts';
import { MeaningLog } from '../capture/meaning/meaning-log.ts';
import { readPlan, savePlan } from '../capture/plan.ts';
import type { Database } from '../store/db.ts';
import { meaningToNote, noteTold } from '../store/filters/told-nodes.ts';
import { acquirePlanLease, type PlanLease, releasePlanLease } from '../store/queries/plan-lease.ts';
import { plansOfNode } from '../store/queries/plans-of-node.ts';
import { sealedCredentials } from '../store/credentials/sealed-credentials.ts';
import { besidePlan, credentialOfPlan, keepPlanCredential, refusedForPlan } from './stream-credential.ts';

/** How often leases are prolonged; they last 30 s. */
const RENEW_EVERY_MS = 5_000;

export type PlanKeeper = AsyncDisposable & { refresh: () => Promise<ReadonlySet<string> | undefined> };

/**
 * `refresh` answers the plans that this node may capture, undefined while the database does not answer within 2 s: a holder that
 * cannot reach PostgreSQL goes on, for doubling is cheaper than loss. Disposing gives the leases back, so that
 * another node need not wait, and closes the database.
 */
export function keepPlans(options: {
  openDb: () => Promise<Database>;
  segmentsFolder: string;
  node: string;
  log: Log;
  monotonicMs: () => number;
  clock: Clock;
}): PlanKeeper {
  const { segmentsFolder, node, log, monotonicMs, clock } = options;
  let opening: Promise<Database> | undefined;
  let renewedAtMs = Number.NEGATIVE_INFINITY;
  let away = false;
  let held = new Map<string, PlanLease>();
  let asking: Promise<ReadonlySet<string>> | undefined;
  const meanings = new Map<string, MeaningLog>();

  async function ask(): Promise<ReadonlySet<string>> {
    opening ??= options.openDb();
    const db = await opening.catch((error: unknown) => {
      opening = undefined;
      throw error;
    });
    const renew = monotonicMs() - renewedAtMs >= RENEW_EVERY_MS;
    const leases = new Map<string, PlanLease>();
    const credentials = await sealedCredentials(db, 'x');
    for (const { plan } of await plansOfNode(db, node)) {
      const lease = renew ? undefined : held.get(plan.plan);
      const kept = lease ?? (await acquirePlanLease(db, { plan: plan.plan, node }));
      if (kept === undefined) continue; // another node has it
      leases.set(plan.plan, kept);
      const folder = join(segmentsFolder, plan.plan);
      const saved = await readPlan(folder);
      if (saved?.revision !== plan.revision) await savePlan(folder, plan);
      const found = credentialOfPlan(plan, credentials, await besidePlan(folder));
      await keepPlanCredential(folder, found, refusedForPlan(plan, credentials));
      if (plan.kind === 'filter') await keepMeaning(db, { plan: plan.plan, folder });
    }
    if (renew) renewedAtMs = monotonicMs();
    held = leases;
    return new Set(leases.keys());
  }

  /** What the frames of a shared stream mean from now on; the platform is told of new rules once this is noted. */
  async function keepMeaning(db: Database, { plan, folder }: { plan: string; folder: string }): Promise<void> {
    const meaning = await meaningToNote(db, { plan, node });
    if (meaning === undefined) return;
    const meaningLog = meanings.get(plan) ?? (await MeaningLog.open(folder, node));
    meanings.delete(plan); // one that fails is opened anew
    await meaningLog.note(meaning, clock);
    meanings.set(plan, meaningLog);
    await noteTold(db, { plan, node, revision: meaning.revision });
    log.info({ plan, revision: meaning.revision, collections: meaning.collections.length }, 'meaning.noted');
  }

  return {
    refresh: async () => {
      // One question at a time: a database that hangs must not collect them, nor hold capture up.
      asking ??= ask().finally(() => {
        asking = undefined;
      });
      const answer = await Promise.race([asking.catch((error: unknown) => ({ error })), patience()]);
      const known = answer instanceof Set ? (answer as ReadonlySet<string>) : undefined;
      if (known === undefined && !away)
        log.warn({ cause: isFailure(answer) ? causeText(answer.error) : 'no answer within 2 s' }, 'plans.unknown');
      if (known !== undefined && away) log.info({ plans: known.size }, 'plans.known');
      away = known === undefined;
      return known;
    },
    [Symbol.asyncDispose]: async () => {
      const db = await opening?.catch(() => undefined); // never there: nothing to give back
      if (db === undefined) return;
      const giveBack = Promise.all([...held.values()].map((lease) => releasePlanLease(db, lease)));
      await Promise.race([giveBack.catch(() => undefined), patience()]); // away: the leases run out by themselves
      await db[Symbol.asyncDispose]();
    },
  };
}

function patience(): Promise<undefined> {
  return new Promise((resolve) => setTimeout(() => resolve(undefined), 2_000).unref());
}

function isFailure(answer: unknown): answer is { error: unknown } {
  return typeof answer === 'object' && answer !== null && 'error' in answer;
}
