import { useInfiniteQuery } from '@tanstack/react-query';
import { fetchGaps } from '../../../api/client.ts';

/** Pages of a collection's gaps, newest first. `count`: how many the status speaks of; another number asks anew. */
export function useGaps(collection: string, count: number) {
  return useInfiniteQuery({
    queryKey: ['gaps', collection, count],
    queryFn: ({ pageParam, signal }) => fetchGaps(collection, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    placeholderData: (shown) => shown,
  });
}
