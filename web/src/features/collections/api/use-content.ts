import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { api, dataOf } from '../../../api/api.ts';

/** The chart's newest bar grows while one looks. */
const LOOK_EVERY_MS = 30_000;

export type Span = { bucket: 'hour' | 'day'; count: number };

export function usePostsOverTime(name: string, { bucket, count }: Span) {
  return useQuery({
    queryKey: ['posts-over-time', name, bucket, count],
    queryFn: ({ signal }) =>
      dataOf(
        api.GET('/api/v1/collections/{name}/posts-over-time', {
          params: { path: { name }, query: { bucket, count } },
          signal,
        }),
      ),
    refetchInterval: LOOK_EVERY_MS,
    placeholderData: (shown) => shown,
  });
}

export function useRuns(name: string, onlyErrors: boolean) {
  return useInfiniteQuery({
    queryKey: ['collection-runs', name, onlyErrors],
    queryFn: ({ pageParam, signal }) =>
      dataOf(
        api.GET('/api/v1/collections/{name}/runs', {
          params: {
            path: { name },
            query: {
              errors: onlyErrors ? ('true' as const) : ('false' as const),
              limit: 25,
              ...(pageParam === null ? {} : { before: pageParam }),
            },
          },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    refetchInterval: LOOK_EVERY_MS,
  });
}

export function useHistory(name: string) {
  return useInfiniteQuery({
    queryKey: ['collection-history', name],
    queryFn: ({ pageParam, signal }) =>
      dataOf(
        api.GET('/api/v1/collections/{name}/history', {
          params: { path: { name }, query: { limit: 20, ...(pageParam === null ? {} : { before: pageParam }) } },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    refetchInterval: LOOK_EVERY_MS,
  });
}

export function useSegmentDays(name: string) {
  return useInfiniteQuery({
    queryKey: ['segment-days', name],
    queryFn: ({ pageParam, signal }) =>
      dataOf(
        api.GET('/api/v1/collections/{name}/segment-days', {
          params: { path: { name }, query: { limit: 7, ...(pageParam === null ? {} : { before: pageParam }) } },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
  });
}

/** The newest built hours of one collection. */
export function useHoursOf(name: string) {
  return useQuery({
    queryKey: ['datasets', name],
    queryFn: ({ signal }) =>
      dataOf(api.GET('/api/v1/datasets', { params: { query: { collection: name, limit: 6 } }, signal })),
    refetchInterval: LOOK_EVERY_MS,
  });
}
