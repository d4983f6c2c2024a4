/** The administration in the browser on a real server: each page's main job, names that mean harm, rights, both themes, small screens. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { evaluateAlerts } from '../../src/jobs/alerts/evaluate-alerts.ts';
import { everybodyViews } from '../../src/server/caller.ts';
import { metricsTable } from '../../src/server/metrics.ts';
import type { Role } from '../../src/server/permissions.ts';
import { ensureWebBuilt } from '../../src/server/web-build.ts';
import { takeRequests } from '../../src/store/nodes/node-requests.ts';
import { noteNode } from '../../src/store/nodes/node-status.ts';
import { setBudget } from '../../src/store/permits/budgets.ts';
import { readFile } from 'node:fs/promises';
import { expectAccessibleInBothThemes } from '../support/axe.ts';
import { launchBrowser, noBrowser, openPage } from '../support/browser.ts';
import { addSampleCollection, projectRoot, sayStatus, startServer, type TestServer } from '../support/server.ts';

const webFolder = `${projectRoot}/web`;
const hostile = '<img src=x onerror=alert(1)>';
const cleanup = new AsyncDisposableStack();
let server: TestServer;
let browser: Browser;
let role: Role = 'administrator';

beforeAll(async () => {
  await ensureWebBuilt({ webFolder, signal: AbortSignal.timeout(290_000) });
  const user = { userId: 'u1', name: `Ada ${hostile}`, email: 'ada@example.org' };
  server = cleanup.use(
    await startServer({
      webFolder,
      callers: {
        ...everybodyViews,
        callerOf: async () => ({ role, via: 'session', user }),
        accessTo: async () => (role === 'viewer' ? 'view' : 'edit'),
      },
    }),
  );
  const { db } = server;
  await addSampleCollection(db, 'demo');
  await sayStatus(db, 'demo', { captured: 5, postsPerSecond: 1 });
  await setBudget(db, `user:${hostile}`, 1_000_000);
  await db.query(
    `insert into spend (month, collection, user_label, platform, resource, units, micros)
      values (date_trunc('month', now()), 'demo', $1, 'x', 'post', 180, 900000)`,
    [hostile],
  );
  const disk = { segmentsBytes: 1, datasetsBytes: 1, databaseBytes: 1, otherBytes: 1 };
  await noteNode(db, {
    ...{ node: 'n1', version: '0.1.0', isSample: true },
    body: {
      ...{ startedAt: '2026-11-22T13:00:00.000Z', cpus: 2, cpu: 0.4, load: 1, memoryUsed: 5e9, memoryTotal: 1e10 },
      disk: { folder: hostile, totalBytes: 1e11, freeBytes: 5e10, ...disk },
      roles: [
        {
          ...{ role: 'worker', state: 'waiting', pid: null, startedAt: '2026-11-22T13:00:00.000Z', restarts: 3 },
          ...{ lastExit: { at: '2026-11-22T13:30:00.000Z', how: hostile }, nextTryAt: '2026-11-22T13:31:00.000Z' },
        },
      ],
      processes: [{ name: 'worker', pid: 7, cpu: 0.2, memory: 1e8 }],
    },
  });
  await evaluateAlerts(db, Date.now(), null);
  if (noBrowser !== undefined) return;
  browser = await launchBrowser();
  cleanup.defer(() => browser.close());
}, 320_000);
afterAll(() => cleanup.disposeAsync());

describe('metrics', () => {
  it('are those that the documentation has, and their labels hold no line of their own', async () => {
    const text = await (await fetch(`${server.url}/metrics`)).text();
    const own = [...text.matchAll(/^# TYPE (mistnet_(?!server_)\S+) (\S+)$/gm)].map(
      ([, name, type]) => `${name} ${type}`,
    );
    const documented = [
      ...(await readFile(`${projectRoot}/docs/metrics.md`, 'utf8')).matchAll(/^\| `(\S+)` \| (\S+) \|/gm),
    ];
    expect(own.toSorted()).toEqual(documented.map(([, name, type]) => `${name} ${type}`).toSorted());
    expect(own).toHaveLength(Object.keys(metricsTable).length);
    expect(text).toContain('mistnet_collection_posts_captured_total{collection="demo"} 5');
    expect(text).toContain('mistnet_node_up{node="n1"} 1');
  });

  it('are not for whoever comes through a proxy without a right', async () => {
    role = 'nobody';
    const reply = await fetch(`${server.url}/metrics`, { headers: { 'x-forwarded-for': '198.51.100.7' } });
    role = 'administrator';
    expect(reply.status).toBe(401);
  });
});

describe.skipIf(noBrowser !== undefined)(
  `the administration${noBrowser === undefined ? '' : ` (${noBrowser})`}`,
  () => {
    it('shows each page in both themes, also on a small screen, and runs nothing that a name holds', async () => {
      await using opened = await openPage(browser, `${server.url}/admin`, { viewport: { width: 390, height: 844 } });
      const { page, complaints, foreign } = opened;
      const pages = [
        ...[
          ['/admin', 'Open alerts'],
          ['/admin/alerts', 'What opens an alert'],
          ['/admin/nodes', 'Processes'],
        ],
        ...[
          ['/admin/storage', 'No backup was noted yet'],
          ['/admin/credentials', 'No key is kept here yet'],
        ],
        ...[
          ['/admin/budgets', 'nearly spent'],
          ['/admin/settings', 'Settings in force'],
        ],
      ] as [string, string][];
      for (const [path, words] of pages) {
        await page.goto(`${server.url}${path}`);
        await page.getByText(words).first().waitFor({ state: 'attached' });
        expect([path, await page.evaluate('document.documentElement.scrollWidth - innerWidth')]).toEqual([path, 0]);
        await expectAccessibleInBothThemes(page);
        expect([path, await page.locator('img[src="x"]').count()]).toEqual([path, 0]);
      }
      // The last one is the settings: what is code in their meanings is marked as such.
      await page.locator('td code', { hasText: 'mistnet demo' }).waitFor({ state: 'attached' });
      expect(await page.getByText('`').count()).toBe(0);
      expect([complaints, foreign.filter((url) => !url.startsWith(server.url))]).toEqual([[], []]);
    });

    it('lets an alert be acknowledged, a rule and quiet hours be set, a webhook be added and tried', async () => {
      await using opened = await openPage(browser, `${server.url}/admin/alerts`);
      const { page, complaints } = opened;
      await page.getByRole('button', { name: 'Acknowledge …' }).first().click();
      await page.getByLabel('Note for the others').fill(`seen ${hostile}`);
      await page.getByRole('button', { name: 'Acknowledge', exact: true }).click();
      await page.getByText(`acknowledged by Ada ${hostile}`).first().waitFor();
      await page.getByRole('button', { name: 'Change: A stream is silent' }).click();
      await page.getByLabel('Threshold in minutes').fill('12');
      await page.getByRole('button', { name: 'Save' }).first().click();
      await page.getByText('though the collection is to run: 12 minutes').waitFor();
      await page.getByLabel('Hold what is not urgent').press('Space');
      await page.getByLabel('Time zone').fill('Mars/Olympus');
      await page.getByRole('button', { name: 'Save' }).last().click();
      await page.getByText('is no time zone').first().waitFor();
      expect(await page.getByLabel('Time zone').getAttribute('aria-invalid')).toBe('true');
      await page.getByLabel('Time zone').fill('Europe/Vienna');
      await page.getByRole('button', { name: 'Save' }).last().click();
      await page.getByText('Saved.').waitFor();
      await page.getByRole('button', { name: 'Add a mail address or a webhook' }).click();
      await page.getByLabel('Kind').selectOption('webhook');
      await page.getByLabel('Address of the webhook').fill('https://hooks.example/mistnet');
      await page.getByRole('button', { name: 'Add', exact: true }).click();
      await page.getByText('told this once').waitFor();
      await page.getByRole('button', { name: 'Send a test' }).click();
      await page.getByText('1 message waiting').waitFor();
      await expectAccessibleInBothThemes(page);
      expect(complaints.filter((text) => !text.includes('400'))).toEqual([]);
    });

    it('asks the node to start a role anew, after a question, and says what came of it', async () => {
      await using opened = await openPage(browser, `${server.url}/admin/nodes`);
      const { page, complaints } = opened;
      await page.getByRole('button', { name: 'Restart worker on n1' }).click();
      await page.getByText('Jobs under way are given back').waitFor();
      await page.getByRole('button', { name: 'Restart', exact: true }).click();
      await page.getByText('waits for the node').waitFor();
      expect(await takeRequests(server.db, 'n1')).toMatchObject([{ role: 'worker', askedBy: `Ada ${hostile}` }]);
      await page.getByText('in hand').waitFor();
      await page.getByRole('button', { name: 'Last lines of its logs' }).click();
      await page.getByText('There is no such log here.').waitFor();
      expect(complaints).toEqual([]);
    });

    it('keeps a key and never shows it again, sets and ends a budget', async () => {
      await using opened = await openPage(browser, `${server.url}/admin/credentials`);
      const { page, complaints } = opened;
      // While there is none the form stands open.
      await page.getByLabel('Label', { exact: false }).first().fill('desk');
      await page.getByLabel('Bearer token', { exact: true }).fill('secret-of-the-desk');
      await page.getByRole('button', { name: 'Keep it, sealed' }).click();
      await page.getByRole('heading', { name: 'desk' }).waitFor();
      await page.getByText('It was never tried what this key can do.').waitFor();
      expect(await (await fetch(`${server.url}/api/v1/credentials`)).text()).not.toContain('secret-of-the-desk');
      await page.getByRole('button', { name: 'Pause', exact: true }).click();
      await page.getByText('paused by Ada').waitFor();
      await page.goto(`${server.url}/admin/budgets`);
      await page.getByRole('button', { name: 'Set a budget' }).click();
      await page.getByLabel('A month').fill('12.50');
      await page.getByRole('button', { name: 'Set', exact: true }).first().click();
      await page.getByText('of $12.50').waitFor();
      await page.getByRole('button', { name: 'Change: All together' }).press('Enter');
      expect(await page.locator('*:focus').inputValue()).toBe('12.50');
      await page.keyboard.type('1234');
      await page.keyboard.press('Enter');
      await page.getByText('of $1,234.00').waitFor();
      await page.getByRole('button', { name: 'No limit any more: All together' }).click();
      await page.getByText('of $1,234.00').waitFor({ state: 'detached' });
      expect(complaints).toEqual([]);
    });

    it('shows the API to read, from this server alone', async () => {
      await using opened = await openPage(browser, `${server.url}/api/docs/`);
      const { page, complaints, foreign } = opened;
      await page.locator('[data-path="/api/v1/alerts"]').waitFor({ state: 'attached' });
      expect([complaints, foreign.filter((url) => !url.startsWith(server.url))]).toEqual([[], []]);
    });

    it('shows whoever sees a collection what is wrong with it, and lets collectors say that they know', async () => {
      await server.db.query(
        `insert into alerts (kind, subject, collection, state, is_urgent, sentence, opened_at, seen_at, reminded_at)
          values ('collection-failing', 'demo', 'demo', 'open', true, 'demo: its folder cannot be written.', now(), now(), now())`,
      );
      try {
        role = 'viewer';
        await using opened = await openPage(browser, `${server.url}/`);
        const { page } = opened;
        await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Alerts' }).click();
        await page.getByText('demo: its folder cannot be written.').waitFor();
        const way = page.getByRole('link', { name: 'Open: A collection cannot be written' });
        expect(await way.getAttribute('href')).toBe('/collections/demo');
        expect(await page.getByRole('button', { name: 'Acknowledge …' }).count()).toBe(0);
        expect(await page.getByText('What opens an alert').count()).toBe(0);
        role = 'collector';
        await page.reload();
        await page.getByRole('button', { name: 'Acknowledge …' }).click();
        await page.getByRole('button', { name: 'Acknowledge', exact: true }).click();
        await page.getByText('acknowledged by Ada').waitFor();
        await page
          .getByRole('navigation', { name: 'Administration' })
          .getByRole('link', { name: 'Credentials' })
          .click();
        await page.getByRole('button', { name: 'Add a key' }).waitFor();
        expect(opened.complaints).toEqual([]);
      } finally {
        role = 'administrator';
      }
    });

    it('is not for others: a viewer is told so, and a collector sees no key of somebody else', async () => {
      role = 'viewer';
      try {
        await using opened = await openPage(browser, `${server.url}/admin`);
        await opened.page.getByText('This page needs the role administrator; yours is viewer.').waitFor();
        await opened.page.goto(`${server.url}/admin/credentials`);
        await opened.page.getByText('For collectors').waitFor();
        role = 'collector';
        const labels = async () => {
          const reply = await fetch(`${server.url}/api/v1/credentials`);
          const { credentials } = (await reply.json()) as { credentials: { label: string }[] };
          return credentials.map(({ label }) => label);
        };
        // What an administrator added serves everybody and is shown to administrators; one's own is shown.
        expect(await labels()).toEqual([]);
        await server.db.query(`update credentials set owner = 'ada@example.org'`);
        expect(await labels()).toEqual(['desk']);
        await server.db.query(`update credentials set owner = 'somebody@example.org'`);
        for (const [method, path] of [
          ...[
            ['DELETE', '/credentials/desk'],
            ['POST', '/credentials/desk/probe'],
            ['DELETE', '/credentials/nothing'],
          ],
        ] as [string, string][])
          expect([path, (await fetch(`${server.url}/api/v1${path}`, { method })).status]).toEqual([path, 404]);
      } finally {
        role = 'administrator';
      }
    });
  },
);
