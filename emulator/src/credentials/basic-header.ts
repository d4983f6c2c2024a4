/** Name and secret of an `Authorization: Basic` header, percent-decoded; undefined when there is none or it is malformed. */
export function readBasicHeader(header: string | undefined): { name: string; secret: string } | undefined {
  const [, coded = ''] = /^Basic +([A-Za-z0-9+/=_-]+)\s*$/i.exec(header ?? '') ?? [];
  const text = Buffer.from(coded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 1) return undefined;
  try {
    return { name: decodeURIComponent(text.slice(0, colon)), secret: decodeURIComponent(text.slice(colon + 1)) };
  } catch {
    // Not an encoding of anything: no key of ours.
    return undefined;
  }
}
