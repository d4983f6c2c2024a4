/** What the HTTP server refuses before it knows a request (a head too long, one that is no HTTP, one sent too slowly): as problem documents, too. */
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { problemOf } from './problems.ts';
import { securityHeaders } from './security-headers.ts';

/** What is still on its way is read for so long: a connection that is closed while somebody writes is reset, and the answer lost with it. */
const LINGER_MS = 1_000;

const sentences: Record<number, string> = {
  400: 'What was sent is no HTTP request that can be read.',
  408: 'The request was not sent whole in time.',
  413: 'The request has more beside its body than is read.',
  431: 'The head of the request (address, cookies and other headers) is too long: 16 KiB at most.',
};

/** For the server's `clientError`: answers, and ends the connection. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET' || hasBegun(socket)) {
    socket.destroy();
    return;
  }
  const status = statusOf(error);
  const body = JSON.stringify({ ...problemOf('request.invalid', sentences[status] ?? ''), status });
  const headers = {
    ...securityHeaders,
    'cache-control': 'no-store',
    'content-type': 'application/problem+json; charset=utf-8',
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  };
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${head.join('')}\r\n${body}`);
  const late = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.resume().once('close', () => clearTimeout(late));
}

function statusOf({ code }: NodeJS.ErrnoException): number {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return 408;
  if (code === 'HPE_HEADER_OVERFLOW') return 431;
  return code === 'HPE_CHUNK_EXTENSIONS_OVERFLOW' ? 413 : 400;
}

/** Whether an answer to an earlier request is on its way there: another one would fall into its midst. */
function hasBegun(socket: Socket & { _httpMessage?: { headersSent: boolean } | null }): boolean {
  return socket._httpMessage?.headersSent === true;
}
