/** Whether a request that changes something was made by a page of this server, or by a program that is no browser. */
import type { IncomingHttpHeaders } from 'node:http';

/**
 * Browsers name the origin of whatever changes something; a foreign page cannot hide it. A request without these headers
 * comes from no browser and carries no cookie that somebody else could have used.
 */
export function isSameOrigin({ origin, host, ...headers }: IncomingHttpHeaders): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false;
  if (origin === undefined) return true;
  try {
    return new URL(origin).host === host;
  } catch {
    return false; // "null" of a sandboxed page, or nonsense
  }
}
