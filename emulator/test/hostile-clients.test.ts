import { once } from 'node:events';
import { connect } from 'node:net';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { hasPosts, openStream, truthOf, until } from './support/stream-client.ts';
import { DEFAULT_TOKEN, startEmulator } from '../src/start-emulator.ts';

const AUTHORISED = `authorization: Bearer ${DEFAULT_TOKEN}`;

/** Writes bytes, gives back the first that come, and hangs up. */
async function throwAt(port: number, bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  let answer = '';
  socket.on('data', (part) => (answer += part.toString('latin1')));
  socket.end(bytes, 'latin1');
  await Promise.race([once(socket, 'data'), once(socket, 'close')]);
  socket.destroy();
  return answer;
}

it('whatever clients send, each is answered or dropped and the emulator goes on', async () => {
  await using emulator = await startEmulator({ rate: 500, keepaliveMs: 10 });
  const target = fc.oneof(
    fc.webPath(),
    fc.constantFrom(
      '//',
      '*',
      'http://[',
      '/_emulator/truth/ids?connection=%',
      '/_emulator/truth/posts?ids=%00,-1,1e9',
      '/%ff',
    ),
    fc.webQueryParameters().map((query) => `/2/tweets/sample/stream?${query}`),
  );
  const method = fc.constantFrom('GET', 'POST', 'DELETE', 'HEAD', 'PUT', 'OPTIONS', 'TRACE', '\u0000');
  const body = fc.oneof(fc.json(), fc.string({ unit: 'binary-ascii' }));
  await fc.assert(
    fc.asyncProperty(method, target, body, fc.boolean(), async (verb, path, content, whole) => {
      const length = content.length + (whole ? 0 : 10);
      const head = `${verb} ${path} HTTP/1.1\r\nhost: x\r\n${AUTHORISED}\r\ncontent-length: ${length}\r\nconnection: close\r\n\r\n`;
      const answer = await throwAt(emulator.port, head + content);
      // An unfinished request may be dropped without a word.
      expect(answer).toMatch(whole ? /^HTTP\/1\.1 (?!5)\d{3} / : /^(HTTP\/1\.1 (?!5)|$)/);
    }),
    { numRuns: 150 },
  );
  using client = await openStream(emulator.url);
  await hasPosts(client, 5);
});

it('streams that leave at once leave nothing behind', async () => {
  await using emulator = await startEmulator({ rate: 'max' });
  for (let n = 0; n < 60; n++) {
    const coding = n % 2 === 0 ? 'accept-encoding: gzip\r\n' : '';
    await throwAt(emulator.port, `GET /2/tweets/sample/stream HTTP/1.1\r\nhost: x\r\n${coding}${AUTHORISED}\r\n\r\n`);
  }
  await until('all are closed in truth', async () => {
    const { connections } = await truthOf(emulator.url);
    return connections.length === 60 && connections.every(({ reason }) => reason === 'client-left');
  });
});
