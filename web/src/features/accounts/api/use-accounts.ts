import { keepPreviousData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, dataOf } from '../../../api/api.ts';
import type { components } from '../../../api/openapi.d.ts';

export type FollowedAccount = components['schemas']['FollowedAccountEntry'];
export type AccountDetail = components['schemas']['FollowedAccountDetail'];
export type AccountState = FollowedAccount['state'];
export type ImportOutcome = components['schemas']['AccountImport']['outcomes'][number];

/** `state` may also be `inactive`: what is switched off is asked for in the same place. `draw`: 0 by name, else the so many-th drawing of 25 at random. */
export type AccountFilter = { search: string; state: AccountState | 'inactive' | ''; set: string; draw: number };

/** So many are drawn at random. */
export const DRAWN = 25;

/** Followed accounts by name, 50 at a time, or some at random. */
export function useAccounts({ search, state, set, draw }: AccountFilter) {
  return useInfiniteQuery({
    queryKey: ['accounts', { search, state, set, draw }],
    queryFn: ({ pageParam, signal }: { pageParam: string; signal: AbortSignal }) =>
      dataOf(
        api.GET('/api/v1/accounts', {
          signal,
          params: {
            query: {
              ...(search === '' ? {} : { search }),
              ...(state === ''
                ? {}
                : state === 'inactive'
                  ? { active: 'false' as const }
                  : { state, active: 'true' as const }),
              ...(set === '' ? {} : { set }),
              ...(draw === 0 ? {} : { order: 'random' as const, limit: DRAWN }),
              ...(pageParam === '' ? {} : { after: pageParam }),
            },
          },
        }),
      ),
    initialPageParam: '',
    getNextPageParam: ({ next }) => next ?? undefined,
    placeholderData: keepPreviousData,
  });
}

export function useAccount(accountId: string) {
  return useQuery({
    queryKey: ['account', accountId],
    queryFn: ({ signal }) =>
      dataOf(api.GET('/api/v1/accounts/{accountId}', { signal, params: { path: { accountId } } })),
  });
}

/** Collects an account or leaves it out. */
export function useSwitchAccount() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ accountId, active }: { accountId: string; active: boolean }) =>
      dataOf(api.PATCH('/api/v1/accounts/{accountId}', { params: { path: { accountId } }, body: { active } })),
    onSettled: (_data, _error, { accountId }) =>
      Promise.all([
        queries.invalidateQueries({ queryKey: ['accounts'] }),
        queries.invalidateQueries({ queryKey: ['account', accountId] }),
      ]),
  });
}

export function useForgetAccount() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (accountId: string) =>
      dataOf(api.DELETE('/api/v1/accounts/{accountId}', { params: { path: { accountId } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['accounts'] }),
  });
}

export type AddWish = { lines: string[]; set: string; dryRun: boolean; withProtected: boolean };

/** One call for a hundred lines; the caller sends one after the other and shows what became of each. */
export function addAccounts({ lines, set, dryRun, withProtected }: AddWish) {
  const body = { lines, dryRun, withProtected, ...(set.trim() === '' ? {} : { set: set.trim() }) };
  return dataOf(api.POST('/api/v1/accounts', { body }));
}
