/** One long GET whose body never ends: the only place that opens a stream's connection. */
import { createGunzip, type Gunzip, gunzipSync } from 'node:zlib';
import { Client, type Dispatcher } from 'undici';
import { causeText } from '../core/errors.ts';

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
  /** For the connection, for the answer's head, and for the body of a refusal. */
  connectTimeoutMs: number;
  signal: AbortSignal;
};

const MAX_REFUSAL_BYTES = 64 * 1024;
const GUNZIP_CHUNK_BYTES = 64 * 1024;

/**
 * Opens the stream and resolves when it has ended, however it ended; it does not throw for what a network or a server does.
 * There is no timeout once it is open: the caller watches the heartbeat and aborts. `control.resume()` goes on after a pause.
 * After an abort no more bytes are handed over; after any other end all that came have been.
 */
export async function openHttpStream(
  request: StreamRequest,
  handlers: StreamHandlers,
  control: { resume?: () => void },
): Promise<StreamEnd> {
  const { url, headers, connectTimeoutMs, signal } = request;
  if (signal.aborted) return lost(signal.reason);
  const client = new Client(url.origin, {
    connect: { timeout: connectTimeoutMs },
    headersTimeout: connectTimeoutMs,
    bodyTimeout: 0,
  });
  const reader = new BodyReader(connectTimeoutMs, handlers, control);
  const abort = () => reader.finish(lost(signal.reason));
  signal.addEventListener('abort', abort, { once: true });
  try {
    // Handed the events themselves: undici's body as a Node stream costs as much as all else that is done with the bytes.
    client.dispatch({ path: `${url.pathname}${url.search}`, method: 'GET', headers }, reader);
    return await reader.end;
  } finally {
    signal.removeEventListener('abort', abort);
    delete control.resume;
    await client.destroy();
  }
}

class BodyReader implements Dispatcher.DispatchHandler {
  readonly end: Promise<StreamEnd>;
  #finish: (end: StreamEnd) => void = () => {};
  #isFinished = false;
  #answer: StreamAnswer | undefined;
  #gunzip: Gunzip | undefined;
  #refusal: Buffer[] = [];
  #refusalBytes = 0;
  #refusalTimer: NodeJS.Timeout | undefined;
  readonly #handlers: StreamHandlers;
  readonly #control: { resume?: () => void };
  readonly #refusalTimeoutMs: number;

  constructor(refusalTimeoutMs: number, handlers: StreamHandlers, control: { resume?: () => void }) {
    this.#refusalTimeoutMs = refusalTimeoutMs;
    this.#handlers = handlers;
    this.#control = control;
    this.end = new Promise((resolve) => {
      this.#finish = resolve;
    });
  }

  /** Ends it from our side, or at last: what comes later counts no more. */
  finish(end: StreamEnd): void {
    this.#isFinished = true;
    clearTimeout(this.#refusalTimer);
    this.#gunzip?.destroy();
    this.#finish(end);
  }

  onRequestStart(): void {} // undici asks for it; there is nothing to do before the answer

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    if (this.#isFinished || status < 200) return;
    this.#answer = { status, headers: lowerCase(headers) };
    if (status !== 200) {
      this.#refusalTimer = setTimeout(() => this.#refused(), this.#refusalTimeoutMs);
      return;
    }
    if (this.#answer.headers['content-encoding'] === 'gzip') this.#unpackWith(controller);
    this.#control.resume = () => {
      if (this.#gunzip === undefined) controller.resume();
      else this.#gunzip.resume();
    };
    this.#handlers.onOpen(this.#answer);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#isFinished) return;
    if (this.#answer?.status !== 200) {
      this.#refusal.push(chunk);
      this.#refusalBytes += chunk.length;
      if (this.#refusalBytes >= MAX_REFUSAL_BYTES) this.#refused();
    } else if (this.#gunzip !== undefined) {
      if (!this.#gunzip.write(chunk)) controller.pause();
    } else if (!this.#handlers.onBytes(chunk)) controller.pause();
  }

  onResponseEnd(): void {
    this.#over({ kind: 'ended' });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#over(lost(error));
  }

  /** The connection is over; packed bytes that came before are still handed over. */
  #over(end: StreamEnd): void {
    if (this.#isFinished) return;
    if (this.#answer !== undefined && this.#answer.status !== 200) return this.#refused();
    if (this.#gunzip === undefined) return this.finish(end);
    this.#gunzip.once('end', () => this.finish(end));
    this.#gunzip.removeAllListeners('error');
    // A stream that breaks off in the middle of its packing: everything before has been handed over.
    this.#gunzip.once('error', (error) => this.finish(end.kind === 'lost' ? end : lost(error)));
    this.#gunzip.end();
  }

  #unpackWith(controller: Dispatcher.DispatchController): void {
    const gunzip = createGunzip({ chunkSize: GUNZIP_CHUNK_BYTES });
    this.#gunzip = gunzip;
    gunzip.on('drain', () => controller.resume());
    gunzip.on('data', (chunk: Buffer) => {
      if (!this.#isFinished && !this.#handlers.onBytes(chunk)) gunzip.pause();
    });
    gunzip.on('error', (error) => this.finish(lost(error)));
  }

  #refused(): void {
    if (this.#isFinished || this.#answer === undefined) return;
    const body = Buffer.concat(this.#refusal);
    const isPacked = this.#answer.headers['content-encoding'] === 'gzip';
    this.finish({ kind: 'refused', answer: this.#answer, body: isPacked ? unpackedText(body) : textOf(body) });
  }
}

function lost(reason: unknown): StreamEnd {
  const code = reason instanceof Error ? (reason as NodeJS.ErrnoException).code : undefined;
  return { kind: 'lost', cause: causeText(reason), ...(typeof code === 'string' ? { code } : {}) };
}

function textOf(body: Buffer): string {
  return body.subarray(0, MAX_REFUSAL_BYTES).toString('utf8');
}

function unpackedText(body: Buffer): string {
  try {
    return textOf(gunzipSync(body, { maxOutputLength: 16 * MAX_REFUSAL_BYTES }));
  } catch {
    return ''; // cut or never packed: the status alone decides
  }
}

function lowerCase(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]));
}
