/** Exports over HTTP: the list, and downloads that can go on. */
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/core/time.ts';
import { exportPosts } from '../../src/jobs/tasks/export-posts.ts';
import { toExportRequest } from '../../src/share/export-request.ts';
import { askForExport } from '../../src/store/export/exports.ts';
import { type Caller, type Sight, sees } from '../../src/server/caller.ts';
import { addCollection } from '../../src/store/queries/add-collection.ts';
import { startServer } from '../support/server.ts';

describe('exports over HTTP', () => {
  it('are asked for, cancelled, shown page by page, and each sees those of collections in sight and those of their own', async () => {
    const user = (userId: string) => ({ userId, name: userId, email: `${userId}@example.org` });
    let caller: Caller = { role: 'collector', via: 'session', user: user('ada') };
    let sight: Sight = 'all';
    await using server = await startServer({
      callers: {
        callerOf: async () => caller,
        sightOf: async () => sight,
        accessTo: async (_, name) => (sees(sight, name) ? 'view' : 'none'),
      },
    });
    const call = async (method: string, path: string, body?: object) => {
      const headers = { 'content-type': 'application/json', origin: server.url };
      const init = body === undefined ? { headers: { origin: server.url } } : { headers, body: JSON.stringify(body) };
      const reply = await fetch(`${server.url}/api/v1/exports${path}`, { method, ...init });
      return {
        status: reply.status,
        body: (await reply.json()) as Record<string, unknown> & { exports: { name: string }[] },
      };
    };
    await addCollection(server.db, systemClock, {
      name: 'birds2',
      kind: 'sample',
      platform: 'x',
      api: 'v2',
      keep: 'all',
    });
    const asked = await call('POST', '', { collection: 'birds2', name: 'one', format: 'xlsx', postedTo: '2026-11-22' });
    expect(asked).toMatchObject({
      status: 202,
      body: { name: 'one', node: 'n1', state: 'queued', background: true, askedBy: 'ada', rowsTotal: null },
    });
    expect(asked.body.request).toMatchObject({
      format: 'xlsx',
      honourDeletions: true,
      postedTo: '2026-11-23T00:00:00.000Z',
    });
    expect(await call('POST', '', { all: true, name: 'two', format: 'ids' })).toMatchObject({ status: 202 });
    expect((await call('POST', '', { all: true })).body.name).toMatch(/^all-\d{8}t\d{6}z$/);
    for (const [wish, status, code] of [
      [{ collection: 'birds2', name: 'one' }, 409, 'export.refused'],
      [{ collection: 'nothing' }, 404, 'collection.unknown'],
      [{ account: '@nobody' }, 404, 'account.unknown'],
      [{ all: true, collection: 'birds2' }, 409, 'export.refused'],
      [{ all: true, zone: 'Nowhere', postedFrom: '2026-11-22' }, 400, 'zone.invalid'],
      [{ all: true, name: '../x' }, 409, 'export.refused'],
      [{ all: true, format: 'xls' }, 400, 'request.invalid'],
      [{ all: true, folder: '/tmp' }, 400, 'request.invalid'],
    ] as const)
      expect(await call('POST', '', wish), JSON.stringify(wish)).toMatchObject({ status, body: { code } });
    const first = await call('GET', '?limit=2');
    expect(first.body.exports).toHaveLength(2);
    const second = await call('GET', `?limit=2&before=${String(first.body.next)}`);
    expect(second.body).toMatchObject({ exports: [{ name: 'one' }], next: null });

    caller = { role: 'collector', via: 'session', user: user('bob') };
    sight = new Set(['birds2']);
    expect((await call('GET', '')).body.exports.map(({ name }) => name)).toEqual(['one']);
    expect(await call('GET', '/two')).toMatchObject({ status: 404, body: { code: 'export.unknown' } });
    expect(await call('DELETE', '/two')).toMatchObject({ status: 404 });
    expect(await call('POST', '', { all: true })).toMatchObject({ status: 403, body: { code: 'access.denied' } });
    expect(await call('DELETE', '/one')).toMatchObject({ status: 202, body: { state: 'cancelled' } });
    expect(await call('DELETE', '/one')).toMatchObject({ status: 409, body: { code: 'export.refused' } });
    caller = { role: 'viewer', via: 'session', user: user('eve') };
    expect(await call('POST', '', { collection: 'birds2' })).toMatchObject({ status: 403 });
  });

  it('are listed, and only what their manifest names is sent, from any byte on', async () => {
    await using server = await startServer();
    const { db, home, url } = server;
    const folder = join(home, 'exports/birds');
    const request = toExportRequest({ from: { kind: 'all' }, format: 'csv' }, 'UTC');
    const wish = { node: 'n1', request, background: true, askedAt: '2026-11-22T13:00:00.000Z' };
    await askForExport(db, { ...wish, name: 'birds', folder });
    const list = async () => (await (await fetch(`${url}/api/v1/exports`)).json()) as { exports: object[] };
    expect((await list()).exports).toMatchObject([{ name: 'birds', state: 'queued', rowsTotal: null, manifest: null }]);
    expect((await fetch(`${url}/files/exports/birds/birds.csv`)).status).toBe(404);
    await exportPosts({ db, version: '9.9.9', clock: systemClock, signal: new AbortController().signal }, 'birds');
    expect((await list()).exports).toMatchObject([
      { state: 'done', rowsTotal: 0, manifest: '/files/exports/birds/manifest.json' },
    ]);
    const whole = await fetch(`${url}/files/exports/birds/birds.csv`);
    const text = await whole.text();
    expect(text).toMatch(/^platform,id,url,/);
    expect(whole.headers.get('content-disposition')).toBe('attachment; filename="birds.csv"');
    const rest = await fetch(`${url}/files/exports/birds/birds.csv`, { headers: { range: 'bytes=9-' } });
    expect([rest.status, await rest.text()]).toEqual([206, text.slice(9)]);
    for (const path of ['birds/other.csv', 'birds/..%2fbirds%2fbirds.csv', 'frogs/birds.csv', '..%2f/birds.csv'])
      expect((await fetch(`${url}/files/exports/${path}`)).status, path).toBe(404);
    await rename(join(folder, 'manifest.json'), join(folder, 'manifest.old'));
    expect((await fetch(`${url}/files/exports/birds/birds.csv`)).status).toBe(404);
  });
});
