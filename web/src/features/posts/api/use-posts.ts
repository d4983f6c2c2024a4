import { keepPreviousData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, dataOf } from '../../../api/api.ts';
import type { components } from '../../../api/openapi.d.ts';
import type { SearchWords } from '../search-words.ts';

export type PostFacets = components['schemas']['PostFacets'];
export type PostTimeline = components['schemas']['PostTimeline'];
export type PostPlaces = components['schemas']['PostPlaces'];
export type PostDetail = components['schemas']['PostDetail'];

/** Posts of a search, 30 at a time. */
export function usePosts(search: SearchWords) {
  return useInfiniteQuery({
    queryKey: ['posts', search],
    queryFn: ({ pageParam, signal }: { pageParam: string; signal: AbortSignal }) =>
      dataOf(
        api.GET('/api/v1/posts', {
          signal,
          params: { query: { ...search, limit: 30, ...(pageParam === '' ? {} : { before: pageParam }) } },
        }),
      ),
    initialPageParam: '',
    getNextPageParam: ({ next }) => next ?? undefined,
    placeholderData: keepPreviousData,
    // A search that took too long takes as long again.
    retry: false,
  });
}

export function useFacets(search: SearchWords) {
  return useQuery({
    queryKey: ['post-facets', search],
    queryFn: ({ signal }) => dataOf(api.GET('/api/v1/posts/facets', { signal, params: { query: search } })),
    placeholderData: keepPreviousData,
    retry: false,
  });
}

export function useTimeline(search: SearchWords) {
  return useQuery({
    queryKey: ['post-timeline', search],
    queryFn: ({ signal }) => dataOf(api.GET('/api/v1/posts/timeline', { signal, params: { query: search } })),
    placeholderData: keepPreviousData,
    retry: false,
  });
}

export function usePlaces(search: SearchWords) {
  return useQuery({
    queryKey: ['post-places', search],
    queryFn: ({ signal }) => dataOf(api.GET('/api/v1/posts/places', { signal, params: { query: search } })),
    placeholderData: keepPreviousData,
    retry: false,
  });
}

export function usePost(platform: string, postId: string) {
  return useQuery({
    queryKey: ['post', platform, postId],
    queryFn: ({ signal }) =>
      dataOf(api.GET('/api/v1/posts/{platform}/{postId}', { signal, params: { path: { platform, postId } } })),
  });
}

const savedKey = ['saved-searches'] as const;

export function useSavedSearches() {
  return useQuery({
    queryKey: savedKey,
    queryFn: ({ signal }) => dataOf(api.GET('/api/v1/saved-searches', { signal })),
  });
}

export function useSaveSearch() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: { name: string; query: SearchWords }) => dataOf(api.POST('/api/v1/saved-searches', { body })),
    onSuccess: () => queries.invalidateQueries({ queryKey: savedKey }),
  });
}

export function useRemoveSearch() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (searchId: string) =>
      api.DELETE('/api/v1/saved-searches/{searchId}', { params: { path: { searchId } } }),
    onSettled: () => queries.invalidateQueries({ queryKey: savedKey }),
  });
}
