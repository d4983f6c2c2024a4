/** The API over a real socket on a real database. */
import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseUtcHour } from '../../src/core/time.ts';
import { recordCompaction, setCompactionTroubles } from '../../src/store/queries/compactions.ts';
import { findCollection } from '../../src/store/queries/find-collection.ts';
import { recordRetention } from '../../src/store/queries/retention-runs.ts';
import { storeGaps } from '../../src/store/store-capture.ts';
import { eventually } from '../support/loader.ts';
import { addBuiltHour, addSampleCollection, sayStatus, startServer, type TestServer } from '../support/server.ts';

const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';
let server: TestServer;

beforeAll(async () => {
  server = await startServer();
  await addSampleCollection(server.db, 'demo');
  await addSampleCollection(server.db, 'birds');
  await sayStatus(server.db, 'demo', { captured: 12, bytes: 8_400, sealedSegments: 2, postsPerSecond: 4.5 });
  await storeGaps(server.db, [
    {
      ...{ gapId: 'g1', plan: 'demo', node: 'n1', cause: 'cut', evidence: 'The connection ended.', uncoveredMs: 0 },
      ...{ from: '2026-11-22T10:00:00.000Z', to: '2026-11-22T10:00:09.000Z' },
      backfilledFrom: '2026-11-22T10:00:00.000Z',
    },
    {
      ...{ gapId: 'g2', plan: 'demo', node: 'n1', cause: 'stall', evidence: 'No byte for 30 s.', uncoveredMs: 240_000 },
      ...{ from: '2026-11-22T11:00:00.000Z', to: '2026-11-22T11:04:00.000Z' },
    },
  ]);
}, 120_000);
afterAll(() => server?.[Symbol.asyncDispose]());

async function get(path: string, headers: Record<string, string> = {}) {
  const reply = await fetch(`${server.url}${path}`, { headers });
  const text = await reply.text();
  const isJson = reply.headers.get('content-type')?.includes('json') === true;
  return { status: reply.status, headers: reply.headers, text, body: isJson ? JSON.parse(text) : undefined };
}

/** A request as it is written here: fetch would mend the path, refuse the host and add to conditions. */
function getRaw(path: string, headers: Record<string, string> = {}): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const { port } = new URL(server.url);
    request({ port, host: '127.0.0.1', path, headers }, (reply) => {
      let body = '';
      reply.on('data', (chunk: Buffer) => (body += chunk.toString()));
      reply.on('end', () => resolve({ status: reply.statusCode ?? 0, body }));
    })
      .on('error', reject)
      .end();
  });
}

