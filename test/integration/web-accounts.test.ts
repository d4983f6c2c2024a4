/** Accounts, jobs and exports in the browser: many added at once, found by a former name, switched; jobs tried again; exports asked for and taken away. */
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { silentLog } from '../../src/core/log.ts';
import { systemClock } from '../../src/core/time.ts';
import { openQueue } from '../../src/jobs/queue.ts';
import { exportPosts } from '../../src/jobs/tasks/export-posts.ts';
import { everybodyViews } from '../../src/server/caller.ts';
import type { Role } from '../../src/server/permissions.ts';
import { ensureWebBuilt } from '../../src/server/web-build.ts';
import { noteSights } from '../../src/store/accounts/note-sights.ts';
import { expectAccessibleInBothThemes } from '../support/axe.ts';
import { launchBrowser, noBrowser, openPage } from '../support/browser.ts';
import { loadAll } from '../support/loader.ts';
import { samplePosts } from '../support/sample-posts.ts';
import { addSampleCollection, projectRoot, startServer, type TestServer } from '../support/server.ts';
import { startEmulator } from '../support/system/emulator.ts';
import { openWorkbench } from '../support/system/workbench.ts';
import { writeSealedSegment } from '../support/write-segment.ts';

const webFolder = `${projectRoot}/web`;
const cleanup = new AsyncDisposableStack();
let server: TestServer;
let browser: Browser;
let role: Role = 'administrator';
let handles: { user_public: string; user_suspended: string; user_deleted: string; user_public_id: string };

beforeAll(async () => {
  await ensureWebBuilt({ webFolder, signal: AbortSignal.timeout(110_000) });
  const emulator = await startEmulator(cleanup.use(await openWorkbench()), ['--seed', '7', '--token', 'secret']);
  handles = (await (await fetch(new URL('/_emulator/credentials', emulator.url))).json()) as typeof handles;
  server = cleanup.use(
    await startServer({
      webFolder,
      environment: { MISTNET_X_API_URL: emulator.url, MISTNET_X_BEARER_TOKEN: 'secret' },
      callers: { ...everybodyViews, callerOf: async () => ({ role, via: 'session' }) },
    }),
  );
  if (noBrowser !== undefined) return;
  browser = await launchBrowser();
  cleanup.defer(() => browser.close());
}, 180_000);
afterAll(() => cleanup.disposeAsync());

