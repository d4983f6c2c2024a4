/** Whether an address of the web may be asked, and at which IP addresses: looked up once, and what was looked up is what is connected to. */
import { Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import { causeText } from '../../core/errors.ts';
import { whyNotPublic, whyNotPublicName } from './public-address.ts';

export type ResolvedAddress = { address: string; family: 4 | 6 };

/** All addresses of a name. Throws when there is none. */
export type Resolve = (hostname: string, signal: AbortSignal) => Promise<ResolvedAddress[]>;

export type Reach =
  | { kind: 'open'; addresses: ResolvedAddress[] }
  | { kind: 'refused'; why: string }
  | { kind: 'unknown'; cause: string };

/** Whoever holds `host:port` in its list knows what lies there. IPv6 in brackets, names in lower case. */
export type AllowedHosts = ReadonlySet<string>;

/**
 * Looks a URL's host up and judges every answer; one that is not public refuses all of them, for who mixes them means harm. Ports below 1024 other
 * than HTTP's own are refused: whatever answers there is no page.
 */
export async function mayReach(
  url: URL,
  { allowed, resolve, signal }: { allowed: AllowedHosts; resolve: Resolve; signal: AbortSignal },
): Promise<Reach> {
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    return { kind: 'refused', why: `${url.protocol.slice(0, 20)} is not followed` };
  const port = url.port === '' ? (url.protocol === 'http:' ? 80 : 443) : Number(url.port);
  const hostname = url.hostname.replace(/^\[|\]$/g, '');
  const isAllowed = allowed.has(`${url.hostname}:${port}`);
  if (!isAllowed && port < 1024 && port !== 80 && port !== 443)
    return { kind: 'refused', why: `port ${port} is no port of the web` };
  const version = isIP(hostname);
  if (version !== 0) {
    const why = isAllowed ? undefined : whyNotPublic(hostname);
    if (why !== undefined) return { kind: 'refused', why: `it leads to ${hostname}, which is ${why}` };
    return { kind: 'open', addresses: [{ address: hostname, family: version === 6 ? 6 : 4 }] };
  }
  const why = isAllowed ? undefined : whyNotPublicName(hostname);
  if (why !== undefined) return { kind: 'refused', why: `it leads to ${cut(hostname)}, which is ${why}` };
  let addresses: ResolvedAddress[];
  try {
    addresses = await resolve(hostname, signal);
  } catch (error) {
    return { kind: 'unknown', cause: causeText(error) };
  }
  if (addresses.length === 0) return { kind: 'unknown', cause: `${cut(hostname)} has no address` };
  for (const { address } of isAllowed ? [] : addresses) {
    const reason = whyNotPublic(address);
    if (reason !== undefined)
      return { kind: 'refused', why: `it leads to ${cut(hostname)}, which is ${address}, which is ${reason}` };
  }
  return { kind: 'open', addresses };
}

/**
 * Asks the machine's name servers, or those given as `address:port`; not its list of hosts. Not by getaddrinfo: that waits in one of the four
 * threads that files and compression need, and cannot be called back.
 */
export function createResolve(servers?: readonly string[]): Resolve {
  return async (hostname, signal) => {
    if (hostname === 'localhost') return [{ address: '127.0.0.1', family: 4 }]; // asked for only where it is allowed
    signal.throwIfAborted();
    const resolver = new Resolver({ timeout: 3_000, tries: 2 });
    if (servers !== undefined) resolver.setServers(servers);
    const onAbort = () => resolver.cancel();
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      const [v4, v6] = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)]);
      signal.throwIfAborted();
      if (v4.status === 'rejected' && v6.status === 'rejected') throw dnsFailure(hostname, v4.reason);
      return [
        ...(v4.status === 'fulfilled' ? v4.value : []).map((address) => ({ address, family: 4 as const })),
        ...(v6.status === 'fulfilled' ? v6.value : []).map((address) => ({ address, family: 6 as const })),
      ];
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  };
}

function dnsFailure(hostname: string, error: unknown): Error {
  const code = (error as NodeJS.ErrnoException).code ?? causeText(error);
  if (code === 'ENOTFOUND' || code === 'ENODATA') return new Error(`no name server knows ${cut(hostname)} (${code})`);
  return new Error(`the name servers did not answer for ${cut(hostname)} (${code})`);
}

function cut(text: string): string {
  return text.length <= 100 ? text : `${text.slice(0, 100)}…`;
}
