import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, dataOf } from '../../../api/api.ts';
import { serverAddress } from '../../../api/base.ts';
import { ApiError, readProblem } from '../../../api/client.ts';
import type { components, operations } from '../../../api/openapi.d.ts';

export type Export = components['schemas']['Export'];
export type ExportWish = operations['createExport']['requestBody']['content']['application/json'];

/** What a manifest says of the files beside it. */
export type ExportManifest = {
  rows: number;
  asOf: string;
  files: { file: string; rows?: number; bytes: number; sha256: string }[];
};

const PER_PAGE = 20;

/** The newest first; looked at each second while one is under way. */
export function useExports() {
  return useInfiniteQuery({
    queryKey: ['exports'],
    queryFn: ({ pageParam, signal }: { pageParam: string; signal: AbortSignal }) =>
      dataOf(
        api.GET('/api/v1/exports', {
          signal,
          params: { query: { limit: PER_PAGE, ...(pageParam === '' ? {} : { before: pageParam }) } },
        }),
      ),
    initialPageParam: '',
    getNextPageParam: ({ next }) => next ?? undefined,
    refetchInterval: ({ state }) =>
      state.data?.pages.some(({ exports }) => exports.some(isUnderWay)) === true ? 1_000 : 10_000,
  });
}

export function isUnderWay({ state }: Pick<Export, 'state'>): boolean {
  return state === 'queued' || state === 'running';
}

export function useAskForExport() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (wish: ExportWish) => dataOf(api.POST('/api/v1/exports', { body: wish })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['exports'] }),
  });
}

export function useCancelExport() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (name: string) => dataOf(api.DELETE('/api/v1/exports/{name}', { params: { path: { name } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: ['exports'] }),
  });
}

/** The manifest that was published at this address: it never changes. */
export function useManifest(href: string) {
  return useQuery({
    queryKey: ['manifest', href],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async ({ signal }) => {
      const reply = await fetch(serverAddress(href), { signal });
      if (!reply.ok) throw new ApiError(await readProblem(reply));
      return (await reply.json()) as ExportManifest;
    },
  });
}
