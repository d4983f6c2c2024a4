import type { ServerResponse } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { constants, createGzip } from 'node:zlib';

/** The way out of one stream: bytes in, backpressure back. After the client has gone every call returns at once. */
export interface Wire {
  /** Resolves when there is room for more. Each call is flushed through to the socket. */
  write(bytes: string | Buffer): Promise<void>;
  /** Resolves when the kernel has taken everything written so far. */
  settled(): Promise<void>;
  /** Ends the body and the connection in order (FIN). */
  finish(): Promise<void>;
}

/** @param response with its head already written */
export function openWire(response: ServerResponse, gzip: boolean): Wire {
  const socket = new SocketWriter(response);
  return gzip ? gzipWire(response, socket) : socket;
}

class SocketWriter implements Wire {
  readonly #response: ServerResponse;
  #unsent = 0;
  #waiting: (() => void)[] = [];

  constructor(response: ServerResponse) {
    this.#response = response;
    const wake = (): void => {
      for (const resolve of this.#waiting.splice(0)) resolve();
    };
    response.on('drain', wake);
    response.on('close', wake);
  }

  async write(bytes: string | Buffer): Promise<void> {
    if (this.#response.destroyed) return;
    if (!this.push(bytes)) await this.room();
    // To a client that reads faster than we write there is room again before anything else gets its turn.
    await nextTurn();
  }

  /** Like ServerResponse.write: false when the caller should wait for room(). */
  push(bytes: string | Buffer): boolean {
    this.#unsent++;
    return this.#response.write(bytes, () => {
      this.#unsent--;
      if (this.#unsent === 0) for (const resolve of this.#waiting.splice(0)) resolve();
    });
  }

  async room(): Promise<void> {
    while (!this.#response.destroyed && this.#response.writableNeedDrain) await this.#wait();
  }

  async settled(): Promise<void> {
    while (!this.#response.destroyed && this.#unsent > 0) await this.#wait();
  }

  async finish(): Promise<void> {
    if (this.#response.destroyed) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#response.once('close', resolve);
    // Without ending the socket too, keep-alive would hold the connection open after the last chunk.
    const { socket } = this.#response;
    this.#response.end(() => socket?.end());
    await promise;
  }

  #wait(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}

/** Light compression: the emulator's core is better spent on posts. */
const GZIP_LEVEL = 1;

function gzipWire(response: ServerResponse, socket: SocketWriter): Wire {
  const gzip = createGzip({ level: GZIP_LEVEL });
  // The steps in progress; a compressor that is destroyed doesn't call back.
  const waiting = new Set<() => void>();
  response.once('close', () => {
    gzip.destroy();
    for (const proceed of waiting) proceed();
  });
  gzip.on('data', (bytes: Buffer) => {
    if (response.destroyed || socket.push(bytes)) return;
    gzip.pause();
    socket.room().then(
      () => gzip.resume(),
      (error: unknown) => response.destroy(error instanceof Error ? error : new Error(String(error))),
    );
  });
  const step = (start: (done: () => void) => void): Promise<void> =>
    new Promise((resolve) => {
      const proceed = (): void => {
        waiting.delete(proceed);
        resolve();
      };
      waiting.add(proceed);
      start(proceed);
    });
  return {
    async write(bytes) {
      if (response.destroyed) return;
      gzip.write(bytes);
      await step((done) => gzip.flush(constants.Z_SYNC_FLUSH, done));
      await socket.room();
    },
    async settled() {
      // While the socket is full, the compressor holds back what it has made.
      while (!response.destroyed && gzip.readableLength > 0) {
        await socket.room();
        await nextTurn();
      }
      await socket.settled();
    },
    async finish() {
      if (response.destroyed) return;
      await step((done) => {
        gzip.once('end', done);
        gzip.end();
      });
      await socket.finish();
    },
  };
}
