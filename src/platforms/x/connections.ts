/** X's list of an app's own stream connections, and its word about those that it was asked to end: how both are asked for and read. */
export const CONNECTIONS = '/2/connections';

/** `connectedAtMs`: by the platform's clock; undefined where it does not say. */
export type ListedConnection = { id: string; connectedAtMs: number | undefined };

/** Which ones were ended; `unable`: why others were not, in the platform's words where it has some. */
export type Kills = { ended: ReadonlySet<string>; unable?: string };

/** The address of the list. `endpointName`: the stream's name in it, as `filtered_stream`. */
export function activeConnectionsUrl(apiUrl: string, endpointName: string): URL {
  const url = new URL(CONNECTIONS, apiUrl);
  url.searchParams.set('endpoints', endpointName);
  url.searchParams.set('status', 'active');
  url.searchParams.set('max_results', '100');
  return url;
}

/** Those of an answer's body, which may be anything. */
export function readConnections(body: unknown): ListedConnection[] {
  return objects(fieldsOf(body).data).flatMap(({ id, connected_at: at }) => {
    if (typeof id !== 'string') return [];
    const connectedAtMs = typeof at === 'string' ? Date.parse(at) : Number.NaN;
    return [{ id, connectedAtMs: Number.isNaN(connectedAtMs) ? undefined : connectedAtMs }];
  });
}

/**
 * What became of the connections `asked` by the body of an answer, whose status is 200 also when none was ended. One of which the body does not
 * say that it was ended, was not.
 */
export function readKills(body: unknown, asked: readonly string[]): Kills {
  const { successful_kills: successful, results } = fieldsOf(fieldsOf(body).data);
  const told = new Map(objects(results).map((result) => [result.uuid, result]));
  const isAll = told.size === 0 && successful === asked.length;
  const ended = new Set(asked.filter((id) => isAll || told.get(id)?.success === true));
  if (ended.size === asked.length) return { ended };
  const words = asked.flatMap((id) => {
    const { error_message: message } = told.get(id) ?? {};
    return ended.has(id) || typeof message !== 'string' ? [] : [message.slice(0, 200)];
  });
  const why = words.length > 0 ? [...new Set(words)].join('; ') : `no reason; successful_kills ${String(successful)}`;
  return { ended, unable: `X did not end ${asked.length - ended.size} of ${asked.length}: ${why}` };
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

function objects(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'object' && each !== null) : [];
}
