/** One long request whose answer never ends: the only place that opens a stream's connection. */
import { type ClientRequest, type IncomingMessage, request as requestPlain } from 'node:http';
import { request as requestEncrypted } from 'node:https';
import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectEncrypted } from 'node:tls';
import { constants, createGunzip, type Gunzip, gunzipSync } from 'node:zlib';
import { causeText } from '../core/errors.ts';
import { ChunkedBody } from './chunked-body.ts';

/** What the server answered: headers in lower case. */
export type StreamAnswer = { status: number; headers: Record<string, string> };

export type StreamHandlers = {
  /** The answer's head. Only for status 200 do bytes follow. */
  onOpen(answer: StreamAnswer): void;
  /**
   * Body bytes as they come, unpacked. The chunk's memory is used again after the call: copy what is to be kept.
   * Return false to ask for a pause until `resume` is called; a few more chunks that are here already may come.
   */
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
  /** Makes it a POST with this body. */
  form?: URLSearchParams;
  /** For the connection and the answer's head together, and for the body of a refusal. */
  connectTimeoutMs: number;
  signal: AbortSignal;
};

const MAX_REFUSAL_BYTES = 64 * 1024;
const READ_BYTES = 256 * 1024;
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
  if (request.signal.aborted) return lost(request.signal.reason);
  const stream = new HttpStream(request, handlers);
  control.resume = () => stream.resume();
  try {
    return await stream.end;
  } finally {
    delete control.resume;
  }
}

/** Ends an HTTP head. */
const HEAD_END = [13, 10, 13, 10];

/**
 * Node's own client over a socket that reads into one buffer again and again. With a fresh buffer for each read, as it does by
 * itself, a fast stream leaves 64 MB of them behind before the garbage collector looks, and collecting costs a tenth of all work.
 * It reads the answer's head; a chunked body, as streams are, is taken apart where it lies, any other by Node's client too.
 */
class HttpStream {
  readonly end: Promise<StreamEnd>;
  #settle: (end: StreamEnd) => void = () => {};
  #isOver = false;
  readonly #request: StreamRequest;
  readonly #handlers: StreamHandlers;
  readonly #call: ClientRequest;
  readonly #timer: NodeJS.Timeout;
  readonly #onAbort = (): void => this.#finish(lost(this.#request.signal.reason));
  #socket: Socket | undefined;
  #response: IncomingMessage | undefined;
  #gunzip: Gunzip | undefined;
  #buffer = Buffer.allocUnsafeSlow(READ_BYTES);
  #isPaused = false;
  /** Nothing more comes, and what came is still being unpacked. */
  #isEnding = false;
  /** How much of `HEAD_END` the bytes so far end with, while the head is awaited. */
  #headEnd = 0;
  /** Set once the body is ours to read. */
  #body: ChunkedBody | undefined;

