/**
 * What the routes reply, as schemas: they filter and check replies, and the OpenAPI document is made of them.
 * Counts are JSON numbers below 2^53; ids are text.
 */
import type { Readable } from 'node:stream';
import { z } from 'zod';
import { captureStates } from '../capture/status.ts';

const count = z.number().int().nonnegative();
const instant = (description: string) => z.string().meta({ description, format: 'date-time' });

export const collectionStatusSchema = z
  .object({
    name: z.string().meta({ description: 'Name of the collection' }),
    kind: z.enum(['sample', 'filter', 'timeline', 'import']).optional(),
    state: z.enum(captureStates),
    captured: count.meta({
      description:
        'Post frames kept since creation, malformed and repeated ones included; keep-alives and control lines not',
    }),
    loaded: count.meta({ description: 'Of these, loaded into the database; 0 for a collection that keeps files only' }),
    quarantined: count.meta({ description: 'Of these, set aside because they could not be understood' }),
    openSegments: count,
    sealedSegments: count,
    gaps: count.meta({ description: 'Interruptions of which time stays uncovered' }),
    lastByteAt: instant('When the last byte came, keep-alives included; null until one came').nullable(),
    reason: z.string().optional().meta({ description: 'Why it is reconnecting, paused or failed, one sentence' }),
    keep: z.string().optional().meta({ description: 'What is kept: files, all or days:N' }),
    postsPerSecond: z.number().nonnegative().optional().meta({ description: 'Mean of about the last ten seconds' }),
    bytes: count.optional().meta({ description: 'Payload bytes kept since creation' }),
    uncoveredMs: count.optional().meta({ description: 'Time missing for good, over all gaps, in milliseconds' }),
    interruptions: count.optional().meta({ description: 'All entries of the gap ledger, back-filled ones included' }),
    heardPercent: z.number().min(0).max(100).nullable().optional().meta({
      description:
        'How much of the time in which it was meant to listen was heard or back-filled, the silence of now taken off; null for what does not listen',
    }),
    heldBack: count.optional().meta({
      description:
        'Posts that fitted and that the platform did not deliver, by its own count (limit notices of v1.1): at least so many, of all who share the stream',
    }),
    observedAt: instant('When capture said so last').optional(),
  })
  .meta({ id: 'CollectionStatus' });
export type CollectionStatus = z.infer<typeof collectionStatusSchema>;

export const statusReplySchema = z.object({ collections: z.array(collectionStatusSchema) }).meta({ id: 'Status' });

export const gapReplySchema = z
  .object({
    gapId: z.string(),
    node: z.string().meta({ description: 'The machine whose stream was interrupted' }),
    from: instant('The last byte before the interruption'),
    to: instant('Connected again; null while it lasts').nullable(),
    cause: z
      .string()
      .meta({ description: 'cut, stall, ended, disconnect, refused, unreachable, restart, paused or disk' }),
    evidence: z.string().meta({ description: 'What was seen, one sentence' }),
    backfilledFrom: instant(
      'From here to `to` the platform sent again what was missed; null when it could not',
    ).nullable(),
    uncoveredMs: count.meta({ description: 'What is missing for good, in milliseconds; 0 when all was back-filled' }),
  })
  .meta({ id: 'Gap' });
export type GapReply = z.infer<typeof gapReplySchema>;

export const gapsReplySchema = z
  .object({
    gaps: z.array(gapReplySchema),
    next: z.string().nullable().meta({ description: 'Value of `before` for the next page; null at the end' }),
  })
  .meta({ id: 'Gaps' });

export const retentionRunSchema = z
  .object({
    node: z.string().meta({ description: 'The machine that ran it' }),
    day: z.string().meta({ description: 'The UTC day, like 2026-11-22; it runs once a day' }),
    ranAt: instant('When it ended last'),
    observations: count.meta({ description: 'Meetings with posts that left the database, of all collections' }),
    posts: count.meta({ description: 'Posts that left the database with them, because no collection kept them' }),
    partitions: count.meta({ description: 'Days and months dropped as a whole' }),
    unverified: count.meta({
      description: 'Segments that were not found whole, so that their rows stayed, of all collections',
    }),
    collections: z
      .array(z.object({ collection: z.string(), observations: count, unverified: count }))
      .meta({ description: 'The part of each collection in it' }),
    lacking: z
      .array(
        z.object({
          collection: z.string(),
          node: z.string().meta({ description: 'The machine that has, or had, the segment' }),
          segment: z.string(),
          reason: z.string().meta({ description: 'Why its rows stayed' }),
        }),
      )
      .meta({ description: 'Segments that were not found whole: the first hundred of the run' }),
  })
  .meta({ id: 'RetentionRun' });
export type RetentionRunReply = z.infer<typeof retentionRunSchema>;

export const retentionReplySchema = z
  .object({
    runs: z.array(retentionRunSchema),
    next: z.string().nullable().meta({ description: 'Value of `before` for the next page; null at the end' }),
  })
  .meta({ id: 'RetentionRuns' });

export const compactionReplySchema = z
  .object({
    collection: z.string(),
    hours: count.meta({ description: 'Finished hours of nodes whose segments lie in one file' }),
    segments: count.meta({ description: 'Segments in them' }),
    bytes: count.meta({ description: 'Their content, unpacked' }),
    segmentsBytes: count.meta({ description: 'What their own packed files took' }),
    compressedBytes: count.meta({ description: 'What they take now' }),
    lastAt: instant('When it was done last; null: never').nullable(),
    troubles: z
      .array(
        z.object({
          node: z.string(),
          hour: instant('Begin of the UTC hour that could not be put together as a whole'),
          segment: z.string(),
          reason: z.string(),
          noticedAt: instant('When that was noticed first'),
        }),
      )
      .meta({ description: 'Newest hour first, a hundred at most. Nothing was removed there' }),
  })
  .meta({ id: 'Compaction' });
