/** Tells the database how this node is, and does what people ask of it there. One process of a node does it: the worker, else the server, else capture. */
import { setTimeout as sleep } from 'node:timers/promises';
import { causeText } from '../../core/errors.ts';
import type { Log } from '../../core/log.ts';
import type { Database } from '../../store/db.ts';
import { noteOutcome, takeRequests } from '../../store/nodes/node-requests.ts';
import { noteNode } from '../../store/nodes/node-status.ts';
import { NodeObserver, readRoles } from './look-at-node.ts';

export type NodeKeeperOptions = {
  /** Asked for again as long as it throws; whoever opens it disposes of it. */
  openDb: () => Promise<Database>;
  node: string;
  version: string;
  /** The role of this process. */
  role: string;
  runFolder: string;
  observer: NodeObserver;
  /** Asks the supervisor to start a role anew; false when there is none. */
  askRestart: (role: string) => boolean;
  monotonicMs: () => number;
  signal: AbortSignal;
  log: Log;
};

const LOOK_EVERY_MS = 2_000;
const SAY_EVERY_MS = 10_000;
const SAMPLE_EVERY_MS = 60_000;
/** Who speaks for a node, the first that runs on it. */
const SPEAKERS = ['worker', 'server', 'capture'];

/** Until the signal aborts. The database may be away meanwhile: said once, and gone on when it is back. */
export async function keepNode(options: NodeKeeperOptions): Promise<void> {
  const { signal, log, monotonicMs } = options;
  let [saidAt, sampledAt] = [-Infinity, -Infinity];
  let isTroubled = false;
  let db: Database | undefined;
  while (!signal.aborted) {
    try {
      db ??= await options.openDb();
      await doWhatIsAsked(db, options);
      if (monotonicMs() - saidAt >= SAY_EVERY_MS && (await isSpeaker(options))) {
        const isSample = monotonicMs() - sampledAt >= SAMPLE_EVERY_MS;
        await say(db, options, isSample);
        saidAt = monotonicMs();
        if (isSample) sampledAt = saidAt;
      }
      isTroubled = false;
    } catch (error) {
      if (signal.aborted) return;
      if (!isTroubled) log.warn({ cause: causeText(error) }, 'node.trouble');
      isTroubled = true;
    }
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined); // aborted: the loop ends
  }
}

async function say(db: Database, { node, version, observer }: NodeKeeperOptions, isSample: boolean): Promise<void> {
  await noteNode(db, { node, version, body: await observer.look(), isSample });
}

async function isSpeaker({ role, runFolder }: NodeKeeperOptions): Promise<boolean> {
  const file = await readRoles(runFolder);
  if (file === undefined) return true;
  const running = new Set(file.roles.filter(({ state }) => state !== 'ended').map((each) => each.role));
  return (SPEAKERS.find((each) => running.has(each)) ?? role) === role;
}

/** Any process of the node does it, so that one that hangs cannot keep people from starting it anew. */
async function doWhatIsAsked(db: Database, { node, askRestart, log }: NodeKeeperOptions): Promise<void> {
  for (const { requestId, role, askedBy } of await takeRequests(db, node)) {
    log.info({ role, request: requestId }, 'node.restart-asked');
    const done = `It is started anew, as ${askedBy} asked.`;
    const none = 'Nobody watches over the processes there, so nobody can start one anew.';
    // Noted before: it may be this very process that ends.
    await noteOutcome(db, requestId, done);
    if (!askRestart(role)) await noteOutcome(db, requestId, none);
  }
}
