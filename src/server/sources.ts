/** What the server asks of the rest of the system, as plain functions; whoever composes the system hands them in. */
import type { UtcHour } from '../core/time.ts';
import type { DisturbedRole } from '../jobs/nodes/disturbed-roles.ts';
import type { Dataset } from '../store/queries/datasets.ts';
import type { CollectionStatus, CompactionReply, DiskUsage, GapReply, RetentionRunReply } from './reply-schemas.ts';
import type { AccountSources } from './sources/accounts.ts';
import type { CollectionSources } from './sources/collections.ts';
import type { ExportSources } from './sources/exports.ts';
import type { FilterSources } from './sources/filters.ts';
import type { JobSources } from './sources/jobs.ts';
import type { OperationsSources } from './sources/operations.ts';
import type { PostSources } from './sources/posts.ts';
import type { UserSources } from './sources/users.ts';

/** A page of gaps, newest first: at most `limit`, those after the gap `before` in that order. */
export type GapPage = { before?: { from: string; gapId: string }; limit: number };

/** A page of hours, newest first, by collection within an hour: at most `limit`, those after `before` in that order. */
export type HourPage = {
  collection?: string;
  /** Only hours of these collections; of all where none are given. */
  among?: readonly string[];
  before?: { hour: UtcHour; collection: string };
  limit: number;
};

/** A page of runs, newest day first, by node within a day; with `collection` they tell of that one only. */
export type RetentionPage = { collection?: string; before?: { day: string; node: string }; limit: number };

/** Those by which people change something. */
export type ChangingSources = Pick<
  ServerSources,
  'accounts' | 'collections' | 'filters' | 'exports' | 'jobs' | 'operations' | 'users'
>;

export type ServerSources = {
  /** All that the work does by the sources that it is given is done, or nothing of it is. */
  inTransaction<T>(work: (inside: ChangingSources) => Promise<T>): Promise<T>;
  accounts: AccountSources;
  collections: CollectionSources;
  filters: FilterSources;
  jobs: JobSources;
  operations: OperationsSources;
  posts: PostSources;
  users: UserSources;
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
  exports: ExportSources;
  /** Returns when the database has answered a trivial question; throws when it can't. */
  pingDatabase(): Promise<void>;
  /** The disk that holds the data folder, and what the data folder uses of it. */
  diskUsage(): Promise<DiskUsage>;
  /** Processes of this node that ended unasked, and those that are back since a short while. */
  disturbedRoles(): Promise<DisturbedRole[]>;
};
