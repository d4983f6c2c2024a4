import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { V1, V2 } from './dialect.ts';
import { matchPath, type Route } from './route.ts';
import { type Gate, Router } from './router.ts';
import type { App } from '../credentials/app.ts';

const app: App = {
  id: '1',
  name: 'a',
  owner: 0,
  consumerKey: '',
  consumerSecret: '',
  clientId: '',
  clientSecret: '',
  clientType: 'either',
  redirectUris: [],
};
const route = (rest: Pick<Route, 'method' | 'path' | 'handle'> & Partial<Route>): Route => ({
  callers: ['app'],
  dialect: V2,
  ...rest,
});
const ROUTES: readonly Route[] = [
  route({ method: 'GET', path: '/2/users/:id', handle: ({ path }) => ({ status: 200, body: { id: path['id'] } }) }),
  route({
    method: 'GET',
    path: '/2/users/me',
    handle: () => ({ status: 200, body: { id: 'me' } }),
    callers: ['user1'],
  }),
  route({
    method: 'POST',
    path: '/2/rules',
    maxBodyBytes: 10,
    handle: async ({ body }) => ({ status: 201, body: await body() }),
  }),
  route({ method: 'GET', path: '/2/long', handle: () => ({ status: 200, body: { long: 'x'.repeat(500) } }) }),
  route({
    method: 'GET',
    path: '/1.1/open.json',
    dialect: V1,
    callers: ['nobody'],
    handle: () => ({ status: 200, body: [] }),
  }),
];

async function ask(path: string, init: RequestInit & { token?: string } = {}, gates: Gate[] = []) {
  const seen: number[] = [];
  const router = new Router({
    routes: ROUTES,
    schemes: [
      {
        identify: ({ request }) =>
          request.headers.authorization === 'Bearer app' ? { kind: 'app', app, token: 'app' } : undefined,
      },
    ],
    gates,
    observe: ({ status }) => seen.push(status),
    dialects: [
      ['/1.1/', V1],
      ['', V2],
    ],
    standardHeaders: () => ({ 'content-type': 'application/json; charset=utf-8' }),
  });
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://x');
    router.handle(request, response, url).catch((error: unknown) => response.destroy(error as Error));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const { port } = server.address() as AddressInfo;
    const headers = { authorization: `Bearer ${init.token ?? 'app'}`, ...(init.headers as Record<string, string>) };
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { ...init, headers });
    return { status: answer.status, headers: answer.headers, text: await answer.text(), seen };
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

describe('the router', () => {
  it('finds literal segments before names, and decodes names', async () => {
    expect((await ask('/2/users/12%2034')).text).toBe('{"id":"12 34"}');
    expect((await ask('/2/users/me')).status).toBe(403);
    expect(matchPath('/a/:b'.split('/'), '/a/%ff'.split('/'))).toBeUndefined();
    expect(matchPath('/a/:b'.split('/'), '/a/'.split('/'))).toBeUndefined();
  });

  it.each([
    ['/2/users/1', 'wrong', 'GET', 401, '{"title":"Unauthorized"'],
    ['/2/nothing', 'wrong', 'GET', 401, '{"title":"Unauthorized"'],
    ['/2/nothing', 'app', 'GET', 404, '{"title":"Not Found"'],
    ['/2/users/1', 'app', 'DELETE', 405, '{"title":"Method Not Allowed"'],
    ['/1.1/nothing.json', 'wrong', 'GET', 404, '{"errors":[{"code":34,'],
    ['/1.1/open.json', 'wrong', 'GET', 200, '[]'],
  ])('answers %s with token %s by %s: %i', async (path, token, method, status, beginning) => {
    const answer = await ask(path, { token, method });
    expect([answer.status, answer.text.slice(0, beginning.length)]).toEqual([status, beginning]);
    expect(answer.seen).toEqual([status]);
  });

  it('reads bodies up to the limit of the route, and answers 413 beyond', async () => {
    expect(await ask('/2/rules', { method: 'POST', body: '1234567890' })).toMatchObject({
      status: 201,
      text: '1234567890',
    });
    expect((await ask('/2/rules', { method: 'POST', body: '12345678901' })).status).toBe(413);
  });

  it('compresses long answers for those who ask', async () => {
    const plain = await ask('/2/long', { headers: { 'accept-encoding': 'identity' } });
    const packed = await ask('/2/long', { headers: { 'accept-encoding': 'gzip' } });
    expect(packed.text).toBe(plain.text);
    expect([plain.headers.get('content-encoding'), packed.headers.get('content-encoding')]).toEqual([null, 'gzip']);
  });

  it('asks each gate: headers go onto the answer, a refusal takes the place of the handler', async () => {
    const counting: Gate = { admit: ({ pattern }) => ({ headers: { 'x-pattern': pattern } }) };
    const refusing: Gate = { admit: () => ({ refusal: V2.refuse('too-many-requests') }) };
    const admitted = await ask('/2/users/1', {}, [counting]);
    expect([admitted.status, admitted.headers.get('x-pattern')]).toEqual([200, '/2/users/:id']);
    const refused = await ask('/2/users/1', {}, [counting, refusing]);
    expect([refused.status, refused.headers.get('x-pattern')]).toEqual([429, '/2/users/:id']);
  });
});
