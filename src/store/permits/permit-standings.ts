/** How all credentials stand at all endpoints, for people. */
import { freeAt, reopensAt, usedAt } from '../../core/permits/bucket.ts';
import type { Pause } from '../../core/permits/pause.ts';
import type { Queryable } from '../db.ts';
import { type PauseRow, rowToPause } from './pauses.ts';
import { type LeaseRow, type WindowRow, rowToBucket } from './permit-rows.ts';

/** Calls of the running window; the UTC day's counts. `wastedToday`: refused by the platform, or lost with a worker. Instants ISO 8601 with Z. */
export type PermitStanding = {
  credential: string;
  endpoint: string;
  limit: number;
  remaining: number;
  inFlight: number;
  resetAt?: string;
  /** When more calls are allowed, where none is now. */
  reopensAt?: string;
  usedToday: number;
  refusedToday: number;
  lostToday: number;
  wastedTodayPercent: number;
};

/** All that is known, by credential and endpoint, and which credentials are taken out. */
export async function permitStandings(db: Queryable): Promise<{ standings: PermitStanding[]; pauses: Pause[] }> {
  const [row] = await db.query<{ now_ms: number; windows: WindowRow[]; leases: LeaseRow[]; pauses: PauseRow[] }>(
    `select extract(epoch from clock_timestamp())::float8 * 1000 as now_ms,
        (select coalesce(jsonb_agg(w order by credential, endpoint), '[]') from permit_windows w) as windows,
        (select coalesce(jsonb_agg(l), '[]') from permit_leases l) as leases,
        (select coalesce(jsonb_agg(p order by credential, endpoint), '[]') from permit_pauses p
          where until is null or until > clock_timestamp()) as pauses`,
  );
  const { now_ms: nowMs, windows, leases, pauses } = row as NonNullable<typeof row>;
  const today = new Date(nowMs).toISOString().slice(0, 10);
  return {
    pauses: pauses.map(rowToPause),
    standings: windows.map((window) => {
      const { bucket } = rowToBucket(window, leases);
      const reopens = freeAt(bucket, nowMs) > 0 ? undefined : reopensAt(bucket, nowMs);
      const isToday = window.day === today;
      const usedToday = isToday ? window.used_today : 0;
      const refusedToday = isToday ? window.refused_today : 0;
      const lostToday = isToday ? window.lost_today : 0;
      const made = usedToday + lostToday;
      return {
        credential: window.credential,
        endpoint: window.endpoint,
        limit: bucket.limit,
        remaining: Math.max(0, bucket.limit - usedAt(bucket, nowMs) - bucket.outstanding),
        inFlight: bucket.outstanding,
        ...(window.ends_by === null || Date.parse(window.ends_by) <= nowMs
          ? {}
          : { resetAt: new Date(window.ends_by).toISOString() }),
        ...(reopens === undefined ? {} : { reopensAt: new Date(reopens).toISOString() }),
        usedToday,
        refusedToday,
        lostToday,
        wastedTodayPercent: made === 0 ? 0 : Math.round(((refusedToday + lostToday) / made) * 1000) / 10,
      };
    }),
  };
}
