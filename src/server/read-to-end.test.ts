/** What is left of a body is read before a refusal is sent, within bounds: one that is sent earlier is lost where somebody still writes. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readToEnd } from './read-to-end.ts';

const server = createServer((request, reply) => {
  void readToEnd(request).then(() => reply.writeHead(413, { connection: 'close' }).end(`whole: ${request.complete}`));
});

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const large = Buffer.alloc(10 * 1024 * 1024, 'a');

it.each([
  ['of a known length', large],
  ['in chunks', new Blob([large]).stream()],
])('10 MB %s', async (_how, body) => {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const reply = await fetch(url, { method: 'POST', body, duplex: 'half' });
  expect([reply.status, await reply.text()]).toEqual([413, 'whole: true']);
});
