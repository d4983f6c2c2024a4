/** Posts in the browser: search, narrow it by what the matches have in common and by time, look at one, keep the search. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { everybodyViews } from '../../src/server/caller.ts';
import { ensureWebBuilt } from '../../src/server/web-build.ts';
import { noteLinks } from '../../src/store/links/note-links.ts';
import { expectAccessibleInBothThemes } from '../support/axe.ts';
import { launchBrowser, noBrowser, openPage } from '../support/browser.ts';
import { idOf, lineOf, type PostWish, storePosts } from '../support/searchable-posts.ts';
import { projectRoot, startServer, type TestServer } from '../support/server.ts';

const webFolder = `${projectRoot}/web`;
const NOON = Date.parse('2026-11-20T12:00:00.000Z');
const HOUR_MS = 3_600_000;
/** The page may be slow where much else runs. */
const PATIENT = { timeout: 30_000 };
const WORDS = 'heron flock marsh dawn reed north river song early late nest count'.split(' ');
const cleanup = new AsyncDisposableStack();
let server: TestServer;
let browser: Browser;

/** Three days of posts; the last ones are those that the tests look for. */
const posts: PostWish[] = [
  ...Array.from({ length: 140 }, (_, at) => ({
    text: `${WORDS[at % 12]} ${WORDS[(at * 5) % 12]} over the ${WORDS[(at * 7) % 12]}${at % 3 === 0 ? ' #birding' : ''}${at % 7 === 0 ? ' @Night_Owl' : ''}`,
    atMs: NOON - 72 * HOUR_MS + at * HOUR_MS * 0.5,
    author: { id: String(100 + (at % 9)), handle: `bird_${at % 9}`, name: `Bird ${at % 9}` },
    lang: ['en', 'en', 'de', 'ja'][at % 4] ?? 'en',
    ...(at % 10 === 0 ? { point: [(at * 13) % 180, ((at * 7) % 120) - 60] as [number, number] } : {}),
    likes: at * 3,
  })),
  {
    text: 'البلشون في الصباح الباكر #طيور',
    atMs: NOON + 1,
    lang: 'ar',
    author: { id: '201', handle: 'tayr', name: 'طائر الصباح' },
  },
  { text: '今朝のアオサギ 🐦 #野鳥', atMs: NOON + 2, lang: 'ja', hashtags: ['野鳥'] },
  {
    text: '<img src=x onerror=alert(1)> heron</p><script>alert(2)</script> https://t.co/a https://t.co/b',
    atMs: NOON + 3,
    author: { id: '202', handle: 'evil', name: '<b>Evil</b> "name"' },
    links: [
      { url: 'https://t.co/a', expanded: 'javascript:alert(3)' },
      { url: 'https://t.co/b', expanded: 'https://example.org/herons' },
    ],
    media: ['https://pbs.example/heron.jpg', 'data:text/html,x'],
    references: [{ type: 'replied_to', id: '1999999999999999999' }],
  },
];
const evil = posts.at(-1) as PostWish;

beforeAll(async () => {
  await ensureWebBuilt({ webFolder, signal: AbortSignal.timeout(170_000) });
  server = cleanup.use(
    await startServer({
      webFolder,
      callers: { ...everybodyViews, callerOf: async () => ({ role: 'collector', via: 'session' }) },
    }),
  );
  await storePosts(server, 'herons', posts);
  // Met again a day later, liked more by then.
  await storePosts(server, 'herons', [{ ...evil, likes: 40 }], NOON + 96 * HOUR_MS);
  if (noBrowser !== undefined) return;
  browser = await launchBrowser();
  cleanup.defer(() => browser.close());
}, 240_000);
afterAll(() => cleanup.disposeAsync());

/** What is asked of anybody but the server from now on. */
function watchForeign(page: Page): string[] {
  const foreign: string[] = [];
  page.on('request', (request) => {
    if (!request.url().startsWith(server.url)) foreign.push(request.url());
  });
  return foreign;
}

