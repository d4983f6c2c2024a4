/** Sign-in and users in the browser: first run, invitation, second session, sign-in with X, a session that ends. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureWebBuilt } from '../../src/server/web-build.ts';
import { expectAccessibleInBothThemes } from '../support/axe.ts';
import { launchBrowser, noBrowser, openPage } from '../support/browser.ts';
import { projectRoot, startServer, type TestServer } from '../support/server.ts';
import { startEmulator } from '../support/system/emulator.ts';
import { openWorkbench } from '../support/system/workbench.ts';

const webFolder = `${projectRoot}/web`;
const password = 'nine quiet herons stand';
const cleanup = new AsyncDisposableStack();
let server: TestServer;
let browser: Browser;

beforeAll(async () => {
  await ensureWebBuilt({ webFolder, signal: AbortSignal.timeout(110_000) });
  const emulator = await startEmulator(cleanup.use(await openWorkbench()), ['--seed', '7', '--token', 'secret']);
  const keys = (await (await fetch(new URL('/_emulator/credentials', emulator.url))).json()) as Record<string, string>;
  server = cleanup.use(
    await startServer({
      webFolder,
      signIn: true,
      environment: {
        MISTNET_X_API_URL: emulator.url,
        MISTNET_X_CLIENT_ID: keys.client_id ?? '',
        MISTNET_X_CLIENT_SECRET: keys.client_secret ?? '',
      },
    }),
  );
  if (noBrowser !== undefined) return;
  browser = await launchBrowser();
  cleanup.defer(() => browser.close());
}, 180_000);
afterAll(() => cleanup.disposeAsync());

/** A refusal that the test provoked is no fault of the page, nor is a database that a busy machine keeps waiting. */
const faults = (complaints: string[]) => complaints.filter((each) => !/status of (4\d\d|503)/.test(each));

