/** An app's own stream connections on X that broke for us while the platform still takes them for open: GET and DELETE /2/connections. */
import type { OpenedConnection, StaleEnd } from '../adapter.ts';
import { createHttpCaller } from '../http-call.ts';
import type { Authorize } from '../permit-source.ts';
import type { RawAnswer } from '../read-adapter.ts';
import { activeConnectionsUrl, CONNECTIONS, type ListedConnection, readConnections, readKills } from './connections.ts';

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

  const listed = await ask('GET', activeConnectionsUrl(apiUrl, endpointName));
  if (typeof listed === 'string') return { ended: [], unable: listed };
  const found = readConnections(parsed(listed.body));
  const platformNowMs = Date.parse(listed.headers['date'] ?? '');
  const skewMs = Number.isNaN(platformNowMs) ? 0 : platformNowMs - nowMs();
  const ours = matched(found, opened, skewMs);
  if (ours.length === 0) return { ended: [] };
  const uuids = ours.map(({ id }) => id);
  const answer = await ask('DELETE', new URL(CONNECTIONS, apiUrl), { uuids });
  if (typeof answer === 'string') return { ended: [], unable: answer };
  const { ended: ids, unable } = readKills(parsed(answer.body), uuids);
  const ended = ours.flatMap(({ id, connection }) => (ids.has(id) ? [connection] : []));
  return { ended, ...(unable === undefined ? {} : { unable }) };
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined; // then nothing is known to be ours, or to be ended
  }
}

/** Each listed connection that exactly one of ours can be, and that one no other. */
function matched(
  found: readonly ListedConnection[],
  opened: readonly OpenedConnection[],
  skewMs: number,
): { id: string; connection: OpenedConnection }[] {
  const canBe = ({ connectedAtMs }: ListedConnection, { fromMs, toMs }: OpenedConnection): boolean =>
    connectedAtMs !== undefined &&
    connectedAtMs >= fromMs + skewMs - TOLERANCE_MS &&
    connectedAtMs <= toMs + skewMs + TOLERANCE_MS;
  return opened.flatMap((connection) => {
    const [only, another] = found.filter((each) => canBe(each, connection));
    return only === undefined || another !== undefined ? [] : [{ id: only.id, connection }];
  });
}