describe.skipIf(noBrowser !== undefined)(`posts${noBrowser === undefined ? '' : ` (${noBrowser})`}`, () => {
  it('are walked by keys alone: past the search, out of what they have in common, to their export', async () => {
    await using opened = await openPage(browser, `${server.url}/posts`);
    const { page } = opened;
    const press = (key: string) => page.keyboard.press(key);
    const focused = () => page.evaluate<string>('document.activeElement.textContent || document.activeElement.id');
    await page.getByRole('article').first().waitFor();
    await press('Tab');
    expect(await focused()).toBe('Skip to the posts');
    await press('Enter');
    expect(await page.evaluate('document.activeElement.id')).toBe('results');
    expect(page.url()).toBe(`${server.url}/posts`);
    // What is chosen by a key leads to how many were found; their export comes next.
    await page.getByRole('link', { name: /^German \d+ posts/ }).focus();
    await press('Enter');
    await page.waitForURL(/lang=de/);
    await expect.poll(() => page.evaluate('document.activeElement.id'), PATIENT).toBe('found');
    await press('Tab');
    expect(await focused()).toBe('Export these posts');
    await press('Shift+Tab');
    await press('Enter');
    await page.waitForURL((url) => url.search === '');
    await expect.poll(() => page.evaluate('document.activeElement.id'), PATIENT).toBe('found');
    // A mouse's hand stays where it is.
    await page.getByRole('link', { name: /^German \d+ posts/ }).click();
    await page.waitForURL(/lang=de/);
    await page.locator('[aria-label="Filters"]').waitFor();
    expect(await page.evaluate('document.activeElement.id')).not.toBe('found');
  });

  it('are searched, narrowed by what they have in common and by time; the address holds it all', async () => {
    await using opened = await openPage(browser, `${server.url}/posts`);
    const { page, complaints } = opened;
    const foreign = watchForeign(page);
    await page.getByText('143 posts', { exact: true }).waitFor();
    await expectAccessibleInBothThemes(page);
    await page.getByLabel('Search posts').fill('heron');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\?q=heron$/);
    const summary = page.locator('p[role=status]');
    await expect.poll(() => summary.innerText(), PATIENT).toMatch(/^\d\d posts$/);
    const all = Number.parseInt(await summary.innerText(), 10);
    await page.getByRole('link', { name: /^#birding \d+ posts/ }).click();
    await page.waitForURL(/hashtag=birding/);
    await expect.poll(async () => Number.parseInt(await summary.innerText(), 10), PATIENT).toBeLessThan(all);
    // By the sliders, as by keys alone.
    const to = page.getByRole('slider', { name: 'To' });
    await to.focus();
    for (let press = 0; press < 3; press++) await page.keyboard.press('ArrowLeft');
    await page.getByRole('button', { name: 'Show only this time' }).click();
    await page.waitForURL(/from=.*to=/);
    await page
      .getByRole('link', { name: /take this filter away/ })
      .first()
      .waitFor();
    await page.goBack();
    await page.waitForURL((url) => !url.search.includes('from='));
    // By dragging over the left half; Escape gives a drag up.
    const box = await page.getByTestId('time-chart').boundingBox();
    if (box === null) throw new Error('there is no chart');
    await page.mouse.move(box.x + 2, box.y + 20);
    await page.mouse.down();
    await page.mouse.move(box.x + 40, box.y + 20, { steps: 2 });
    await page.keyboard.press('Escape');
    await page.mouse.up();
    expect(page.url()).not.toContain('from=');
    await page.mouse.move(box.x + 2, box.y + 20);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width / 2, box.y + 20, { steps: 4 });
    await page.mouse.up();
    await page.waitForURL(/from=.*to=/);
    await page.getByRole('button', { name: 'Map' }).click();
    await page
      .getByRole('img', { name: /^Map: / })
      .or(page.getByText('None of these posts says'))
      .waitFor();
    await page.getByRole('button', { name: 'Export these posts' }).click();
    await page.getByRole('link', { name: 'Download as JSON Lines' }).waitFor();
    await page.getByLabel('As a table').selectOption('Parquet');
    await page.getByRole('button', { name: 'Make an export' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'see exports' }).waitFor();
    // While it worked it could not be pressed; whoever goes on by the keyboard goes on from there.
    await expect.poll(() => page.locator('*:focus').innerText()).toContain('Make an export');
    const [asked] = await server.db.query<{ request: object }>('select request from exports');
    const search = { text: 'heron', hashtag: 'birding' };
    expect(asked?.request).toMatchObject({ from: { kind: 'all' }, format: 'parquet', search });
    await page.getByRole('button', { name: /Narrow it down/ }).click();
    await expectAccessibleInBothThemes(page);
    expect([complaints, foreign]).toEqual([[], []]);
  });

  it('lead from a place of the map to what was written around it', async () => {
    await using opened = await openPage(browser, `${server.url}/posts?lang=en`);
    const { page, complaints } = opened;
    await page.getByRole('button', { name: 'Map' }).click();
    const circles = page.getByRole('img', { name: /^Map: / }).locator('circle');
    await circles.last().click();
    await page.waitForURL(/near=/);
    await page.getByRole('link', { name: /^Within 200 km of \d.*: take this filter away$/ }).click();
    await page.waitForURL((url) => !url.search.includes('near='));
    await page.getByRole('button', { name: 'The places as a table' }).click();
    const places = page.getByRole('table', { name: 'Places, most posts first' });
    await expectAccessibleInBothThemes(page);
    await places.getByRole('link').first().click();
    await page.waitForURL(/lang=en.*near=/);
    await page.getByText(/^\d posts?$/).waitFor();
    expect(complaints).toEqual([]);
  });

  it('show one whole: safe, as received, with each meeting; a search is kept', async () => {
    await using opened = await openPage(browser, `${server.url}/posts?q=heron+is:reply`);
    const { page, complaints } = opened;
    const foreign = watchForeign(page);
    const card = page.getByRole('article', { name: 'Post by evil' });
    await card.getByText('<img src=x onerror=alert(1)> heron</p><script>alert(2)</script>').waitFor();
    expect(await card.locator('a').evaluateAll((links) => links.map((link) => link.getAttribute('href')))).toEqual([
      ...['/accounts/x/202', `/posts/x/${idOf(evil)}`, '/posts/x/1999999999999999999'],
      ...['https://t.co/a', 'https://example.org/herons', 'https://pbs.example/heron.jpg'],
    ]);
    await page.getByRole('button', { name: 'Save this search' }).click();
    await page.getByLabel('Name of the search').fill('Replies <i>about</i> herons');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('link', { name: 'Replies <i>about</i> herons' }).waitFor();
    await card.getByRole('link', { name: /UTC$/ }).click();
    await page.getByText('Met 2 times by herons').waitFor();
    await page.getByRole('img', { name: /to 40 likes/ }).waitFor();
    await page.getByText('Nobody had its links followed yet.').waitFor();
    const key = { platform: 'x', postId: idOf(evil) };
    const links = ['javascript:alert(3)', 'https://example.org/<b>herons</b>'].map((url) => ({
      link: url,
      url,
      kind: 'url' as const,
    }));
    await server.db.transaction((tx) => noteLinks(tx, [{ ...key, links }], NOON));
    await page.reload();
    const ends = page.getByRole('region', { name: 'Where its links lead' });
    await ends.getByText('https://example.org/<b>herons</b>').waitFor();
    expect(await ends.getByRole('link').count()).toBe(1);
    expect(await ends.getByText('Not asked for yet').count()).toBe(2);
    await expectAccessibleInBothThemes(page);
    await page.getByRole('button', { name: 'Show as received' }).click();
    expect(await page.getByLabel('JSON as received').innerText()).toBe(lineOf(evil));
    await expectAccessibleInBothThemes(page);
    await page.goto(`${server.url}/posts`);
    await page.getByRole('link', { name: 'Replies <i>about</i> herons' }).click();
    await page.waitForURL(/q=heron/);
    await page.getByRole('button', { name: /^Remove the saved search/ }).click();
    await expect.poll(() => page.getByRole('link', { name: 'Replies <i>about</i> herons' }).count(), PATIENT).toBe(0);
    await page.goto(`${server.url}/posts/x/123`);
    await page.getByText('This post is not here').waitFor();
    expect(complaints.filter((text) => !text.includes('404'))).toEqual([]);
    expect(foreign).toEqual([]);
  });

  it('that were edited show each version and what changed, safely', async () => {
    const [first, gone, last] = [0, 1, 2].map((sequence) => ({ atMs: NOON + 60_000, sequence }));
    const versions = [first, gone, last].map((each) => idOf(each as PostWish));
    const edited = (text: string, wish: object, count: number): PostWish =>
      ({ ...evil, ...wish, text, links: [], references: [], versions: versions.slice(0, count) }) as PostWish;
    await storePosts(server, 'edits', [
      edited('The marsh has <b>five</b> egrets', first as object, 1),
      edited('The marsh has <i>six</i> egrets today', last as object, 3),
    ]);
    await using opened = await openPage(browser, `${server.url}/posts/x/${versions[2]}`);
    const { page } = opened;
    const items = page.getByRole('region', { name: 'Versions' }).getByRole('listitem');
    await items.first().waitFor();
    const shown = (await items.allInnerTexts()).map((text) => text.replaceAll(/\s+/g, ' '));
    expect(shown[0]).toMatch(
      /^Edit 2 .* this one The marsh has removed: <b>five<\/b> ?; ?added: <i>six<\/i> ?; egrets/,
    );
    expect(shown[1]).toContain('This version is not here.');
    expect(shown[2]).toContain('As first posted');
    await expectAccessibleInBothThemes(page);
    await items.last().getByRole('link', { name: 'show it' }).click();
    await page.waitForURL(`**/posts/x/${versions[0]}`);
    // The first one does not know of the others: they say so.
    await page.getByRole('link', { name: 'Show the newest version' }).waitFor();
    expect(await items.count()).toBe(3);
    await page.getByRole('link', { name: 'Show the newest version' }).click();
    await page.waitForURL(`**/posts/x/${versions[2]}`);
    await expect.poll(() => page.getByRole('link', { name: 'Show the newest version' }).count(), PATIENT).toBe(0);
  });

  it('fit on a phone', async () => {
    const viewport = { width: 390, height: 844 };
    await using opened = await openPage(browser, `${server.url}/posts`, { viewport });
    const { page } = opened;
    await page.getByRole('article').first().waitFor();
    const width = () => page.evaluate<number>('document.documentElement.scrollWidth');
    expect(await width()).toBe(390);
    await page.goto(`${server.url}/posts/x/${idOf(evil)}`);
    await page.getByLabel('JSON as received').waitFor();
    expect(await width()).toBe(390);
  });
});
