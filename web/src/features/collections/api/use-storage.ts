import { useQuery } from '@tanstack/react-query';
import { fetchCompaction, fetchRetentionRuns } from '../../../api/client.ts';

/** Retention runs once a day and hours are put together once an hour: a look every five minutes will do. */
const LOOK_EVERY_MS = 300_000;

export function useRetentionRuns(collection: string) {
  return useQuery({
    queryKey: ['retention-runs', collection],
    queryFn: ({ signal }) => fetchRetentionRuns(collection, signal),
    refetchInterval: LOOK_EVERY_MS,
  });
}

export function useCompaction(collection: string) {
  return useQuery({
    queryKey: ['compaction', collection],
    queryFn: ({ signal }) => fetchCompaction(collection, signal),
    refetchInterval: LOOK_EVERY_MS,
  });
}
