/** The stream's connection against servers that we write byte by byte: what HTTP allows, and what it does not. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { constants, createGzip, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openHttpStream, type StreamAnswer, type StreamEnd } from './http-stream.ts';

const HEAD = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n';

type Answered = { end: StreamEnd; bytes: Buffer; answer: StreamAnswer | undefined };

/** Asks a server that answers each connection with `speak`; `onBytes` may ask for pauses. */
async function ask(
  speak: (socket: Socket) => unknown,
  {
    signal = new AbortController().signal,
    connectTimeoutMs = 5000,
    onBytes = () => true,
  }: { signal?: AbortSignal; connectTimeoutMs?: number; onBytes?: (resume: () => void) => boolean } = {},
): Promise<Answered> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined); // the client may go at any time
    socket.once('data', () => void speak(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const parts: Buffer[] = [];
  let answer: StreamAnswer | undefined;
  const control: { resume?: () => void } = {};
  try {
    const end = await openHttpStream(
      { url: new URL(`http://127.0.0.1:${port}/x?y=1`), headers: { 'x-test': '1' }, connectTimeoutMs, signal },
      {
        onOpen: (given) => {
          answer = given;
        },
        onBytes: (chunk) => {
          parts.push(Buffer.from(chunk)); // its memory is used again
          return onBytes(() => control.resume?.());
        },
      },
      control,
    );
    return { end, bytes: Buffer.concat(parts), answer };
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
}

const chunked = (body: Buffer) =>
  Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n')]);

describe('an open stream', () => {
  it('hands over the body as it was sent, however it is cut into chunks and packets', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 97 }),
        async (bodies, packet) => {
          const wire = Buffer.concat([
            Buffer.from(`${HEAD}Transfer-Encoding: chunked\r\n\r\n`),
            ...bodies.map((body) => chunked(Buffer.from(body))),
            Buffer.from('0\r\n\r\n'),
          ]);
          const { end, bytes, answer } = await ask(async (socket) => {
            for (let at = 0; at < wire.length; at += packet) {
              socket.write(wire.subarray(at, at + packet));
              if (at % 5 === 0) await new Promise(setImmediate);
            }
            socket.end();
          });
          expect(end).toEqual({ kind: 'ended' });
          expect(answer).toMatchObject({ status: 200, headers: { 'content-type': 'application/json' } });
          expect(bytes.equals(Buffer.concat(bodies))).toBe(true);
        },
      ),
      { numRuns: 40 },
    );
  });

  it.each(['identity', 'gzip'])('loses and repeats nothing over many pauses (%s)', async (encoding) => {
    const sent = createHash('sha256');
    let sentBytes = 0;
    let pauses = 0;
    const kept = createHash('sha256');
    const { end, bytes } = await ask(
      async (socket) => {
        const isPacked = encoding === 'gzip';
        socket.write(`${HEAD}${isPacked ? 'Content-Encoding: gzip\r\n' : ''}Transfer-Encoding: chunked\r\n\r\n`);
        const packer = createGzip({ level: 1 });
        packer.on('data', (part: Buffer) => socket.write(chunked(part)));
        for (let piece = 0; piece < 120; piece++) {
          const body = Buffer.alloc(1 + ((piece * 7919) % 200_000), `${piece}:`);
          sent.update(body);
          sentBytes += body.length;
          if (isPacked) packer.write(body);
          else if (!socket.write(chunked(body))) await once(socket, 'drain');
        }
        if (isPacked) {
          packer.end();
          await once(packer, 'end');
        }
        socket.end('0\r\n\r\n');
      },
      {
        onBytes: (resume) => {
          if (++pauses % 3 !== 0) return true;
          setTimeout(resume, pauses % 5);
          return false;
        },
      },
    );
    kept.update(bytes);
    expect(end).toEqual({ kind: 'ended' });
    expect(bytes.length).toBe(sentBytes);
    expect(kept.digest('hex')).toBe(sent.digest('hex'));
    expect(pauses).toBeGreaterThan(20);
  });

  it('hands over all that came before it broke, and says how', async () => {
    const { end, bytes } = await ask((socket) => {
      socket.write(`${HEAD}Transfer-Encoding: chunked\r\n\r\n5\r\nwhole\r\n9\r\nhal`, () => socket.resetAndDestroy());
    });
    expect(bytes.toString()).toBe('wholehal');
    expect(end).toMatchObject({ kind: 'lost', code: 'ECONNRESET' });
  });

  it('tells an end in the middle of the body from an end', async () => {
    const { end, bytes } = await ask((socket) => socket.end(`${HEAD}Transfer-Encoding: chunked\r\n\r\n5\r\nwhole\r\n`));
    expect(bytes.toString()).toBe('whole');
    expect(end.kind).toBe('lost');
  });

  it('unpacks to the last byte that came when a packed stream breaks', async () => {
    const line = '{"data":{"id":"1"}}\r\n';
    const unfinished = gzipSync(line, { finishFlush: constants.Z_SYNC_FLUSH });
    // At once, so that parts wait to be unpacked when it breaks; it depends on threads, so many times.
    const packed = Buffer.concat([
      Buffer.from(`${HEAD}Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n`),
      ...[unfinished.subarray(0, 10), unfinished.subarray(10)].map(chunked),
    ]);
    for (let time = 0; time < 100; time++) {
      const { end, bytes } = await ask((socket) => socket.end(packed));
      expect([time, bytes.toString(), end.kind]).toEqual([time, line, 'lost']);
    }
  });

  it.each([false, true])(
    'hands over all of a packed stream that broke while it was held back (pauses: %s)',
    async (pauses) => {
      // Hardly to be packed, so that much waits on its way to be unpacked.
      const lines = Array.from(
        { length: 12_000 },
        (_, at) => `${createHash('sha256').update(String(at)).digest('hex')}\r\n`,
      );
      const unfinished = gzipSync(lines.join(''), { finishFlush: constants.Z_SYNC_FLUSH });
      const packets = Array.from({ length: Math.ceil(unfinished.length / 16_384) }, (_, at) =>
        chunked(unfinished.subarray(at * 16_384, (at + 1) * 16_384)),
      );
      const head = Buffer.from(`${HEAD}Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n`);
      const { end, bytes } = await ask((socket) => socket.end(Buffer.concat([head, ...packets])), {
        onBytes: (resume) => {
          if (pauses) setTimeout(resume, 2);
          return !pauses;
        },
      });
      expect(end.kind).toBe('lost');
      expect(bytes.toString() === lines.join(''), `${bytes.length} of ${lines.join('').length} bytes`).toBe(true);
    },
  );

  it('that is called gzip and is not, is lost and not silent', async () => {
    const { end } = await ask((socket) => {
      socket.end(`${HEAD}Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nplain\r\n0\r\n\r\n`);
    });
    expect(end).toMatchObject({ kind: 'lost', code: 'Z_DATA_ERROR' });
  });

  it('ends at an abort at any moment, and leaves nothing behind', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 30 }), async (afterMs) => {
        const stop = new AbortController();
        setTimeout(() => stop.abort(new Error('enough')), afterMs);
        const { end } = await ask(
          (socket) => {
            socket.write(`${HEAD}Transfer-Encoding: chunked\r\n\r\n`);
            const sending = setInterval(() => socket.write(chunked(Buffer.alloc(5000, 'x'))), 1);
            socket.once('close', () => clearInterval(sending));
          },
          { signal: stop.signal },
        );
        expect(end).toEqual({ kind: 'lost', cause: 'enough' });
      }),
      { numRuns: 15 },
    );
    await expect.poll(() => process.getActiveResourcesInfo().filter((name) => /^TCP.*Wrap$/.test(name))).toEqual([]);
  });
});

