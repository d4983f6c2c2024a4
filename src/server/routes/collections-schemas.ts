/** What the routes of collections take and reply. Instants ISO 8601 with Z; counts below 2^53; money in millionths of a dollar. */
import { z } from 'zod';

const count = z.number().int().nonnegative();
const instant = (description: string) => z.string().meta({ description, format: 'date-time' });

/** In addresses; what is no name has no collection. */
/** A filter of thousands of words or people has its place in it. */
export const FILTER_BODY_BYTES = 1024 * 1024;

export const nameParams = z.object({ name: z.string().max(63) });

export const collectionName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, 'Use 1 to 63 small letters, digits, - and _, beginning with a letter or digit.');

export const keepSchema = z
  .string()
  .regex(/^(files|all|days:[1-9][0-9]{0,4})$/, 'Use files, all or days:N with 1 to 99999 days.')
  .meta({ description: 'Which posts stay in the database: files (none), all, or days:N; files stay in any case' });

export const scheduleSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('adaptive') }),
    z.strictObject({ kind: z.literal('every'), ms: z.number().int().min(60_000).max(31_536_000_000) }),
    z.strictObject({ kind: z.literal('cron'), expression: z.string().max(200), zone: z.string().max(60) }),
  ])
  .meta({ description: 'When timelines are read; adaptive: as often as each author posts' });

export const seedSchema = z
  .union([z.strictObject({ set: z.string().min(1).max(200) }), z.strictObject({ account: z.string().min(1).max(100) })])
  .meta({ description: 'A set of accounts, or one account by its name or id' });

export const summarySchema = z
  .object({
    name: z.string(),
    kind: z.string().meta({ description: 'sample, filter, timeline or import' }),
    platform: z.string(),
    api: z.string(),
    keep: z.string(),
    zone: z.string().meta({ description: 'Time zone of the names of its datasets' }),
    wanted: z.enum(['active', 'stopped']),
    createdAt: instant('When it was made'),
    credential: z.string().nullable().meta({ description: 'Label of the credential it is asked with; null: any' }),
    tracks: z.string().meta({ description: 'What it collects, in a few plain words' }),
    spentMicros: count.meta({ description: 'Spent in the running UTC month' }),
    budgetMicros: count.nullable().meta({ description: 'What it may spend a month; null: no limit of its own' }),
  })
  .meta({ id: 'CollectionSummary' });

export const summariesReplySchema = z
  .object({ collections: z.array(summarySchema) })
  .meta({ id: 'CollectionSummaries' });

export const seedReplySchema = z
  .object({ kind: z.enum(['set', 'account']), name: z.string(), addedAt: instant('Since when'), accounts: count })
  .meta({ id: 'Seed' });

export const detailSchema = summarySchema
  .extend({
    access: z.enum(['view', 'edit', 'own']).meta({ description: 'What you may do with it' }),
    schedule: scheduleSchema.nullable().meta({ description: 'Of timelines only' }),
    seeds: z.array(seedReplySchema).meta({ description: 'Of timelines: what it follows; none: all active accounts' }),
    accounts: count.meta({ description: 'Of timelines: how many active accounts it follows now' }),
  })
  .meta({ id: 'CollectionDetail' });

export const recentPostSchema = z
  .object({
    platform: z.string(),
    postId: z.string(),
    accountId: z.string().nullable(),
    handle: z.string().nullable(),
    name: z.string().nullable(),
    text: z.string().nullable(),
    lang: z.string().nullable(),
    postedAt: instant('When the platform says that it was posted').nullable(),
    capturedAt: instant('When it came'),
  })
  .meta({ id: 'RecentPost' });

export const recentPostsSchema = z.object({ posts: z.array(recentPostSchema) }).meta({ id: 'RecentPosts' });

export const timeBucketsSchema = z
  .object({
    bucket: z.enum(['hour', 'day']),
    from: instant('Begin of the first bucket'),
    to: instant('End of the last bucket'),
    counts: z.array(z.object({ start: instant('Begin of the bucket'), posts: count })).meta({
      description: 'Every bucket, empty ones too, oldest first; the last one may still grow',
    }),
    gaps: z
      .array(z.object({ from: instant('Begin'), to: instant('End'), cause: z.string(), uncoveredMs: count }))
      .meta({ description: 'Interruptions of which time is missing, oldest first, 500 at most' }),
  })
  .meta({ id: 'PostsOverTime' });

