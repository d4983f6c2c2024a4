/** What administrators ask of the server, and the types of what it says. */
import { type QueryClient, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, dataOf } from '../../../api/api.ts';
import type { components } from '../../../api/openapi.d.ts';

type Schemas = components['schemas'];
export type Alert = Schemas['Alert'];
export type AlertRule = Schemas['AlertRule'];
export type AlertChannels = Schemas['AlertChannels'];
export type AlertSettings = Schemas['AlertSettings'];
export type MachineNode = Schemas['MachineNodes']['nodes'][number];
export type RestartRequest = Schemas['MachineNodes']['requests'][number];
export type NodeSample = Schemas['NodeSamples']['samples'][number];
export type Budgets = Schemas['Budgets'];
export type Credential = Schemas['Credential'];
export type Storage = Schemas['Storage'];
export type RestartableRole = RestartRequest['role'];

const OFTEN_MS = 5_000;
const SELDOM_MS = 30_000;

export const useAlerts = () =>
  useQuery({
    queryKey: ['alerts', 'current'],
    queryFn: ({ signal }) => dataOf(api.GET('/api/v1/alerts', { signal })),
    refetchInterval: OFTEN_MS,
  });

export const useClosedAlerts = (before: string | undefined) =>
  useQuery({
    queryKey: ['alerts', 'closed', before ?? ''],
    queryFn: ({ signal }) =>
      dataOf(api.GET('/api/v1/alerts/closed', { signal, params: { query: before === undefined ? {} : { before } } })),
    placeholderData: (earlier) => earlier,
  });

export const useAlertRules = () =>
  useQuery({
    queryKey: ['alert-rules'],
    queryFn: ({ signal }) => dataOf(api.GET('/api/v1/alert-rules', { signal })),
  });

export const useAlertChannels = () =>
  useQuery({
    queryKey: ['alert-channels'],
    queryFn: ({ signal }) => dataOf(api.GET('/api/v1/alert-channels', { signal })),
    refetchInterval: OFTEN_MS,
  });

export const useAlertSettings = () =>
  useQuery({
    queryKey: ['alert-settings'],
    queryFn: ({ signal }) => dataOf(api.GET('/api/v1/alert-settings', { signal })),
  });

export const useNodes = () =>
  useQuery({
    queryKey: ['nodes', 'all'],
    queryFn: ({ signal }) => dataOf(api.GET('/api/v1/nodes', { signal })),
    refetchInterval: OFTEN_MS,
  });

export const useNodeSamples = (node: string, span: 'day' | 'quarter') =>
  useQuery({
    queryKey: ['nodes', node, 'samples', span],
    queryFn: ({ signal }) =>
      dataOf(api.GET('/api/v1/nodes/{node}/samples', { signal, params: { path: { node }, query: { span } } })),
    refetchInterval: 2 * SELDOM_MS,
  });

export const useLogTail = (node: string, role: RestartableRole | 'postgres') =>
  useQuery({
    queryKey: ['nodes', node, 'log', role],
    queryFn: ({ signal }) =>
      dataOf(api.GET('/api/v1/nodes/{node}/logs/{role}', { signal, params: { path: { node, role } } })),
    refetchInterval: OFTEN_MS,
  });

export const useBudgets = () =>
  useQuery({
    queryKey: ['budgets'],
    queryFn: ({ signal }) => dataOf(api.GET('/api/v1/budgets', { signal })),
    refetchInterval: SELDOM_MS,
  });

export const useCredentials = () =>
  useQuery({
    queryKey: ['credentials'],
    queryFn: ({ signal }) => dataOf(api.GET('/api/v1/credentials', { signal })),
    refetchInterval: SELDOM_MS,
  });

export const useStorage = () =>
  useQuery({
    queryKey: ['storage'],
    queryFn: ({ signal }) => dataOf(api.GET('/api/v1/storage', { signal })),
    refetchInterval: 2 * SELDOM_MS,
  });

export const useSettings = () =>
  useQuery({
    queryKey: ['settings'],
    queryFn: ({ signal }) => dataOf(api.GET('/api/v1/settings', { signal })),
  });

export const useVersion = () =>
  useQuery({
    queryKey: ['version'],
    queryFn: ({ signal }) => dataOf(api.GET('/api/v1/version', { signal })),
  });

/** Does something and asks anew for what it may have changed. */
export function useDeed<Wish, Reply>(deed: (wish: Wish) => Promise<Reply>, ...changed: string[]) {
  const queries = useQueryClient();
  return useMutation({ mutationFn: deed, onSettled: () => refresh(queries, changed) });
}

async function refresh(queries: QueryClient, keys: readonly string[]): Promise<void> {
  await Promise.all(keys.map((key) => queries.invalidateQueries({ queryKey: [key] })));
}
