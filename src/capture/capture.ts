/** The capture role: one running stream for each plan that is wanted here, started and stopped as plans come and change. */
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { causeText } from '../core/errors.ts';
import type { StreamAdapter } from '../platforms/adapter.ts';
import { isDiskTrouble } from './durable-file.ts';
import { type CapturePlan, isStreamPlan, readPlan } from './plan.ts';
import { type RunStreamOptions, runStream, STOP_WISHED } from './run-stream.ts';

export type CaptureOptions = Omit<RunStreamOptions, 'plan' | 'planFolder' | 'adapter' | 'credential'> & {
  /** The stream that a plan wishes. */
  adapterOf: (plan: CapturePlan) => StreamAdapter;
  /** What a plan's connections are asked with now, or why there is nothing. */
  credentialOf: (plan: CapturePlan) => ReturnType<RunStreamOptions['credential']>;
  segmentsFolder: string;
  /**
   * Brings the plan files up to date with what people wish, and says which plans this node may capture; undefined while that
   * cannot be known (no database): then capture goes on with the plans that lie beside the segments.
   */
  refreshPlans: () => Promise<ReadonlySet<string> | undefined>;
};

const LOOK_EVERY_MS = 500;

type Running = { plan: CapturePlan; stop: AbortController; done: Promise<void> };

/** Runs until the signal aborts, then seals everything. Throws when a stream cannot go on for a fault of the disk or of our own. */
export async function runCapture(options: CaptureOptions): Promise<void> {
  const { segmentsFolder, runFolder, signal, log } = options;
  await mkdir(segmentsFolder, { recursive: true });
  await mkdir(runFolder, { recursive: true });
  const running = new Map<string, Running>();
  let fault: { error: unknown } | undefined;

  const start = (plan: CapturePlan) => {
    const stop = new AbortController();
    const planFolder = join(segmentsFolder, plan.plan);
    const adapter = options.adapterOf(plan);
    const done = runStream({
      ...options,
      adapter,
      credential: () => options.credentialOf(plan),
      plan,
      planFolder,
      signal: AbortSignal.any([signal, stop.signal]),
    }).catch((error: unknown) => {
      fault ??= { error };
      log.error({ plan: plan.plan, cause: causeText(error) }, 'stream.failed');
    });
    running.set(plan.plan, { plan, stop, done });
    log.info({ plan: plan.plan, wanted: plan.wanted, revision: plan.revision }, 'plan.started');
  };

  let unread = false;
  /** None while the disk refuses to say which; what runs goes on. */
  const saved = async (): Promise<CapturePlan[]> => {
    try {
      const plans = await savedPlans(segmentsFolder);
      unread = false;
      return plans;
    } catch (error) {
      if (!isDiskTrouble(error)) throw error;
      if (!unread) log.warn({ cause: causeText(error) }, 'plans.unread');
      unread = true;
      return [];
    }
  };

  while (!signal.aborted && fault === undefined) {
    const allowed = await options.refreshPlans();
    for (const plan of await saved()) {
      if (allowed !== undefined && !allowed.has(plan.plan)) continue;
      const current = running.get(plan.plan);
      if (current !== undefined && current.plan.revision === plan.revision) continue;
      if (current !== undefined) await end(current, plan.wanted === 'stopped' ? STOP_WISHED : 'changed');
      start(plan);
    }
    for (const [name, current] of running) {
      if (allowed === undefined || allowed.has(name)) continue;
      await end(current, 'taken over'); // another node holds the lease: doubling was right until it was known
      running.delete(name);
    }
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined); // aborted: the loop ends
  }
  await Promise.all([...running.values()].map((current) => end(current, 'shutdown')));
  if (fault !== undefined) throw fault.error;
}

async function end(running: Running, reason: string): Promise<void> {
  running.stop.abort(reason);
  await running.done;
}

/** The plans that lie beside segments; a damaged one is a fault of ours and is thrown. */
async function savedPlans(segmentsFolder: string): Promise<CapturePlan[]> {
  const plans: CapturePlan[] = [];
  for (const name of (await readdir(segmentsFolder)).sort()) {
    const plan = await readPlan(join(segmentsFolder, name));
    if (plan !== undefined && isStreamPlan(plan)) plans.push(plan); // pages are bought by the worker
  }
  return plans;
}
