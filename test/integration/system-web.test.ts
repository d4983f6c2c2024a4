/** The page on a whole mistnet: first run, a collector from the empty page to the first post, roles that are killed while it is open, every address. */
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureWebBuilt } from '../../src/server/web-build.ts';
import { shots } from '../screenshots/addresses.ts';
import { expectAccessibleInBothThemes } from '../support/axe.ts';
import { launchBrowser, noBrowser, openPage } from '../support/browser.ts';
import { startEmulator } from '../support/system/emulator.ts';
import { rolePid, type RunningMistnet, startMistnet, towards } from '../support/system/mistnet.ts';
import { gone, signalProcess } from '../support/system/processes.ts';
import { until } from '../support/system/until.ts';
import { openWorkbench, projectRoot, type Workbench } from '../support/system/workbench.ts';

const password = 'nine quiet herons stand';
const cleanup = new AsyncDisposableStack();
let bench: Workbench;
let mistnet: RunningMistnet;
let url: string;
let browser: Browser;
/** Sessions of the people here. */
type Person = 'root' | 'carla' | 'vera';
const people = new Map<Person, Awaited<ReturnType<BrowserContext['storageState']>>>();

beforeAll(async () => {
  if (noBrowser !== undefined) return;
  await ensureWebBuilt({ webFolder: join(projectRoot, 'web'), signal: AbortSignal.timeout(110_000) });
  bench = cleanup.use(await openWorkbench());
  const emulator = await startEmulator(bench, ['--seed', '7', '--rate', '40']);
  mistnet = await startMistnet(
    bench,
    towards(emulator, { MISTNET_SEAL_AGE_MS: '2000', MISTNET_PORT: String(await freePort()) }),
  );
  url = mistnet.url.replace(/\/$/, '');
  browser = await launchBrowser();
  cleanup.defer(() => browser.close());
}, 240_000);
afterAll(() => cleanup.disposeAsync(), 60_000);

const as = async (who: Person, path: string, more: { width?: number } = {}) => {
  const storageState = people.get(who);
  const viewport = { width: more.width ?? 1440, height: 900 };
  return openPage(browser, `${url}${path}`, { viewport, ...(storageState === undefined ? {} : { storageState }) });
};
/** What the test provokes itself: a server that is killed, a database that a busy machine keeps waiting. */
const faults = (complaints: string[]) => complaints.filter((each) => !/status of (4\d\d|50[023])|ERR_/.test(each));

