/** What the server replies, as openapi.json describes it; a test holds these against the server's own types. */

export type CollectionState = 'starting' | 'connected' | 'reconnecting' | 'paused' | 'stopped' | 'failed';

/** Instants are ISO 8601 with Z; `uncoveredMs` is what is missing for good over all gaps. */
export type CollectionStatus = {
  name: string;
  state: CollectionState;
  captured: number;
  loaded: number;
  quarantined: number;
  openSegments: number;
  sealedSegments: number;
  gaps: number;
  lastByteAt: string | null;
  reason?: string | undefined;
  keep?: string | undefined;
  postsPerSecond?: number | undefined;
  bytes?: number | undefined;
  uncoveredMs?: number | undefined;
  interruptions?: number | undefined;
  observedAt?: string | undefined;
};

export type Gap = {
  gapId: string;
  node: string;
  from: string;
  to: string | null;
  cause: string;
  evidence: string;
  backfilledFrom: string | null;
  uncoveredMs: number;
};

export type GapsPage = { gaps: Gap[]; next: string | null };

/** A day's retention on a node; `collections` and `lacking` of the collection that was asked for. `hour`s and days are UTC. */
export type RetentionRun = {
  node: string;
  day: string;
  ranAt: string;
  observations: number;
  posts: number;
  partitions: number;
  unverified: number;
  collections: { collection: string; observations: number; unverified: number }[];
  lacking: { collection: string; node: string; segment: string; reason: string }[];
};

export type RetentionRunsPage = { runs: RetentionRun[]; next: string | null };

/** What of a collection was put together into one file an hour; `segmentsBytes` is what it took before. */
export type Compaction = {
  collection: string;
  hours: number;
  segments: number;
  bytes: number;
  segmentsBytes: number;
  compressedBytes: number;
  lastAt: string | null;
  troubles: { node: string; hour: string; segment: string; reason: string; noticedAt: string }[];
};

export type FileLink = { name: string; href: string };
export type DatasetFile = FileLink & { bytes: number; rows: number; sha256: string };

export type DatasetHour = {
  collection: string;
  hour: string;
  revision: number;
  partial: boolean;
  builtAt: string;
  zone: string | null;
  posts: number | null;
  accounts: number | null;
  files: DatasetFile[];
  manifest: FileLink | null;
  report: FileLink | null;
};

export type DatasetsPage = { datasets: DatasetHour[]; next: string | null };

export type DiskUsage = {
  folder: string;
  totalBytes: number;
  freeBytes: number;
  segmentsBytes: number;
  datasetsBytes: number;
  databaseBytes: number;
  otherBytes: number;
  bytesPerDay: number | null;
  fullInDays: number | null;
  paceSeconds: number;
  measuredAt: string;
};

export type OwnNode = { version: string; startedAt: string; uptimeSec: number; memoryBytes: number };

export type Problem = { type: string; title: string; status: number; detail: string; code: string };

/** One point of a rate: the mean of the step that ended at `at` (ms since 1970); null where nothing is known. */
export type RatePoint = { at: number; postsPerSecond: number | null };

export type HistoryEvent = { stepMs: number; rates: Record<string, RatePoint[]> };
export type StatusEvent = { at: string; collections: CollectionStatus[]; disk: DiskUsage | null };
/** The database is away; the disk is measured without it. */
export type ProblemEvent = Problem & { disk: DiskUsage | null };
export type RatesEvent = Record<string, RatePoint[]>;
