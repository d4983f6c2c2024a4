/** What is measured before rules are asked. Ages are in milliseconds as of the look; rows are bounded where they are read. */
export type AlertFacts = {
  /** Of streams that are to run. `silentMs`: since the last byte, keep-alives included; null: none came yet, see `wantedMs`. */
  streams: readonly {
    /** The collection's name, or the plan's where several share it. */
    stream: string;
    /** For people: the names of all that share it; absent: its name. */
    named?: string;
    collection: string | null;
    state: string;
    reason?: string | undefined;
    silentMs: number | null;
    /** Since it was made. */
    wantedMs: number;
  }[];
  /** What is to run and cannot be written, by node. `stream`, `collection`: as in `streams`. */
  failing: readonly { stream: string; collection: string | null; node: string; reason: string }[];
  /** Entries of the gap ledger of the last week. `endedMs`: how long ago; null while it lasts. */
  gaps: readonly {
    gapId: string;
    /** The collection's name, or those of all that share the stream. */
    stream: string;
    collection: string | null;
    node: string;
    from: string;
    cause: string;
    uncoveredMs: number;
    endedMs: number | null;
  }[];
  /** `fullInDays`: at the last day's pace; null while unknown or nothing grows. */
  disks: readonly { node: string; folder: string; freeBytes: number; totalBytes: number; fullInDays: number | null }[];
  budgets: readonly { scope: string; budgetMicros: number; spentMicros: number }[];
  /** Jobs that failed for good in the last week and were not tried again. */
  failedJobs: readonly { id: string; kind: string; what: string; cause: string }[];
  nodes: readonly { node: string; ageMs: number }[];
  /** Finished hours with posts and no whole dataset. `lateMs`: since they were due. */
  lateHours: readonly { collection: string; hour: string; lateMs: number }[];
  credentials: readonly { label: string; owner: string; refused: string }[];
  /** `ageMs`: since somebody noted a backup; null: nobody did. `dataAgeMs`: since the first collection was made; null: there is none. */
  backup: { ageMs: number | null; dataAgeMs: number | null };
  /** Of the last day, by hour and route. `agoMs`: since the newest of its hour. */
  serverFailures: readonly {
    node: string;
    route: string;
    hour: string;
    failures: number;
    cause: string;
    agoMs: number;
  }[];
  /** Channels whose newest try failed. `sinceMs`: since the oldest delivery that waits. */
  failingChannels: readonly { channelId: string; address: string; failure: string; sinceMs: number }[];
};

export const noFacts: AlertFacts = {
  ...{ streams: [], failing: [], gaps: [], disks: [], budgets: [], failedJobs: [] },
  ...{ nodes: [], lateHours: [], credentials: [], failingChannels: [], serverFailures: [] },
  backup: { ageMs: null, dataAgeMs: null },
};