describe.skipIf(noBrowser !== undefined)(
  `the page of a whole mistnet${noBrowser === undefined ? '' : ` (${noBrowser})`}`,
  () => {
    it('makes an administrator, who invites a collector and a viewer', async () => {
      await using opened = await openPage(browser, url);
      const { page } = opened;
      await page.getByRole('link', { name: 'Set up' }).click();
      await page.getByLabel('Your name').fill('Root');
      await page.getByLabel('E-mail address').fill('root@example.org');
      await page.getByRole('textbox', { name: 'Password' }).fill(password);
      await page.getByRole('button', { name: 'Make the administrator' }).click();
      await page.getByRole('link', { name: 'Root', exact: true }).waitFor();
      people.set('root', await page.context().storageState());
      for (const [who, role] of [
        ['carla', 'collector'],
        ['vera', 'viewer'],
      ] as const) {
        await page.goto(`${url}/admin/users`);
        await page.getByLabel('Name', { exact: true }).fill(who);
        await page.getByLabel('E-mail address').fill(`${who}@example.org`);
        await page.getByLabel('Role', { exact: true }).selectOption(role);
        await page.getByRole('button', { name: 'Invite' }).click();
        const link = await page.locator('code', { hasText: '/invitation/' }).textContent();
        await using invited = await openPage(browser, link ?? '');
        await invited.page.getByRole('textbox', { name: 'Password' }).fill(password);
        await invited.page.getByRole('button', { name: 'Accept and sign in' }).click();
        await invited.page.getByRole('link', { name: who, exact: true }).waitFor();
        people.set(who, await invited.page.context().storageState());
      }
    });

    it('leads a collector from the empty page to the first post, by words and a place drawn on the map, and to a change of the rule', async () => {
      await using opened = await as('carla', '/');
      const { page, complaints, foreign } = opened;
      await page.getByText('No collection yet').waitFor();
      await page.getByRole('link', { name: 'New collection' }).click();
      await page.getByRole('radio', { name: /^Words, people and places/ }).waitFor();
      await page.getByRole('button', { name: 'Next' }).click();
      await page.getByLabel('Words', { exact: true }).fill('music');
      await page.getByLabel('Words', { exact: true }).press('Enter');
      await page.getByRole('button', { name: /^Places on the map/ }).click();
      const map = page.getByRole('img', { name: /^Map of the world/ });
      await map.scrollIntoViewIfNeeded();
      const frame = await map.boundingBox();
      if (frame === null) throw new Error('the map is not there');
      // Vienna, then near enough to draw a box that the platform takes.
      await page.mouse.click(frame.x + frame.width * 0.5455, frame.y + frame.height * 0.2322);
      expect(Number(await page.getByLabel('Latitude').inputValue())).toBeCloseTo(48.2, -0.5);
      for (let at = 0; at < 8; at++) await page.getByRole('button', { name: 'Nearer' }).click();
      const near = await map.boundingBox();
      if (near === null) throw new Error('the map went away');
      await page.mouse.move(near.x + near.width * 0.45, near.y + near.height * 0.4);
      await page.mouse.down();
      await page.mouse.move(near.x + near.width * 0.55, near.y + near.height * 0.6, { steps: 3 });
      await page.mouse.up();
      await page.getByRole('img', { name: 'Map of the world with 1 box' }).waitFor();
      await expectAccessibleInBothThemes(page);
      await page.getByRole('button', { name: 'Next' }).click();
      await page.getByPlaceholder('birds-of-vienna').fill('first birds');
      await page.getByLabel('Key').waitFor();
      await page.getByLabel('Interface').selectOption('v1.1');
      await page.getByText('What an interruption misses is missing for good', { exact: false }).waitFor();
      await page.getByLabel('Interface').selectOption('v2');
      await page.getByLabel('Budget a month, in dollars').fill('5');
      await expectAccessibleInBothThemes(page);
      await page.getByRole('button', { name: 'Start collecting' }).click();
      await page.getByRole('heading', { level: 1, name: 'first-birds' }).waitFor();
      await page.getByText('of $5.00').waitFor();
      await page.getByRole('article').first().waitFor({ timeout: 90_000 });
      await page.getByRole('button', { name: 'Change what it asks for' }).click();
      await page.getByLabel('Words', { exact: true }).fill('news');
      await page.getByLabel('Words', { exact: true }).press('Enter');
      await page.getByLabel(/^Why is it changed/).fill('More of it.');
      await page.getByRole('button', { name: 'Keep the change' }).click();
      await page.getByText('The platform has all of it', { exact: false }).waitFor({ timeout: 60_000 });
      await page.getByRole('button', { name: 'History of changes' }).click();
      await page.getByText('reason: More of it.').waitFor();
      await page.getByText('made it', { exact: false }).waitFor();
      expect([faults(complaints), foreign]).toEqual([[], []]);
    });

    it('tells a viewer why there is no button', async () => {
      await using opened = await as('vera', '/collections');
      await opened.page.getByText('Making collections needs the role collector').waitFor();
      await opened.page.goto(`${url}/`);
      await opened.page.getByText('Making collections needs the role collector').waitFor();
      expect(await opened.page.getByRole('link', { name: 'New collection' }).count()).toBe(0);
    });

    it('says so when a role is killed while it is open, and recovers by itself', async () => {
      await using opened = await as('root', '/admin/nodes');
      await using watched = await as('carla', '/collections/first-birds');
      const captured = async () => {
        const text = await watched.page.getByText('Captured', { exact: true }).locator('..').innerText();
        return Number(/[\d,]+/.exec(text.replace('Captured', ''))?.[0].replaceAll(',', ''));
      };
      for (const role of ['capture', 'worker'] as const) {
        const pid = await rolePid(bench, role);
        signalProcess(pid, 'SIGKILL');
        await gone(pid);
        const row = opened.page.getByRole('row').filter({ hasText: role });
        await row.getByText(/SIGKILL/).waitFor({ timeout: 60_000 });
        await row.getByText('running').waitFor({ timeout: 60_000 });
        const before = await captured();
        await until(`more posts after ${role} was killed`, async () => (await captured()) > before);
      }
      const pid = await rolePid(bench, 'server');
      signalProcess(pid, 'SIGKILL');
      await watched.page.getByRole('alert').filter({ hasText: 'mistnet does not answer' }).waitFor();
      await watched.page.getByText('Live', { exact: true }).waitFor({ timeout: 60_000 });
      await until('no word of it any more', async () => (await watched.page.getByRole('alert').count()) === 0);
    });

    it('is for everybody at every address: in both themes, on a phone, with nothing from elsewhere', async () => {
      await using opened = await as('root', '/', { width: 390 });
      const { page, complaints, foreign } = opened;
      const { posts } = (await (await page.context().request.get(`${url}/api/v1/posts?limit=1`)).json()) as {
        posts: { platform: string; postId: string }[];
      };
      expect(posts).toHaveLength(1);
      const paths = shots.map(({ route }) =>
        route
          .replace('/collections/$name', '/collections/first-birds')
          .replace('/posts/$platform/$postId', `/posts/x/${posts[0]?.postId}`)
          .replace('$platform/$accountId', 'x/12')
          .replace('$token', 'none'),
      );
      for (const path of paths) {
        await page.goto(`${url}${path}`);
        await page.getByRole('heading', { level: 1 }).waitFor();
        await page.waitForLoadState('load');
        try {
          await until(
            'a page that fits',
            async () => (await page.evaluate('document.documentElement.scrollWidth <= innerWidth')) === true,
            { withinMs: 10_000 },
          );
          await expectAccessibleInBothThemes(page);
        } catch (error) {
          throw new Error(`at ${path}: ${String(error)}`, { cause: error });
        }
      }
      expect([faults(complaints), foreign]).toEqual([[], []]);
      await mistnet.stop();
    });
  },
);

/** A server that was killed comes back at the same address only where that was said. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
