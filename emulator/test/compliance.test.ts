import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HAS_SPECIFICATIONS, Specification } from './support/specification.ts';
import { DEFAULT_TOKEN, type Emulator, startEmulator } from '../src/start-emulator.ts';
import { postId } from '../src/world/ids.ts';
import { startOf } from '../src/world/model.ts';
import { SeededWorld } from '../src/world/seeded-world.ts';

const RECORDINGS = new URL('../../../shared/fixtures/x-v2/', import.meta.url);
const HAS_RECORDINGS = existsSync(RECORDINGS);
const start = new Date('2026-11-22T13:00:00Z');
/** Ten virtual minutes in a second. */
const CLOCK = 600;
const TEXT = { 'content-type': 'text/plain' };

interface Job {
  readonly id: string;
  readonly status: string;
  readonly type: string;
  readonly upload_url: string;
  readonly download_url: string;
  readonly created_at: string;
  readonly upload_expires_at: string;
  readonly download_expires_at: string;
}

interface Redaction {
  readonly id: string;
  readonly action: string;
  readonly created_at: string;
  readonly redacted_at?: string;
  readonly reason: string;
}

let emulator: Emulator & AsyncDisposable;
let specification: Specification | undefined;
/** The same world, to compare with. */
let world: SeededWorld;

beforeAll(async () => {
  emulator = await startEmulator({ seed: 7, rate: 20, accounts: 2000, start, clock: CLOCK });
  world = new SeededWorld({ seed: 7, startAt: start.getTime(), density: 20, accounts: 2000 });
  specification = HAS_SPECIFICATIONS ? new Specification('2.166') : undefined;
});
afterAll(async () => emulator[Symbol.asyncDispose]());

