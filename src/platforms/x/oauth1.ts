/** The `authorization` header of OAuth 1.0a (RFC 5849, HMAC-SHA1), as X wants it of requests in a person's name. */
import { createHmac } from 'node:crypto';

/** Without a token it is the app alone that asks, as it does for a person's consent. */
export type OAuth1Keys = { consumerKey: string; consumerSecret: string; token?: string; tokenSecret?: string };

/**
 * `timestampS`: seconds since 1970; `nonce`: never the same twice in a second. A form's parameters are signed with those of the address;
 * `more`: further parameters of the protocol, which stand in the header.
 */
export function oauth1Header(
  keys: OAuth1Keys,
  request: { method: string; url: URL; form?: URLSearchParams; more?: Record<`oauth_${string}`, string> },
  { timestampS, nonce }: { timestampS: number; nonce: string },
): string {
  const own: [string, string][] = [
    ['oauth_consumer_key', keys.consumerKey],
    ['oauth_nonce', nonce],
    ['oauth_signature_method', 'HMAC-SHA1'],
    ['oauth_timestamp', String(timestampS)],
    ...(keys.token === undefined ? [] : ([['oauth_token', keys.token]] as [string, string][])),
    ['oauth_version', '1.0'],
    ...Object.entries(request.more ?? {}),
  ];
  const { method, url, form } = request;
  const parameters = [...own, ...url.searchParams, ...(form ?? [])]
    .map(([name, value]) => [escape(name), escape(value)] as const)
    .sort(([a, x], [b, y]) => (a === b ? (x < y ? -1 : 1) : a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
  const base = [method.toUpperCase(), escape(`${url.origin}${url.pathname}`), escape(parameters)].join('&');
  const signature = createHmac('sha1', `${escape(keys.consumerSecret)}&${escape(keys.tokenSecret ?? '')}`)
    .update(base)
    .digest('base64');
  const signed: [string, string][] = [...own, ['oauth_signature', signature]];
  return `OAuth ${signed.map(([name, value]) => `${name}="${escape(value)}"`).join(', ')}`;
}

/** RFC 3986: of the ASCII signs only - . _ ~ stay. */
function escape(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}
