import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, dataOf } from '../../../api/api.ts';
import type { components } from '../../../api/openapi.d.ts';

export type Job = components['schemas']['Job'];
export type Upcoming = components['schemas']['UpcomingWork']['upcoming'][number];
export type JobHours = components['schemas']['JobHours'];
export type JobCount = components['schemas']['Jobs']['counts'][number];

export type Work = components['schemas']['Work'];

export type JobFilter = { state: Job['state'] | ''; kind: Job['kind'] | ''; limit: number };

/** What the server gives at most. */
export const MOST_JOBS = 500;

/** Looked at again every two seconds while the page is seen. */
const EVERY_MS = 2_000;

export function useJobs({ state, kind, limit }: JobFilter) {
  return useQuery({
    queryKey: ['jobs', { state, kind, limit }],
    placeholderData: keepPreviousData,
    refetchInterval: EVERY_MS,
    queryFn: ({ signal }) =>
      dataOf(
        api.GET('/api/v1/jobs', {
          signal,
          params: { query: { limit, ...(state === '' ? {} : { state }), ...(kind === '' ? {} : { kind }) } },
        }),
      ),
  });
}

export function useUpcoming() {
  return useQuery({
    queryKey: ['jobs', 'upcoming'],
    refetchInterval: 10_000,
    queryFn: ({ signal }) => dataOf(api.GET('/api/v1/jobs/upcoming', { signal })),
  });
}

export function useJobHours() {
  return useQuery({
    queryKey: ['jobs', 'hours'],
    refetchInterval: 30_000,
    queryFn: ({ signal }) => dataOf(api.GET('/api/v1/jobs/hours', { signal })),
  });
}

export function useWork() {
  return useQuery({
    queryKey: ['jobs', 'work'],
    refetchInterval: 5_000,
    queryFn: ({ signal }) => dataOf(api.GET('/api/v1/jobs/work', { signal })),
  });
}

export function useJob(id: string) {
  return useQuery({
    queryKey: ['job', id],
    queryFn: ({ signal }) => dataOf(api.GET('/api/v1/jobs/{id}', { signal, params: { path: { id } } })),
  });
}

export function useJobAction() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ id, action }: { id: string; action: 'retry' | 'cancel' }) =>
      dataOf(
        action === 'retry'
          ? api.POST('/api/v1/jobs/{id}/retry', { params: { path: { id } } })
          : api.POST('/api/v1/jobs/{id}/cancel', { params: { path: { id } } }),
      ),
    onSettled: () => queries.invalidateQueries({ queryKey: ['jobs'] }),
  });
}
