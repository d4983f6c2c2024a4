/** An app's own stream connections on X that broke for us while the platform still takes them for open: GET and DELETE /2/connections. */
import type { OpenedConnection, StaleEnd } from '../adapter.ts';
import { createHttpCaller } from '../http-call.ts';
import type { Authorize } from '../permit-source.ts';
import type { RawAnswer } from '../read-adapter.ts';

const CONNECTIONS = '/2/connections';
const TIMEOUT_MS = 10_000;
const MAX_BYTES = 1024 * 1024;
/** Between what a server notes and what we note of the same instant, whole seconds on its side. */
const TOLERANCE_MS = 2_000;

export type StaleConnectionsOptions = {
  apiUrl: string;
  /** The stream's name in the platform's list: `filtered_stream`. */
  endpointName: string;
  authorization: Authorize;
  /** Connections that this plan had and has no longer. */
  opened: readonly OpenedConnection[];
  nowMs: () => number;
  signal: AbortSignal;
};

/**
 * Ends those connections of the app that are ours beyond doubt: at this stream, active, and begun when one of `opened` was. What other
 * programs hold with the same app is left alone, and so is everything where two could be meant. Never throws: `unable` says why not.
 */
export async function endStaleConnections(options: StaleConnectionsOptions): Promise<StaleEnd> {
  const { apiUrl, endpointName, opened, nowMs } = options;
  if (opened.length === 0) return { ended: [] };
  using http = createHttpCaller();
  const ask = async (method: 'GET' | 'DELETE', url: URL, json?: object): Promise<RawAnswer | string> => {
    const end = await http.call({
      ...{ method, url, timeoutMs: TIMEOUT_MS, maxBytes: MAX_BYTES, signal: options.signal },
      headers: {
        ...{ authorization: options.authorization({ method, url }), 'user-agent': 'mistnet' },
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    });
    if (end.kind === 'lost') return end.cause;
    return end.answer.status === 200 ? end.answer : `HTTP ${end.answer.status} to ${method} ${CONNECTIONS}`;
  };

  const url = new URL(CONNECTIONS, apiUrl);
  url.searchParams.set('endpoints', endpointName);
  url.searchParams.set('status', 'active');
  url.searchParams.set('max_results', '100');
  const listed = await ask('GET', url);
  if (typeof listed === 'string') return { ended: [], unable: listed };
  const found = activeOf(listed);
  const platformNowMs = Date.parse(listed.headers['date'] ?? '');
  const skewMs = Number.isNaN(platformNowMs) ? 0 : platformNowMs - nowMs();
  const ours = matched(found, opened, skewMs);
  if (ours.length === 0) return { ended: [] };
  const killed = await ask('DELETE', new URL(CONNECTIONS, apiUrl), { uuids: ours.map(({ id }) => id) });
  return typeof killed === 'string'
    ? { ended: [], unable: killed }
    : { ended: ours.map(({ connection }) => connection) };
}

type Active = { id: string; connectedAtMs: number };

function activeOf({ body }: RawAnswer): Active[] {
  const { data } = parsed(body) as { data?: unknown };
  if (!Array.isArray(data)) return [];
  return data.flatMap((each: unknown) => {
    const { id, connected_at: at } = (each ?? {}) as { id?: unknown; connected_at?: unknown };
    const connectedAtMs = typeof at === 'string' ? Date.parse(at) : Number.NaN;
    return typeof id === 'string' && !Number.isNaN(connectedAtMs) ? [{ id, connectedAtMs }] : [];
  });
}

function parsed(body: Buffer): object {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {}; // then nothing is known to be ours
  }
}

/** Each listed connection that exactly one of ours can be, and that one no other. */
function matched(
  found: readonly Active[],
  opened: readonly OpenedConnection[],
  skewMs: number,
): { id: string; connection: OpenedConnection }[] {
  const canBe = ({ connectedAtMs }: Active, { fromMs, toMs }: OpenedConnection): boolean =>
    connectedAtMs >= fromMs + skewMs - TOLERANCE_MS && connectedAtMs <= toMs + skewMs + TOLERANCE_MS;
  return opened.flatMap((connection) => {
    const [only, another] = found.filter((each) => canBe(each, connection));
    return only === undefined || another !== undefined ? [] : [{ id: only.id, connection }];
  });
}
