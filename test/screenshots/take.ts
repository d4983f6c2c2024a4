/**
 * `npm run screenshots`: every page of a demo of its own, in both themes and two widths, as PNG in screenshots/ (not committed).
 * `--only NAME` takes one. `--url URL` photographs a demo that runs already, which is quicker while one works on a page.
 */
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Browser } from 'playwright-core';
import { launchBrowser, noBrowser } from '../support/browser.ts';
import { type Shot, shots } from './addresses.ts';

const root = join(import.meta.dirname, '../..');
const folder = join(root, 'screenshots');
const widths = [1440, 390] as const;
const schemes = ['light', 'dark'] as const;
/** Charts need some points, the demo's other data a moment. */
const FILL_MS = 45_000;
const SETTLE_MS = 1_500;

const { values } = parseArgs({ options: { only: { type: 'string' }, url: { type: 'string' } } });
if (noBrowser !== undefined) {
  console.error(noBrowser);
  process.exit(1);
}
const wanted = shots.filter(({ name }) => values.only === undefined || name === values.only);
if (wanted.length === 0) {
  console.error(`No page is called "${values.only}". There are: ${shots.map(({ name }) => name).join(', ')}.`);
  process.exit(2);
}
await mkdir(folder, { recursive: true });
if (values.url === undefined) {
  await using demo = await startDemo();
  await takeAll(demo.url, wanted);
} else await takeAll(values.url, wanted);

async function takeAll(url: string, list: readonly Shot[]): Promise<void> {
  const browser = await launchBrowser();
  try {
    for (const width of widths)
      for (const scheme of schemes) {
        await takeSome(browser, url, { width, scheme, signedIn: false, list: list.filter((shot) => shot.signedOut) });
        await takeSome(browser, url, { width, scheme, signedIn: true, list: list.filter((shot) => !shot.signedOut) });
      }
  } finally {
    await browser.close();
  }
  console.log(`${list.length * widths.length * schemes.length} pictures in ${folder}`);
}

type Round = { width: number; scheme: 'light' | 'dark'; signedIn: boolean; list: readonly Shot[] };

async function takeSome(browser: Browser, url: string, { width, scheme, signedIn, list }: Round): Promise<void> {
  const context = await browser.newContext({
    colorScheme: scheme,
    viewport: { width, height: width === 390 ? 844 : 900 },
  });
  const page = await context.newPage();
  if (signedIn) {
    // The demo lets whoever sits at the machine in.
    const entered = await context.request.post(new URL('/api/v1/session/demo', url).href, { data: {} });
    if (!entered.ok()) throw new Error(`The demo let nobody in: ${entered.status()} ${await entered.text()}`);
  }
  for (const shot of list) {
    const path = shot.path ?? (await findPath(context.request, url, shot));
    await page.goto(new URL(path, url).href, { waitUntil: 'load' });
    await page.getByRole('heading', { level: 1 }).waitFor();
    await sleep(SETTLE_MS);
    await page.screenshot({ path: join(folder, `${shot.name}-${width}-${scheme}.png`), fullPage: true });
  }
  await context.close();
}

/** A post and an account that are there. */
async function findPath(
  request: { get(url: string): Promise<{ json(): Promise<unknown> }> },
  url: string,
  { name }: Shot,
): Promise<string> {
  const read = async <T>(path: string) => (await (await request.get(new URL(path, url).href)).json()) as T;
  if (name === 'account') {
    const { accounts } = await read<{ accounts: { platform: string; accountId: string }[] }>(
      '/api/v1/accounts?limit=1',
    );
    const [first] = accounts;
    if (first === undefined) throw new Error('The demo follows no account.');
    return `/accounts/${first.platform}/${first.accountId}`;
  }
  const { posts } = await read<{ posts: { platform: string; postId: string }[] }>('/api/v1/posts?limit=1');
  const [first] = posts;
  if (first === undefined) throw new Error('The demo has no post that can be found yet.');
  return `/posts/${first.platform}/${first.postId}`;
}

/** A demo in a folder of its own, on free ports; it ends with this program. */
async function startDemo(): Promise<{ url: string } & AsyncDisposable> {
  const home = await mkdtemp(join(tmpdir(), 'mistnet-screenshots-'));
  const child = spawn(join(root, 'bin/mistnet'), ['demo'], {
    env: { ...process.env, MISTNET_HOME: home, MISTNET_PORT: '0', MISTNET_EMULATOR_PORT: '0' },
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  let said = '';
  const address = new Promise<string>((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      const found = /Page\s+(http:\S+)/.exec(said)?.[1];
      if (found !== undefined) resolve(found);
    });
    void ended.then(() => reject(new Error(`The demo ended: ${said}`)));
  });
  const dispose = async () => {
    child.kill('SIGINT');
    await ended;
    await rm(home, { recursive: true, force: true });
  };
  try {
    const url = await address;
    console.log(`The demo is at ${url}; it fills for ${FILL_MS / 1000} s.`);
    await sleep(FILL_MS);
    return { url, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}
