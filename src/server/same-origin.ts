/** Whether a request that changes something was made by a page of this server, or by a program that is no browser. */
import type { IncomingHttpHeaders } from 'node:http';

/**
 * Browsers name the origin of whatever changes something; a foreign page cannot hide it. A request without these headers
 * comes from no browser and carries no cookie that somebody else could have used. `publicUrl`: where the page is, whether a proxy passes
 * `Host` on or not; where that is https, its host name is believed with nothing else. Otherwise the page is where `Host` says.
 */
export function isSameOrigin({ origin, host, ...headers }: IncomingHttpHeaders, publicUrl?: string): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false;
  if (origin === undefined) return true;
  const given = URL.parse(origin);
  // "null" of a sandboxed page, or nonsense
  if (given === null) return false;
  const known = publicUrl === undefined ? undefined : new URL(publicUrl);
  if (given.origin === known?.origin) return true;
  return given.host === host && !(known?.protocol === 'https:' && known.hostname === given.hostname);
}
