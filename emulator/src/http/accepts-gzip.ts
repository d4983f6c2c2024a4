import type { IncomingMessage } from 'node:http';

/** Whether the client asks for gzip (`q=0` refuses it). */
export function acceptsGzip(request: IncomingMessage): boolean {
  const accepted = String(request.headers['accept-encoding'] ?? '').split(',');
  return accepted.some((coding) => /^\s*(x-)?gzip\s*(;\s*q=(1|0\.0*[1-9]\d*|1\.0+|0\.[1-9]\d*))?\s*$/i.test(coding));
}
