/** Followed accounts as the API shows them. Ids are text. */
import { z } from 'zod';
import { accountStates } from '../../store/accounts/followed-account.ts';

const instant = z.string().meta({ format: 'date-time' });
const count = z.number().int().nonnegative();

const account = {
  platform: z.string(),
  accountId: z.string().meta({ description: 'The uid: it never changes' }),
  handle: z.string().meta({ description: 'The name as the platform wrote it when last looked at' }),
  active: z.boolean().meta({ description: 'Whether it is collected' }),
  state: z.enum(accountStates),
  stateSince: instant,
  checkedAt: instant,
  addedAt: instant,
};

export const followedAccountSchema = z.object(account).meta({ id: 'FollowedAccount' });

export const accountsReplySchema = z
  .object({
    accounts: z.array(
      z
        .object({
          ...account,
          formerNames: z.array(z.string()),
          sets: z.array(z.string()),
          lastReadAt: instant.nullable().meta({ description: 'When one of its timelines was read to the end' }),
          lastPageAt: instant
            .nullable()
            .meta({ description: 'When the newest reading that brought a page began, to the end or not' }),
        })
        .meta({ id: 'FollowedAccountEntry' }),
    ),
    next: z.string().nullable().meta({ description: 'Value of `after` for the next page; null at the end' }),
    counts: z.record(z.enum([...accountStates, 'inactive']), count),
    sets: z.array(z.object({ name: z.string(), accounts: count })),
  })
  .meta({ id: 'FollowedAccounts' });

export const accountDetailSchema = z
  .object({
    ...account,
    names: z.array(z.object({ notedAt: instant, handle: z.string() })),
    states: z.array(
      z.object({ since: instant, state: z.enum(accountStates), endpoint: z.string(), evidence: z.string() }),
    ),
    profiles: z
      .array(z.object({ observedAt: instant, profile: z.record(z.string(), z.unknown()) }))
      .meta({ description: 'Oldest first; each differs from the one before in more than its counts' }),
    sets: z.array(z.string()),
    holdings: z.object({ posts: count, collections: z.array(z.string()) }),
    createdAt: instant.nullable().meta({ description: 'When it was made, by the platform’s word' }),
    counts: z
      .array(
        z.object({
          at: instant,
          followers: count.nullable(),
          following: count.nullable(),
          posts: count.nullable(),
          listed: count.nullable(),
        }),
      )
      .meta({
        description:
          'What the platform said of its counts: with each profile that was kept, and with the newest of its posts of each of the last 90 days; oldest first',
      }),
    postsByDay: z.array(z.object({ day: z.string(), posts: count })).meta({ description: 'Of the last 90 days' }),
    runs: z.array(
      z.object({
        ...{ collection: z.string(), startedAt: instant, finishedAt: instant.nullable(), pages: count, posts: count },
        outcome: z.enum(['done', 'protected', 'suspended', 'gone', 'failed', 'interrupted']).nullable(),
        error: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: 'FollowedAccountDetail' });

export const importOutcomesSchema = z
  .object({
    outcomes: z.array(
      z.object({
        line: count,
        input: z.string(),
        outcome: z.enum(['added', 'present', 'not_found', 'suspended', 'protected', 'invalid', 'error']),
        uid: z.string().nullable(),
        handle: z.string().nullable(),
        message: z.string(),
      }),
    ),
  })
  .meta({ id: 'AccountImport' });
