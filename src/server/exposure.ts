/** What whoever opens the page to other machines should know. */
import { isLoopbackHost } from './host-check.ts';

/** Sentences for the start and the log; none where the page is this machine's alone, or safely behind a proxy. */
export function exposureHints(options: {
  host: string;
  publicUrl?: string | undefined;
  trustedProxies: readonly string[];
}): string[] {
  const { host, publicUrl, trustedProxies } = options;
  const page = publicUrl === undefined ? undefined : new URL(publicUrl);
  const isOpen = !isLoopbackHost(host.includes(':') ? `[${host}]` : host);
  const isPublic = page !== undefined && !isLoopbackHost(page.host);
  const hints: string[] = [];
  if ((isOpen || isPublic) && page?.protocol !== 'https:')
    hints.push(
      'The page is open to other machines without encryption: passwords can be read on the way. Put a reverse proxy with TLS before it and set MISTNET_PUBLIC_URL=https://… (docs/reverse-proxy.md).',
    );
  else if (isOpen)
    hints.push(
      `The page is behind a reverse proxy, but MISTNET_HOST is ${host}: other machines may reach it past the proxy. Where the proxy is on this machine, leave MISTNET_HOST as it is by default.`,
    );
  if (isPublic && trustedProxies.length === 0)
    hints.push(
      "MISTNET_TRUSTED_PROXIES is not set: all visitors seem to have the proxy's address, and one who guesses passwords slows down everybody.",
    );
  return hints;
}
