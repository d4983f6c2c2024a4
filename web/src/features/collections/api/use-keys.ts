import { useQuery } from '@tanstack/react-query';
import { api, dataOf } from '../../../api/api.ts';

/** The keys to the platform that one may see. */
export function useKeys() {
  return useQuery({
    queryKey: ['credentials'],
    queryFn: ({ signal }) => dataOf(api.GET('/api/v1/credentials', { signal })),
  });
}
