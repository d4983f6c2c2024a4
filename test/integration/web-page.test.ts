/** The page in a real browser, served by a real server on a real database. */
import { gzipSync } from 'node:zlib';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseUtcHour } from '../../src/core/time.ts';
import { ensureWebBuilt } from '../../src/server/web-build.ts';
import { recordCompaction, setCompactionTroubles } from '../../src/store/queries/compactions.ts';
import { findCollection } from '../../src/store/queries/find-collection.ts';
import { recordRetention } from '../../src/store/queries/retention-runs.ts';
import { setKeep } from '../../src/store/queries/set-keep.ts';
import { storeGaps } from '../../src/store/store-capture.ts';
import { launchBrowser, noBrowser, openPage } from '../support/browser.ts';
import { eventually } from '../support/loader.ts';
import {
  addBuiltHour,
  addSampleCollection,
  projectRoot,
  sayStatus,
  startServer,
  type TestServer,
} from '../support/server.ts';

const webFolder = join(projectRoot, 'web');
let server: TestServer;
let browser: Browser;

beforeAll(async () => {
  await ensureWebBuilt({ webFolder, signal: AbortSignal.timeout(110_000) });
  server = await startServer({ webFolder });
  if (noBrowser === undefined) browser = await launchBrowser();
}, 180_000);
afterAll(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
});

