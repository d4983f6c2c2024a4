import { serverAddress } from './base.ts';
import type { Compaction, DatasetsPage, GapsPage, OwnNode, Problem, RetentionRunsPage } from './types.ts';

type ReadProblem = Pick<Problem, 'code' | 'status' | 'detail'> & {
  errors?: readonly { field: string; message: string }[];
};

/** A reply that isn't a success, with the server's own words. */
export class ApiError extends Error {
  readonly code: string;
  readonly status: number;
  /** What is wrong with which part of the request; empty where the server said nothing of the kind. */
  readonly errors: readonly { field: string; message: string }[];

  constructor({ code, status, detail, errors = [] }: ReadProblem) {
    // Whoever reads it on a page has filled in fields, not sent a body.
    super(detail.replaceAll(/(^|; )(?:body|querystring|params)\//g, '$1'));
    this.name = 'ApiError';
    this.code = code;
    this.status = status;
    this.errors = errors;
  }
}

export function fetchGaps(collection: string, before: string | null, signal: AbortSignal): Promise<GapsPage> {
  return fetchJson(
    `/api/v1/collections/${encodeURIComponent(collection)}/gaps${query({ before, limit: '50' })}`,
    signal,
  );
}

export function fetchDatasets(before: string | null, signal: AbortSignal): Promise<DatasetsPage> {
  return fetchJson(`/api/v1/datasets${query({ before, limit: '12' })}`, signal);
}

export function fetchRetentionRuns(collection: string, signal: AbortSignal): Promise<RetentionRunsPage> {
  return fetchJson(`/api/v1/retention-runs${query({ collection, limit: '30' })}`, signal);
}

export function fetchCompaction(collection: string, signal: AbortSignal): Promise<Compaction> {
  return fetchJson(`/api/v1/collections/${encodeURIComponent(collection)}/compaction`, signal);
}

export function fetchOwnNode(signal: AbortSignal): Promise<OwnNode> {
  return fetchJson('/api/v1/nodes/self', signal);
}

/** Throws ApiError for a problem document, TypeError when nobody answers. */
async function fetchJson<T>(path: string, signal: AbortSignal): Promise<T> {
  const reply = await fetch(serverAddress(path), { signal, headers: { accept: 'application/json' } });
  if (!reply.ok) throw new ApiError(await readProblem(reply));
  // The server checks its replies against the schemas that these types are compared with.
  return (await reply.json()) as T;
}

export async function readProblem(reply: Response): Promise<ReadProblem> {
  const detail =
    reply.status === 414 || reply.status === 431
      ? 'What was asked for is too long. Shorten it.'
      : `The server answered ${reply.status}.`;
  const unknown = { code: 'unknown', status: reply.status, detail };
  try {
    const body: unknown = await reply.json();
    if (typeof body !== 'object' || body === null) return unknown;
    return { ...unknown, ...body };
  } catch {
    return unknown; // not a document of ours, a proxy's page perhaps: the status says enough
  }
}

function query(values: Record<string, string | null>): string {
  const given = Object.entries(values).filter((pair): pair is [string, string] => pair[1] !== null);
  return `?${new URLSearchParams(given).toString()}`;
}
