import { useQuery } from '@tanstack/react-query';
import { api, dataOf } from './api.ts';

export const sessionKey = ['session'] as const;

/** Who is signed in and what they may do; `data` is undefined until it is known. */
export function useSession() {
  return useQuery({
    queryKey: sessionKey,
    queryFn: async ({ signal }) => {
      const session = await dataOf(api.GET('/api/v1/session', { signal }));
      if (session.role !== 'nobody') lastRole = session.role;
      return session;
    },
    staleTime: 60_000,
  });
}

const order = ['nobody', 'viewer', 'collector', 'administrator'] as const;

/** What somebody was here before their session ended by itself: their half-filled forms stay until they are back. Signing out loads the page anew. */
let lastRole: (typeof order)[number] = 'nobody';

/** Whether the caller has at least this role, or had when the session ended; false until it is known. What the page shows: the server decides anew. */
export function useMay(least: (typeof order)[number]): boolean {
  const { data } = useSession();
  if (data === undefined) return false;
  const role = data.role === 'nobody' ? lastRole : data.role;
  return order.indexOf(role) >= order.indexOf(least);
}

/** Whether the server lets somebody in now. */
export function useIsIn(): boolean {
  const { data } = useSession();
  return data !== undefined && data.role !== 'nobody';
}
