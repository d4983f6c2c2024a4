import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { api, dataOf } from '../../../api/api.ts';

export function useUsers() {
  return useQuery({ queryKey: ['users'], queryFn: ({ signal }) => dataOf(api.GET('/api/v1/users', { signal })) });
}

export function useProfile() {
  return useQuery({ queryKey: ['profile'], queryFn: ({ signal }) => dataOf(api.GET('/api/v1/me', { signal })) });
}

export function useTokens() {
  return useQuery({
    queryKey: ['profile', 'tokens'],
    queryFn: ({ signal }) => dataOf(api.GET('/api/v1/me/tokens', { signal })),
  });
}

export type AuditFilter = { userId?: string; action?: string; target?: string; from?: string; to?: string };

/** Pages of the audit log, newest first. */
export function useAudit(filter: AuditFilter) {
  return useInfiniteQuery({
    queryKey: ['audit', filter],
    queryFn: ({ signal, pageParam }) =>
      dataOf(
        api.GET('/api/v1/audit', {
          signal,
          params: { query: { ...filter, limit: 50, ...(pageParam === '' ? {} : { before: pageParam }) } },
        }),
      ),
    initialPageParam: '',
    getNextPageParam: ({ next }) => next ?? undefined,
  });
}
