import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, dataOf } from '../../../api/api.ts';
import type { components, paths } from '../../../api/openapi.d.ts';

type Schemas = components['schemas'];
export type CollectionDetail = Schemas['CollectionDetail'];

/** What is made and changed by people: a look now and then finds what others did. */
const LOOK_EVERY_MS = 15_000;

export function useCollections() {
  return useQuery({
    queryKey: ['collections'],
    queryFn: ({ signal }) => dataOf(api.GET('/api/v1/collections', { signal })),
    refetchInterval: LOOK_EVERY_MS,
  });
}

export function useCollection(name: string) {
  return useQuery({
    queryKey: ['collections', name],
    queryFn: ({ signal }) => dataOf(api.GET('/api/v1/collections/{name}', { params: { path: { name } }, signal })),
    refetchInterval: LOOK_EVERY_MS,
  });
}

/** Starts or stops; whatever shows the collection is read anew. */
export function useSwitch(name: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (verb: 'start' | 'stop') =>
      dataOf(
        verb === 'start'
          ? api.POST('/api/v1/collections/{name}/start', { params: { path: { name } } })
          : api.POST('/api/v1/collections/{name}/stop', { params: { path: { name } } }),
      ),
    onSuccess: (detail) => queries.setQueryData(['collections', name], detail),
    onSettled: () => queries.invalidateQueries({ queryKey: ['collections'] }),
  });
}

type Change = NonNullable<paths['/api/v1/collections/{name}']['patch']['requestBody']>['content']['application/json'];

/** Changes what stays, the credential, the schedule or the seeds. */
export function useChange(name: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Change) => dataOf(api.PATCH('/api/v1/collections/{name}', { params: { path: { name } }, body })),
    onSuccess: (detail) => queries.setQueryData(['collections', name], detail),
    onSettled: () => queries.invalidateQueries({ queryKey: ['collections'] }),
  });
}
