/** The platform takes a connection that broke for open: ours is ended there and the stream goes on; a stranger's is left alone. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Emulator, startEmulator } from '../../emulator/src/start-emulator.ts';
import { addRules } from '../../emulator/test/support/rules-client.ts';
import { openStream } from '../../emulator/test/support/stream-client.ts';
import { readGaps } from '../../src/capture/gap.ts';
import { filterStream } from '../../src/platforms/x/filter-stream.ts';
import { PLAN, quickLadders, runCapture, statusOf } from '../support/run-capture.ts';
import { until } from '../support/system/until.ts';

const PATH = '/2/tweets/search/stream';
const HELD_MS = 86_000_000;

let home = '';
let emulator: Emulator & AsyncDisposable;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'mistnet-stale-'));
  emulator = await startEmulator({ access: 'pay-per-use', slotReleaseMs: HELD_MS, rate: 100 });
  await addRules(emulator.url, { value: 'coffee' });
});
afterEach(async () => {
  await emulator[Symbol.asyncDispose]();
  await rm(home, { recursive: true, force: true });
});

/** A rate ladder that no test waits for: who climbs it stays where it is. */
const ladders = { ...quickLadders, rate: { firstMs: HELD_MS, doubling: true, maxMs: HELD_MS } } as const;

function capture() {
  const stop = new AbortController();
  const adapter = filterStream({ apiUrl: emulator.url, gzip: false, ladders });
  const done = runCapture({ home, url: emulator.url, adapter, signal: stop.signal });
  done.catch(() => undefined); // told to whoever ends it
  return async () => {
    stop.abort('shutdown');
    await done;
  };
}

const state = async () => (await statusOf(home))?.state;
const opened = async () => await truth<{ connections: { closedAt: string | null }[] }>('');
const refused = async () => (await truth<{ refusals: { why: string }[] }>('/refusals')).refusals.map(({ why }) => why);
const gaps = () => readGaps(join(home, 'segments', PLAN, 'gaps.jsonl'));

async function truth<T>(of: string): Promise<T> {
  return (await (
    await fetch(`${emulator.url}/_emulator/truth${of}`, { headers: { connection: 'close' } })
  ).json()) as T;
}

async function openNow(): Promise<number> {
  return (await opened()).connections.filter(({ closedAt }) => closedAt === null).length;
}

it('one that was cut is ended there at once, and the gap says how long it took', async () => {
  const end = capture();
  await until('it is connected', async () => (await state()) === 'connected');
  await fetch(`${emulator.url}/_emulator/faults`, {
    method: 'POST',
    body: JSON.stringify({ kind: 'cut' }),
    headers: { 'content-type': 'application/json', connection: 'close' },
  });
  await until('another connection is open', async () => (await opened()).connections.length === 2);
  expect(await refused()).toEqual(['too-many-connections']);
  await until('the gap is noted', async () => (await gaps()).length === 1);
  expect((await gaps())[0]?.cause).toBe('cut');
  expect(await openNow()).toBe(1);
  await end();
});

it('one of an earlier process is known by its note; a damaged note makes it wait instead', async () => {
  const first = capture();
  await until('it is connected', async () => (await state()) === 'connected');
  await until('it is noted', async () => (await note()).includes('fromMs'));
  await first();
  const second = capture();
  await until('another connection is open', async () => (await openNow()) === 1);
  expect(await refused()).toEqual(['too-many-connections']);
  await second();
  await writeFile(notePath(), '{"format":1,"opened":[');
  const third = capture();
  await until('it waits', async () => (await refused()).length === 2 && (await state()) === 'reconnecting');
  expect(await openNow()).toBe(0);
  await third();
});

it("a stranger's is left alone, though we had one before", async () => {
  const first = capture();
  await until('it is noted', async () => (await note()).includes('fromMs'));
  await first();
  // The operator of the other program ended ours, and took the place somewhat later.
  await fetch(`${emulator.url}/2/connections/all`, {
    method: 'DELETE',
    headers: { authorization: 'Bearer emulator-token', connection: 'close' },
  });
  await new Promise((resolve) => setTimeout(resolve, 2_600));
  using stranger = await openStream(emulator.url, { path: PATH });
  expect(stranger.status).toBe(200);
  const second = capture();
  await until('it waits and says why', async () => {
    const said = await statusOf(home);
    return said?.state === 'reconnecting' && said.reason?.includes('maximum allowed connection limit') === true;
  });
  expect(await openNow()).toBe(1);
  expect(await refused()).toEqual(['too-many-connections']);
  await second();
});

const notePath = () => join(home, 'segments', PLAN, 'connections-n1.json');
const note = async () => await readFile(notePath(), 'utf8').catch(() => '');
