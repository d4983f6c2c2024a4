/** What the server asks of the rest of the system, as plain functions; whoever composes the system hands them in. */
import type { UtcHour } from '../core/time.ts';
import type { Dataset } from '../store/queries/datasets.ts';
import type {
  CollectionStatus,
  CompactionReply,
  DiskUsage,
  ExportReply,
  GapReply,
  RetentionRunReply,
} from './reply-schemas.ts';
import type { AccountSources } from './sources/accounts.ts';
import type { CollectionSources } from './sources/collections.ts';
import type { JobSources } from './sources/jobs.ts';

/** A page of gaps, newest first: at most `limit`, those after the gap `before` in that order. */
export type GapPage = { before?: { from: string; gapId: string }; limit: number };

/** A page of hours, newest first, by collection within an hour: at most `limit`, those after `before` in that order. */
export type HourPage = { collection?: string; before?: { hour: UtcHour; collection: string }; limit: number };

/** A page of runs, newest day first, by node within a day; with `collection` they tell of that one only. */
export type RetentionPage = { collection?: string; before?: { day: string; node: string }; limit: number };

export type ServerSources = {
  accounts: AccountSources;
  collections: CollectionSources;
  jobs: JobSources;
  /** All collections by name, stopped ones included, with counts at most a second or two old. */
  collectionStatuses(): Promise<CollectionStatus[]>;
  /** Gaps of one collection; throws `collection.unknown`. */
  gapsOfCollection(collection: string, page: GapPage): Promise<GapReply[]>;
  /** Current revisions of built hours, of all collections or of one; throws `collection.unknown`. */
  builtHours(page: HourPage): Promise<Dataset[]>;
  /** Runs of retention; throws `collection.unknown`. */
  retentionRuns(page: RetentionPage): Promise<RetentionRunReply[]>;
  /** Throws `collection.unknown`. */
  compactionOfCollection(collection: string): Promise<CompactionReply>;
  /** The newest exports. */
  exports(limit: number): Promise<ExportReply[]>;
  /** Where an export of this name was published; undefined when there is none that is done. */
  exportFolder(name: string): Promise<string | undefined>;
  /** Returns when the database has answered a trivial question; throws when it can't. */
  pingDatabase(): Promise<void>;
  /** The disk that holds the data folder, and what the data folder uses of it. */
  diskUsage(): Promise<DiskUsage>;
};
