import { z } from 'zod';
import type { FollowedAccount } from '../../store/accounts/followed-account.ts';
import type { FollowedPage } from '../../store/accounts/page-followed.ts';
import { accountStates } from '../../store/accounts/followed-account.ts';
import type { App } from '../app-type.ts';
import { changeWithDeed, longDeed } from '../audit.ts';
import { sees, sightOf } from '../caller.ts';
import { jsonReply, problemReplies } from '../reply-schemas.ts';
import { askSource } from '../source-call.ts';
import type { ServerSources } from '../sources.ts';
import {
  accountDetailSchema,
  accountsReplySchema,
  followedAccountSchema,
  importOutcomesSchema,
} from './account-schemas.ts';

const params = z.object({ accountId: z.string().regex(/^\d{1,20}$/, 'is not a uid') });
/** Long histories take a while. */
const FORGET_MS = 10_000;
/** `name~uid`: the last account of a page. */
const AFTER = /^([^~]{1,64})~(\d{1,20})$/;

/** Accounts that are followed: find, add, switch, forget. */
export function accountRoutes(app: App, { sources }: { sources: ServerSources }): void {
  app.get(
    '/api/v1/accounts',
    {
      schema: {
        operationId: 'listAccounts',
        summary: 'Followed accounts by name, with how many there are in each state and the sets',
        tags: ['accounts'],
        querystring: z.object({
          search: z
            .string()
            .max(200)
            .optional()
            .meta({ description: 'A part of the name or a former one, or the uid' }),
          state: z.enum(accountStates).optional(),
          active: z.enum(['true', 'false']).optional(),
          set: z.string().max(200).optional(),
          after: z.string().regex(AFTER, 'is not `next` of a page').optional(),
          order: z.enum(['name', 'random']).default('name').meta({
            description: 'random: drawn anew with each request, without a next page',
          }),
          limit: z.coerce.number().int().min(1).max(500).default(50),
        }),
        response: { 200: jsonReply('A page of accounts', accountsReplySchema), ...problemReplies(400, 503) },
      },
    },
    async ({ query: { search, state, active, set, after, order, limit } }) => {
      const [, handle, accountId] = AFTER.exec(after ?? '') ?? [];
      // One more than asked tells whether there is a next page.
      const page: FollowedPage = {
        limit: limit + 1,
        atRandom: order === 'random',
        ...(search === undefined ? {} : { search }),
        ...(state === undefined ? {} : { state }),
        ...(active === undefined ? {} : { active: active === 'true' }),
        ...(set === undefined ? {} : { set }),
        ...(handle === undefined || accountId === undefined ? {} : { after: { handle, accountId } }),
      };
      const [found, counts, sets] = await Promise.all([
        askSource(sources.accounts.page(page)),
        askSource(sources.accounts.counts()),
        askSource(sources.accounts.sets()),
      ]);
      const accounts = found.slice(0, limit);
      const last = accounts.at(-1);
      const next =
        order === 'name' && found.length > limit && last !== undefined ? `${last.handle}~${last.accountId}` : null;
      return { accounts, next, counts, sets };
    },
  );
  app.post(
    '/api/v1/accounts',
    {
      bodyLimit: 1024 * 1024,
      schema: {
        operationId: 'addAccounts',
        summary: 'Follows accounts, one a line: names, addresses of their pages, or uids; says what became of each',
        tags: ['accounts'],
        body: z.strictObject({
          lines: z.array(z.string().max(500)).min(1).max(1000),
          set: z.string().trim().min(1).max(200).optional(),
          dryRun: z.boolean().default(false).meta({ description: 'Looks everything up and changes nothing' }),
          withProtected: z.boolean().default(false),
        }),
        response: { 200: jsonReply('An outcome per line', importOutcomesSchema), ...problemReplies(400, 503) },
      },
    },
    async (request) => {
      const { set, ...wish } = request.body;
      const inSet = set === undefined ? {} : { set };
      const add = () => sources.accounts.add({ ...wish, ...inSet });
      if (wish.dryRun) return { outcomes: await add() };
      const [only = null, ...others] = wish.lines;
      const deed = { action: 'account.add', target: others.length === 0 ? only : null };
      const outcomes = await longDeed(
        request,
        { ...deed, details: { lines: wish.lines.length, ...inSet } },
        add,
        (all) => ({ accounts: all.filter(({ outcome }) => outcome === 'added').length }),
      );
      return { outcomes };
    },
  );
  app.get(
    '/api/v1/accounts/:accountId',
    {
      schema: {
        operationId: 'getAccount',
        summary: 'One account: names, states with their evidence, profiles, what was collected',
        tags: ['accounts'],
        params,
        response: { 200: jsonReply('The account', accountDetailSchema), ...problemReplies(400, 404, 503) },
      },
    },
    async (request) => {
      const sight = await sightOf(request);
      const found = await askSource(sources.accounts.one(request.params.accountId));
      const collections = found.holdings.collections.filter((name) => sees(sight, name));
      const runs = found.runs.filter(({ collection }) => sees(sight, collection));
      return { ...found, runs, holdings: { ...found.holdings, collections } };
    },
  );
  app.patch(
    '/api/v1/accounts/:accountId',
    {
      schema: {
        operationId: 'switchAccount',
        summary: 'Collects an account or leaves it out; one that is to be collected again is looked at first',
        tags: ['accounts'],
        params,
        body: z.strictObject({ active: z.boolean() }),
        response: { 200: jsonReply('The account', followedAccountSchema), ...problemReplies(400, 404, 409, 503) },
      },
    },
    async (request) => {
      const { accountId } = request.params;
      const { active } = request.body;
      // Looked at on the platform, which is no part of the change.
      if (active) await sources.accounts.requireCollectable(accountId);
      const action = active ? 'account.activate' : 'account.deactivate';
      const { account } = await changeWithDeed(
        request,
        ({ account: { handle }, hasChanged }: { account: FollowedAccount; hasChanged: boolean }) =>
          hasChanged ? { action, target: `@${handle}` } : undefined,
        (inside) => inside.accounts.setActive(accountId, active),
      );
      return account;
    },
  );
  app.delete(
    '/api/v1/accounts/:accountId',
    {
      schema: {
        operationId: 'forgetAccount',
        summary: 'Follows an account no longer and forgets its histories; its posts stay',
        tags: ['accounts'],
        params,
        response: { 200: jsonReply('Done', z.object({ forgotten: z.string() })), ...problemReplies(400, 404, 503) },
      },
    },
    async (request) => {
      const { accountId } = request.params;
      await changeWithDeed(
        request,
        ({ handle }: FollowedAccount) => ({
          action: 'account.forget',
          target: `@${handle}`,
          details: { uid: accountId },
        }),
        (inside) => inside.accounts.remove(accountId),
        FORGET_MS,
      );
      return { forgotten: accountId };
    },
  );
}
