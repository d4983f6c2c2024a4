import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { acceptsGzip } from './accepts-gzip.ts';
import type { Answer } from './exchange.ts';

/** Below this, compression makes answers longer. */
const MIN_GZIP_BYTES = 200;
const GZIP_LEVEL = 1;

/** Sends an answer whole, compressed when the client asks for it. */
export function sendAnswer(
  request: IncomingMessage,
  response: ServerResponse,
  answer: Answer,
  headers: Readonly<Record<string, string>>,
): void {
  const { body } = answer;
  const all: Record<string, string | number> = { ...headers, ...answer.headers };
  // A page is to be looked at, not to be saved.
  if (!String(all['content-type']).startsWith('application/json')) delete all['content-disposition'];
  if (body === undefined) {
    response.writeHead(answer.status, { ...all, 'content-length': 0 });
    response.end();
    return;
  }
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  let bytes = Buffer.from(text);
  if (bytes.length >= MIN_GZIP_BYTES && acceptsGzip(request)) {
    bytes = gzipSync(bytes, { level: GZIP_LEVEL });
    all['content-encoding'] = 'gzip';
  }
  response.writeHead(answer.status, { ...all, 'content-length': bytes.length });
  response.end(bytes);
}
