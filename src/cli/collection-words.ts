/** What is kept of a collection, as the terminal says it. */
import type { Compaction } from '../store/queries/compactions.ts';
import type { Collection } from '../store/queries/collection.ts';
import type { CollectionStatus } from '../store/queries/collection-status.ts';
import type { ShownRetentionRun } from '../store/queries/retention-runs.ts';
import { formatBytes, formatCount, formatDuration, formatQuantity } from './format.ts';

/** `all`, `files` or `days:N` as people say it: `every post`, `files only`, `the last 7 days`. */
export function keepWords(keep: string): string {
  if (keep === 'files') return 'files only';
  const days = /^days:(\d+)$/.exec(keep)?.[1];
  return days === undefined
    ? 'every post'
    : `the last ${formatQuantity(Number(days), 'day')}`.replace('last 1 day', 'last day');
}

/** A line for the newest run of each node, and one below for each segment whose rows stayed. Runs newest first, of one collection. */
export function retentionLines(runs: readonly ShownRetentionRun[]): string[] {
  const newest = runs.filter((run, at) => runs.findIndex(({ node }) => node === run.node) === at);
  if (newest.length === 0) return ['not run yet; it runs once a day (UTC) while mistnet does'];
  return newest.flatMap(({ node, ranAt, collections: [share], lacking }) => {
    const { observations = 0, unverified = 0 } = share ?? {};
    const went = observations === 0 ? 'no rows went' : `${formatQuantity(observations, 'row')} went`;
    const stayed =
      unverified === 0 ? '' : `; rows of ${formatQuantity(unverified, 'segment')} stayed, for want of a whole file`;
    return [
      `last run ${ranAt} on node ${node}: ${went}${stayed}`,
      ...lacking.map(({ segment, reason }) => `  ${segment}: ${reason}`),
    ];
  });
}

/** How far hours were put together, and a line for each segment that hindered it. */
export function compactionLines({
  hours,
  segments,
  segmentsBytes,
  compressedBytes,
  lastAt,
  troubles,
}: Compaction): string[] {
  const done =
    hours === 0
      ? 'no hour put together yet'
      : `${formatQuantity(hours, 'hour')} put together from ${formatQuantity(segments, 'segment')}, ${formatBytes(segmentsBytes)} became ${formatBytes(compressedBytes)}; last ${lastAt}`;
  return [
    done,
    ...troubles.map(
      ({ hour, node, segment, reason }) => `  ${hour.slice(0, 13)}Z on node ${node}, ${segment}: ${reason}`,
    ),
  ];
}

/** For a table: what the newest run of each node did for a collection, in a few words. */
export function shortRetention(runs: readonly ShownRetentionRun[], name: string): string {
  const newest = runs.filter((run, at) => runs.findIndex(({ node }) => node === run.node) === at);
  if (newest.length === 0) return 'not run yet';
  const shares = newest.flatMap(({ collections }) => collections.filter(({ collection }) => collection === name));
  const sum = (key: 'observations' | 'unverified') => shares.reduce((total, share) => total + share[key], 0);
  const went = sum('observations') === 0 ? 'nothing went' : `${formatQuantity(sum('observations'), 'row')} went`;
  const stayed = sum('unverified') === 0 ? '' : `, ${formatQuantity(sum('unverified'), 'segment')} not found whole`;
  return `${newest[0]?.day} ${went}${stayed}`;
}

export function shortCompaction(compaction: Compaction | undefined): string {
  if (compaction === undefined) return '';
  const { hours, troubles } = compaction;
  return `${hours === 0 ? 'no hours' : formatQuantity(hours, 'hour')}${troubles.length === 0 ? '' : `, trouble in ${troubles.length}`}`;
}

type Shown = Collection & Partial<CollectionStatus> & { retentionRuns: ShownRetentionRun[]; compaction?: Compaction };

/** All of a collection in words, a line each; what is a list stands below its name. `--json` has every field. */
export function collectionText({ keep, retentionRuns, compaction, ...collection }: Shown): string {
  const { name, kind, platform, api, zone, wanted, createdAt } = collection;
  return [
    `name: ${name}`,
    `collects: ${KINDS[kind]}, ${platform === 'x' ? 'X' : platform} (API ${api})`,
    `added: ${instant(createdAt)}`,
    // What is imported runs never.
    ...(kind === 'import'
      ? []
      : [`wanted: ${wanted === 'active' ? 'it runs whenever mistnet does' : 'stopped by a person'}`]),
    ...standLines(collection),
    `zone of names and reports: ${zone}`,
    `keep: ${keep} (${keepWords(keep)} in the database; files stay in any case)`.replace(
      'files only in the database; files stay in any case',
      'files only, nothing in the database',
    ),
    `retention: ${retentionLines(retentionRuns).join('\n')}`,
    ...(compaction === undefined ? [] : [`compaction: ${compactionLines(compaction).join('\n')}`]),
  ].join('\n');
}

const KINDS: Record<Collection['kind'], string> = {
  sample: 'the sample stream',
  filter: 'what a filter finds',
  timeline: 'the timelines of followed accounts',
  import: 'nothing but what is imported',
};

function gapsLine({
  name = '',
  gaps = 0,
  uncoveredMs = 0,
  interruptions = 0,
  kind,
}: Partial<CollectionStatus>): string {
  const more = `mistnet collection gaps ${name}`;
  if (gaps > 0) return `gaps: ${formatCount(gaps)}, ${formatDuration(uncoveredMs)} in all (${more})`;
  if (interruptions === 0) return 'gaps: none';
  return kind === 'timeline' || kind === 'import'
    ? `gaps: none; ${formatQuantity(interruptions, 'note')} on what the platform no longer shows or what was filled later (${more})`
    : `gaps: none; ${formatQuantity(interruptions, 'interruption')}, all back-filled`;
}

function standLines(status: Partial<CollectionStatus>): string[] {
  const { state, reason, captured, lastByteAt, heardPercent, heldBack = 0 } = status;
  if (state === undefined || captured === undefined) return [];
  const { loaded = 0, quarantined = 0, postsPerSecond = 0, bytes = 0, openSegments = 0, sealedSegments = 0 } = status;
  const rate = postsPerSecond === 0 ? '' : `, ${postsPerSecond.toFixed(1)} a second now`;
  return [
    `state: ${state}`,
    ...(reason === undefined ? [] : [`reason: ${reason}`]),
    `posts captured: ${formatCount(captured)}${rate}`,
    `posts loaded into the database: ${formatCount(loaded)}; in quarantine: ${formatCount(quarantined)}`,
    // Where no worker ran since, nobody has told of files.
    ...(captured > 0 && bytes === 0
      ? []
      : [
          `on the disk: ${formatBytes(bytes)} of payload in ${formatQuantity(openSegments, 'open segment')} and ${formatQuantity(sealedSegments, 'sealed segment')}`,
        ]),
    `last byte: ${lastByteAt === null || lastByteAt === undefined ? 'none yet' : instant(lastByteAt)}`,
    gapsLine(status),
    ...(heardPercent == null
      ? []
      : [`heard or back-filled: ${heardPercent} % of the time in which it was meant to listen`]),
    ...(heldBack === 0
      ? []
      : [`held back by the platform: at least ${formatQuantity(heldBack, 'post')} that fitted, by its own count`]),
  ];
}

function instant(iso: string): string {
  return `${iso.slice(0, 19).replace('T', ' ')} UTC`;
}
