import { useDebouncedValue } from '@mantine/hooks';
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, dataOf } from '../../../api/api.ts';
import type { components } from '../../../api/openapi.d.ts';
import { type FilterDefinition, isEmptyFilter } from '../filter-draft.ts';

export type CheckedFilter = components['schemas']['CheckedFilter'];

/** By which interface and key it will be asked, where that was chosen; or as a collection that is there. */
export type FilterAccess = { api?: 'v2' | 'v1.1'; credential?: string; collection?: string };

/** Typing is waited for: a check costs the server little, a count costs money. */
const CHECK_AFTER_MS = 250;
const COUNT_AFTER_MS = 1_200;
const COUNT_AGE_MS = 10 * 60_000;

/** What is wrong with a filter and what it says, a moment after it was changed. */
export function useCheckedFilter(definition: FilterDefinition, access: FilterAccess = {}) {
  const [settled] = useDebouncedValue(definition, CHECK_AFTER_MS);
  return useQuery({
    queryKey: ['filter-check', settled, access],
    queryFn: ({ signal }) =>
      dataOf(api.POST('/api/v1/filters/check', { body: { api: 'v2', ...access, definition: settled }, signal })),
    enabled: !isEmptyFilter(settled),
    placeholderData: (shown) => shown,
    staleTime: COUNT_AGE_MS,
  });
}

/** What it would have found in seven days; `isSound`: there is nothing wrong with it. */
export function useFilterPreview(definition: FilterDefinition, isSound: boolean, access: FilterAccess) {
  const [settled] = useDebouncedValue(definition, COUNT_AFTER_MS);
  return useQuery({
    queryKey: ['filter-preview', settled, access],
    queryFn: ({ signal }) =>
      dataOf(
        api.POST('/api/v1/filters/preview', {
          body: { api: 'v2', ...access, definition: settled },
          signal,
        }),
      ),
    enabled: isSound && !isEmptyFilter(settled),
    staleTime: COUNT_AGE_MS,
    retry: false,
  });
}

export function useFilter(name: string, isFilter: boolean) {
  return useQuery({
    queryKey: ['filter', name],
    queryFn: ({ signal }) =>
      dataOf(api.GET('/api/v1/collections/{name}/filter', { params: { path: { name } }, signal })),
    enabled: isFilter,
    refetchInterval: 10_000,
  });
}

export function useSaveFilter(name: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: { definition: FilterDefinition; reason: string; basedOn: number }) =>
      dataOf(api.PUT('/api/v1/collections/{name}/filter', { params: { path: { name } }, body })),
    // A refusal, too: it may be because somebody else has changed it.
    onSettled: () =>
      Promise.all([
        queries.invalidateQueries({ queryKey: ['filter', name] }),
        queries.invalidateQueries({ queryKey: ['filter-versions', name] }),
        queries.invalidateQueries({ queryKey: ['collections'] }),
      ]),
  });
}

export function useFilterVersions(name: string) {
  return useInfiniteQuery({
    queryKey: ['filter-versions', name],
    queryFn: ({ pageParam, signal }) =>
      dataOf(
        api.GET('/api/v1/collections/{name}/filter-versions', {
          params: { path: { name }, query: { limit: 10, ...(pageParam === null ? {} : { before: pageParam }) } },
          signal,
        }),
      ),
    initialPageParam: null as number | null,
    getNextPageParam: ({ next }) => next,
  });
}

export function useMatches(name: string, days: number) {
  return useQuery({
    queryKey: ['matches', name, days],
    queryFn: ({ signal }) =>
      dataOf(api.GET('/api/v1/collections/{name}/matches', { params: { path: { name }, query: { days } }, signal })),
    refetchInterval: 30_000,
  });
}
