/** The page below a path, behind a reverse proxy that takes the path away or leaves it: everything works there, and nothing leaves the path. */
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { SMTPServer } from 'smtp-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseUtcHour, systemClock } from '../../src/core/time.ts';
import { ensureWebBuilt } from '../../src/server/web-build.ts';
import { addUser } from '../../src/store/users/users.ts';
import { expectAccessibleInBothThemes } from '../support/axe.ts';
import { launchBrowser, noBrowser, openPage } from '../support/browser.ts';
import { codeOf } from '../support/one-time-code.ts';
import { type ReverseProxy, startReverseProxy } from '../support/reverse-proxy.ts';
import { addBuiltHour, addSampleCollection, projectRoot, startServer, type TestServer } from '../support/server.ts';
import { startEmulator } from '../support/system/emulator.ts';
import { until } from '../support/system/until.ts';
import { openWorkbench } from '../support/system/workbench.ts';
import { visitor as openVisitor } from '../support/visitor.ts';

const webFolder = `${projectRoot}/web`;
const [first, second] = ['nine quiet herons stand', 'eleven loud rooks argue'];
const cleanup = new AsyncDisposableStack();
const mails: { to: string[]; text: string }[] = [];
let server: TestServer;
let proxy: ReverseProxy;
let browser: Browser;

beforeAll(async () => {
  await ensureWebBuilt({ webFolder, signal: AbortSignal.timeout(110_000) });
  const emulator = await startEmulator(cleanup.use(await openWorkbench()), ['--seed', '7', '--token', 'secret']);
  const keys = (await (await fetch(new URL('/_emulator/credentials', emulator.url))).json()) as Record<string, string>;
  proxy = cleanup.use(await startReverseProxy('/mistnet'));
  server = cleanup.use(
    await startServer({
      webFolder,
      signIn: true,
      environment: {
        MISTNET_PUBLIC_URL: `${proxy.url}/`,
        MISTNET_TRUSTED_PROXIES: '127.0.0.1',
        MISTNET_SMTP_URL: await startMailServer(),
        MISTNET_X_API_URL: emulator.url,
        MISTNET_X_CONSUMER_KEY: keys.consumer_key ?? '',
        MISTNET_X_CONSUMER_SECRET: keys.consumer_secret ?? '',
      },
    }),
  );
  proxy.settings.target = server.url;
  await addSampleCollection(server.db, 'open');
  await addBuiltHour(server, { collection: 'open', hour: parseUtcHour('2026-11-20T05Z') });
  if (noBrowser !== undefined) return;
  browser = await launchBrowser();
  cleanup.defer(() => browser.close());
}, 180_000);
afterAll(() => cleanup.disposeAsync());

async function startMailServer(): Promise<string> {
  const smtp = new SMTPServer({
    ...{ authOptional: true, disabledCommands: ['STARTTLS'], logger: false },
    onData(stream, session, done) {
      const parts: Buffer[] = [];
      stream.on('data', (part: Buffer) => parts.push(part));
      stream.on('end', () => {
        const to = session.envelope.rcptTo.map(({ address }) => address);
        // Long lines are broken in quoted-printable.
        const text = Buffer.concat(parts).toString().replaceAll('=\r\n', '').replaceAll('=3D', '=');
        mails.push({ to, text });
        done();
      });
    },
  });
  await new Promise<void>((resolve) => {
    smtp.listen(0, '127.0.0.1', resolve);
  });
  cleanup.defer(() => new Promise<void>((resolve) => smtp.close(resolve)));
  return `smtp://127.0.0.1:${(smtp.server.address() as AddressInfo).port}`;
}

/** The link that was sent to somebody. */
async function mailedLink(to: string, what: string): Promise<string> {
  let link: string | undefined;
  await until(`a mail to ${to}`, async () => {
    const mail = mails.find((each) => each.to.includes(to) && each.text.includes(what));
    link = /http:\/\/\S+/.exec(mail?.text ?? '')?.[0];
    return link !== undefined;
  });
  expect(link?.startsWith(`${proxy.url}/`)).toBe(true);
  return link ?? '';
}

