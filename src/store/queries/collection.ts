/** A collection as rows and callers know it. */
import type { CapturePlan } from '../../capture/plan.ts';

export type Wanted = 'active' | 'stopped';

/**
 * `keep`: `files` (segments alone, nothing is loaded), `all`, or `days:N`. `zone`: an IANA name; it changes only names and the
 * report's hour. `createdAt`: ISO 8601 with Z.
 */
export type Collection = {
  collectionId: number;
  name: string;
  kind: CapturePlan['kind'];
  platform: CapturePlan['platform'];
  api: CapturePlan['api'];
  keep: string;
  zone: string;
  wanted: Wanted;
  createdAt: string;
};

export const COLLECTION_COLUMNS = 'collection_id, name, kind, platform, api, keep, zone, wanted, created_at';

export type CollectionRow = {
  collection_id: number;
  name: string;
  kind: string;
  platform: string;
  api: string;
  keep: string;
  zone: string;
  wanted: Wanted;
  created_at: string;
};

export function toCollection(row: CollectionRow): Collection {
  return {
    collectionId: row.collection_id,
    name: row.name,
    kind: row.kind as Collection['kind'],
    platform: row.platform as Collection['platform'],
    api: row.api as Collection['api'],
    keep: row.keep,
    zone: row.zone,
    wanted: row.wanted,
    createdAt: row.created_at,
  };
}