  constructor(request: StreamRequest, handlers: StreamHandlers) {
    this.#request = request;
    this.#handlers = handlers;
    this.end = new Promise((resolve) => {
      this.#settle = resolve;
    });
    const { url, headers, form, signal, connectTimeoutMs } = request;
    const isEncrypted = url.protocol === 'https:';
    const open = isEncrypted ? requestEncrypted : requestPlain;
    const body = form?.toString();
    const createConnection = (options: object) => this.#connect(isEncrypted, options);
    const posted = {
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': Buffer.byteLength(body ?? ''),
    };
    this.#call = open(url, {
      method: body === undefined ? 'GET' : 'POST',
      headers: body === undefined ? headers : { ...headers, ...posted },
      createConnection,
    });
    this.#call.once('response', (response) => this.#answered(response));
    this.#call.on('error', (error) => this.#broke(error));
    this.#call.end(body);
    const late = new Error(`no answer within ${connectTimeoutMs / 1000} s`);
    this.#timer = setTimeout(() => this.#finish(lost(late)), connectTimeoutMs);
    signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    if (this.#gunzip !== undefined) this.#gunzip.resume();
    else if (this.#body !== undefined) this.#socket?.resume();
    else this.#response?.resume();
  }

  #connect(isEncrypted: boolean, options: object): Socket {
    const onread = {
      buffer: () => this.#nextBuffer(),
      callback: (bytes: number, buffer: Uint8Array) => this.#read(buffer as Buffer, bytes),
    };
    this.#socket = isEncrypted
      ? connectEncrypted({ ...options, onread } as never)
      : connectPlain({ ...options, onread } as never);
    return this.#socket;
  }

  /** The same memory again, unless somebody may still hold on to a part of it. */
  #nextBuffer(): Buffer {
    const response = this.#response;
    const isHeld = response === undefined || response.readableLength > 0 || this.#gunzip !== undefined;
    if (isHeld) this.#buffer = Buffer.allocUnsafeSlow(READ_BYTES);
    return this.#buffer;
  }

  /** Returns whether the socket is to be read on. */
  #read(buffer: Buffer, bytes: number): boolean {
    const from = this.#response === undefined ? this.#readHead(buffer, bytes) : 0;
    if (from === bytes) return true;
    if (this.#body !== undefined) return this.#readBody(this.#body, buffer, from, bytes);
    // The client parses at once what its socket emits, so the body has been handed over when this returns.
    this.#socket?.emit('data', buffer.subarray(from, bytes));
    // Not while it parses: the rest of this buffer would be kept, unread, and be overwritten.
    if (this.#isPaused) (this.#gunzip ?? this.#response)?.pause();
    return true;
  }

  /** Gives the client the bytes up to the end of the answer's head, and returns where they end; interim answers (1xx) are heads too. */
  #readHead(buffer: Buffer, bytes: number): number {
    let at = 0;
    while (at < bytes && this.#response === undefined) {
      const from = at;
      while (at < bytes && this.#headEnd < HEAD_END.length) {
        const byte = buffer[at++];
        this.#headEnd = byte === HEAD_END[this.#headEnd] ? this.#headEnd + 1 : byte === HEAD_END[0] ? 1 : 0;
      }
      if (this.#headEnd === HEAD_END.length) this.#headEnd = 0;
      this.#socket?.emit('data', buffer.subarray(from, at));
      if (this.#isOver) return bytes;
    }
    return at;
  }

  #readBody(body: ChunkedBody, buffer: Buffer, from: number, to: number): boolean {
    const gunzip = this.#gunzip;
    const take = (part: Buffer) => (gunzip === undefined ? this.#deliver(part) : gunzip.write(part));
    try {
      if (body.push(buffer, from, to, (part) => void take(part)) === 'ended') {
        if (gunzip === undefined) this.#finish({ kind: 'ended' });
        else this.#endUnpacking({ kind: 'ended' });
      }
    } catch (error) {
      this.#broke(error as Error);
    }
    return gunzip === undefined ? !this.#isPaused : !gunzip.writableNeedDrain;
  }

  #answered(response: IncomingMessage): void {
    if (this.#isOver) return;
    clearTimeout(this.#timer);
    this.#response = response;
    const answer = { status: response.statusCode ?? 0, headers: lowerCase(response.headers) };
    const isPacked = answer.headers['content-encoding'] === 'gzip';
    response.on('error', (error) => this.#broke(error));
    if (answer.status !== 200) return this.#refused(response, answer, isPacked);
    if (answer.headers['transfer-encoding']?.toLowerCase() === 'chunked') this.#body = new ChunkedBody();
    if (isPacked) this.#unpack(response);
    else if (this.#body === undefined) {
      response.on('data', (chunk: Buffer) => this.#deliver(chunk));
      response.once('end', () => this.#finish({ kind: 'ended' }));
    }
    this.#handlers.onOpen(answer);
  }

  #deliver(chunk: Buffer): void {
    if (!this.#isOver && !this.#handlers.onBytes(chunk)) this.#isPaused = true;
  }

  #unpack(response: IncomingMessage): void {
    // A stream that breaks has no end of its own: what came before is unpacked all the same, and a missing end is no error that would discard it.
    const gunzip = createGunzip({ chunkSize: GUNZIP_CHUNK_BYTES, finishFlush: constants.Z_SYNC_FLUSH });
    this.#gunzip = gunzip;
    gunzip.on('data', (chunk: Buffer) => {
      this.#deliver(chunk);
      if (this.#isPaused) gunzip.pause();
    });
    gunzip.once('end', () => this.#finish({ kind: 'ended' }));
    gunzip.once('error', (error) => this.#finish(lost(error)));
    // Not by way of the response: when the connection breaks, Node throws away what waits there. What is not read yet waits in the socket.
    if (this.#body === undefined) response.pipe(gunzip);
    else gunzip.on('drain', () => this.#socket?.resume());
  }

  /** The connection is over; packed bytes that came before are still handed over. */
  #broke(error: Error): void {
    if (this.#gunzip === undefined || this.#isOver) this.#finish(lost(error));
    else this.#endUnpacking(lost(error));
  }

  /** However long what came takes to be unpacked and taken, the first end counts: a connection may be said to be over twice. */
  #endUnpacking(end: StreamEnd): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.#gunzip?.removeAllListeners('end').once('end', () => this.#finish(end));
    this.#gunzip?.end();
  }

  #refused(response: IncomingMessage, answer: StreamAnswer, isPacked: boolean): void {
    refusalText(response, isPacked, this.#request.connectTimeoutMs).then(
      (body) => this.#finish({ kind: 'refused', answer, body }),
      (error: unknown) => this.#finish(lost(error)),
    );
  }

  #finish(end: StreamEnd): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#request.signal.removeEventListener('abort', this.#onAbort);
    this.#gunzip?.destroy();
    this.#call.destroy();
    this.#settle(end);
  }
}

/** What came of a refusal's body until it ended, broke, grew too large or took too long: the status alone decides the rest. */
async function refusalText(response: IncomingMessage, isPacked: boolean, timeoutMs: number): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, timeoutMs);
    const enough = () => {
      clearTimeout(timer);
      resolve();
    };
    response.on('data', (part: Buffer) => {
      parts.push(Buffer.from(part));
      bytes += part.length;
      if (bytes >= MAX_REFUSAL_BYTES) enough();
    });
    response.once('end', enough).once('close', enough);
  });
  const body = Buffer.concat(parts);
  return isPacked ? unpackedText(body) : textOf(body);
}

function unpackedText(body: Buffer): string {
  try {
    return textOf(gunzipSync(body, { maxOutputLength: 16 * MAX_REFUSAL_BYTES }));
  } catch {
    return ''; // cut or never packed: the status alone decides
  }
}

function textOf(body: Buffer): string {
  return body.subarray(0, MAX_REFUSAL_BYTES).toString('utf8');
}

function lost(reason: unknown): StreamEnd {
  const code = reason instanceof Error ? (reason as NodeJS.ErrnoException).code : undefined;
  return { kind: 'lost', cause: causeText(reason), ...(typeof code === 'string' ? { code } : {}) };
}

function lowerCase(headers: NodeJS.Dict<string | string[]>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]));
}