/** A refusal that the test provoked is no fault of the page, nor is a database that a busy machine keeps waiting. */
const faults = (complaints: string[]) => complaints.filter((each) => !/status of (4\d\d|503)/.test(each));

async function signIn(page: Page, email: string, password: string): Promise<void> {
  await page.getByLabel('E-mail address').fill(email);
  await page.getByRole('textbox', { name: 'Password' }).fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

async function enterCode(page: Page, uri: string): Promise<void> {
  await page.getByLabel('Code of your authenticator app').fill(codeOf(uri));
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

describe.skipIf(noBrowser !== undefined)(`below a path${noBrowser === undefined ? '' : ` (${noBrowser})`}`, () => {
  it('one sets up, sees live figures, downloads, signs out and in with a code, and gets a mail that lets in', async () => {
    proxy.settings.strips = true;
    await using opened = await openPage(browser, `${proxy.url}/`);
    const { page, complaints, foreign } = opened;
    await page.getByLabel('Set-up code').fill(server.setupCode);
    await page.getByLabel('Your name').fill('Root');
    await page.getByLabel('E-mail address').fill('root@example.org');
    await page.getByRole('textbox', { name: 'Password' }).fill(first);
    await page.getByRole('button', { name: 'Make the administrator' }).click();
    await page.getByRole('status').filter({ hasText: 'Live' }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/mistnet/');

    await page.getByRole('link', { name: 'Exports' }).click();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page
        .getByRole('link', { name: /of open, / })
        .first()
        .click(),
    ]);
    expect(new URL(download.url()).pathname).toMatch(/^\/mistnet\/files\/datasets\/open\//);
    expect(await download.failure()).toBeNull();

    await page.getByRole('link', { name: 'Root' }).click();
    await page.getByRole('textbox', { name: 'Your password' }).fill(first);
    await page.getByRole('button', { name: 'Set up an app' }).click();
    const secret = await page.locator('p', { hasText: 'enter this secret' }).locator('code').textContent();
    const uri = `otpauth://totp/x?secret=${secret}`;
    await page.getByLabel('Code of the app').fill(codeOf(uri));
    await page.getByRole('button', { name: 'Ask for codes from now on' }).click();
    await page.getByText('Signing in asks for a code of your app.').waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/mistnet/sign-in');

    await page.getByLabel('E-mail address').fill('root@example.org');
    await page.getByRole('button', { name: 'I forgot my password' }).click();
    await page.getByRole('button', { name: 'Send the link' }).click();
    await page.getByText('Look into your mail').waitFor();
    await page.goto(await mailedLink('root@example.org', '/reset-password/'));
    await page.getByRole('heading', { name: 'A new password' }).waitFor();
    await expectAccessibleInBothThemes(page);
    await page.getByRole('textbox', { name: 'Password' }).fill(second);
    await page.getByRole('button', { name: 'Set the password' }).click();
    await page.getByText('The new password is set').waitFor();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await signIn(page, 'root@example.org', second);
    await page.getByRole('heading', { name: 'One more step' }).waitFor();
    await expectAccessibleInBothThemes(page);
    await enterCode(page, uri);
    await page.getByRole('status').filter({ hasText: 'Live' }).waitFor();

    await page.goto(`${proxy.url}/admin/users`);
    await page.getByLabel('Name', { exact: true }).fill('Vera');
    await page.getByLabel('E-mail address').fill('vera@example.org');
    await page.getByRole('button', { name: 'Invite' }).click();
    await page.getByText('A mail is on its way').waitFor();
    await page.goto(`${proxy.url}/api/docs`);
    await page.getByRole('heading', { name: /mistnet/ }).waitFor();
    const led = await page.request.get(`${proxy.url}/api/docs/static/index.html`, { maxRedirects: 0 });
    expect(led.headers().location).toBe('/mistnet/api/docs/');
    expect(faults(complaints)).toEqual([]);
    expect(foreign.filter((each) => !each.startsWith(new URL(proxy.url).origin))).toEqual([]);
    expect(proxy.strays).toEqual([]);
  });

  it('one comes by a mailed invitation and by X, from whose site cookies of a session do not come along', async () => {
    proxy.settings.strips = false;
    await using opened = await openPage(browser, await mailedLink('vera@example.org', '/invitation/'));
    const { page, complaints } = opened;
    await page.getByText('vera@example.org becomes viewer').waitFor();
    await page.getByRole('textbox', { name: 'Password' }).fill(first);
    await page.getByRole('button', { name: 'Accept and sign in' }).click();
    await page.getByRole('link', { name: 'Vera' }).click();
    await page.getByRole('button', { name: 'Link your account at X' }).click();
    // The emulator's account has agreed already: X asks nobody twice.
    await page.getByRole('button', { name: 'Unlink' }).waitFor();
    expect(page.url()).toBe(`${proxy.url}/profile`);
    const owned = await server.db.query('select label from credentials where owner_id is not null');
    expect(owned).toEqual([{ label: 'x-vera-oauth1' }]);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('button', { name: 'Sign in with X' }).click();
    await page.getByRole('link', { name: 'Vera' }).waitFor();
    await page.goto(`${proxy.url}/collections/open`);
    await page.getByRole('heading', { name: 'open' }).first().waitFor();
    await page.getByRole('status').filter({ hasText: 'Live' }).waitFor();
    await page.context().clearCookies();
    await page.goto(`${proxy.url}/posts?q=rain`);
    await signIn(page, 'vera@example.org', first);
    await until('the address as it was', async () => page.url() === `${proxy.url}/posts?q=rain`);
    expect(faults(complaints)).toEqual([]);
    expect(proxy.strays).toEqual([]);
  });
});

describe('behind a proxy', () => {
  const visitor = (headers: Record<string, string> = {}) => openVisitor(() => proxy.url, { headers });

  it('cookies belong to the path, and its pages may change things whether the proxy passes Host on or not', async () => {
    const email = 'walter@example.org';
    await addUser(server.db, systemClock, { email, name: 'Walter', role: 'viewer', password: first });
    for (const passesHost of [true, false]) {
      Object.assign(proxy.settings, { passesHost, strips: !passesHost });
      const page = visitor({ origin: new URL(proxy.url).origin, 'sec-fetch-site': 'same-origin' });
      const reply = await page.signIn(email, first);
      expect(reply.status).toBe(200);
      expect(reply.cookies[0]).toMatch(/^mistnet\.session_token=.+; Path=\/mistnet\/; HttpOnly; SameSite=Strict$/i);
      expect((await visitor({ origin: 'http://localhost:1' }).signIn(email, first)).body.code).toBe('origin.refused');
    }
    Object.assign(proxy.settings, { passesHost: true, strips: false });
  });

  it('guesses count for the address that the trusted proxy saw, whatever is claimed before it', async () => {
    await server.db.query('delete from sign_in_failures');
    proxy.settings.sees = '198.51.100.7';
    for (const number of [1, 2, 3]) {
      const claim = { 'x-forwarded-for': `203.0.113.${number}` };
      expect((await visitor(claim).signIn(`guess${number}@example.org`, 'not the password')).status).toBe(401);
    }
    const counted = await server.db.query<{ failures: number }>(
      'select failures from sign_in_failures order by failures',
    );
    expect(counted.map(({ failures }) => failures)).toEqual([1, 1, 1, 3]);
    const noted = await server.db.query<{ address: string }>(
      `select address from audit_log where action = 'sign-in.fail' order by entry_id desc limit 3`,
    );
    expect(noted).toEqual(Array.from({ length: 3 }, () => ({ address: '198.51.100.7' })));
  });
});