async function call(method: string, path: string, body?: unknown, from: Emulator = emulator) {
  const headers = { authorization: `Bearer ${DEFAULT_TOKEN}`, 'content-type': 'application/json' };
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const answer = await fetch(from.url + path, { method, headers, ...(body !== undefined && { body: text }) });
  const json = (await answer.json()) as {
    data?: unknown;
    errors?: { message?: string; detail?: string }[];
    meta?: object;
  };
  specification?.expectValid(method, path.split('?')[0] ?? '', answer.status, json);
  return { status: answer.status, json };
}
async function create(order: object, from = emulator): Promise<Job> {
  const { status, json } = await call('POST', '/2/compliance/jobs', order, from);
  expect(status).toBe(200);
  return json.data as Job;
}
async function look(id: string, from = emulator): Promise<Job> {
  return (await call('GET', `/2/compliance/jobs/${id}`, undefined, from)).json.data as Job;
}
/** Asks until the job has that status. */
async function reach(id: string, wanted: string, from = emulator): Promise<Job> {
  for (;;) {
    const job = await look(id, from);
    if (job.status === wanted) return job;
    expect(['created', 'in_progress', 'complete']).toContain(job.status);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
async function results(job: Job): Promise<Redaction[]> {
  const answer = await fetch(job.download_url);
  expect(answer.status).toBe(200);
  const lines = (await answer.text()).split('\n');
  expect(lines.pop()).toBe('');
  return lines.map((line) => JSON.parse(line) as Redaction);
}

describe('a compliance job', () => {
  it('tells which posts are not to be kept, and why, and leaves out the others', async () => {
    const born = startOf(start.getTime() - 20 * 86_400_000);
    // Also those that were deleted since: numbers of the world are tried, not what is in sight.
    const made = [...world.posts({ after: born }, 'oldest-first', start.getTime() - 19 * 86_400_000)];
    const authors = [5, 100, 500, 1900, 1990].map((account) =>
      [...world.postsOf(account, {}, start.getTime())].slice(0, 20),
    );
    const posts = [...made, ...authors.flat()];
    const job = await create({ type: 'tweets', name: 'mine' });
    expect(job).toMatchObject({ status: 'created', type: 'tweets', name: 'mine', resumable: false });
    const ids = [...posts.map(postId), '1', '20', ''];
    const before = start.getTime();
    expect((await fetch(job.upload_url, { method: 'PUT', headers: TEXT, body: ids.join('\r\n') })).status).toBe(200);
    const found = await results(await reach(job.id, 'complete'));
    expect(found.length).toBeGreaterThan(0);
    const byId = new Map(posts.map((post) => [post.id, post]));
    for (const { id, action, created_at, redacted_at, reason } of found) {
      const post = byId.get(id);
      expect(post, `${id} was asked for`).toBeDefined();
      if (post === undefined) continue;
      expect([action, created_at]).toEqual(['delete', new Date(post.at).toISOString()]);
      if (redacted_at === undefined) expect(reason).toBe('protected');
      else if (reason === 'deleted') {
        const at = Date.parse(redacted_at);
        expect(world.postStateAt(post, at)).toBe('deleted');
        expect(at === post.at || world.postStateAt(post, at - 1) !== 'deleted').toBe(true);
      }
    }
    const told = new Set(found.map(({ id }) => id));
    for (const post of posts) {
      if (world.postStateAt(post, before) !== 'public') expect(told.has(post.id), post.id).toBe(true);
    }
  });

  it('tells of accounts in every state', async () => {
    const credentials = (await (await fetch(`${emulator.url}/_emulator/credentials`)).json()) as Record<string, string>;
    const handles = ['user_public', 'user_protected', 'user_suspended', 'user_deleted'].map(
      (name) => credentials[name] ?? '',
    );
    const numbers = handles.map((handle) => world.accountByHandle(handle, start.getTime()) ?? -1);
    const ids = numbers.map((number) => world.account(number).id);
    const job = await create({ type: 'users' });
    await fetch(job.upload_url, { method: 'PUT', headers: TEXT, body: `${ids.join('\n')}\n` });
    const found = await results(await reach(job.id, 'complete'));
    expect(found.map(({ id, reason }) => [id, reason])).toEqual([
      [ids[1], 'protected'],
      [ids[2], 'suspended'],
      [ids[3], 'deleted'],
    ]);
  });

  it('takes uploads of any length, without keeping them', async () => {
    const job = await create({ type: 'tweets' });
    const line = '1234567890123456789\n';
    const chunk = Buffer.from(line.repeat(3000));
    const body = new ReadableStream({
      start(controller) {
        for (let n = 0; n < 20; n++) controller.enqueue(chunk.subarray(n % 7));
        controller.close();
      },
    });
    const answer = await fetch(job.upload_url, { method: 'PUT', headers: TEXT, body, duplex: 'half' } as RequestInit);
    expect(answer.status).toBe(200);
    expect(await results(await reach(job.id, 'complete'))).toEqual([]);
  });

  it('is listed by type and status', async () => {
    const job = await create({ type: 'users' });
    const { json } = await call('GET', '/2/compliance/jobs?type=users&status=created');
    expect((json.data as Job[]).map(({ id }) => id)).toContain(job.id);
    expect(json.meta).toEqual({ result_count: (json.data as Job[]).length });
    const failed = await call('GET', '/2/compliance/jobs?type=users&status=failed');
    expect(failed.json).toEqual({ meta: { result_count: 0 } });
  });

  it('expires when nothing is uploaded in a quarter of an hour, and says when that is in the time of its clients', async () => {
    await using quick = await startEmulator({ start, clock: 3600, accounts: 1000 });
    const job = await create({ type: 'tweets' }, quick);
    const told = Date.parse(job.upload_expires_at) - Date.parse(job.created_at);
    expect(told).toBeLessThanOrEqual(1000);
    await reach(job.id, 'expired', quick);
    const late = await fetch(job.upload_url, { method: 'PUT', headers: TEXT, body: '1' });
    expect([late.status, await late.text()]).toEqual([400, expect.stringContaining('<Code>ExpiredToken</Code>')]);
  });

  it('fails when what was uploaded are no ids', async () => {
    const job = await create({ type: 'tweets' });
    await fetch(job.upload_url, { method: 'PUT', headers: TEXT, body: '{"id":"20"}\n' });
    await reach(job.id, 'failed');
    expect((await fetch(job.download_url)).status).toBe(404);
  });
});

describe('one job at a time', () => {
  it('of a type can be in progress', async () => {
    await using slow = await startEmulator({ start, accounts: 1000 });
    const job = await create({ type: 'tweets' }, slow);
    expect(Date.parse(job.upload_expires_at) - Date.parse(job.created_at)).toBe(900_000);
    expect(Date.parse(job.download_expires_at) - Date.parse(job.created_at)).toBe(7 * 86_400_000);
    const second = await create({ type: 'tweets' }, slow);
    await fetch(job.upload_url, { method: 'PUT', headers: TEXT, body: '20\n' });
    expect((await look(job.id, slow)).status).toBe('in_progress');
    const third = await call('POST', '/2/compliance/jobs', { type: 'tweets' }, slow);
    expect(third).toMatchObject({
      status: 409,
      json: { detail: 'You cannot create a new job if one is already in progress.' },
    });
    await create({ type: 'users' }, slow);
    expect((await look(second.id, slow)).status).toBe('created');
    expect((await fetch(job.download_url)).status).toBe(404);
    // What was uploaded stays what it is.
    expect((await fetch(job.upload_url, { method: 'PUT', headers: TEXT, body: '21\n' })).status).toBe(403);
  });
});

describe('a resumable upload', () => {
  it('comes in parts, says how far it got, and is whole with the last of them', async () => {
    const job = await create({ type: 'tweets', resumable: true });
    const begun = await fetch(job.upload_url, { method: 'POST', headers: { ...TEXT, 'x-goog-resumable': 'start' } });
    expect(begun.status).toBe(201);
    const session = begun.headers.get('location') ?? '';
    const put = (range: string, body = '') =>
      fetch(session, { method: 'PUT', headers: { 'content-range': range }, body, redirect: 'manual' });
    const text = '1234567890123456789\n21\n';
    const first = await put(`bytes 0-9/${text.length}`, text.slice(0, 10));
    expect([first.status, first.headers.get('range')]).toEqual([308, 'bytes=0-9']);
    const asked = await put(`bytes */${text.length}`);
    expect([asked.status, asked.headers.get('range')]).toEqual([308, 'bytes=0-9']);
    const again = await put(`bytes 5-7/${text.length}`, text.slice(5, 8));
    expect([again.status, again.headers.get('range')]).toEqual([308, 'bytes=0-9']);
    const rest = await put(`bytes 10-${text.length - 1}/${text.length}`, text.slice(10));
    expect(rest.status).toBe(200);
    await reach(job.id, 'complete');
  });
});

describe('the storage', () => {
  it.each(['submission', 'delivery'])('refuses addresses that it did not sign (%s)', async (use) => {
    const job = await create({ type: 'users' });
    const address = use === 'submission' ? job.upload_url : job.download_url;
    const broken = address.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
    const method = use === 'submission' ? 'PUT' : 'GET';
    const answer = await fetch(broken, { method, ...(method === 'PUT' && { body: '1', headers: TEXT }) });
    expect([answer.status, await answer.text()]).toEqual([403, expect.stringContaining('SignatureDoesNotMatch')]);
  });

  it('wants the type that was signed', async () => {
    const job = await create({ type: 'users' });
    const answer = await fetch(job.upload_url, { method: 'PUT', headers: { 'content-type': 'text/csv' }, body: '1' });
    expect(answer.status).toBe(403);
  });
});

describe('wrong orders', () => {
  it.each([
    ['{', 'The request body is not valid JSON.'],
    ['[]', '$: array found, object expected'],
    ['{}', '$.type: is missing but it is required'],
    ['{"type":"likes"}', '$.type: does not have a value in the enumeration [tweets, users]'],
    ['{"type":"tweets","name":7}', '$.name: integer found, string expected'],
    [`{"type":"tweets","name":"${'x'.repeat(65)}"}`, '$.name: may only be 64 characters long'],
    ['{"type":"tweets","resumable":"yes"}', '$.resumable: string found, boolean expected'],
    [
      '{"type":"tweets","days":1}',
      '$.days: is not defined in the schema and the schema does not allow additional properties',
    ],
  ])('%s', async (body, message) => {
    const { status, json } = await call('POST', '/2/compliance/jobs', body);
    expect([status, json.errors?.[0]?.message]).toEqual([400, message]);
  });

  it.each([
    ['', 'The `type` query parameter can not be empty'],
    ['type=likes', 'The `type` query parameter value [likes] is not one of [tweets,users]'],
    ['type=users&status=done', /^The `status` query parameter value \[done\] is not one of \[created,/],
    ['type=users&ids=1', 'The query parameter [ids] is not one of [type,status,compliance_job.fields]'],
  ] as const)('GET ?%s', async (query, message) => {
    const { status, json } = await call('GET', `/2/compliance/jobs?${query}`);
    expect(status).toBe(400);
    if (typeof message === 'string') expect(json.errors?.[0]?.message).toBe(message);
    else expect(json.errors?.[0]?.message).toMatch(message);
  });

  it('a job that is not there', async () => {
    expect((await call('GET', '/2/compliance/jobs/20')).status).toBe(404);
    expect((await call('GET', '/2/compliance/jobs/abc')).status).toBe(400);
  });
});

describe.skipIf(!HAS_RECORDINGS)('beside recordings (skipped where ../shared/fixtures is absent)', () => {
  it('jobs have the same keys and types, and results the same keys in the same order', async () => {
    const text = readFileSync(
      new URL('tweepy-cassettes/test_client_create_and_get_compliance_job_and_jobs.json', RECORDINGS),
      'utf8',
    );
    const [created] = JSON.parse(text) as { response: { json: { data: Record<string, unknown> } } }[];
    const job = await create({ type: 'tweets' });
    expect(Object.keys(job)).toEqual(Object.keys(created?.response.json.data ?? {}));
    for (const [key, value] of Object.entries(job)) expect(typeof value).toBe(typeof created?.response.json.data[key]);
    const lines = readFileSync(new URL('twarc-csv/tweets_compliance.jsonl', RECORDINGS), 'utf8').trim().split('\n');
    const [, redacted] = lines.map((line) => JSON.parse(line) as Redaction);
    const [gone] = [...Array(2000).keys()].filter((account) => world.stateAt(account, start.getTime()) === 'suspended');
    const users = await create({ type: 'users' });
    await fetch(users.upload_url, { method: 'PUT', headers: TEXT, body: world.account(gone ?? 0).id });
    const [ours] = await results(await reach(users.id, 'complete'));
    expect(Object.keys(ours ?? {})).toEqual(Object.keys(redacted ?? {}));
  });
});
