import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';

/** Far more than anything that is taken: a photograph or a table that somebody sends by mistake. */
const MOST_BYTES = 64 * 1024 * 1024;
/** Within what a request may take. */
const LONGEST_MS = 20_000;

/**
 * Reads what is left of a request's body, within bounds. A server that answers and closes while somebody still writes resets the
 * connection: programs then see no answer, and nginx tells its visitor 502 in place of the refusal.
 */
export async function readToEnd(request: IncomingMessage): Promise<void> {
  const { headers, complete, destroyed } = request;
  const length = Number(headers['content-length'] ?? 0);
  const hasBody = length > 0 || headers['transfer-encoding'] !== undefined;
  if (!hasBody || complete || destroyed || length > MOST_BYTES) return;
  const bound = new AbortController();
  let bytes = 0;
  const count = (part: Buffer): void => {
    bytes += part.length;
    if (bytes > MOST_BYTES) bound.abort();
  };
  request.on('data', count).resume();
  // Ended, cut off, too long or too slow: the reply is sent all the same.
  const signal = AbortSignal.any([bound.signal, AbortSignal.timeout(LONGEST_MS)]);
  await Promise.race([once(request, 'end', { signal }), once(request, 'close', { signal })]).catch(() => undefined);
  request.off('data', count);
}
