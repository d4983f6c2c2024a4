/**
 * Borders between two durable steps, by name. At each stands a comment `crash point NAME: recovery must …`; `docs/crash-points.md` is made
 * from these. Crossing one is told on a channel that nobody listens to but a test's program, which ends itself there: the code runs as it
 * always does, sealing thread included, and no option for tests goes through it.
 */
import { channel } from 'node:diagnostics_channel';

export const crashPointNames = [
  'segment.created',
  'segment.written',
  'segment.synced',
  'seal.packed',
  'seal.renamed',
  'seal.manifest',
  'seal.removed',
  'checkpoint.saved',
  'gap.recorded',
  'recover.torn-kept',
  'recover.torn-cut',
  'recover.unproven-removed',
  'recover.finished',
  'file.written',
  'file.replaced',
  'compact.packed',
  'compact.described',
  'compact.renamed',
  'compact.first-removed',
  'compact.removed',
  'load.batch-written',
  'load.batch-committed',
  'load.segment-marked',
  'build.locked',
  'build.read',
  'build.output-written',
  'publish.prepared',
  'publish.decided',
  'publish.revision-linked',
  'publish.revision-kept',
  'publish.unpublished',
  'publish.file-renamed',
  'publish.data-renamed',
  'publish.manifest-renamed',
  'publish.report-written',
  'publish.ended',
  'page.appended',
  'page.noted',
  'ids.appended',
  'ids.noted',
  'retention.verified',
  'retention.detached',
  'retention.months-dropped',
  'search.batch-written',
  'search.batch-committed',
  'meaning.noted',
  'rules.told',
  'rules.sent',
  'rules.noted',
  'rules.deleted',
  'rules.ended',
] as const;
export type CrashPointName = (typeof crashPointNames)[number];

export const CRASH_POINT_CHANNEL = 'mistnet.crash-point';

const borders = channel(CRASH_POINT_CHANNEL);

/** Says that a border was crossed: what comes before it in the code is durable, what comes after has not begun. */
export function crashPoint(name: CrashPointName): void {
  if (borders.hasSubscribers) borders.publish(name);
}