describe('the status', () => {
  it('names each collection with its state and counts, as numbers and instants', async () => {
    const { status, body } = await eventually(async () => {
      const answer = await get('/api/v1/status'); // looked at anew each second: the first may be half of what was written
      const [birds, demo] = answer.body.collections;
      expect(birds).toMatchObject({ name: 'birds', state: 'starting', captured: 0, lastByteAt: null });
      expect(demo).toMatchObject({
        ...{ name: 'demo', state: 'connected', captured: 12, loaded: 0, quarantined: 0, openSegments: 1 },
        ...{ sealedSegments: 2, gaps: 1, uncoveredMs: 240_000, interruptions: 2, bytes: 8_400, postsPerSecond: 4.5 },
      });
      return answer;
    }, 5_000);
    expect(status).toBe(200);
    const [, demo] = body.collections;
    expect(demo.lastByteAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  it('follows what capture says within two seconds', async () => {
    await sayStatus(server.db, 'demo', { captured: 99, bytes: 70_000 });
    await eventually(async () => expect((await get('/api/v1/status')).body.collections[1].captured).toBe(99), 2_000);
  });
});

describe('gaps', () => {
  it('are listed newest first, with what was back-filled', async () => {
    const { body } = await get('/api/v1/collections/demo/gaps');
    expect(body.next).toBeNull();
    expect(body.gaps).toEqual([
      {
        ...{ gapId: 'g2', node: 'n1', cause: 'stall', evidence: 'No byte for 30 s.', uncoveredMs: 240_000 },
        ...{ from: '2026-11-22T11:00:00.000Z', to: '2026-11-22T11:04:00.000Z', backfilledFrom: null },
      },
      expect.objectContaining({ gapId: 'g1', backfilledFrom: '2026-11-22T10:00:00.000Z', uncoveredMs: 0 }),
    ]);
  });

  it('come in pages, each one once', async () => {
    const first = (await get('/api/v1/collections/demo/gaps?limit=1')).body;
    const second = (await get(`/api/v1/collections/demo/gaps?limit=1&before=${encodeURIComponent(first.next)}`)).body;
    expect([...first.gaps, ...second.gaps].map(({ gapId }) => gapId)).toEqual(['g2', 'g1']);
    expect(second.next).toBeNull();
  });

  it('of an unknown collection are a problem that names the likely one', async () => {
    const { status, headers, body } = await get('/api/v1/collections/demmo/gaps');
    expect(status).toBe(404);
    expect(headers.get('content-type')).toBe(PROBLEM_TYPE);
    expect(body).toMatchObject({
      code: 'collection.unknown',
      status: 404,
      type: 'urn:mistnet:problem:collection.unknown',
    });
    expect(body.detail).toContain('demo');
  });
});

describe('retention and compaction', () => {
  const lacking = { plan: 'demo', node: 'n2', segment: 'n2-20261101T130500Z-4', reason: 'it is not there or open' };
  const run = (node: string, day: string, observations: number) =>
    recordRetention(
      server.db,
      { node, day, observations, posts: 3, partitions: 1, unverified: 1 },
      { shares: new Map([[demoId, { observations, unverified: 1 }]]), lacking: [lacking] },
      `${day}T00:00:09.000Z`,
    );
  let demoId = 0;

  beforeAll(async () => {
    ({ collectionId: demoId } = await findCollection(server.db, 'demo'));
    await run('n1', '2026-11-21', 5);
    await run('n1', '2026-11-22', 7);
    await run('n2', '2026-11-22', 2);
    const hour = { plan: 'demo', node: 'n1', segments: 60, bytes: 9_000, segmentsBytes: 1_200, compressedBytes: 1_000 };
    for (const at of ['11', '12'])
      await recordCompaction(server.db, {
        ...{ ...hour, file: `n1-20261122T${at}0000Z-1-60`, hour: `2026-11-22T${at}:00:00.000Z` },
        compactedAt: `2026-11-22T${at}:59:00.000Z`,
      });
    await setCompactionTroubles(
      server.db,
      { plan: 'demo', node: 'n1', hour: '2026-11-22T10:00:00.000Z' },
      [{ segment: 'n1-20261122T100000Z-9', reason: 'its content is not what its manifest says' }],
      '2026-11-22T11:07:00.000Z',
    );
  });

  it('say what went, from which collection, and what stayed and why', async () => {
    const { status, body } = await get('/api/v1/retention-runs?collection=demo&limit=2');
    expect(status).toBe(200);
    const { plan: _plan, ...shown } = lacking;
    expect(body).toEqual({
      runs: [
        {
          ...{ node: 'n1', day: '2026-11-22', ranAt: '2026-11-22T00:00:09.000Z', observations: 7, posts: 3 },
          ...{ partitions: 1, unverified: 1, collections: [{ collection: 'demo', observations: 7, unverified: 1 }] },
          lacking: [{ collection: 'demo', ...shown }],
        },
        expect.objectContaining({ node: 'n2', observations: 2 }),
      ],
      next: '2026-11-22~n2',
    });
    const rest = await get(`/api/v1/retention-runs?collection=demo&before=${body.next}`);
    expect(rest.body).toMatchObject({ runs: [{ day: '2026-11-21' }], next: null });
    const others = await get('/api/v1/retention-runs?collection=birds');
    expect(others.body.runs[0]).toMatchObject({ observations: 7, collections: [], lacking: [] });
    expect((await get('/api/v1/retention-runs')).body.runs[0].collections).toHaveLength(1);
  });

  it('say what was put together, what that saved, and where it could not be done', async () => {
    const sums = { segments: 120, bytes: 18_000, segmentsBytes: 2_400, compressedBytes: 2_000 };
    expect((await get('/api/v1/collections/demo/compaction')).body).toEqual({
      ...{ collection: 'demo', hours: 2, ...sums, lastAt: '2026-11-22T12:59:00.000Z' },
      troubles: [
        {
          ...{ node: 'n1', hour: '2026-11-22T10:00:00.000Z', segment: 'n1-20261122T100000Z-9' },
          ...{ reason: 'its content is not what its manifest says', noticedAt: '2026-11-22T11:07:00.000Z' },
        },
      ],
    });
    expect((await get('/api/v1/collections/birds/compaction')).body).toMatchObject({
      hours: 0,
      lastAt: null,
      troubles: [],
    });
  });

  it('are asked for with words that are understood, of collections that exist', async () => {
    for (const path of ['/api/v1/retention-runs?collection=demmo', '/api/v1/collections/demmo/compaction']) {
      const { status, body } = await get(path);
      expect([path, status, body.code]).toEqual([path, 404, 'collection.unknown']);
      expect(body.detail).toContain('Did you mean demo?');
    }
    for (const wrong of ['before=2026-02-30~n1', 'before=2026-11-22', 'before=yesterday~n1', 'limit=0', 'collection=A'])
      expect([wrong, (await get(`/api/v1/retention-runs?${wrong}`)).status]).toEqual([wrong, 400]);
  });
});

describe('built hours', () => {
  let dayFolder: string;

  beforeAll(async () => {
    for (const hour of ['2026-10-24T22Z', '2026-10-25T00Z', '2026-10-25T01Z'])
      await addBuiltHour(server, { collection: 'birds', hour: parseUtcHour(hour), zone: 'Europe/Vienna' });
    ({ dayFolder } = await addBuiltHour(server, {
      collection: 'demo',
      hour: parseUtcHour('2026-11-22T13Z'),
      partial: true,
    }));
  }, 120_000);

  it('are listed newest first with links that lead to the very bytes', async () => {
    const { body } = await get('/api/v1/datasets');
    expect(body.datasets.map(({ hour }: { hour: string }) => hour)).toEqual([
      ...['2026-11-22T13Z', '2026-10-25T01Z', '2026-10-25T00Z', '2026-10-24T22Z'],
    ]);
    const [newest] = body.datasets;
    expect(newest).toMatchObject({ collection: 'demo', partial: true, revision: 1, posts: 40, zone: 'UTC' });
    expect(newest.files).toHaveLength(4);
    for (const { href, name, bytes } of [...newest.files, newest.manifest, newest.report]) {
      const reply = await fetch(`${server.url}${href}`);
      expect([href, reply.status]).toEqual([href, 200]);
      const content = Buffer.from(await reply.arrayBuffer());
      expect([name, content.equals(await readFile(join(dayFolder, name)))]).toEqual([name, true]);
      expect(bytes ?? content.length).toBe(content.length);
    }
  });

  it('of the repeated hour of autumn can be downloaded by their names with an offset', async () => {
    const { body } = await get('/api/v1/datasets?collection=birds&before=2026-10-25T01Z&limit=1');
    const [{ files, hour }] = body.datasets;
    expect(hour).toBe('2026-10-25T00Z');
    expect(files[0].name).toBe('2026-10-25_02+0200_posts.parquet');
    expect((await get(files[0].href)).status).toBe(200);
  });

  it('come in pages, each one once', async () => {
    const hours: string[] = [];
    let before = '';
    for (let page = 0; page < 4; page += 1) {
      const { body } = await get(`/api/v1/datasets?limit=1${before}`);
      hours.push(...body.datasets.map(({ hour }: { hour: string }) => hour));
      before = `&before=${encodeURIComponent(body.next)}`;
      expect(body.next === null).toBe(page === 3);
    }
    expect(hours).toEqual(['2026-11-22T13Z', '2026-10-25T01Z', '2026-10-25T00Z', '2026-10-24T22Z']);
  });

  it('are downloaded in parts, with a type and a tag, and not again when unchanged', async () => {
    const path = '/files/datasets/demo/2026-11-22/2026-11-22_13_posts.parquet';
    const whole = await readFile(join(dayFolder, '2026-11-22_13_posts.parquet'));
    const part = await fetch(`${server.url}${path}`, { headers: { range: 'bytes=4-9' } });
    expect(part.status).toBe(206);
    expect(part.headers.get('content-range')).toBe(`bytes 4-9/${whole.length}`);
    expect(Buffer.from(await part.arrayBuffer())).toEqual(whole.subarray(4, 10));
    expect(part.headers.get('content-type')).toBe('application/vnd.apache.parquet');
    expect(part.headers.get('content-disposition')).toBe('attachment; filename="2026-11-22_13_posts.parquet"');
    expect(part.headers.get('content-security-policy')).toContain('sandbox');
    expect((await getRaw(path, { 'if-none-match': part.headers.get('etag') ?? '' })).status).toBe(304);
    expect((await get(path.replace('posts.parquet', 'manifest.json'))).headers.get('content-type')).toContain('json');
  });

  it('are published by their manifest alone: without it nothing of the hour is served', async () => {
    const manifest = join(dayFolder, '2026-11-22_13_manifest.json');
    await rename(manifest, `${manifest}.away`);
    try {
      const { status, body } = await get('/files/datasets/demo/2026-11-22/2026-11-22_13_posts.parquet');
      expect([status, body.code]).toEqual([404, 'file.unknown']);
    } finally {
      await rename(`${manifest}.away`, manifest);
    }
  });

  it('are the only files that leave: no way leads out of their folder', async () => {
    await writeFile(join(server.home, 'datasets/demo/2026-11-22/2026-11-22_13_secret.txt'), 'secret');
    await writeFile(join(server.home, 'secrets.key'), 'secret');
    for (const path of [
      ...['../../../secrets.key', '..%2f..%2f..%2fsecrets.key', '2026-11-22_13_secret.txt', '.', '%00', '%2e%2e'],
      ...['2026-11-22_13_posts.parquet%00.txt', '2026-11-21_13_posts.parquet', '.2026-11-22_13.lock', 'revisions'],
    ]) {
      const { status, body } = await getRaw(`/files/datasets/demo/2026-11-22/${path}`);
      const isRefused = status >= 400 && status < 500 && /"(file|route)\.unknown"|"request\.invalid"/.test(body);
      expect([path, isRefused]).toEqual([path, true]);
    }
    for (const path of [
      '/files/datasets/..%2f..%2fsecrets.key',
      '/files/..%2fsecrets.key',
      '/../secrets.key',
      '/secrets.key',
    ])
      expect((await getRaw(path)).body).not.toBe('secret');
  });
});

describe('what is wrong', () => {
  it('in a request is said field by field', async () => {
    const { status, body } = await get('/api/v1/datasets?limit=0&before=yesterday');
    expect(status).toBe(400);
    expect(body.code).toBe('request.invalid');
    expect(body.errors.map(({ field }: { field: string }) => field).toSorted()).toEqual([
      'querystring/before',
      'querystring/limit',
    ]);
    for (const before of ['2026-02-30T13Z', '2026-11-22T24Z', '2026-11-22T13Z~UPPER', '2026-11-22T13Z~a~b'])
      expect([before, (await get(`/api/v1/datasets?before=${before}`)).status]).toEqual([before, 400]);
  });

  it('at an unknown address is a problem document, never a page', async () => {
    for (const path of ['/api/v1/nothing', '/api', '/files/nothing', '/assets/nothing.js', '/nothing.js']) {
      const { status, headers, body } = await get(path, { accept: 'text/html' });
      const type = headers.get('content-type');
      expect([path, status, type, body.code]).toEqual([path, 404, PROBLEM_TYPE, 'route.unknown']);
    }
    const posted = await fetch(`${server.url}/api/v1/status`, { method: 'POST', body: '{}' });
    expect(posted.status).toBe(404);
    expect((await getRaw('/%zz')).body).toContain('request.invalid');
  });

  it('about the host name is told: other names of this address are refused', async () => {
    for (const host of ['evil.example', 'localhost.evil.example', '10.0.0.1', 'evil.example:4100', '[::2]', 'a b'])
      expect((await getRaw('/api/v1/status', { host })).body).toMatch(/host\.refused|request\.invalid/);
    for (const host of [
      'localhost',
      'LOCALHOST:4100',
      '127.0.0.1:1',
      '127.9.9.9',
      '[::1]:4100',
      'mistnet.example',
      'a.localhost',
    ])
      expect([host, (await getRaw('/api/v1/status', { host })).status]).toEqual([host, 200]);
    expect((await getRaw('/', { host: 'evil.example' })).status).toBe(421);
  });

  it('never lets another origin read', async () => {
    const { headers } = await get('/api/v1/status', { origin: 'https://evil.example' });
    expect(headers.get('access-control-allow-origin')).toBeNull();
    expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
    expect(headers.get('content-security-policy')).not.toContain('unsafe');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('cache-control')).toBe('no-store');
  });
});

describe('a body that nobody will read', () => {
  const body = `{"name":"${'a'.repeat(900_000)}"}`;

  it('is taken in before its refusal is said, for proxies write it whole before they listen', async () => {
    const { host, port } = new URL(server.url);
    for (const address of ['/api/v1/collections', '/api/v1/nothing']) {
      const socket = connect(Number(port), '127.0.0.1');
      socket
        .setEncoding('utf8')
        .write(
          `POST ${address} HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`,
        );
      let said = '';
      socket.on('data', (part: string) => (said += part));
      await new Promise((resolve) => setTimeout(resolve, 300));
      expect(said).toBe('');
      socket.write(body);
      await once(socket, 'data');
      expect(said).toMatch(/^HTTP\/1.1 4\d\d /);
      socket.destroy();
    }
  });
});

describe('the rest', () => {
  it('of the node answers: health, readiness, disk, itself', async () => {
    expect((await get('/healthz')).body).toEqual({ status: 'ok' });
    expect((await get('/readyz')).body).toEqual({ status: 'ok' });
    expect((await get('/api/v1/nodes/self')).body).toMatchObject({ version: '9.9.9' });
    const { body } = await get('/api/v1/disk');
    expect(body).toMatchObject({ folder: server.home, bytesPerDay: null, fullInDays: null });
    expect(body.totalBytes).toBeGreaterThan(body.freeBytes);
    // Folders are added up every few seconds.
    await eventually(async () => expect((await get('/api/v1/disk')).body.datasetsBytes).toBeGreaterThan(0));
  });

  it('says how to get the page when it has not been built', async () => {
    const asked = await get('/', { accept: 'text/html' });
    expect(asked.status).toBe(503);
    expect(asked.text).toContain('mistnet start');
    expect((await get('/')).body.code).toBe('page.missing');
  });
});