export const runSchema = z
  .object({
    runId: z.string(),
    platform: z.string(),
    accountId: z.string(),
    handle: z.string().nullable(),
    node: z.string(),
    startedAt: instant('When the reading began'),
    finishedAt: instant('When it ended; null: it runs').nullable(),
    pages: count,
    posts: count,
    outcome: z.string().nullable(),
    error: z.string().nullable(),
  })
  .meta({ id: 'CollectionRun' });

export const runsReplySchema = z
  .object({ runs: z.array(runSchema), next: z.string().nullable() })
  .meta({ id: 'CollectionRuns' });

export const historyReplySchema = z
  .object({
    changes: z.array(
      z.object({
        changeId: z.string(),
        at: instant('When'),
        who: z.string().meta({ description: 'Their name as it was then' }),
        via: z.string().meta({ description: 'session, token, …' }),
        action: z.string().meta({ description: '`collection.stop`, `budget.set`, …' }),
        details: z.record(z.string(), z.unknown()).meta({ description: 'What it was changed to' }),
      }),
    ),
    next: z.string().nullable(),
  })
  .meta({ id: 'CollectionHistory' });

export const segmentDaysSchema = z
  .object({
    days: z.array(
      z.object({
        day: z.string().meta({ description: 'UTC day, like 2026-11-22' }),
        segments: count,
        posts: count,
        bytes: count.meta({ description: 'Payload bytes, unpacked' }),
        nodes: z.array(z.string()).meta({ description: 'The machines that have them' }),
      }),
    ),
    next: z.string().nullable(),
  })
  .meta({ id: 'SegmentDays' });

export const fateSchema = z
  .object({
    isEmpty: z
      .boolean()
      .meta({ description: 'Nothing was collected: it disappears altogether and its name is free again' }),
    observations: count.meta({ description: 'Rows of its posts in the database' }),
    segments: count,
    bytes: count,
    datasets: count,
    nodes: z.array(z.string()),
    firstHour: instant('Begin of the first hour with data').nullable(),
    lastHour: instant('Begin of the last hour with data').nullable(),
    sentences: z.array(z.string()).meta({ description: 'What deleting does to each of these, in words' }),
  })
  .meta({ id: 'DeletionPreview' });

export const overviewSchema = z
  .object({
    at: instant('The hours below end with the one that this lies in'),
    firstHour: instant('Begin of the first hour'),
    collections: z.array(
      z.object({
        name: z.string(),
        kind: z.string(),
        tracks: z.string(),
        hours: z
          .array(count)
          .meta({ description: 'Posts of each of the last 24 UTC hours, oldest first; the last one grows' }),
        usualPerHour: z.number().nonnegative().nullable().meta({
          description:
            'Median of the whole hours of the last seven days in which anything came; null before there are six',
        }),
        lastPostAt: instant('When a post came last; null: none within seven days').nullable(),
        gapsDay: count.meta({ description: 'Interruptions with missing time that ended within 24 hours' }),
        uncoveredDayMs: count,
        heardDayPercent: z.number().min(0).max(100).nullable().meta({
          description:
            'How much of its time within the last 24 hours was heard or back-filled; null for what does not listen',
        }),
        spentMicros: count,
        budgetMicros: count.nullable(),
      }),
    ),
    money: z.object({
      month: z.string().meta({ description: 'Running UTC month, like 2026-11' }),
      spentMicros: count,
      budgetMicros: count.nullable(),
    }),
    nodes: z.array(
      z.object({
        node: z.string(),
        sampledAt: instant('When it said so'),
        cpuShare: z.number().nonnegative().nullable().meta({ description: 'Of all its processors, 0 to 1' }),
        memoryUsedBytes: count.nullable(),
        memoryTotalBytes: count.nullable(),
        diskFreeBytes: count.nullable(),
        diskTotalBytes: count.nullable(),
        fullInDays: z.number().nonnegative().nullable(),
      }),
    ),
  })
  .meta({ id: 'Overview' });
export type OverviewReply = z.infer<typeof overviewSchema>;