export type CompactionReply = z.infer<typeof compactionReplySchema>;

const fileLink = {
  name: z.string(),
  href: z.string().meta({ description: 'Path on this server to download it from' }),
};
const fileLinkSchema = z.object(fileLink).meta({ id: 'FileLink' });

const datasetFileSchema = z
  .object({ ...fileLink, bytes: count, rows: count, sha256: z.string() })
  .meta({ id: 'DatasetFile' });

export const datasetHourSchema = z
  .object({
    collection: z.string(),
    hour: z.string().meta({ description: 'The UTC hour, like 2026-11-22T13Z' }),
    revision: z.number().int().positive(),
    partial: z.boolean().meta({ description: 'Built before the hour was finished' }),
    builtAt: instant('When it was built'),
    zone: z.string().nullable().meta({ description: 'Time zone of the names of its files; null when not known here' }),
    posts: count.nullable(),
    accounts: count.nullable(),
    files: z.array(datasetFileSchema),
    manifest: fileLinkSchema.nullable(),
    report: fileLinkSchema.nullable().meta({ description: "The day's report, one line per hour" }),
  })
  .meta({ id: 'DatasetHour' });
export type DatasetHour = z.infer<typeof datasetHourSchema>;

export const datasetsReplySchema = z
  .object({
    datasets: z.array(datasetHourSchema),
    next: z.string().nullable().meta({ description: 'Value of `before` for the next page; null at the end' }),
  })
  .meta({ id: 'Datasets' });

export const diskUsageSchema = z
  .object({
    folder: z.string().meta({ description: 'The data folder' }),
    totalBytes: count.meta({ description: 'Size of the filesystem that holds the data folder' }),
    freeBytes: count.meta({ description: 'Free for mistnet, without what is reserved for root' }),
    segmentsBytes: count,
    datasetsBytes: count,
    databaseBytes: count.meta({ description: 'The embedded PostgreSQL; 0 when the database is elsewhere' }),
    otherBytes: count.meta({ description: 'Everything else below the data folder' }),
    bytesPerDay: z.number().nonnegative().nullable().meta({ description: 'Pace of growth; null until known' }),
    fullInDays: z.number().nonnegative().nullable().meta({ description: 'At that pace; null until known' }),
    paceSeconds: count.meta({ description: 'How long the pace was observed for' }),
    measuredAt: instant('When this was measured'),
  })
  .meta({ id: 'Disk' });
export type DiskUsage = z.infer<typeof diskUsageSchema>;

export const exportReplySchema = z
  .object({
    name: z.string(),
    request: z.record(z.string(), z.unknown()).meta({
      description: 'What was asked for: from, format, preset, windows, observations, honourDeletions and so on',
    }),
    askedBy: z.string().nullable().meta({ description: 'Id of the user who asked; null for a command on the machine' }),
    node: z.string().meta({ description: 'The machine that writes it, and has its files' }),
    state: z.enum(['queued', 'running', 'done', 'failed', 'cancelled']),
    background: z.boolean().meta({ description: 'Whether a worker writes it, not the command that asked for it' }),
    rowsTotal: count.nullable().meta({ description: 'How many rows it will have; null until counted' }),
    rowsDone: count,
    bytesDone: count,
    reason: z.string().nullable().meta({ description: 'Why it failed, one sentence' }),
    askedAt: instant('When it was asked for'),
    startedAt: instant('When it began; null while it waits').nullable(),
    finishedAt: instant('When it ended; null before').nullable(),
    manifest: z.string().nullable().meta({ description: 'Where its manifest is; null until it is published' }),
  })
  .meta({ id: 'Export' });
export type ExportReply = z.infer<typeof exportReplySchema>;

export const exportsReplySchema = z
  .object({
    exports: z.array(exportReplySchema),
    next: z.string().nullable().meta({ description: 'Value of `before` for the next page; null at the end' }),
  })
  .meta({ id: 'Exports' });

export const nodeReplySchema = z
  .object({
    version: z.string().meta({ description: "This mistnet's version" }),
    startedAt: instant('When this server process began'),
    uptimeSec: count,
    memoryBytes: count.meta({ description: 'Resident memory of this server process' }),
  })
  .meta({ id: 'Node' });

export const problemSchema = z
  .object({
    type: z.string().meta({ description: 'urn:mistnet:problem:<code>' }),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    code: z.string(),
    errors: z
      .array(z.object({ field: z.string(), message: z.string() }))
      .optional()
      .meta({ description: 'What is wrong with which part of the request' }),
  })
  .meta({ id: 'Problem' });
export type Problem = z.infer<typeof problemSchema>;

/** A route's refusals by status, for its OpenAPI description; problem documents are serialised by `sendProblem`. */
export function problemReplies<Status extends number>(...statuses: Status[]) {
  const described = {
    description: 'A problem document (RFC 9457)',
    content: { 'application/problem+json': { schema: problemSchema } },
  };
  return Object.fromEntries(statuses.map((status) => [status, described])) as Record<Status, typeof described>;
}

/** A route's success, for its OpenAPI description. */
export function jsonReply<Schema extends z.ZodType>(description: string, schema: Schema) {
  return { description, content: { 'application/json': { schema } } };
}

/** A reply of bytes that no schema describes. */
export function streamReply(description: string, contentType: string) {
  // To OpenAPI it is text; the handler sends a stream, which passes by every serialiser.
  const schema = z.string() as unknown as z.ZodType<Readable>;
  return { description, content: { [contentType]: { schema } } };
}
