/** The path below which browsers find the page, where a reverse proxy gives it one: `https://host/mistnet`. */

/** First parts of our own addresses: below a path of such a name they could not be told from the path itself. */
const TAKEN = ['api', 'files', 'assets', 'healthz', 'readyz', 'metrics'];
const BASE_PATH = /^(\/[A-Za-z0-9._~-]+)*\/?$/;

/** Undefined, or why the page cannot be had at this path. */
export function whyNoBasePath(path: string): string | undefined {
  if (!BASE_PATH.test(path)) return 'its path may have letters, digits and - . _ ~ between single slashes';
  const [first = ''] = path.split('/').filter((part) => part !== '');
  return TAKEN.includes(first) ? `its path begins with /${first}, which is an address of mistnet's own` : undefined;
}

/** `''` or `/mistnet`, never with a `/` at its end. */
export function basePathOf(publicUrl: string | undefined): string {
  return publicUrl === undefined ? '' : new URL(publicUrl).pathname.replace(/\/+$/, '');
}

/** The address as our routes know it. A proxy may take the path away itself or leave it: both are understood. */
export function withoutBasePath(address: string, basePath: string): string {
  if (basePath === '' || !address.startsWith(basePath)) return address;
  const rest = address.slice(basePath.length);
  if (rest.startsWith('/')) return rest;
  return rest === '' || rest.startsWith('?') ? `/${rest}` : address;
}
