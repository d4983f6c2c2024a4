import { useQuery } from '@tanstack/react-query';
import { api, dataOf } from './api.ts';

export const sessionKey = ['session'] as const;

/** Who is signed in and what they may do; `data` is undefined until it is known. */
export function useSession() {
  return useQuery({
    queryKey: sessionKey,
    queryFn: ({ signal }) => dataOf(api.GET('/api/v1/session', { signal })),
    staleTime: 60_000,
  });
}

const order = ['nobody', 'viewer', 'collector', 'administrator'] as const;

/** Whether the caller has at least this role; false until it is known. What the page shows: the server decides anew. */
export function useMay(least: (typeof order)[number]): boolean {
  const { data } = useSession();
  return data !== undefined && order.indexOf(data.role) >= order.indexOf(least);
}
