/** Exports over HTTP: the list, and downloads that can go on. */
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/core/time.ts';
import { exportPosts } from '../../src/jobs/tasks/export-posts.ts';
import { toExportRequest } from '../../src/share/export-request.ts';
import { askForExport } from '../../src/store/export/exports.ts';
import { startServer } from '../support/server.ts';

describe('exports over HTTP', () => {
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
