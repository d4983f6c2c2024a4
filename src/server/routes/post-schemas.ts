/** Posts as the API replies them. */
import { z } from 'zod';
import { postKinds } from '../../core/post.ts';

const count = z.number().int().nonnegative();
const instant = (description: string) => z.string().meta({ description, format: 'date-time' });

export const postCountsSchema = z
  .object({
    reposts: count.nullable(),
    replies: count.nullable(),
    likes: count.nullable(),
    quotes: count.nullable(),
    bookmarks: count.nullable(),
    impressions: count.nullable(),
  })
  .meta({ id: 'PostCounts', description: 'As of one moment; null where the platform did not say' });

export const postWithdrawalSchema = z
  .object({
    of: z.enum(['post', 'account']).meta({ description: 'What the platform said it of' }),
    notedAt: instant('By the platform’s word, or when it was seen'),
    countries: z.array(z.string()).meta({ description: 'Two letters each; XX all countries' }),
  })
  .meta({ id: 'PostWithdrawal' });

export const postSummarySchema = z
  .object({
    platform: z.string(),
    postId: z.string(),
    accountId: z.string().nullable(),
    handle: z.string().nullable().meta({ description: 'The author’s name when it was captured, without @' }),
    name: z.string().nullable(),
    at: instant('When it was posted: by its id where that tells, else by the platform’s word'),
    postedAt: instant('By the platform’s word').nullable(),
    capturedAt: instant('When the kept payload came'),
    text: z.string().nullable(),
    lang: z.string().nullable(),
    kind: z.enum(postKinds),
    references: z.array(z.object({ type: z.string(), postId: z.string() })),
    links: z
      .array(z.object({ url: z.string(), expanded: z.string() }))
      .meta({ description: 'Links in the text and where the platform says that they lead (empty: it does not say)' }),
    media: z.array(z.string()).meta({ description: 'Addresses of pictures and previews; nothing is loaded from them' }),
    place: z.string().nullable(),
    latitude: z.number().nullable(),
    longitude: z.number().nullable(),
    sensitive: z.boolean().nullable().meta({ description: 'What the author or the platform said of it' }),
    counts: postCountsSchema.meta({ description: 'As they were in the kept payload' }),
    collections: z.array(z.string()).meta({ description: 'Those that caught it, of the ones you may see' }),
    withheld: postWithdrawalSchema
      .nullable()
      .meta({ description: 'Where the platform does not show it; null: nowhere' }),
    address: z.string().nullable().meta({ description: 'Where the platform shows it' }),
  })
  .meta({ id: 'PostSummary' });
export type PostSummary = z.infer<typeof postSummarySchema>;

const shareSchema = z.object({ value: z.string(), count });

export const totalSchema = z
  .object({
    count,
    exact: z.boolean().meta({ description: 'False: there are more than 10,000, and the count is an estimate' }),
  })
  .meta({ id: 'PostTotal' });

export const postsReplySchema = z
  .object({
    posts: z.array(postSummarySchema),
    next: z.string().nullable().meta({ description: 'Value of `before` for the next page; null at the end' }),
  })
  .meta({ id: 'Posts' });

export const postFacetsSchema = z
  .object({
    total: totalSchema,
    langs: z.array(shareSchema),
    hashtags: z.array(shareSchema).meta({ description: 'In lower case, without #' }),
    kinds: z.array(z.object({ value: z.enum(postKinds), count })),
    authors: z.array(
      z.object({
        platform: z.string(),
        accountId: z.string(),
        handle: z.string().nullable(),
        name: z.string().nullable(),
        count,
      }),
    ),
    collections: z.array(shareSchema),
    waitingMs: count
      .nullable()
      .meta({ description: 'For how long loaded posts have waited to be indexed; null: no longer than usual' }),
  })
  .meta({ id: 'PostFacets', description: 'The most frequent of each. Counts are estimates unless the total is exact' });
export type PostFacets = z.infer<typeof postFacetsSchema>;

export const postTimelineSchema = z
  .object({
    total: totalSchema,
    unit: z.enum(['minute', '10 minutes', 'hour', '6 hours', 'day', 'week', 'month', 'year']),
    buckets: z.array(z.object({ from: instant('Begin of the bucket'), count })),
  })
  .meta({ id: 'PostTimeline' });

