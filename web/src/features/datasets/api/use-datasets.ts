import { useInfiniteQuery } from '@tanstack/react-query';
import { fetchDatasets } from '../../../api/client.ts';

const LOOK_EVERY_MS = 15_000;

/** Pages of published hours, newest first; looked for anew now and then, for hours are built while one watches. */
export function useDatasets() {
  return useInfiniteQuery({
    queryKey: ['datasets'],
    queryFn: ({ pageParam, signal }) => fetchDatasets(pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    refetchInterval: LOOK_EVERY_MS,
  });
}
