/** Pages of collections in a real browser: from nothing to the first post, and what may go wrong on the way. */
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Caller } from '../../src/server/caller.ts';
import { Secret } from '../../src/core/secret.ts';
import { systemClock } from '../../src/core/time.ts';
import { ensureWebBuilt } from '../../src/server/web-build.ts';
import { addCredential } from '../../src/store/credentials/credentials.ts';
import { readKeyring } from '../../src/store/credentials/keyring.ts';
import { addCollection } from '../../src/store/queries/add-collection.ts';
import { expectAccessibleInBothThemes } from '../support/axe.ts';
import { launchBrowser, noBrowser, openPage } from '../support/browser.ts';
import { addUser, arrive, callersOf } from '../support/collections.ts';
import { eventually } from '../support/loader.ts';
import { projectRoot, sayStatus, startServer, type TestServer } from '../support/server.ts';
import { type EmulatorProgram, startEmulator } from '../support/system/emulator.ts';
import { openWorkbench, type Workbench } from '../support/system/workbench.ts';

const ada: Caller = {
  role: 'collector',
  via: 'session',
  user: { userId: 'ada', name: 'Ada', email: 'ada@example.org' },
};
let caller: Caller = ada;
let bench: Workbench;
let emulator: EmulatorProgram;
let server: TestServer;
let browser: Browser;

beforeAll(async () => {
  if (noBrowser !== undefined) return;
  const webFolder = join(projectRoot, 'web');
  await ensureWebBuilt({ webFolder, signal: AbortSignal.timeout(110_000) });
  bench = await openWorkbench();
  emulator = await startEmulator(bench, ['--seed', '7', '--rate', '5']);
  const environment = { MISTNET_X_API_URL: emulator.url, MISTNET_X_BEARER_TOKEN: 'emulator-token' };
  server = await startServer({
    webFolder,
    environment,
    callers: callersOf(
      () => server.db,
      () => caller,
    ),
  });
  await addUser(server.db, 'ada', 'Ada');
  const ring = await readKeyring({ path: join(server.home, 'secrets.key'), mayMake: true });
  const keys = ['consumer_key', 'consumer_secret', 'access_token', 'access_token_secret'];
  await addCredential(server.db, ring, systemClock, {
    ...{ label: 'ada-keys', platform: 'x', kind: 'oauth1', owner: 'ada@example.org' },
    fields: new Map(keys.map((name) => [name, new Secret(name)])),
  });
  browser = await launchBrowser();
}, 240_000);
afterAll(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
  await bench?.[Symbol.asyncDispose]();
}, 60_000);

/** A database that answers late on a busy machine is said as 503, and asked again. */
function notBusy(complaint: string): boolean {
  return !complaint.includes('status of 503');
}

/** Types into a field of chips. */
async function add(page: Page, label: string, text: string): Promise<void> {
  await page.getByLabel(label, { exact: true }).fill(text);
  await page.getByLabel(label, { exact: true }).press('Enter');
}

async function expectFits(page: Page): Promise<void> {
  for (const width of [390, 1440]) {
    await page.setViewportSize({ width, height: 900 });
    await eventually(async () => {
      const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth');
      expect({ width, overflow: Math.max(0, overflow) }).toEqual({ width, overflow: 0 });
    });
  }
}

