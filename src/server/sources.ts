/** What the server asks of the rest of the system, as plain functions; whoever composes the system hands them in. */
import type { CollectionStatus, DiskUsage, GapReply } from './reply-schemas.ts';

/** A page of gaps: at most `limit`, those that began before `before` (ISO 8601 with Z). */
export type GapPage = { before?: string; limit: number };

export type ServerSources = {
  /** All collections by name, stopped ones included, with counts at most a second or two old. */
  collectionStatuses(): Promise<CollectionStatus[]>;
  /** Gaps of one collection, newest first; undefined when no collection has this name. */
  gapsOfCollection(collection: string, page: GapPage): Promise<GapReply[] | undefined>;
  /** Returns when the database has answered a trivial question; throws when it can't. */
  pingDatabase(): Promise<void>;
  /** The disk that holds the data folder, and what the data folder uses of it. */
  diskUsage(): Promise<DiskUsage>;
};