describe('a refused stream', () => {
  const refusal = (head: string, body: string | Buffer) => (socket: Socket) => {
    socket.write(`HTTP/1.1 ${head}\r\nX-Rate-Limit-Reset: 1700000000\r\nContent-Length: ${body.length}\r\n\r\n`);
    socket.end(body);
  };

  it('carries status, headers in lower case, and body', async () => {
    const { end, bytes } = await ask(refusal('429 Too Many Requests', '{"title":"Too Many Requests"}'));
    expect(end).toMatchObject({
      kind: 'refused',
      answer: { status: 429, headers: { 'x-rate-limit-reset': '1700000000' } },
      body: '{"title":"Too Many Requests"}',
    });
    expect(bytes.length).toBe(0);
  });

  it('is read when it is packed, too', async () => {
    const { end } = await ask(
      refusal('503 Busy\r\nContent-Encoding: gzip', gzipSync('{"title":"Service Unavailable"}')),
    );
    expect(end).toMatchObject({ kind: 'refused', body: '{"title":"Service Unavailable"}' });
  });

  it('has an empty body when that is no gzip in spite of its name', async () => {
    const { end } = await ask(refusal('503 Busy\r\nContent-Encoding: gzip', 'oh'));
    expect(end).toMatchObject({ kind: 'refused', answer: { status: 503 }, body: '' });
  });

  it('is cut at 64 KiB', async () => {
    const { end } = await ask(refusal('500 Oops', 'x'.repeat(300_000)));
    expect(end).toMatchObject({ kind: 'refused' });
    expect(end.kind === 'refused' && end.body.length).toBe(65_536);
  });

  it('does not wait for ever for the rest of a body', async () => {
    const { end } = await ask((socket) => socket.write('HTTP/1.1 401 No\r\nContent-Length: 100\r\n\r\nhalf a'), {
      connectTimeoutMs: 200,
    });
    expect(end).toMatchObject({ kind: 'refused', answer: { status: 401 }, body: 'half a' });
  });
});

describe('a stream that never opens', () => {
  it('is lost when nobody listens', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    const request = {
      url: new URL(`http://127.0.0.1:${port}/`),
      headers: {},
      connectTimeoutMs: 1000,
      signal: new AbortController().signal,
    };
    const end = await openHttpStream(request, { onOpen: () => {}, onBytes: () => true }, {});
    expect(end).toMatchObject({ kind: 'lost', code: 'ECONNREFUSED' });
  });

  it('is lost when no answer comes, or none that is HTTP', async () => {
    const silent = await ask(() => {}, { connectTimeoutMs: 200 });
    expect(silent.end).toEqual({ kind: 'lost', cause: 'no answer within 0.2 s' });
    const rubbish = await ask((socket) => socket.end('what?\r\n\r\n'));
    expect(rubbish.end).toMatchObject({ kind: 'lost', code: 'HPE_INVALID_CONSTANT' });
    const closed = await ask((socket) => socket.end());
    expect(closed.end).toMatchObject({ kind: 'lost', code: 'ECONNRESET' });
  });

  it('is not even begun when told to stop before', async () => {
    const { end, answer } = await ask(() => {}, { signal: AbortSignal.abort(new Error('never')) });
    expect(end).toEqual({ kind: 'lost', cause: 'never' });
    expect(answer).toBeUndefined();
  });
});