describe.skipIf(noBrowser !== undefined)(
  `pages of collections${noBrowser === undefined ? '' : ` (${noBrowser})`}`,
  () => {
    it('lead from nothing to a filter with its preview, and tell what is wrong beside the field', async () => {
      await using opened = await openPage(browser, server.url);
      const { page, complaints } = opened;
      await page.getByRole('link', { name: 'New collection' }).click();
      await page.getByRole('radio', { name: /^Words, people and places/ }).waitFor();
      await expectAccessibleInBothThemes(page);
      await page.getByRole('button', { name: 'Next' }).click();
      await page.getByRole('button', { name: 'Next' }).click();
      await page.getByText('Nothing is asked for yet', { exact: true }).waitFor();
      await add(page, 'Names', 'big bird');
      await page.getByText('Please use commas to separate people').waitFor();
      await page.getByRole('button', { name: 'Take out @big bird' }).click();
      await page.getByLabel('Words', { exact: true }).pressSequentially('"blue, sea", gull,');
      for (const word of ['"blue, sea"', 'gull']) await page.getByRole('button', { name: `Take out ${word}` }).click();
      // A number is taken as it was typed, or said to be none.
      await page.getByRole('button', { name: /^Places on the map/ }).click();
      const latitude = page.getByLabel('Latitude', { exact: true });
      await latitude.fill('1e308');
      await page.getByText('This is no number. Write it like 12.5.').waitFor();
      expect([await latitude.inputValue(), await latitude.getAttribute('aria-invalid')]).toEqual(['1e308', 'true']);
      await latitude.fill('');
      await page.getByRole('button', { name: /^Places on the map/ }).click();
      await add(page, 'Words', 'bird');
      const preview = page.getByRole('complementary', { name: 'Preview' });
      await preview.getByText('Posts with “bird”.').waitFor();
      const again = preview.getByRole('button', { name: 'Count again' });
      await eventually(async () => {
        if (await again.isVisible()) await again.click();
        expect(await preview.getByText('Cost a day').count()).toBe(1);
      }, 120_000);
      await expectAccessibleInBothThemes(page);
      await expectFits(page);
      await page.getByRole('button', { name: 'Next' }).click();
      // A person's key opens no stream of this interface: it is there to be seen, not to be chosen.
      const persons = page.getByLabel('Key', { exact: true }).locator('option', { hasText: 'ada-keys' });
      await eventually(async () => expect(await persons.textContent()).toContain('bearer token'));
      expect(await persons.isDisabled()).toBe(true);
      await page.getByRole('button', { name: 'Start collecting' }).click();
      await page.getByText('Give it a name.').waitFor();
      await page.getByLabel(/^Name/).fill('My Birds');
      await page.getByRole('button', { name: 'Start collecting' }).click();
      await page.getByRole('heading', { level: 1, name: 'my-birds' }).waitFor();
      await page.getByText('Posts with “bird”.').waitFor();
      await page.getByRole('button', { name: 'Change what it asks for' }).click();
      await add(page, 'Words', '#birds');
      await page.getByLabel(/^Why is it changed/).fill('More <b>birds</b>.');
      await page.getByRole('button', { name: 'Keep the change' }).click();
      await page.getByRole('button', { name: 'Change what it asks for' }).waitFor();
      await page.getByRole('button', { name: 'Versions of what it asks for' }).click();
      await page.getByText('More <b>birds</b>.', { exact: true }).waitFor();
      await page.getByRole('button', { name: 'History of changes' }).click();
      await page.getByText('changed what it asks for', { exact: false }).waitFor();
      await page.getByText('reason: More <b>birds</b>.').waitFor();
      await page.getByText('made it', { exact: false }).waitFor();
      expect(complaints.filter(notBusy)).toEqual([]);
    });

    it('show a sample from its first post on, whatever the post holds, and its name above all', async () => {
      await using opened = await openPage(browser, server.url);
      const { page, complaints, foreign } = opened;
      await page.goto(`${server.url}/collections/new`);
      await page.getByRole('radio', { name: /^A random sample/ }).check();
      await page.getByRole('button', { name: 'Next' }).click();
      await page.getByLabel(/^Name/).fill('demo');
      await page.getByRole('button', { name: 'Start collecting' }).click();
      await page.getByText('No post yet.').waitFor();
      const text = '<img src=x onerror=alert(1)> #käfer by @wren https://example.org/a';
      await arrive(server, 'demo', [{ text, handle: 'robin' }], Date.now());
      const post = page.getByRole('article', { name: 'Post by @robin' });
      await post.getByText('<img src=x onerror=alert(1)>').waitFor();
      expect(await post.locator('img').count()).toBe(0);
      await post.getByRole('link', { name: '#käfer' }).waitFor();
      expect(await post.getByRole('link', { name: 'example.org/a' }).getAttribute('rel')).toContain('noopener');
      // As capture does it, again and again: what was said ten seconds ago is not believed any more.
      await eventually(async () => {
        await sayStatus(server.db, 'demo', { captured: 1, postsPerSecond: 0.5 });
        expect(await page.getByText('Connected', { exact: true }).isVisible()).toBe(true);
      });
      await expectAccessibleInBothThemes(page);
      await expectFits(page);
      expect([complaints.filter(notBusy), foreign]).toEqual([[], []]);
    });

    it('list hundreds: found, filtered, sorted, by an address that can be sent', async () => {
      for (let at = 0; at < 120; at++) {
        const name = `topic-${String(at).padStart(3, '0')}`;
        await addCollection(server.db, systemClock, {
          name,
          kind: 'sample',
          platform: 'x',
          api: 'v2',
          ...(at % 2 === 0 ? {} : { wanted: 'stopped' as const }),
        });
      }
      await using opened = await openPage(browser, server.url);
      const { page, complaints } = opened;
      await page.goto(`${server.url}/collections?search=topic&show=stopped`);
      await page.getByText(/^12\d collections/).waitFor();
      const rows = page.getByRole('row');
      await eventually(async () => expect(await rows.count()).toBe(61));
      await page.getByRole('button', { name: 'Collection' }).click();
      await page.getByRole('rowheader').first().getByText('topic-119').waitFor();
      expect(page.url()).toContain('order=down');
      await page.getByLabel('Find collections by name or by what they track').fill('nothing like it');
      await page.getByText('No collection fits').waitFor();
      await page.getByRole('button', { name: 'Show all' }).click();
      await eventually(async () => expect(await rows.count()).toBeGreaterThan(120));
      await expectAccessibleInBothThemes(page);
      await page.goto(`${server.url}/`);
      await page.getByRole('rowheader').first().waitFor();
      await expectFits(page);
      await expectAccessibleInBothThemes(page);
      expect(complaints.filter(notBusy)).toEqual([]);
    });

    it('stop and delete only when asked twice, and say what becomes of the data', async () => {
      await using opened = await openPage(browser, server.url);
      const { page } = opened;
      await page.goto(`${server.url}/collections/demo`);
      await page.getByRole('button', { name: 'Stop', exact: true }).click();
      await page.getByRole('dialog').getByText('What was collected stays').waitFor();
      await expectAccessibleInBothThemes(page);
      await page.getByRole('button', { name: 'Stop collecting' }).click();
      await page.getByRole('button', { name: 'Start', exact: true }).waitFor();
      await sayStatus(server.db, 'demo', { state: 'stopped', captured: 1 });
      await page.getByRole('button', { name: 'Delete', exact: true }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByText('1 row of it leaves the database', { exact: false }).waitFor();
      expect(await dialog.getByRole('button', { name: 'Delete', exact: true }).isDisabled()).toBe(true);
      await dialog.getByLabel('Type demo to go on').fill('demo');
      await dialog.getByRole('button', { name: 'Delete', exact: true }).click();
      await page.getByText('This collection keeps files only', { exact: false }).waitFor();
    });

    it('show viewers no buttons, and strangers nothing of what is private', async () => {
      await server.db.query(`update collections set visibility = 'private' where name = 'my-birds'`);
      caller = { role: 'viewer', via: 'session', user: { userId: 'bob', name: 'Bob', email: 'bob@example.org' } };
      await using opened = await openPage(browser, server.url);
      const { page } = opened;
      await page.goto(`${server.url}/collections/my-birds`);
      await page.getByText('There is no such collection').waitFor();
      await page.goto(`${server.url}/collections/demo`);
      await page.getByRole('heading', { level: 1, name: 'demo' }).waitFor();
      await page.getByRole('link', { name: 'Search its posts' }).waitFor();
      expect(await page.getByRole('button', { name: /^(Start|Stop|Delete|Keeping)$/ }).count()).toBe(0);
      caller = ada;
    });

    it('say that the server is gone, and go on when it is back', async () => {
      await using opened = await openPage(browser, server.url);
      const { page } = opened;
      await page.goto(`${server.url}/collections/topic-000`);
      await page.getByText('No post yet.').waitFor();
      await server.stop();
      await page.getByRole('alert').filter({ hasText: 'mistnet does not answer' }).waitFor();
      await server.restart();
      await eventually(async () => expect(await page.getByRole('alert').count()).toBe(0));
      await arrive(server, 'topic-000', [{ text: 'back again' }], Date.now());
      await page.getByText('back again').waitFor();
    });
  },
);
