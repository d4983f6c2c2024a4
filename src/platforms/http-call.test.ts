import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createHttpCaller, type HttpRequest } from './http-call.ts';

async function serve(listener: RequestListener): Promise<AsyncDisposable & { url: URL; close: () => Promise<void> }> {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = async () => {
    server.closeAllConnections();
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  };
  const { port } = server.address() as AddressInfo;
  return { url: new URL(`http://127.0.0.1:${port}/`), close, [Symbol.asyncDispose]: close };
}

async function ask(url: URL, more: Partial<HttpRequest> = {}) {
  using http = createHttpCaller();
  const signal = new AbortController().signal;
  return await http.call({ method: 'GET', url, headers: {}, timeoutMs: 5000, maxBytes: 10_000, signal, ...more });
}

describe('one HTTP call', () => {
  it('gives status, headers and the unpacked bytes, whatever the status', async () => {
    const body = Buffer.from([0, 255, 10, 13, 34]);
    await using server = await serve((request, response) => {
      expect(request.headers['accept-encoding']).toBe('gzip');
      response.writeHead(503, { 'content-encoding': 'gzip', 'X-Thing': 'a' }).end(gzipSync(body));
    });
    const end = await ask(server.url);
    expect(end).toMatchObject({ kind: 'answered', answer: { status: 503, headers: { 'x-thing': 'a' } } });
    if (end.kind === 'answered') expect(end.answer.body.equals(body)).toBe(true);
  });

  it('sends a form', async () => {
    await using server = await serve((request, response) => {
      request.pipe(response.writeHead(200, { 'x-method': request.method }));
    });
    const end = await ask(server.url, { method: 'POST', body: 'id=1%2C2&é' });
    expect(end).toMatchObject({ answer: { headers: { 'x-method': 'POST' } } });
    if (end.kind === 'answered') expect(end.answer.body.toString()).toBe('id=1%2C2&é');
  });

  it('says of what never reached the server that nothing was served', async () => {
    const server = await serve(() => {});
    await server.close();
    expect(await ask(server.url)).toMatchObject({ kind: 'lost', code: 'ECONNREFUSED', maybeServed: false });
  });

  it('takes no part of an answer for the whole, and says that it may have been served', async () => {
    await using cut = await serve((_, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('{"data":', () => response.destroy());
    });
    expect(await ask(cut.url)).toMatchObject({ kind: 'lost', maybeServed: true });
    const packed = gzipSync(Buffer.from('{"data":[]}'.repeat(20)));
    await using torn = await serve((_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(packed.subarray(0, -4));
    });
    expect(await ask(torn.url)).toMatchObject({ kind: 'lost', maybeServed: true });
  });

  it('bounds the size of a body, packed or unpacked, and the time of the whole', async () => {
    await using large = await serve((_, response) => response.end(Buffer.alloc(20_000)));
    expect(await ask(large.url)).toMatchObject({
      kind: 'lost',
      cause: expect.stringContaining('more than 10000 bytes'),
    });
    await using bomb = await serve((_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(1_000_000)));
    });
    expect(await ask(bomb.url)).toMatchObject({ kind: 'lost' });
    await using silent = await serve(() => {});
    const end = await ask(silent.url, { timeoutMs: 50 });
    expect(end).toMatchObject({ kind: 'lost', cause: 'no whole answer within 0.05 s', maybeServed: true });
  });

  it('ends at once when it is aborted', async () => {
    await using silent = await serve(() => {});
    const stop = new AbortController();
    const end = ask(silent.url, { signal: stop.signal });
    stop.abort(new Error('enough'));
    expect(await end).toMatchObject({ kind: 'lost' });
  });

  it('asks again over a new connection when the server closed the idle one', async () => {
    let served = 0;
    await using server = await serve((request, response) => {
      served += 1;
      // The second request comes over the connection of the first, and finds it dead.
      if (served === 2) request.socket.resetAndDestroy();
      else response.end('fine');
    });
    using http = createHttpCaller();
    const request = { method: 'GET', url: server.url, headers: {}, timeoutMs: 5000, maxBytes: 10_000 } as const;
    const signal = new AbortController().signal;
    expect(await http.call({ ...request, signal })).toMatchObject({ kind: 'answered' });
    expect(await http.call({ ...request, signal })).toMatchObject({ kind: 'answered' });
    expect(served).toBe(3);
  });
});
