import { useQuery } from '@tanstack/react-query';
import { api, dataOf } from '../../../api/api.ts';
import type { components } from '../../../api/openapi.d.ts';

export type Overview = components['schemas']['Overview'];

/** The day of every collection, money, nodes: minutes matter here, seconds come live. */
const LOOK_EVERY_MS = 20_000;

export function useOverview() {
  return useQuery({
    queryKey: ['overview'],
    queryFn: ({ signal }) => dataOf(api.GET('/api/v1/overview', { signal })),
    refetchInterval: LOOK_EVERY_MS,
  });
}
