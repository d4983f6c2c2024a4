/** What is refused before there is a request, on real sockets. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { answerClientError } from './client-error.ts';

const server = createServer({ requestTimeout: 300, headersTimeout: 300, connectionsCheckingInterval: 50 });
server.on('clientError', answerClientError);
server.on('request', (request, response) => {
  request.resume();
  if (request.method === 'GET') response.writeHead(200).write('half');
});

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

/** Everything that comes back until the server ends the connection. */
async function said(...parts: readonly string[]): Promise<string> {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const closed = once(socket, 'close');
  let text = '';
  socket.on('data', (part: Buffer) => (text += part.toString()));
  socket.on('error', () => undefined);
  for (const part of parts) {
    socket.write(part);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await closed;
  return text;
}

const HEAD = 'GET / HTTP/1.1\r\nHost: localhost\r\n';

it.each([
  [431, 'a head too long', `${HEAD}x: ${'a'.repeat(20_000)}\r\n\r\n`],
  [400, 'what is no HTTP', 'hello\r\n\r\n'],
  [400, 'a method that nobody has', HEAD.replace('GET', 'FOO')],
  [408, 'a head that stops half-way', HEAD],
  [
    413,
    'extensions of chunks',
    `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2;${'x'.repeat(20_000)}`,
  ],
])('%i for %s is a problem document, and the connection ends', async (status, _what, sent) => {
  const answer = await said(sent);
  const [head = '', body = ''] = answer.split('\r\n\r\n');
  expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} \\w`));
  expect(head).toContain('content-type: application/problem+json; charset=utf-8');
  expect(head).toContain('connection: close');
  expect(JSON.parse(body)).toMatchObject({ status, code: 'request.invalid', detail: expect.stringMatching(/\.$/) });
});

it('an answer that is on its way is not written into', async () => {
  const answer = await said(`${HEAD}\r\n`, 'hello\r\n\r\n');
  expect(answer).toMatch(/^HTTP\/1.1 200/);
  expect(answer).not.toContain('HTTP/1.1 400');
});
