import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, dataOf } from '../../../api/api.ts';
import type { components } from '../../../api/openapi.d.ts';

export type Sharing = components['schemas']['Sharing'];
export type SharingWish = {
  ownerId: string | null;
  visibility: Sharing['visibility'];
  shares: { userId: string; access: 'view' | 'edit' }[];
};

export function useSharing(name: string) {
  return useQuery({
    queryKey: ['sharing', name],
    queryFn: ({ signal }) =>
      dataOf(api.GET('/api/v1/collections/{name}/sharing', { params: { path: { name } }, signal })),
  });
}

/** Whom one may share with. */
export function usePeople() {
  return useQuery({
    queryKey: ['people'],
    queryFn: ({ signal }) => dataOf(api.GET('/api/v1/people', { signal })),
  });
}

export function useSetSharing(name: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: SharingWish) =>
      dataOf(api.PUT('/api/v1/collections/{name}/sharing', { params: { path: { name } }, body })),
    onSuccess: (sharing) => queries.setQueryData(['sharing', name], sharing),
    onSettled: () => queries.invalidateQueries({ queryKey: ['collections', name] }),
  });
}
