/** Hostile data through the whole path: whatever the platform sends is kept as it came, loaded or quarantined, counted, and stops nothing. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  expectDatabaseToEqual,
  expectDatasetsToEqual,
  expectStatusToEqual,
  restfulStatus,
} from '../support/system/evidence.ts';
import { keptSegments, payloads } from '../support/system/kept-frames.ts';
import {
  addCollection,
  ladders,
  loggedErrors,
  openItsDatabase,
  startMistnet,
  towards,
} from '../support/system/mistnet.ts';
import { until } from '../support/system/until.ts';
import { openWorkbench, projectRoot } from '../support/system/workbench.ts';

const GENERATOR = join(projectRoot, '../shared/bench/gen-tweets.mjs');

const post = (id: string, text: string, more: object = {}) => JSON.stringify({ data: { id, text, ...more } });

/** Ids at every border, texts that break readers, shapes that nobody promised. */
const BORDERS = [
  post('9007199254740993', '2^53 + 1'),
  post('9223372036854775807', '2^63 - 1'),
  post('20', 'from before ids held instants'),
  post(
    '1',
    'carriage\rreturn, line\nfeed, separators\u2028\u2029, next line\u0085, tab\t, NUL\u0000, quote", comma, ;=cmd',
  ),
  '{"data":{"id":"2","text":"half a pair \\ud83d alone, and \\udc00 the other"}}',
  '{"data":{"text":"the id comes last","entities":{"id":"777"},"referenced_tweets":[{"id":"888"}],"id":"3"}}',
  post('4', 'ten references', {
    referenced_tweets: Array.from({ length: 10 }, (_, n) => ({ type: 'quoted', id: String(900 + n) })),
  }),
  post('5', 'of nobody', { author_id: '6' }),
  JSON.stringify({
    data: { id: '7', text: 'with what nobody knows', new_field: { deep: [1, null, { x: 'é' }] } },
    novelty: true,
  }),
  `{ "data" : { "id" : "8" , "text" : "spaces" } }`,
  '{"data":{"id":"9","text":"twice","text":"the second counts"}}',
  post('10', ''),
  post('11', 'x'.repeat(1_000_000)),
  post('12', 'no such day', { created_at: '2022-02-30T99:00:00.000Z', lang: 7, public_metrics: 'none' }),
];
const MALFORMED = [
  '<html><body>Bad Gateway</body></html>',
  '{"data":{"id":"13","text":"cut',
  'null and void',
  '{"data":',
];
/** No UTF-8: the line is kept byte for byte, the row holds what can be shown of it. */
const BROKEN_TEXT = Buffer.from('{"data":{"id":"14","text":"a\xff\xfe b"}}', 'latin1');

describe('hostile data', () => {
  it('is kept as it came, and is loaded or quarantined', async ({ skip }) => {
    skip(!existsSync(GENERATOR), `the generator of hostile posts is not here: ${GENERATOR}`);
    await using bench = await openWorkbench();
    const generated = execFileSync(
      process.execPath,
      [GENERATOR, 'lines', '--n', '2000', '--seed', '5', '--hostile', '0.2', '--nul', '0.05', '--out', '-'],
      { maxBuffer: 64 * 1024 * 1024 },
    );
    const lines = [...BORDERS, ...MALFORMED].map((line) => Buffer.from(`${line}\r\n`));
    const sent = Buffer.concat([...lines, BROKEN_TEXT, Buffer.from('\r\n'), generated]);
    await using platform = await serveStream(sent);
    const env = towards(platform, { MISTNET_X_BACKOFF: ladders({ networkMs: 3_600_000 }) });
    const mistnet = await startMistnet(bench, env);
    await addCollection(bench, 'hostile', env);
    const wanted = splitLines(sent);
    await until('all lines', async () => payloads(await keptSegments(bench.home, 'hostile')).length === wanted.length);
    const status = await restfulStatus(mistnet, 'hostile', bench.home);

    const segments = await keptSegments(bench.home, 'hostile');
    expect(payloads(segments).map((line) => line.toString('latin1'))).toEqual(wanted);
    expectStatusToEqual(status, segments);
    expect(status.quarantined).toBe(MALFORMED.length);
    const suspect = { bench, collection: 'hostile', env };
    await expectDatabaseToEqual(suspect, segments);
    await using db = await openItsDatabase(bench, env);
    const rows = await db.query<{ post_id: string; altered: string[] | null; n: string }>(
      `select post_id, altered, jsonb_array_length(post_references)::text as n from posts where post_id in ('1', '2', '4')`,
    );
    const row = new Map(rows.map((found) => [found.post_id, found]));
    expect(row.get('1')?.altered).toEqual(['text']); // NUL cannot stand in a column; the payload has it
    expect(row.get('4')?.n).toBe('10');
    await expectDatasetsToEqual(suspect, segments);
    await mistnet.stop();
    expect(await loggedErrors(bench)).toEqual([]);
  });
});

function splitLines(bytes: Buffer): string[] {
  return bytes
    .toString('latin1')
    .split('\r\n')
    .filter((line) => line !== '');
}

/** Sends the bytes to whoever asks first, in pieces that end anywhere, and keep-alives after. */
async function serveStream(bytes: Buffer) {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    for (let at = 0; at < bytes.length; at += 4099) response.write(bytes.subarray(at, at + 4099));
    const beat = setInterval(() => response.write('\r\n'), 200);
    response.once('close', () => clearInterval(beat));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
