/** What X says of connections that it was asked to end, over HTTP: a status of 200 alone ends none. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { createHttpCaller } from '../http-call.ts';
import { endFilterConnections } from './filter-rules.ts';
import { endStaleConnections } from './stale-connections.ts';

const AT_MS = Date.parse('2026-11-05T10:00:00.000Z');
const DATE = new Date(AT_MS).toUTCString();

/** A platform with one connection open, and this to say when it is asked to end it. */
async function platform(answer: unknown) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method ?? ''} ${(request.url ?? '').split('?', 1)[0] ?? ''}`);
    const listed = {
      data: [{ id: 'c1', endpoint_name: 'filtered_stream', connected_at: new Date(AT_MS).toISOString() }],
    };
    const body = request.method === 'GET' ? listed : answer;
    request.resume().once('end', () => response.writeHead(200, { date: DATE }).end(JSON.stringify(body)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    asked,
    apiUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function endOurs(apiUrl: string) {
  const opened = [{ fromMs: AT_MS - 100, toMs: AT_MS + 100 }];
  return await endStaleConnections({
    ...{ apiUrl, endpointName: 'filtered_stream', authorization: () => 'Bearer t', opened, nowMs: () => AT_MS },
    signal: new AbortController().signal,
  });
}

it.each([
  [
    'it was not found',
    {
      successful_kills: 0,
      failed_kills: 1,
      results: [{ uuid: 'c1', success: false, error_message: 'Connection not found' }],
    },
    /1 of 1: Connection not found/,
  ],
  ['none was ended', { successful_kills: 0, failed_kills: 1 }, /1 of 1: .*successful_kills 0/],
  ['nothing is said', undefined, /1 of 1/],
  ['another one is named', { successful_kills: 1, results: [{ uuid: 'c2', success: true }] }, /1 of 1/],
])('a connection stays ours when %s', async (_what, data, why) => {
  await using x = await platform({ data });
  expect(await endOurs(x.apiUrl)).toEqual({ ended: [], unable: expect.stringMatching(why) });
  expect(x.asked).toEqual(['GET /2/connections', 'DELETE /2/connections']);
});

it.each([
  ['by its id', { successful_kills: 1, failed_kills: 0, results: [{ uuid: 'c1', success: true }] }],
  ['by the count alone', { successful_kills: 1, failed_kills: 0 }],
])('one of ours is ended when the platform says so %s', async (_how, data) => {
  await using x = await platform({ data });
  expect(await endOurs(x.apiUrl)).toEqual({ ended: [{ fromMs: AT_MS - 100, toMs: AT_MS + 100 }] });
});

it('the end of a filter’s last collection tells the same', async () => {
  await using x = await platform({ data: { successful_kills: 0, failed_kills: 1 } });
  using http = createHttpCaller();
  const settle = async () => {};
  const permit = { credential: 'c', authorization: () => 'Bearer t', settle };
  const asker = {
    ...{ http, apiUrl: x.apiUrl, credential: 'c', timeoutMs: 5_000, maxBytes: 65_536 },
    ...{ permits: { acquire: async () => permit }, signal: new AbortController().signal },
  };
  expect(await endFilterConnections(asker)).toEqual({ ended: 0, unable: expect.stringMatching(/1 of 1/) });
});
