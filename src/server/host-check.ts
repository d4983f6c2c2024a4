/**
 * Which `Host` headers are answered. A page on the internet can let its own name resolve to 127.0.0.1 and would then read
 * this server as its own origin (DNS rebinding); its name in `Host` gives it away.
 */
import { isIPv4 } from 'node:net';

/** True for names and addresses of this machine's loopback, and for `allowed` (host names without port), whatever the port. */
export function isAllowedHost(host: string | undefined, allowed: readonly string[]): boolean {
  const name = hostName(host);
  if (name === undefined) return false;
  return isLoopbackHost(name) || allowed.some((each) => hostName(each) === name);
}

/** `host` with or without a port. */
export function isLoopbackHost(host: string): boolean {
  const name = hostName(host);
  if (name === undefined) return false;
  return (
    name === 'localhost' || name.endsWith('.localhost') || name === '[::1]' || (isIPv4(name) && name.startsWith('127.'))
  );
}

/** Lower-case name or address of `name:port`; IPv6 keeps its brackets. Undefined for anything that isn't one. */
function hostName(host: string | undefined): string | undefined {
  const parts = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:\d{1,5})?$/i.exec(host ?? '');
  return parts?.[1]?.toLowerCase().replace(/\.$/, '');
}
