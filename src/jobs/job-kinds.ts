/** What can be queued: what a job of each kind says, which jobs are the same one, and how it is worked on. */
import type { TimelineKey } from '../store/timelines/timelines.ts';

export type JobData = {
  /** An hour's dataset, on the node that holds its segments. */
  hour: { collection: string; hour: string };
  /** A UTC day's retention on a node. */
  retention: { day: string };
  /** An export, by its name, on the node that was asked for it. */
  export: { name: string };
  /** One reading of one timeline, on any node. */
  timeline: TimelineKey & { collection: string };
  /** A look at the accounts that are due for one, on any node. */
  accounts: { at: string };
  /** Links that are due, on any node. */
  links: { at: string };
  /** A list of ids whose posts are asked for, on any node. */
  hydration: { hydrationId: number; name?: string };
  /** The text index, as far as posts wait for it, on any node. */
  search: { at: string };
};

export type JobKind = keyof JobData;

type KindSettings<Kind extends JobKind> = {
  /** Each node has a queue of its own: the work needs its files. */
  perNode: boolean;
  /** Jobs of one key stand in line once. */
  keyOf: (job: JobData[Kind]) => string;
  /** What it is about, for people: of a collection, its name first; the key where absent. */
  about?: (job: JobData[Kind]) => string;
  /** What comes of it when it is cancelled, for people: an own sentence. */
  afterCancel: string;
  /** None is put in line while one of its key is worked on: what it would find then is not new. */
  once: boolean;
  /** How many are worked on at a time by one worker. */
  atOnce: number;
  pollS: number;
  /** The longest that one may take. pg-boss allows a day at most. */
  longestS: number;
  /** How often it is tried again when it throws, with growing pauses. */
  retries: number;
  /** For how long an ended job stays listed. */
  keptS: number;
};

const DAY_S = 24 * 3600;

export const JOB_KINDS: { readonly [Kind in JobKind]: KindSettings<Kind> } = {
  hour: {
    ...{ perNode: true, once: false, atOnce: 1, pollS: 2, longestS: 3 * 3600, retries: 6, keptS: 30 * DAY_S },
    keyOf: ({ collection, hour }) => `${collection}/${hour}`,
    afterCancel: 'One that runs goes on to its end. An hour that is not published is put in line again by itself.',
  },
  retention: {
    ...{ perNode: true, once: false, atOnce: 1, pollS: 2, longestS: 3 * 3600, retries: 6, keptS: 30 * DAY_S },
    keyOf: ({ day }) => day,
    afterCancel: 'One that runs goes on to its end. What is due is put in line again by itself.',
  },
  export: {
    // Whoever takes longer is asked for again, finds its lock held, and goes on.
    ...{ perNode: true, once: false, atOnce: 1, pollS: 2, longestS: 23 * 3600, retries: 6, keptS: 30 * DAY_S },
    keyOf: ({ name }) => name,
    afterCancel: 'One that runs ends within seconds, and nothing is published.',
  },
  timeline: {
    // Their history is in rows of its own; here only what is at hand is listed.
    ...{ perNode: false, once: true, atOnce: 8, pollS: 0.5, longestS: 23 * 3600, retries: 4, keptS: DAY_S },
    keyOf: ({ collectionId, platform, accountId }) => `${collectionId}/${platform}/${accountId}`,
    about: ({ collection, accountId }) => `${collection}/${accountId}`,
    afterCancel: 'A reading that runs ends within seconds; it goes on with its next turn.',
  },
  accounts: {
    ...{ perNode: false, once: true, atOnce: 1, pollS: 2, longestS: 3600, retries: 4, keptS: 30 * DAY_S },
    keyOf: () => 'accounts',
    afterCancel: 'One that runs ends within seconds. Accounts that are due are put in line again by themselves.',
  },
  links: {
    ...{ perNode: false, once: true, atOnce: 1, pollS: 2, longestS: 3 * 3600, retries: 4, keptS: DAY_S },
    keyOf: () => 'links',
    afterCancel: 'One that runs goes on to its end. Links that are due are put in line again by themselves.',
  },
  hydration: {
    // Whoever takes longer is asked for again and goes on where it was.
    ...{ perNode: false, once: true, atOnce: 2, pollS: 1, longestS: 23 * 3600, retries: 6, keptS: 30 * DAY_S },
    keyOf: ({ hydrationId }) => String(hydrationId),
    about: ({ hydrationId, name }) => name ?? String(hydrationId),
    afterCancel: 'One that runs ends within seconds; mistnet hydration resume, or jobs retry, goes on where it stood.',
  },
  search: {
    ...{ perNode: false, once: true, atOnce: 1, pollS: 1, longestS: 600, retries: 4, keptS: 3600 },
    keyOf: () => 'search',
    afterCancel: 'One that runs goes on to its end. What is not indexed is put in line again by itself.',
  },
};

/** The name of the queue that a job of this kind goes to from this node. */
export function queueName(kind: JobKind, node: string): string {
  return JOB_KINDS[kind].perNode ? `${kind}-${node}` : kind;
}

/** Which kind a queue is of, and whose; undefined for one that is none of ours. */
export function parseQueueName(name: string): { kind: JobKind; node?: string } | undefined {
  const kind = (Object.keys(JOB_KINDS) as JobKind[]).find((each) => name === each || name.startsWith(`${each}-`));
  if (kind === undefined) return undefined;
  return name === kind ? { kind } : { kind, node: name.slice(kind.length + 1) };
}
