import { createHmac } from 'node:crypto';

/** Parameters by name, in any order; a name may come several times. */
export type Parameters = Iterable<readonly [name: string, value: string]>;

/** Percent-encoding of RFC 3986 (RFC 5849 §3.6): everything but letters, digits and `-._~`. */
export function percentEncode(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/**
 * What is signed (RFC 5849 §3.4.1).
 * @param address scheme, host and path, without a query; a default port left out
 * @param parameters decoded, of header, query and form body, without `realm` and `oauth_signature`
 */
export function signatureBase(method: string, address: string, parameters: Parameters): string {
  const pairs = [...parameters].map(([name, value]) => [percentEncode(name), percentEncode(value)] as const);
  // By code units: encoded text is ASCII, so these are its bytes.
  pairs.sort(([a, x], [b, y]) => (a === b ? compare(x, y) : compare(a, b)));
  const text = pairs.map(([name, value]) => `${name}=${value}`).join('&');
  return [method.toUpperCase(), address, text].map(percentEncode).join('&');
}

/** HMAC-SHA1 of the base string, in base64. `tokenSecret` is empty while there is no token. */
export function sign(base: string, consumerSecret: string, tokenSecret: string): string {
  return createHmac('sha1', `${percentEncode(consumerSecret)}&${percentEncode(tokenSecret)}`)
    .update(base)
    .digest('base64');
}

/** Parameters of an `Authorization: OAuth …` header, decoded; undefined when it is of another kind or malformed. */
export function readOAuthHeader(header: string): Map<string, string> | undefined {
  const [, list] = /^OAuth\s+(.*)$/is.exec(header) ?? [];
  if (list === undefined) return undefined;
  const parameters = new Map<string, string>();
  for (const part of list.split(',')) {
    const [, name, value] = /^\s*([^\s="]+)\s*=\s*"?([^"]*?)"?\s*$/.exec(part) ?? [];
    if (name === undefined || value === undefined) continue;
    try {
      parameters.set(decodeURIComponent(name), decodeURIComponent(value));
    } catch {
      // Not an encoding of anything: the signature cannot have been made over it.
      return undefined;
    }
  }
  return parameters;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
