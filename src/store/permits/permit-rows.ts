/** Buckets and holdings as rows, and back. Instants beyond all time are null. */
import type { Bucket } from '../../core/permits/bucket.ts';
import type { Holding, SharedBucket } from '../../core/permits/ledger.ts';

export type WindowRow = {
  credential: string;
  endpoint: string;
  calls_limit: number;
  window_ms: number;
  spacing_ms: number;
  fence: number;
  opened_at: string | null;
  reset_at_ms: number | null;
  rival_reset_at_ms: number | null;
  previous_reset_at_ms: number | null;
  ends_from: string | null;
  ends_by: string | null;
  is_longer: boolean;
  settled: number;
  told: number;
  silent: number;
  last_silent_at: string | null;
  last_settled_at: string | null;
  is_probing: boolean;
  not_before: string | null;
  margin_ms: number;
  refusals: number;
  day: string | null;
  used_today: number;
  refused_today: number;
  lost_today: number;
};

export type LeaseRow = {
  credential: string;
  endpoint: string;
  worker: string;
  holding: number;
  asked_at: string;
  expires_at: string;
};

/** A row and the leases of its bucket; `outstanding` is their sum. */
export function rowToBucket(row: WindowRow, leases: readonly LeaseRow[]): SharedBucket {
  const { credential, endpoint } = row;
  const holdings: Holding[] = leases
    .filter((lease) => lease.credential === credential && lease.endpoint === endpoint)
    .map((lease) => ({
      worker: lease.worker,
      permits: lease.holding,
      expiresAtMs: Date.parse(lease.expires_at),
      askedAtMs: Date.parse(lease.asked_at),
    }));
  const bucket: Bucket = {
    limit: row.calls_limit,
    windowMs: row.window_ms,
    spacingMs: row.spacing_ms,
    outstanding: holdings.reduce((sum, { permits }) => sum + permits, 0),
    isProbing: row.is_probing,
    notBeforeMs: instantOr(row.not_before, Number.NEGATIVE_INFINITY),
    marginMs: row.margin_ms,
    refusals: row.refusals,
    isLonger: row.is_longer,
    ...known('previousResetAtMs', row.previous_reset_at_ms),
    ...(row.opened_at === null
      ? {}
      : {
          window: {
            openedAtMs: Date.parse(row.opened_at),
            ...known('resetAtMs', row.reset_at_ms),
            ...known('rivalResetAtMs', row.rival_reset_at_ms),
            endsFromMs: instantOr(row.ends_from, Number.NEGATIVE_INFINITY),
            endsByMs: instantOr(row.ends_by, Number.POSITIVE_INFINITY),
            settled: row.settled,
            told: row.told,
            silent: row.silent,
            ...known('lastSilentAtMs', row.last_silent_at === null ? null : Date.parse(row.last_silent_at)),
            ...known('lastSettledAtMs', row.last_settled_at === null ? null : Date.parse(row.last_settled_at)),
          },
        }),
  };
  return { credential, endpoint, bucket, holdings };
}

/** The row of a bucket; `counters` are what people look at, and are not part of it. */
export function bucketToRow(
  { credential, endpoint, bucket }: SharedBucket,
  counters: Pick<WindowRow, 'fence' | 'day' | 'used_today' | 'refused_today' | 'lost_today'>,
): WindowRow {
  const { window } = bucket;
  return {
    credential,
    endpoint,
    calls_limit: bucket.limit,
    window_ms: bucket.windowMs,
    spacing_ms: bucket.spacingMs,
    ...counters,
    opened_at: late(window?.openedAtMs),
    reset_at_ms: window?.resetAtMs ?? null,
    rival_reset_at_ms: window?.rivalResetAtMs ?? null,
    previous_reset_at_ms: bucket.previousResetAtMs ?? null,
    ends_from: early(window?.endsFromMs),
    ends_by: late(window?.endsByMs),
    is_longer: bucket.isLonger,
    settled: window?.settled ?? 0,
    told: window?.told ?? 0,
    silent: window?.silent ?? 0,
    last_silent_at: late(window?.lastSilentAtMs),
    last_settled_at: late(window?.lastSettledAtMs),
    is_probing: bucket.isProbing,
    not_before: late(bucket.notBeforeMs),
    margin_ms: bucket.marginMs,
    refusals: bucket.refusals,
  };
}

/** Whole milliseconds, rounded to the safe side: later. */
export function late(ms: number | undefined): string | null {
  return ms === undefined || !Number.isFinite(ms) ? null : new Date(Math.ceil(ms)).toISOString();
}

function early(ms: number | undefined): string | null {
  return ms === undefined || !Number.isFinite(ms) ? null : new Date(Math.floor(ms)).toISOString();
}

function instantOr(text: string | null, fallback: number): number {
  return text === null ? fallback : Date.parse(text);
}

function known<Name extends string>(name: Name, value: number | null): { [Key in Name]?: number } {
  return (value === null ? {} : { [name]: value }) as { [Key in Name]?: number };
}
