/** Follows links that are due and notes what came of each at once, so that whoever comes after a kill has only the rest to do. */
import { createHash } from 'node:crypto';
import { type FollowedLink, followLink, hostOfLink, type LinkFollower } from '../../platforms/links/follow-link.ts';
import { nextTryMs } from '../../platforms/links/retry-plan.ts';
import { workByHost } from '../../platforms/links/work-by-host.ts';
import type { Database } from '../../store/db.ts';
import { type DueLink, dueLinks, noteTried, type TriedLink } from '../../store/links/due-links.ts';

/** `hostsAtOnce`: 16 when absent. */
export type LinkWork = { db: Database; follower: LinkFollower; signal: AbortSignal; hostsAtOnce?: number };

/** What came of links in one run. `again`: those of the others that will be tried again. `statuses`: answers by their first digit, as `2xx`. */
export type FollowCounts = {
  followed: number;
  answered: number;
  refused: number;
  unreachable: number;
  again: number;
  statuses: Record<string, number>;
};

export const noCounts = (): FollowCounts => ({
  ...{ followed: 0, answered: 0, refused: 0, unreachable: 0, again: 0 },
  statuses: {},
});

const HOSTS_AT_ONCE = 16;
/** Links in memory; one host's thousands must not hide the others for long. */
const MOST_WAITING = 5_000;
/** So many connections in a row that nobody took, and the rest of the host's links count as tried without trying. */
const PATIENCE_WITH_HOST = 3;

/** Follows what is due anywhere, at most `limit` links, and returns the counts. Throws when the database is away or the signal aborts. */
export async function followDue(work: LinkWork, limit: number): Promise<FollowCounts> {
  const counts = noCounts();
  const due = await dueLinks(work.db, work.follower.clock.now(), limit);
  await followAll(
    work,
    (async function* () {
      yield* due;
    })(),
    counts,
  );
  return counts;
}

/** Follows links as the source yields them, and counts. `onDone` hears of each link whose end is noted. */
export async function followAll(
  work: LinkWork,
  source: AsyncIterable<DueLink>,
  counts: FollowCounts,
  onDone: (link: DueLink) => void = () => {},
): Promise<void> {
  const { db, follower, signal, hostsAtOnce = HOSTS_AT_ONCE } = work;
  const silentInARow = new Map<string, number>();
  await workByHost(source, {
    hostOf: ({ url }) => hostOfLink(url),
    work: async (link) => {
      signal.throwIfAborted();
      const host = hostOfLink(link.url);
      const silent = silentInARow.get(host) ?? 0;
      const followed =
        silent >= PATIENCE_WITH_HOST ? untried(follower, link) : await followLink(follower, link.url, signal);
      // A host that redirects has answered, whoever else is silent then.
      const isSilent = followed.outcome === 'unreachable' && followed.isHostGone && followed.history.length === 0;
      if (isSilent) silentInARow.set(host, silent + 1);
      else silentInARow.delete(host);
      const tried = triedLink(followed, link, follower.clock.now());
      if (await noteTried(db, link, tried)) count(counts, followed, tried);
      onDone(link);
    },
    hostsAtOnce,
    mostWaiting: MOST_WAITING,
  });
}

function untried({ clock }: LinkFollower, { url }: DueLink): FollowedLink {
  return {
    ...{ history: [], finalUrl: url, durationMs: 0, checkedAt: new Date(clock.now()).toISOString() },
    ...{ outcome: 'unreachable', isHostGone: true },
    cause: `not tried: the host did not answer ${PATIENCE_WITH_HOST} other links in a row`,
  };
}

function triedLink(followed: FollowedLink, { url, tries }: DueLink, nowMs: number): TriedLink {
  const { outcome, history, finalUrl, durationMs, checkedAt } = followed;
  const againMs = nextTryMs(followed, tries + 1, nowMs);
  return {
    state: outcome === 'answered' ? 'done' : outcome,
    ...(againMs === undefined ? {} : { dueAt: new Date(againMs + spreadMs(url)).toISOString() }),
    ...{ history, finalUrl, durationMs, checkedAt },
    ...(followed.outcome === 'answered'
      ? { finalStatus: followed.finalStatus, finalHeaders: followed.finalHeaders }
      : { cause: keepable(followed.outcome === 'refused' ? followed.why : followed.cause) }),
  };
}

/** Up to ten minutes, by the address: what failed together does not come back together. */
function spreadMs(url: string): number {
  return createHash('sha256').update(url).digest().readUInt32BE(0) % 600_000;
}

/** A database keeps no U+0000. */
function keepable(sentence: string): string {
  return sentence.toWellFormed().replaceAll('\0', '\uFFFD').slice(0, 500);
}

function count(counts: FollowCounts, followed: FollowedLink, { dueAt }: TriedLink): void {
  counts.followed++;
  counts[followed.outcome]++;
  if (dueAt !== undefined) counts.again++;
  if (followed.outcome !== 'answered') return;
  const group = `${Math.floor(followed.finalStatus / 100)}xx`;
  counts.statuses[group] = (counts.statuses[group] ?? 0) + 1;
}
