/** One long GET whose body never ends: the only place that opens a stream's connection. */
import { type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { Agent } from 'undici';

/** What the server answered: headers in lower case. */
export type StreamAnswer = { status: number; headers: Record<string, string> };

export type StreamHandlers = {
  /** The answer's head. Only for status 200 do bytes follow. */
  onOpen(answer: StreamAnswer): void;
  /** Body bytes as they come, unpacked. Return false to ask for a pause until `resume` is called. */
  onBytes(chunk: Buffer): boolean;
};

/** How the connection ended: `refused` carries the status and at most 64 KiB of the body. */
export type StreamEnd =
  | { kind: 'ended' }
  | { kind: 'lost'; cause: string; code?: string }
  | { kind: 'refused'; answer: StreamAnswer; body: string };

export type StreamRequest = {
  url: URL;
  headers: Record<string, string>;
  connectTimeoutMs: number;
  signal: AbortSignal;
};

const MAX_REFUSAL_BYTES = 64 * 1024;

/**
 * Opens the stream and resolves when it has ended, however it ended; it does not throw for what a network or a server does.
 * There is no timeout once it is open: the caller watches the heartbeat and aborts. `control.resume()` goes on after a pause.
 */
export async function openHttpStream(
  request: StreamRequest,
  handlers: StreamHandlers,
  control: { resume?: () => void },
): Promise<StreamEnd> {
  await using agent = closing(
    new Agent({
      connect: { timeout: request.connectTimeoutMs },
      headersTimeout: request.connectTimeoutMs,
      bodyTimeout: 0,
    }),
  );
  try {
    const response = await agent.agent.request({
      origin: request.url.origin,
      path: `${request.url.pathname}${request.url.search}`,
      method: 'GET',
      headers: request.headers,
      signal: request.signal,
      highWaterMark: 1024 * 1024,
    });
    const answer: StreamAnswer = { status: response.statusCode, headers: lowerCase(response.headers) };
    if (answer.status !== 200) return { kind: 'refused', answer, body: await refusalText(response.body) };
    handlers.onOpen(answer);
    const body = answer.headers['content-encoding'] === 'gzip' ? response.body.pipe(createGunzip()) : response.body;
    response.body.on('error', (error) => body.destroy(error));
    await readBody(body, handlers, control);
    return { kind: 'ended' };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return { kind: 'lost', cause: message, ...(code === undefined ? {} : { code }) };
  }
}

/** Reads by events: pulling through an async iterator costs a promise for each chunk. */
function readBody(body: Readable, handlers: StreamHandlers, control: { resume?: () => void }): Promise<void> {
  return new Promise((resolve, reject) => {
    control.resume = () => body.resume();
    body.on('data', (chunk: Buffer) => {
      if (!handlers.onBytes(chunk)) body.pause();
    });
    body.once('end', resolve);
    body.once('error', reject);
    body.once('close', () => reject(new Error('connection closed')));
  });
}

async function refusalText(body: Readable): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of body as AsyncIterable<Buffer>) {
    parts.push(part);
    bytes += part.length;
    if (bytes >= MAX_REFUSAL_BYTES) break;
  }
  return Buffer.concat(parts).toString('utf8').slice(0, MAX_REFUSAL_BYTES);
}

function lowerCase(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]));
}

function closing(agent: Agent): { agent: Agent } & AsyncDisposable {
  return { agent, [Symbol.asyncDispose]: () => agent.destroy() };
}