export const postPlacesSchema = z
  .object({
    total: totalSchema.meta({ description: 'Posts that say where they were written' }),
    cells: z
      .array(z.object({ latitude: z.number(), longitude: z.number(), count, place: z.string().nullable() }))
      .meta({ description: 'Posts within about a degree, at their middle, with the place that most of them name' }),
    withoutPoint: count.meta({ description: 'Posts that name a place without saying where it lies' }),
  })
  .meta({ id: 'PostPlaces' });

const takenBackSchema = z
  .object({
    of: z.enum(['post', 'account']),
    kind: z.enum(['deleted', 'not_found', 'protected', 'suspended', 'withheld']),
    notedAt: instant('By the platform’s word, or when it was seen'),
    liftedAt: instant('Since then it is so no more').nullable(),
    countries: z.array(z.string()),
  })
  .meta({ id: 'PostTakenBack' });

const followedLinkSchema = z
  .object({
    link: z.string().meta({ description: 'As the text shows it' }),
    url: z.string().meta({ description: 'What was asked for' }),
    state: z.enum(['due', 'done', 'refused', 'unreachable']),
    redirects: z.array(z.object({ status: z.number().int(), url: z.string() })).meta({ description: 'In their order' }),
    finalUrl: z.string().nullable(),
    finalStatus: z.number().int().nullable(),
    checkedAt: instant('When it was asked for last').nullable(),
    cause: z.string().nullable().meta({ description: 'Why it is not followed, or why there was no answer' }),
  })
  .meta({ id: 'FollowedLink' });

export const postDetailSchema = z
  .object({
    post: postSummarySchema.nullable().meta({ description: 'Null while the platform has taken it back' }),
    payload: z
      .string()
      .nullable()
      .meta({ description: 'The JSON exactly as received; null where it must not be handed out' }),
    altered: z.array(z.string()).meta({ description: 'What could not be kept exactly in the database' }),
    collections: z.array(z.string()).meta({ description: 'Those that met it, of the ones you may see' }),
    met: count.meta({ description: 'How often collections met it' }),
    meetings: z
      .array(
        postCountsSchema
          .extend({
            collection: z.string(),
            capturedAt: instant('When'),
            foundBy: z.array(z.object({ kind: z.string(), text: z.string() })).meta({
              description: 'Which words, people or places of a filter found it; empty where that is not known',
            }),
          })
          .meta({ id: 'PostMeeting' }),
      )
      .meta({ description: 'The newest 500, with the counts as of then' }),
    takenBack: z.array(takenBackSchema).meta({ description: 'What the platform said of it later, newest first' }),
    followedLinks: z
      .array(followedLinkSchema)
      .meta({ description: 'Where its links lead; empty before anybody had them followed' }),
    related: z.array(postSummarySchema).meta({ description: 'Posts that it points at, as far as they are here' }),
    versions: z
      .array(z.object({ postId: z.string(), post: postSummarySchema.nullable() }).meta({ id: 'PostVersion' }))
      .meta({
        description:
          'What its author made of it, the first one first, later ones as far as one is here; null where one is not. Empty: it was not edited',
      }),
  })
  .meta({ id: 'PostDetail' });
export type PostDetail = z.infer<typeof postDetailSchema>;

/** The members of a search as the page's address has them. */
export const searchWordsSchema = z
  .strictObject({
    q: z.string().max(1000).optional(),
    author: z.string().max(100).optional(),
    hashtag: z.string().max(100).optional(),
    lang: z.string().max(20).optional(),
    kind: z.enum(postKinds).optional(),
    has: z.string().max(20).optional(),
    from: z.string().max(40).optional(),
    to: z.string().max(40).optional(),
    collection: z.string().max(63).optional(),
    near: z.string().max(60).optional(),
  })
  .meta({ id: 'SearchWords' });

export const savedSearchSchema = z
  .object({ searchId: z.string(), name: z.string(), query: searchWordsSchema, createdAt: instant('When') })
  .meta({ id: 'SavedSearch' });
export const savedSearchesSchema = z.object({ searches: z.array(savedSearchSchema) }).meta({ id: 'SavedSearches' });
