/** What the server replies: the generated types of openapi.json by their short names, and those of its live events, which it can't describe. */
import type { components } from './openapi.d.ts';

type Schemas = components['schemas'];

export type CollectionStatus = Schemas['CollectionStatus'];
export type CollectionState = CollectionStatus['state'];
export type Gap = Schemas['Gap'];
export type GapsPage = { gaps: Gap[]; next: string | null };
export type RetentionRun = Schemas['RetentionRun'];
export type RetentionRunsPage = { runs: RetentionRun[]; next: string | null };
export type Compaction = Schemas['Compaction'];
export type FileLink = Schemas['FileLink'];
export type DatasetHour = Schemas['DatasetHour'];
export type DatasetsPage = { datasets: DatasetHour[]; next: string | null };
export type DiskUsage = Schemas['Disk'];
export type OwnNode = Schemas['Node'];
export type Problem = Schemas['Problem'];

/** One point of a rate: the mean of the step that ended at `at` (ms since 1970); null where nothing is known. */
export type RatePoint = { at: number; postsPerSecond: number | null };

export type HistoryEvent = { stepMs: number; rates: Record<string, RatePoint[]> };
/** A process of the server's machine that ended unasked: still away, or back since a short while. `how`: `killed by SIGKILL`, `asked for`, … */
export type DisturbedRole = {
  role: string;
  state: 'away' | 'back';
  endedAt: string;
  how: string;
  nextTryAt: string | null;
};
type MachineEvent = { disk: DiskUsage | null; roles: DisturbedRole[] };
export type StatusEvent = MachineEvent & { at: string; collections: CollectionStatus[] };
/** The database is away; the disk is measured without it. */
export type ProblemEvent = Problem & MachineEvent;
export type RatesEvent = Record<string, RatePoint[]>;