describe.skipIf(noBrowser !== undefined)(`accounts${noBrowser === undefined ? '' : ` (${noBrowser})`}`, () => {
  it('are added by the list, with what became of each line', async () => {
    await using opened = await openPage(browser, `${server.url}/accounts`);
    const { page, complaints } = opened;
    await page.getByText('No account is followed yet').waitFor();
    await expectAccessibleInBothThemes(page);
    await page.getByRole('button', { name: 'Add accounts' }).click();
    const { user_public: known, user_suspended: suspended, user_deleted: deleted } = handles;
    await page
      .getByLabel('Accounts, one a line')
      .fill(`@${known}\n\nhttps://x.com/${suspended}\n${deleted}\n<img src=x onerror=alert(1)>\n${known}`);
    await page.getByLabel('Also into the set').fill('Poets & <b>others</b>');
    await page.getByRole('button', { name: 'Check first, change nothing' }).click();
    await page.getByText('Nothing is changed by a check.').waitFor();
    await page.getByRole('button', { name: 'Follow 5 accounts' }).click();
    await page.getByText('1 added, 1 followed already, 1 not found, 1 suspended, 1 not an account.').waitFor();
    const outcomes = page.getByRole('table', { name: 'What became of each line' });
    expect(await outcomes.getByRole('row').nth(4).innerText()).toContain('<img src=x onerror=alert(1)>');
    await expectAccessibleInBothThemes(page);
    await page.getByRole('table', { name: 'Followed accounts by name' }).getByText(`@${known}`).waitFor();
    expect(complaints).toEqual([]);
  });

  it('are found by a former name and told with their histories', async () => {
    const [uid, evidence] = [handles.user_public_id, 'looked at in a test'];
    const profile = { id: uid, username: 'Renamed_<i>x</i>' };
    const sight = {
      ...{ platform: 'x', accountId: uid, handle: 'renamed_x', state: 'public' as const, evidence, profile },
      ...{ endpoint: 'GET /2/users', atMs: Date.now() + 1_000 },
    };
    await server.db.transaction((tx) => noteSights(tx, [sight]));
    await using opened = await openPage(browser, `${server.url}/accounts`);
    const { page, complaints } = opened;
    await page.getByLabel('Order').selectOption('random');
    await page.getByText('@renamed_x').waitFor();
    await page.getByRole('button', { name: 'Draw others' }).click();
    await page.getByText('@renamed_x').waitFor();
    await page.getByLabel('Find').fill(handles.user_public.slice(0, 6).toUpperCase());
    await page.getByText(`formerly @${handles.user_public}`).waitFor();
    await page.getByRole('link', { name: '@renamed_x' }).click();
    await page.getByRole('heading', { level: 1, name: '@renamed_x' }).waitFor();
    const names = page.getByRole('table', { name: 'Names, the newest first' });
    expect(await names.getByRole('row').allInnerTexts()).toHaveLength(3);
    await page
      .getByRole('region', { name: 'Counts over time' })
      .getByText(/ followers? on \d{4}-/)
      .waitFor();
    const there = page.getByRole('link', { name: 'On the platform' });
    expect(await there.getAttribute('href')).toBe(`https://x.com/i/user/${uid}`);
    await page.getByRole('button', { name: 'Export its posts as XLSX' }).click();
    await page.getByText('was put in line').waitFor();
    expect(await server.db.query("select request->>'format' as format from exports")).toEqual([{ format: 'xlsx' }]);
    await server.db.query('delete from exports');
    await page.getByRole('button', { name: /Profiles as received/ }).click();
    await page.getByText('Renamed_<i>x</i>').waitFor();
    await expectAccessibleInBothThemes(page);
    expect(complaints).toEqual([]);
  });

  it('are left out of collecting, collected again after a look at the platform, and forgotten after a question', async () => {
    await using opened = await openPage(browser, `${server.url}/accounts/x/${handles.user_public_id}`);
    const { page } = opened;
    await page.getByRole('button', { name: 'Leave it out of collecting' }).click();
    await page.getByRole('button', { name: 'Collect it again' }).click();
    await page.getByRole('button', { name: 'Leave it out of collecting' }).waitFor();
    await page.getByRole('button', { name: 'Forget it…' }).click();
    await page.getByRole('dialog').getByText('Nothing of it was collected.').waitFor();
    await expectAccessibleInBothThemes(page);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    // The focus is back at the button.
    expect(await page.evaluate<string>('document.activeElement.textContent')).toBe('Forget it…');
    await page.getByRole('button', { name: 'Forget it…' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Forget' }).click();
    await page.getByText('No account is followed yet').waitFor();
    expect(await server.db.query('select account_id from followed_accounts')).toEqual([]);
  });

  it('show a viewer no way to change anything, and the server refuses it as well', async () => {
    role = 'viewer';
    try {
      await using opened = await openPage(browser, `${server.url}/accounts`);
      await opened.page.getByText('A collector adds them here.').waitFor();
      expect(await opened.page.getByRole('button', { name: 'Add accounts' }).count()).toBe(0);
      const sent = await fetch(`${server.url}/api/v1/accounts`, {
        ...{ method: 'POST', headers: { 'content-type': 'application/json' } },
        body: JSON.stringify({ lines: [handles.user_public] }),
      });
      expect(sent.status).toBe(403);
    } finally {
      role = 'administrator';
    }
  });

  it('that nobody follows say so, also for ids that are none', async () => {
    await using opened = await openPage(browser, `${server.url}/accounts/x/99999999999999999999`);
    await opened.page.getByText('This account is not followed').waitFor();
    for (const forged of ['1%27%20or%201=1', '-1', '18446744073709551616000'])
      expect((await fetch(`${server.url}/api/v1/accounts/${forged}`)).status).toBe(400);
  });
});

describe.skipIf(noBrowser !== undefined)('jobs', () => {
  it('are cancelled and put in line again, and their causes are shown', async () => {
    await using queue = await openQueue({ url: server.database.url, node: 'n1', log: silentLog });
    await queue.enqueue('export', [{ name: 'letters' }]);
    await using opened = await openPage(browser, `${server.url}/jobs`);
    const { page, complaints } = opened;
    await page.getByText('Nothing ended in the last 24 hours.').waitFor();
    const row = page.getByRole('row').filter({ hasText: 'letters on n1' });
    await row.getByText('Waiting').waitFor();
    await expectAccessibleInBothThemes(page);
    await row.getByRole('button', { name: 'Cancel: Export letters' }).click();
    await row.getByText('Cancelled').waitFor();
    await row.getByRole('button', { name: 'Try again: Export letters' }).click();
    await row.getByText('Waiting').waitFor();
    await row.getByRole('button', { name: 'Export letters, waiting since ' }).click();
    await page.getByText('"name": "letters"').waitFor();
    // A database that answers late on a busy machine is said as 503, and asked again.
    expect(complaints.filter((each) => !each.includes('status of 503'))).toEqual([]);
    const unknown = await fetch(`${server.url}/api/v1/jobs/00000000-0000-0000-0000-000000000000/retry`, {
      method: 'POST',
    });
    expect([unknown.status, ((await unknown.json()) as { code: string }).code]).toEqual([404, 'job.unknown']);
  });
});

describe.skipIf(noBrowser !== undefined)('exports', () => {
  it('are asked for, followed, and their files taken away, in parts too', async () => {
    await addSampleCollection(server.db, 'demo');
    const [segmentsFolder, atMs] = [join(server.home, 'segments'), Date.parse('2026-11-22T12:00:00Z')];
    const frames = samplePosts(1, 3, atMs).map(({ line }, at) => ({ payload: line, atMs: atMs + at }));
    const segment = { segmentsFolder, plan: 'demo', node: 'n1', openedAtMs: atMs, sequence: 1, frames };
    await writeSealedSegment(segment);
    await loadAll({ db: server.db, segmentsFolder, connections: 1 });
    await using opened = await openPage(browser, `${server.url}/exports`);
    const { page, complaints } = opened;
    await page.getByText('Nothing was exported yet').waitFor();
    await page.getByRole('button', { name: 'New export' }).click();
    await page.getByLabel('Posts of').selectOption('collection demo');
    await page.getByLabel('Name').fill('../../etc/passwd');
    await page.getByRole('button', { name: 'Export', exact: true }).click();
    await page.getByText('This export cannot be made').waitFor();
    await page.getByLabel('Name').fill('three-posts');
    await expectAccessibleInBothThemes(page);
    await page.getByRole('button', { name: 'Export', exact: true }).click();
    const item = page.getByRole('article', { name: 'three-posts' });
    await item.getByText('Waiting').waitFor();
    await page.getByLabel('Name').fill('not-wanted');
    await page.getByRole('button', { name: 'Export', exact: true }).click();
    const unwanted = page.getByRole('article', { name: 'not-wanted' });
    await unwanted.getByRole('button', { name: 'Cancel not-wanted' }).press('Enter');
    await unwanted.getByText('Cancelled').waitFor();
    // The button is gone; its focus is not.
    await expect.poll(() => page.evaluate('document.activeElement.ariaLabel')).toBe('not-wanted');
    const signal = new AbortController().signal;
    await exportPosts({ db: server.db, version: '9.9.9', clock: systemClock, signal }, 'three-posts');
    await item.getByText('Done').waitFor();
    await item.getByText('3 of 3 rows', { exact: false }).waitFor();
    await item.getByRole('button', { name: 'Files' }).click();
    const href = await item.getByRole('link', { name: 'three-posts.csv', exact: true }).getAttribute('href');
    await expectAccessibleInBothThemes(page);
    const whole = await (await fetch(new URL(href ?? '', server.url))).text();
    const rest = await fetch(new URL(href ?? '', server.url), { headers: { range: 'bytes=10-' } });
    expect([rest.status, await rest.text()]).toEqual([206, Buffer.from(whole).subarray(10).toString()]);
    expect(complaints.filter((text) => !text.includes('409'))).toEqual([]);
  });
});