async function expectNoSidewaysScrolling(page: Page): Promise<void> {
  await page.setViewportSize({ width: 390, height: 844 });
  expect(await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')).toBe(0);
  await page.setViewportSize({ width: 1440, height: 900 });
}

describe.skipIf(noBrowser !== undefined)(`users${noBrowser === undefined ? '' : ` (${noBrowser})`}`, () => {
  it('begin with an administrator, who invites another, who accepts', async () => {
    await using opened = await openPage(browser, server.url);
    const { page, complaints } = opened;
    await page.getByRole('link', { name: 'Set up' }).click();
    await page.getByRole('heading', { name: 'Welcome to mistnet' }).waitFor();
    await expectAccessibleInBothThemes(page);
    await page.getByLabel('Your name').fill('Root <b>One</b>');
    await page.getByLabel('E-mail address').fill('root@example.org');
    await page.getByRole('textbox', { name: 'Password' }).fill(password);
    await page.getByRole('button', { name: 'Make the administrator' }).click();
    await page.getByRole('link', { name: 'Root <b>One</b>' }).waitFor();
    await page.goto(`${server.url}/admin/users`);
    await page.getByLabel('Name', { exact: true }).fill('Vera');
    await page.getByLabel('E-mail address').fill('vera@example.org');
    await page.getByLabel('Role', { exact: true }).selectOption('collector');
    await page.getByRole('button', { name: 'Invite' }).click();
    const link = await page.locator('code', { hasText: '/invitation/' }).textContent();
    await expectAccessibleInBothThemes(page);
    await expectNoSidewaysScrolling(page);
    // What was refused of a field stands beside it, too.
    await page.getByLabel('Name', { exact: true }).fill('Root');
    const address = page.getByLabel('E-mail address');
    await address.fill('root@example.org');
    await page.getByRole('button', { name: 'Invite' }).click();
    await page.locator('input[type=email][aria-invalid=true]').waitFor();
    const said = await address.getAttribute('aria-describedby');
    expect(await page.locator(`[id="${said?.split(' ').at(-1) ?? ''}"]`).textContent()).toContain('already');
    for (const field of await page.locator('input[type=text], input[type=email], input:not([type])').all())
      expect([await field.getAttribute('name'), Number(await field.getAttribute('maxlength')) > 0]).toEqual([
        null,
        true,
      ]);
    await page.goto(`${server.url}/admin/audit`);
    await page.getByText('invited somebody').waitFor();
    await expectAccessibleInBothThemes(page);
    expect(faults(complaints)).toEqual([]);

    await using second = await openPage(browser, link ?? '');
    await second.page.getByText('vera@example.org becomes collector').waitFor();
    await expectAccessibleInBothThemes(second.page);
    await second.page.getByRole('textbox', { name: 'Password' }).fill(password);
    await second.page.getByRole('button', { name: 'Accept and sign in' }).click();
    await second.page.getByRole('link', { name: 'Vera' }).waitFor();
    expect(await second.page.getByRole('link', { name: 'Admin' }).count()).toBe(0);
  });

  it('sign in and come back to where they were; a session that ends says so', async () => {
    await using opened = await openPage(browser, `${server.url}/profile`);
    const { page, complaints } = opened;
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await expectAccessibleInBothThemes(page);
    await expectNoSidewaysScrolling(page);
    await page.getByLabel('E-mail address').fill('vera@example.org');
    await page.getByRole('textbox', { name: 'Password' }).fill('not the password');
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByText('The address or the password is not right.').waitFor();
    await page.getByRole('textbox', { name: 'Password' }).fill(password);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('heading', { name: 'Your profile' }).waitFor();
    await page.getByLabel('What it is for').fill('a script');
    await page.getByRole('button', { name: 'Make a token' }).click();
    await page.getByText(/^mistnet_/).waitFor();
    await expectAccessibleInBothThemes(page);
    await expectNoSidewaysScrolling(page);
    await page.getByLabel('What it is for').fill('half typed');
    const overview = await page.context().newPage();
    await overview.goto(server.url);
    await overview.getByText('Live', { exact: true }).waitFor();
    await server.db.query('delete from auth.session');
    await page.getByText('Your session has ended').waitFor({ timeout: 20_000 });
    await overview.getByText('Your session has ended').waitFor({ timeout: 20_000 });
    expect(await overview.getByText('does not answer').count(), 'the server does').toBe(0);
    expect(await page.getByLabel('What it is for').inputValue()).toBe('half typed');
    expect(faults(complaints)).toEqual([]);
  });

  it('link their account at X, sign in with it, and leave a sealed credential', async () => {
    await using opened = await openPage(browser, `${server.url}/sign-in`);
    const { page } = opened;
    await page.getByRole('button', { name: 'Sign in with X' }).click();
    await allow(page);
    // Nobody here is known by that account yet.
    await page.getByText('You are not known here').waitFor();
    await page.getByLabel('E-mail address').fill('vera@example.org');
    await page.getByRole('textbox', { name: 'Password' }).fill(password);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('link', { name: 'Vera' }).waitFor();
    await page.goto(`${server.url}/profile`);
    await page.getByRole('button', { name: 'Link your account at X' }).click();
    await allow(page);
    await page.getByRole('button', { name: 'Unlink' }).waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('button', { name: 'Sign in with X' }).click();
    await allow(page);
    await page.getByRole('link', { name: 'Vera' }).waitFor();
    // The service's answer a second time, as by going back: nobody is told that they are out.
    await page.goto(`${server.url}/sign-in?error=state_mismatch`);
    await page.getByText('You are signed in as Vera').waitFor();
    expect(await page.getByText('You are not signed in').count()).toBe(0);
    const [user] = await server.db.query<{ users: string; owned: string }>(
      `select (select count(*) from auth."user") as users,
        (select count(*) from credentials where label = 'x-vera' and owner_id is not null) as owned`,
    );
    expect(user).toEqual({ users: '2', owned: '1' });
  });
});

/** The platform's own page asks; its button says so. */
async function allow(page: Page): Promise<void> {
  await page.locator('button[value=allow], input[value=allow]').first().click();
}
