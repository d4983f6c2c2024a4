/** Where the page is on its host: `''`, or a path like `/mistnet` where a reverse proxy gives it one. The server writes it into index.html. */
export const base =
  globalThis.document?.querySelector<HTMLMetaElement>('meta[name="mistnet-base"]')?.content.replace(/\/+$/, '') ?? '';

/** An address of the server (`/api/…`, `/files/…`) as the browser must ask for it. */
export function serverAddress(path: string): string {
  return `${base}${path}`;
}