describe('the page over HTTP', () => {
  it('is index.html at every address of its own, checked each time', async () => {
    for (const path of ['/', '/collections/demo', '/index.html']) {
      const reply = await fetch(`${server.url}${path}`);
      expect([path, reply.status]).toEqual([path, 200]);
      expect(reply.headers.get('content-type')).toContain('text/html');
      expect(reply.headers.get('cache-control')).toBe('no-cache');
      expect(reply.headers.get('content-security-policy')).toMatch(/script-src 'self'; style-src 'self'/);
    }
  });

  it('holds no script and no style within itself', async () => {
    const html = await (await fetch(server.url)).text();
    expect(html).not.toMatch(/<style|style=|<script(?![^>]*\ssrc=)|\son\w+=/);
  });

  it('has assets that are kept for ever, compressed, with their types', async () => {
    const html = await (await fetch(server.url)).text();
    const [script = ''] = /\/assets\/[^"]+\.js/.exec(html) ?? [];
    const reply = await fetch(`${server.url}${script}`, { headers: { 'accept-encoding': 'br' } });
    expect(reply.status).toBe(200);
    expect(reply.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(reply.headers.get('content-encoding')).toBe('br');
    expect(reply.headers.get('content-type')).toContain('javascript');
    expect((await fetch(`${server.url}/favicon.svg`)).headers.get('content-type')).toContain('image/svg+xml');
  });

  it('loads less than 300 kB of compressed JavaScript for the first page', async () => {
    const assets = join(webFolder, 'dist/assets');
    const [, entry = ''] =
      /\/assets\/([^"]+\.js)/.exec(await readFile(join(webFolder, 'dist/index.html'), 'utf8')) ?? [];
    const overview = (await readdir(assets)).find((name) => /^overview-page-.*\.js$/.test(name)) ?? '';
    expect([entry, overview]).not.toContain('');
    const sizes = new Map<string, number>();
    // What these import by themselves is loaded with them; other pages are not.
    for (const queue = [entry, overview]; queue.length > 0; ) {
      const name = queue.pop() ?? '';
      if (sizes.has(name)) continue;
      const script = await readFile(join(assets, name), 'utf8');
      sizes.set(name, gzipSync(script).length);
      for (const [, imported = ''] of script.matchAll(/(?:from|import)\s*"\.\/([^"]+\.js)"/g)) queue.push(imported);
    }
    expect([...sizes.values()].reduce((sum, size) => sum + size, 0)).toBeLessThan(300_000);
  });
});

describe.skipIf(noBrowser !== undefined)(`the overview${noBrowser === undefined ? '' : ` (${noBrowser})`}`, () => {
  it('says what to do while there is nothing, and shows a first collection by itself', async () => {
    await using opened = await openPage(browser, server.url);
    const { page, complaints, foreign } = opened;
    await page.getByText('No collection yet').waitFor();
    await page.getByText('mistnet collection add NAME --kind sample').waitFor();
    await page.getByText('No hour is built yet').waitFor();
    await addSampleCollection(server.db, 'demo');
    await page.getByRole('article', { name: 'demo' }).getByText('Starting').waitFor();
    expect([complaints, foreign]).toEqual([[], []]);
  });

  it('shows counts as they grow, the age of the last byte, and a chart with words', async () => {
    await using opened = await openPage(browser, server.url);
    const { page, complaints } = opened;
    const card = page.getByRole('article', { name: 'demo' });
    const say = (captured: number) =>
      sayStatus(server.db, 'demo', { captured, bytes: 2_310 * captured, postsPerSecond: 48.7, sealedSegments: 3 });
    await say(41_237);
    await card.getByText('Connected', { exact: true }).waitFor();
    await card.getByText('41,237', { exact: true }).first().waitFor();
    await card.getByText(/^\d\.\d s ago$/).waitFor();
    await card.getByText('95.3 MB').waitFor();
    await card.getByText('48.7').waitFor();
    for (let captured = 41_300; (await card.getByRole('img', { name: /highest/ }).count()) === 0; captured += 25) {
      await say(captured);
      await page.waitForTimeout(500);
    }
    const chart = card.getByRole('img', { name: /^Posts per second of demo over the last/ });
    await chart.waitFor();
    await card.getByText(/posts in 24 hours/).waitFor();
    await eventually(async () => expect(await chart.locator('canvas').count()).toBe(1));
    expect(await page.title()).toMatch(/^\d+\.\d\/s · Overview · mistnet$/);
    expect(complaints).toEqual([]);
  });

  it('tells of a paused collection why it is, and of silence', async () => {
    await using opened = await openPage(browser, server.url);
    const card = opened.page.getByRole('article', { name: 'demo' });
    await sayStatus(server.db, 'demo', { state: 'paused', reason: 'No token is configured <b>for</b> the platform.' });
    await card.getByText('Paused').waitFor();
    await card.getByText('No token is configured <b>for</b> the platform.').waitFor();
    await opened.page.getByText('1 to look at').waitFor();
    await sayStatus(server.db, 'demo', { lastByteAt: new Date(Date.now() - 60_000).toISOString() });
    await card.getByText('Silent').waitFor();
  });

  it('lists gaps on request: when, why, and what was back-filled', async () => {
    await storeGaps(server.db, [
      {
        ...{
          gapId: 'g1',
          plan: 'demo',
          node: 'n1',
          cause: 'stall',
          evidence: 'No byte for 30 s.',
          uncoveredMs: 247_000,
        },
        ...{ from: '2026-11-22T23:00:00.000Z', to: '2026-11-22T23:05:00.000Z' },
        backfilledFrom: '2026-11-22T23:04:07.000Z',
      },
    ]);
    await using opened = await openPage(browser, server.url);
    const { page, complaints } = opened;
    const toggle = page.getByRole('button', { name: '1 gap, 4 min 7 s uncovered' });
    await toggle.focus();
    await page.keyboard.press('Enter');
    expect(await toggle.getAttribute('aria-expanded')).toBe('true');
    const gap = page.getByRole('listitem').filter({ hasText: 'Stream stalled' });
    await gap.waitFor();
    const text = (await gap.innerText()).replaceAll(/\s+/g, ' ');
    expect(text).toContain('4 min 7 s missing');
    expect(text).toContain('2026-11-22 23:00:00 UTC – 23:05:00 (5 min)');
    expect(text).toContain('from 2026-11-23 00:00:00 in your time zone');
    expect(text).toContain('No byte for 30 s. Back-filled from 23:04:07 on.');
    expect(complaints).toEqual([]);
  });

  it('says how long posts are kept, what retention did and how files were put together', async () => {
    await using opened = await openPage(browser, server.url);
    const { page, complaints } = opened;
    const card = page.getByRole('article', { name: 'demo' });
    const toggle = card.getByRole('button', { name: /^Posts stay in the database/ });
    await toggle.click();
    await card.getByText('It did not run yet').waitFor();
    await card.getByText('No hour was put together yet').waitFor();
    const { collectionId } = await findCollection(server.db, 'demo');
    await setKeep(server.db, 'demo', 'days:7');
    const segment = 'n2-20261101T130500Z-4';
    await recordRetention(
      server.db,
      { node: 'n1', day: '2026-11-22', observations: 1_200, posts: 900, partitions: 0, unverified: 1 },
      {
        shares: new Map([[collectionId, { observations: 1_200, unverified: 1 }]]),
        lacking: [{ plan: 'demo', node: 'n2', segment, reason: 'it is not there or open' }],
      },
      '2026-11-22T00:00:09.000Z',
    );
    await recordCompaction(server.db, {
      ...{ plan: 'demo', node: 'n1', file: 'n1-20261122T110000Z-1-60', hour: '2026-11-22T11:00:00.000Z' },
      ...{ segments: 60, bytes: 90_000_000, segmentsBytes: 12_000_000, compressedBytes: 10_000_000 },
      compactedAt: '2026-11-22T12:07:00.000Z',
    });
    await setCompactionTroubles(
      server.db,
      { plan: 'demo', node: 'n1', hour: '2026-11-22T10:00:00.000Z' },
      [{ segment: 'n1-20261122T100000Z-9', reason: 'its content is not what its manifest says' }],
      '2026-11-22T11:07:00.000Z',
    );
    await page.reload();
    const known = card.getByRole('button', { name: 'Posts stay in the database for 7 days, in files for good' });
    await known.filter({ hasText: '2 segments to look at' }).click();
    const run = card.getByRole('listitem').filter({ hasText: 'node n1: 1,200 rows left the database' });
    const text = (await run.innerText()).replaceAll(/\s+/g, ' ');
    expect(text).toContain('2026-11-22 00:00:09 UTC');
    expect(text).toContain('those of 1 segment stayed: it was not found whole.');
    expect(text).toContain(`${segment}: it is not there or open`);
    await card.getByText('The 60 segments of 1 finished hour lie in one file an hour; 12 MB became 10 MB.').waitFor();
    await card.getByText('2026-11-22 10:00–11:00 UTC · node n1: not all could be put together').waitFor();
    for (const width of [390, 1440]) {
      await page.setViewportSize({ width, height: 800 });
      await expectNoOverflow(page, width);
    }
    expect(complaints).toEqual([]);
  });

  it('links every file of a built hour, and the links lead to them', async () => {
    await addBuiltHour(server, { collection: 'demo', hour: parseUtcHour('2026-11-22T13Z'), partial: true });
    await using opened = await openPage(browser, server.url);
    const { page } = opened;
    const row = page.getByRole('row').filter({ hasText: '13:00–14:00' });
    await row.getByText('partial').waitFor();
    await row.getByText('14:00–15:00 in your time zone').waitFor();
    await page.getByText('Sunday, 22 November 2026').waitFor();
    const links = await row.getByRole('link').all();
    expect(links).toHaveLength(6);
    for (const link of links) {
      const href = await link.getAttribute('href');
      expect([href, (await fetch(`${server.url}${href}`)).status]).toEqual([href, 200]);
    }
    const download = page.waitForEvent('download');
    await row.getByRole('link', { name: /^Posts, Parquet/ }).click();
    expect((await download).suggestedFilename()).toBe('2026-11-22_13_posts.parquet');
  });

  it('says so when the server is gone, keeps what it knew, and recovers by itself', async () => {
    await sayStatus(server.db, 'demo', { captured: 777 });
    await using opened = await openPage(browser, server.url);
    const { page } = opened;
    await page.getByText('Live', { exact: true }).waitFor();
    await page.getByText('777', { exact: true }).first().waitFor();
    await server.stop();
    await page.getByRole('alert').filter({ hasText: 'mistnet does not answer' }).waitFor();
    await page.getByText('No connection', { exact: true }).waitFor();
    expect(await page.getByText('777', { exact: true }).count()).toBeGreaterThan(0);
    expect(await page.getByText('unknown', { exact: true }).count()).toBe(1);
    await sayStatus(server.db, 'demo', { captured: 888 });
    await server.restart();
    await page.getByText('888', { exact: true }).first().waitFor();
    await page.getByText('Live', { exact: true }).waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
  });

  it('says so when the database is away, and recovers by itself', async () => {
    await using opened = await openPage(browser, server.url);
    const { page } = opened;
    await page.getByRole('article', { name: 'demo' }).waitFor();
    server.database.cut();
    await page.getByRole('alert').filter({ hasText: 'PostgreSQL does not answer' }).waitFor();
    await page.getByText('Database away').waitFor();
    server.database.open();
    await page.getByText('Live', { exact: true }).waitFor();
    await eventually(async () => expect(await page.getByRole('alert').count()).toBe(0));
  });

  it('says which process has ended, what waits for it, and that it is back', async () => {
    const run = join(server.home, 'run');
    await mkdir(run, { recursive: true });
    const now = new Date().toISOString();
    const lastExit = { at: now, how: 'killed by SIGKILL' };
    const supervise = (worker: object) =>
      writeFile(
        join(run, 'roles.state'),
        JSON.stringify({
          ...{ pid: process.pid, startedAt: now },
          roles: [{ role: 'worker', pid: null, startedAt: now, restarts: 1, nextTryAt: null, ...worker }],
        }),
      );
    await using opened = await openPage(browser, server.url);
    const said = opened.page.getByRole('status').filter({ hasText: 'The worker' });
    await opened.page.getByText('Live', { exact: true }).waitFor();
    expect(await said.count()).toBe(0);
    await supervise({ state: 'waiting', lastExit });
    await said.getByText('The worker is being started again.').waitFor();
    expect(await said.innerText()).toMatch(/killed by SIGKILL.*Posts are still captured and kept/s);
    await supervise({ state: 'running', lastExit });
    await said.getByText('The worker is back.').waitFor();
    await supervise({ state: 'running', lastExit: null });
    await eventually(async () => expect(await said.count()).toBe(0));
    expect(opened.complaints).toEqual([]);
  });

  it('says that a page failed while it was drawn, and blames nobody else', async () => {
    await using opened = await openPage(browser, server.url);
    const { page } = opened;
    await page.route('**/api/v1/overview', (route) => route.fulfill({ json: { at: 5, collections: 7 } }));
    await page.reload();
    const said = page.getByRole('alert').filter({ hasText: 'while it was drawn' });
    await said.waitFor();
    expect(await said.innerText()).not.toMatch(/does not answer|another version/);
    await page.unroute('**/api/v1/overview');
    await said.getByRole('button').or(said.getByRole('link')).first().click();
    await page.getByRole('article', { name: 'demo' }).waitFor();
  });

  it('keeps the theme that was chosen, with the keyboard too', async () => {
    await using opened = await openPage(browser, server.url, { colorScheme: 'dark' });
    const { page, complaints } = opened;
    const theme = () => page.locator('html').getAttribute('data-mantine-color-scheme');
    expect(await theme()).toBe('dark');
    const toggle = page.getByRole('button', { name: /^Theme/ });
    await toggle.focus();
    await page.keyboard.press('Enter');
    expect(await theme()).toBe('light');
    await page.reload();
    expect(await theme()).toBe('light');
    await page.keyboard.press('Tab');
    expect(await page.evaluate<string>('document.activeElement.textContent')).toBe('Skip to the content');
    expect(complaints).toEqual([]);
  });

  it('fits every width from 390 px on', async () => {
    for (const width of [390, 600, 900, 1440]) {
      await using opened = await openPage(browser, server.url, { viewport: { width, height: 800 } });
      const { page } = opened;
      await page.getByRole('article', { name: 'demo' }).waitFor();
      await page.getByRole('button', { name: /gap/ }).click();
      await page.getByText('Stream stalled').waitFor();
      await expectNoOverflow(page, width);
    }
  });
});

/** A page that has just got another width draws its charts anew a moment later. */
async function expectNoOverflow(page: Page, width: number): Promise<void> {
  await eventually(async () => {
    const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth');
    expect({ width, overflow: Math.max(0, overflow) }).toEqual({ width, overflow: 0 });
  });
}
