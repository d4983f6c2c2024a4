/** The commands that ask one question, as programs, against the emulator's truth. */
import { appendFile, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compareIds } from '../../src/core/ids.ts';
import { snowflakeToMs } from '../../src/core/snowflake.ts';
import { startBreakingProxy } from '../support/breaking-proxy.ts';
import { type EmulatorProgram, startEmulator } from '../support/system/emulator.ts';
import { ladders } from '../support/system/mistnet.ts';
import { until } from '../support/system/until.ts';
import {
  type Environment,
  MISTNET,
  openWorkbench,
  type ProgramEnd,
  type Workbench,
} from '../support/system/workbench.ts';

const WORLD = ['--accounts', '20000', '--seed', '1', '--start', '2026-11-22T09:00:00Z'];

/** The public account of this world's credentials; it has some 2,400 posts. */
const BUSY = 'teal4832579';

type Credentials = Record<`user_${string}`, string>;

async function ask<Answer>(emulator: EmulatorProgram, path: string, body?: unknown): Promise<Answer> {
  const response = await fetch(new URL(path, emulator.url), {
    headers: { connection: 'close' },
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
  return (/json/.test(response.headers.get('content-type') ?? '') ? JSON.parse(text) : text) as Answer;
}

async function postsOf(emulator: EmulatorProgram, account: string): Promise<string[]> {
  const text = await ask<string>(emulator, `/_emulator/truth/account/posts?account=${account}&limit=5000`);
  return linesOf(text);
}

async function calls(
  emulator: EmulatorProgram,
  path: string,
): Promise<{ made: number; refused: number; allowed: number }> {
  const { calls: all } = await ask<{ calls: { path: string; made: number; refused: number; allowed: number }[] }>(
    emulator,
    '/_emulator/truth/calls',
  );
  return all.find((one) => one.path === path) ?? { made: 0, refused: 0, allowed: 0 };
}

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}

function idsOf(text: string): string[] {
  return linesOf(text).flatMap((line) => {
    const value = JSON.parse(line) as { id?: string; data?: { id: string }[] } | { id_str: string }[];
    if (Array.isArray(value)) return value.map(({ id_str: id }) => id);
    return value.id === undefined ? (value.data ?? []).map(({ id }) => id) : [value.id];
  });
}

function envOf(url: string, more: Environment = {}): Environment {
  const quick = ladders({ serverMs: 50, rateMs: 100 });
  return { MISTNET_X_API_URL: url, MISTNET_X_BEARER_TOKEN: 'emulator-token', MISTNET_X_BACKOFF: quick, ...more };
}

function runner(bench: Workbench, url: string) {
  return (...args: string[]): Promise<ProgramEnd> => bench.mistnet(args, { env: envOf(url) });
}

function expectFailed(end: ProgramEnd, says: RegExp, code = 1): void {
  expect(end.stderr, end.stderr).toMatch(says);
  expect({ code: end.code, signal: end.signal }, end.stderr).toEqual({ code, signal: null });
  expect(end.stderr).not.toMatch(/\n +at |report it|undefined|\[object/);
}

/** The same as the truth, but for what was made since. */
function expectSame(ids: string[], truth: string[]): void {
  const newest = ids[0] ?? '0';
  expect(ids).toEqual(truth.filter((id) => compareIds(id, newest) <= 0));
}

describe('timelines', () => {
  it('are printed whole, in both APIs, flat or as pages, with no call too many', async () => {
    await using bench = await openWorkbench();
    const emulator = await startEmulator(bench, WORLD);
    const mistnet = runner(bench, emulator.url);
    const pages = await mistnet('timeline', `@${BUSY}`);
    const truth = await postsOf(emulator, BUSY);
    expect(pages.stderr).toBe('');
    expectSame(idsOf(pages.stdout), truth);
    expect(truth.length).toBeGreaterThan(500);
    expect(await calls(emulator, '/2/users/:id/tweets')).toMatchObject({
      made: Math.ceil(truth.length / 100),
      refused: 0,
    });
    const [first] = linesOf(pages.stdout);
    expect(JSON.parse(first ?? '')).toMatchObject({
      data: expect.any(Array),
      includes: { users: expect.any(Array) },
      meta: {},
    });

    const legacy = await mistnet('timeline', BUSY, '--api', 'v1.1', '--flatten');
    expectSame(
      linesOf(legacy.stdout).map((line) => (JSON.parse(line) as { id_str: string }).id_str),
      await postsOf(emulator, BUSY),
    );
    const flat = await mistnet('timeline', BUSY, '--flatten', '--limit', '7', '--provenance', '--progress');
    const posts = linesOf(flat.stdout).map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(posts).toHaveLength(7);
    for (const post of posts)
      expect(post).toMatchObject({
        author: { username: BUSY },
        __twarc: { url: expect.stringContaining('/2/users/') },
      });
    expect(flat.stderr).toMatch(/^timeline of teal4832579: 7 of about 7 posts · 1 call · /);
    const window = truth.slice(20, 40);
    const since = await mistnet(
      'timeline',
      BUSY,
      '--since-id',
      truth[40] ?? '',
      '--until-id',
      truth[19] ?? '',
      '--max-results',
      '9',
    );
    expect(idsOf(since.stdout)).toEqual(window);
  });

  it('end in a pipe without a word when nobody reads on', async () => {
    await using bench = await openWorkbench();
    const emulator = await startEmulator(bench, WORLD);
    const env = envOf(emulator.url);
    const script = `${MISTNET} timeline ${BUSY} --flatten --max-results 5 | head -2; echo "\${PIPESTATUS[@]}"`;
    const { stdout, stderr } = await bench.start('/bin/bash', ['-c', script], { env }).ended;
    expect(linesOf(stdout)).toHaveLength(3);
    expect(linesOf(stdout)[2]).toBe('0 0');
    expect(stderr).toBe('');
  });

  it('of accounts that cannot be read are a sentence', async () => {
    await using bench = await openWorkbench();
    const emulator = await startEmulator(bench, WORLD);
    const mistnet = runner(bench, emulator.url);
    const who = await ask<Credentials>(emulator, '/_emulator/credentials');
    const cases: [string | undefined, RegExp][] = [
      [who.user_protected, /protected \(Sorry, you are not authorized/],
      [who.user_protected_id, /account \d+ cannot be read by this token, for it is protected/],
      [who.user_suspended_id, /account \d+ is suspended/],
      [who.user_deleted_id, /account \d+ is not known to X/],
      [who.user_deactivated, /is not known to X/],
      [who.user_renamed_before, /is not known to X/],
    ];
    for (const [account = '', says] of cases) expectFailed(await mistnet('timeline', account), says);
    expectFailed(await mistnet('timeline', who.user_protected ?? '', '--api', 'v1.1'), /protected \(Not authorized\)/);
    expectFailed(await mistnet('timeline', 'a b'), /"a b" is no account/, 2);
  });
});

describe('a command that was killed', () => {
  it('goes on where it was: nothing twice, nothing missing, in a file or in the standard output', async () => {
    await using bench = await openWorkbench();
    // Windows of two seconds with four calls: there is always something left to kill.
    const emulator = await startEmulator(bench, [...WORLD, '--clock', '450']);
    await ask(emulator, '/_emulator/limits', { limits: { 'GET /2/users/:id/tweets': { app: '4' } } });
    const newest = (await postsOf(emulator, BUSY))[30] ?? '';
    const output = join(bench.folder, 'posts.jsonl');
    const resume = join(bench.folder, 'resume.json');
    const args = ['timeline', BUSY, '--until-id', newest, '--max-results', '20', '--limit', '240', '--resume', resume];
    const env = envOf(emulator.url);
    const state = async () => JSON.parse(await readFile(resume, 'utf8')) as { pages: number; done: boolean };
    const killAfter = async (pages: number, more: string[], script?: string) => {
      const program =
        script === undefined
          ? bench.start(MISTNET, [...args, ...more], { env })
          : bench.start('/bin/bash', ['-c', script], { env });
      await until(`${pages} pages`, async () => (await state()).pages >= pages, { everyMs: 5 });
      program.child.kill('SIGKILL');
      await program.ended;
    };
    for (const pages of [1, 3, 6]) await killAfter(pages, ['--output', output, '--flatten']);
    // A kill between the writing of a page and the keeping of its end leaves such a rest behind.
    await appendFile(output, '{"id":"1","text":"half');
    const end = await bench.mistnet([...args, '--output', output, '--flatten'], { env });
    expect(end, end.stderr).toMatchObject({ code: 0 });
    const expected = (await postsOf(emulator, BUSY)).filter((id) => compareIds(id, newest) < 0).slice(0, 240);
    expect(idsOf(await readFile(output, 'utf8'))).toEqual(expected);

    const other = await bench.mistnet(
      [...args, '--limit', '10', '--output', output, '--flatten', '--exclude-replies'],
      { env },
    );
    expectFailed(other, /belongs to another question/, 2);

    await writeFile(resume, '');
    expectFailed(await bench.mistnet([...args, '--output', output], { env }), /is no resume file of mistnet/, 2);
    await bench.start('/bin/rm', [resume]).ended;
    const redirected = join(bench.folder, 'redirected.jsonl');
    await writeFile(redirected, '');
    const script = `exec ${MISTNET} ${args.join(' ')} >> ${redirected}`;
    for (const pages of [2, 5]) await killAfter(pages, [], script);
    expect((await bench.start('/bin/bash', ['-c', script], { env }).ended).code).toBe(0);
    expect(idsOf(await readFile(redirected, 'utf8'))).toEqual(expected);
    const emptied = await bench.start('/bin/bash', ['-c', `exec ${MISTNET} ${args.join(' ')} > ${redirected}`], { env })
      .ended;
    expectFailed(emptied, /holds 0 bytes, fewer than .* write >>/);
  });

  it('asks no id of a look-up twice into its files', async () => {
    await using bench = await openWorkbench();
    const emulator = await startEmulator(bench, [...WORLD, '--clock', '450']);
    await ask(emulator, '/_emulator/limits', { limits: { 'GET /2/tweets': { app: '3' } } });
    const ids = (await postsOf(emulator, BUSY)).slice(0, 1250);
    const [input, output, outcomes, resume] = ['ids', 'posts', 'outcomes', 'resume'].map((name) =>
      join(bench.folder, name),
    ) as [string, string, string, string];
    await writeFile(input, `${ids.join('\n')}\n7\n1.2E+18\n`);
    const args = ['hydrate', input, output, '--outcomes', outcomes, '--resume', resume];
    const env = envOf(emulator.url);
    for (const lines of [100, 500]) {
      const program = bench.start(MISTNET, args, { env });
      await until(`${lines} lines`, async () => {
        const { input: done } = JSON.parse(await readFile(resume, 'utf8')) as { input: { lines: number } };
        return done.lines >= lines;
      });
      program.child.kill('SIGKILL');
      await program.ended;
    }
    const end = await bench.mistnet(args, { env });
    expect(end, end.stderr).toMatchObject({ code: 0 });
    expect(end.stderr).toMatch(/1,252 ids: 1,250 ok, 1 not found, 1 error\.\n$/);
    const there = new Set(await postsOf(emulator, BUSY));
    expect(idsOf(await readFile(output, 'utf8')).filter((id) => there.has(id))).toEqual(
      ids.filter((id) => there.has(id)),
    );
    expect(linesOf(await readFile(outcomes, 'utf8')).map((line) => (JSON.parse(line) as { id: string }).id)).toEqual([
      ...ids,
      '7',
      '1.2E+18',
    ]);
    const again = await bench.mistnet(args, { env });
    expect(again.stderr).toMatch(/1,252 ids/);
    expect((await stat(output)).size).toBeGreaterThan(0);
    await writeFile(input, 'something else\n'.repeat(2000));
    await writeFile(resume, (await readFile(resume, 'utf8')).replace('"done":true', '"done":false'));
    expectFailed(await bench.mistnet(args, { env }), /does not begin with what was answered before/, 2);
  });
});

describe('trouble', () => {
  it('of limits, servers and networks is waited for and told; what may be billed twice is said', async () => {
    await using bench = await openWorkbench();
    const emulator = await startEmulator(bench, [...WORLD, '--clock', '450']);
    const truth = (await postsOf(emulator, BUSY)).slice(50, 350);
    const path = '/2/users/:id/tweets';
    await ask(emulator, '/_emulator/limits', { limits: { [`GET ${path}`]: { app: '3' } } });
    const spoilt = new Map([
      [2, 'unavailable'],
      [3, 'cut'],
      [5, 'html'],
      [6, 'contended'],
    ] as const);
    await using proxy = await startBreakingProxy(emulator.url, (request) => spoilt.get(request as 2));
    const window = ['--until-id', truth[0] === undefined ? '' : String(BigInt(truth[0]) + 1n), '--limit', '300'];
    const end = await bench.mistnet(['timeline', BUSY, ...window], { env: envOf(proxy.url) });
    expect(end, end.stderr).toMatchObject({ code: 0 });
    expect(idsOf(end.stdout)).toEqual(truth);
    expect(linesOf(end.stderr)).toHaveLength(2);
    for (const line of linesOf(end.stderr)) expect(line).toMatch(/which X may bill a second time/);
    expect(await calls(emulator, path)).toMatchObject({ refused: 2 });
  });

  it('of money, rights and tokens ends the command with its own sentence, and it goes on when that is mended', async () => {
    await using bench = await openWorkbench();
    const emulator = await startEmulator(bench, [...WORLD, '--access', 'pay-per-use']);
    const mistnet = runner(bench, emulator.url);
    const truth = await postsOf(emulator, BUSY);
    const output = join(bench.folder, 'posts.jsonl');
    const args = [
      'timeline',
      BUSY,
      '--limit',
      '400',
      '--output',
      output,
      '--resume',
      join(bench.folder, 'resume.json'),
    ];
    await ask(emulator, '/_emulator/limits', { credits: 0.8 });
    expectFailed(
      await mistnet(...args),
      /No credits are left at X \(HTTP 402 CreditsDepleted.*200 posts were printed; the same command goes on/,
    );
    await ask(emulator, '/_emulator/limits', { credits: 100, monthlyPosts: 250 });
    expectFailed(await mistnet(...args), /The posts that X allows in a month are used up \(HTTP 429 UsageCapExceeded/);
    await ask(emulator, '/_emulator/limits', { monthlyPosts: null });
    const end = await mistnet(...args);
    expect(end, end.stderr).toMatchObject({ code: 0 });
    const printed = idsOf(await readFile(output, 'utf8'));
    expect(printed).toHaveLength(400);
    expectSame(printed, truth.slice(0, truth.indexOf(printed.at(-1) ?? '') + 1));

    const refused = await mistnet('timeline', BUSY, '--budget', '1.2', '--flatten');
    expectFailed(
      refused,
      /The estimate of \$[\d.]+ is beyond the budget of \$1\.20.*--over-budget begins all the same/,
    );
    expect(refused.stdout).toBe('');
    const budget = await mistnet('timeline', BUSY, '--budget', '1.2', '--over-budget', '--flatten');
    expectFailed(budget, /The budget of this run is reached.* 200 posts were printed\./);
    expect(idsOf(budget.stdout)).toHaveLength(200);
    await ask(emulator, '/_emulator/limits', { denied: ['GET /2/users/:id/tweets'] });
    expectFailed(await mistnet('timeline', '7'), /does not let this token ask that \(HTTP 403 Client Forbidden/);
    const wrong = await bench.mistnet(['timeline', BUSY], {
      env: envOf(emulator.url, { MISTNET_X_BEARER_TOKEN: 'wrong' }),
    });
    expectFailed(wrong, /X refused the token \(HTTP 401 Unauthorized\)/);
    expectFailed(
      await mistnet('search', 'whale and dolphin'),
      /X did not take the question \(HTTP 400.*Ambiguous use of and/,
    );
    const nowhere = ladders({ networkMs: 1 }).replace('"stepMs":250', '"stepMs":1');
    const away = await bench.mistnet(['users', 'x'], {
      env: envOf('http://127.0.0.1:9', { MISTNET_X_BACKOFF: nowhere }),
    });
    expectFailed(away, /http:\/\/127\.0\.0\.1:9 cannot be reached: connect ECONNREFUSED/);
    expectFailed(await bench.mistnet(['users', 'x'], { env: { MISTNET_X_API_URL: emulator.url } }), /No token for X/);
  });
});

describe('the other questions', () => {
  it('agree with the truth: accounts, follows, searches, counts, conversations', async () => {
    await using bench = await openWorkbench();
    const emulator = await startEmulator(bench, WORLD);
    const mistnet = runner(bench, emulator.url);
    const who = await ask<Credentials>(emulator, '/_emulator/credentials');
    const outcomes = join(bench.folder, 'outcomes.jsonl');
    const accounts = [
      BUSY,
      who.user_suspended_id,
      `@${who.user_protected}`,
      who.user_deleted,
      'https://x.com/not_there_at_all',
      'a b',
    ];
    const users = await mistnet('users', ...accounts.map(String), '--flatten', '--outcomes', outcomes);
    expect(users, users.stderr).toMatchObject({ code: 0 });
    expect(linesOf(users.stdout).map((line) => (JSON.parse(line) as { username: string }).username)).toEqual([
      BUSY,
      who.user_protected,
    ]);
    const told = linesOf(await readFile(outcomes, 'utf8')).map(
      (line) => JSON.parse(line) as { id: string; outcome: string },
    );
    expect(told.map(({ outcome }) => outcome)).toEqual(['ok', 'suspended', 'ok', 'not_found', 'error', 'error']);

    for (const direction of ['followers', 'following']) {
      const truth = linesOf(
        await ask<string>(emulator, `/_emulator/truth/account/${direction}?account=${BUSY}&limit=5000`),
      );
      for (const api of ['v2', 'v1.1'])
        expect(linesOf((await mistnet(direction, BUSY, '--ids', '--api', api)).stdout), `${direction} ${api}`).toEqual(
          truth,
        );
      const [first] = linesOf((await mistnet(direction, BUSY, '--flatten', '--limit', '1')).stdout);
      expect(JSON.parse(first ?? '')).toMatchObject({ id: truth[0], public_metrics: {} });
    }

    const query = `from:${BUSY}`;
    const found = idsOf((await mistnet('search', query, '--max-results', '10')).stdout);
    expect(found.length).toBeGreaterThan(10);
    const all = (await postsOf(emulator, BUSY)).filter((id) => compareIds(id, found[0] ?? '0') <= 0);
    expect(found).toEqual(all.slice(0, found.length));
    // Seven days before the world's beginning, and some minutes for it to have gone on since.
    expect(snowflakeToMs(all[found.length] ?? '')).toBeLessThan(Date.UTC(2026, 10, 15, 9, 20));
    expect(idsOf((await mistnet('search', query, '--archive', '--limit', '150', '--flatten')).stdout)).toHaveLength(
      150,
    );
    // Between fixed instants, for the seven days move on while the commands start.
    const span = ['--start-time', '2026-11-17', '--end-time', '2026-11-22T08:00:00'];
    const within = idsOf((await mistnet('search', query, ...span)).stdout);
    const bounds = [Date.UTC(2026, 10, 17), Date.UTC(2026, 10, 22, 8)] as const;
    const postedAt = (id: string) => snowflakeToMs(id) ?? 0;
    expect(within).toEqual(found.filter((id) => postedAt(id) >= bounds[0] && postedAt(id) < bounds[1]));
    const counted = linesOf((await mistnet('counts', query, '--granularity', 'day', '--flatten', ...span)).stdout);
    const total = counted.reduce((sum, line) => sum + (JSON.parse(line) as { tweet_count: number }).tweet_count, 0);
    expect(total).toBe(within.length);
    const csv = linesOf((await mistnet('counts', query, '--granularity', 'day', '--csv', ...span)).stdout);
    expect(csv).toHaveLength(1 + counted.length);
    expect(csv[0]).toBe('start,end,day_count');
    const estimate = await mistnet('search', query, '--estimate', ...span);
    expect(JSON.parse(estimate.stdout)).toMatchObject({
      posts: total,
      wanted: total,
      calls: 1,
      cost: (total * 5) / 1000,
    });

    const replies = linesOf((await mistnet('search', `to:${BUSY} is:reply`, '--flatten', '--limit', '30')).stdout);
    const { conversation_id: root } = JSON.parse(replies[0] ?? '{}') as { conversation_id: string };
    const thread = linesOf((await mistnet('conversation', `https://x.com/i/status/${root}`, '--flatten')).stdout);
    expect(thread.length).toBeGreaterThan(0);
    for (const line of thread) expect(JSON.parse(line)).toMatchObject({ conversation_id: root });

    for (const [name, type] of [
      ['quotes', 'quoted'],
      ['reposters', 'retweeted'],
    ] as const) {
      const operator = name === 'quotes' ? 'is:quote' : 'is:retweet';
      const words = `from:${BUSY} ${operator}`;
      const [some] = linesOf((await mistnet('search', words, '--archive', '--flatten', '--limit', '1')).stdout);
      const { referenced_tweets: references = [] } = JSON.parse(some ?? '{}') as {
        referenced_tweets?: { type: string; id: string }[];
      };
      const id = references.find((reference) => reference.type === type)?.id ?? '';
      const answered = await mistnet(name, id, '--flatten');
      expect(answered, answered.stderr).toMatchObject({ code: 0 });
      expect(linesOf(answered.stdout).length).toBeGreaterThan(0);
    }

    // What it would cost is said with what that rests on; what is beyond the budget is refused.
    const outlook = await mistnet('timeline', BUSY, '--estimate');
    const { posts: most, calls: asked, cost, basis } = JSON.parse(outlook.stdout) as Record<string, number>;
    expect(most).toBeGreaterThanOrEqual((await postsOf(emulator, BUSY)).length);
    expect([asked, cost]).toEqual([Math.ceil((most ?? 0) / 100), ((most ?? 0) * 5) / 1000]);
    expect(basis).toMatch(/the profile says \d+ posts/);
    const beyond = await mistnet('followers', BUSY, '--estimate', '--budget', '0.02');
    expectFailed(beyond, /The estimate of \$[\d.]+ is beyond the budget of \$0\.02/);
    for (const [name, budget] of [
      ['search', '0.1'],
      ['followers', '0.02'],
    ] as const) {
      const what = name === 'search' ? `from:${BUSY}` : BUSY;
      const tooDear = await mistnet(name, what, '--budget', budget);
      expectFailed(tooDear, /is beyond the budget/);
      expect(tooDear.stdout, name).toBe('');
    }
    const several = join(bench.folder, 'several.txt');
    await writeFile(several, '1\n20\nno id\n');
    const outlooked = await mistnet('hydrate', several, '--estimate');
    expect(JSON.parse(outlooked.stdout)).toMatchObject({ posts: 3, calls: 1, cost: 0.015 });
    expectFailed(await mistnet('hydrate', several, '--budget', '0.01'), /\$0\.01\d* is beyond the budget of \$0\.01/);
    const job = await mistnet('hydrate', several, '--job', 'some', '--flatten');
    expect(job).toMatchObject({ code: 2, stderr: expect.stringMatching(/--flatten and --job do not go together/) });
    const legacy = await mistnet('hydrate', several, '--api', 'v1.1', '--minimal-fields');
    expect(legacy).toMatchObject({ code: 2, stderr: expect.stringMatching(/can be chosen with --api v2 only/) });

    // Fewer fields, all years, and the keys of a person under the names that twarc reads.
    const least = await mistnet('timeline', BUSY, '--limit', '1', '--flatten', '--minimal-fields', '--use-search');
    expect(Object.keys(JSON.parse(linesOf(least.stdout)[0] ?? '{}') as object)).not.toContain('created_at');
    const keys = Object.entries(who)
      .filter(([name]) => /^(consumer_(key|secret)|access_token(_secret)?)$/.test(name))
      .map(([name, value]) => [name.toUpperCase(), value]);
    const asPerson = { MISTNET_X_API_URL: emulator.url, ...(Object.fromEntries(keys) as Environment) };
    const own = await bench.mistnet(['timeline', BUSY, '--limit', '2', '--flatten'], { env: asPerson });
    expect(own, own.stderr).toMatchObject({ code: 0 });
    expect(idsOf(own.stdout)).toHaveLength(2);
    expectFailed(await bench.mistnet(['counts', 'x'], { env: asPerson }), /it takes the token of an app/);
  });

  it('bring posts back from ids, and say of each what became of it', async () => {
    await using bench = await openWorkbench();
    const before = await startEmulator(bench, WORLD);
    const who = await ask<Credentials>(before, '/_emulator/credentials');
    const { user_public: hidden = '', user_self: banned = '', user_renamed: pruned = '' } = who;
    const pages = join(bench.folder, 'pages.jsonl');
    const ids = join(bench.folder, 'ids.txt');
    const mistnet = runner(bench, before.url);
    for (const account of [pruned, hidden, banned])
      await appendFile(pages, (await mistnet('timeline', account, '--limit', '40')).stdout);
    const dehydrated = await mistnet('dehydrate', pages, ids);
    expect(dehydrated.stderr).toMatch(/ids of [0-9]+ lines\.\n$/);
    const all = linesOf(await readFile(ids, 'utf8'));
    expect(all).toEqual(idsOf(await readFile(pages, 'utf8')));
    expect(linesOf((await mistnet('dehydrate', pages, '--id-type', 'users')).stdout)).toHaveLength(all.length);

    const scenario = join(bench.folder, 'scenario.json');
    const events = [
      { at: '+1s', do: 'delete-posts', account: pruned, share: 0.5 },
      { at: '+1s', do: 'protect', account: hidden },
      { at: '+1s', do: 'suspend', account: banned },
    ];
    await writeFile(scenario, JSON.stringify({ events }));
    const after = await startEmulator(bench, [...WORLD, '--scenario', scenario]);
    await until('the changes', async () => {
      const { state } = await ask<{ state: string }>(after, `/_emulator/truth/account?account=${hidden}`);
      return state === 'protected';
    });
    const left = new Set(await postsOf(after, pruned));
    for (const [input, gone] of [
      [ids, 'not_found'],
      [pages, 'deleted'],
    ] as const) {
      const outcomes = join(bench.folder, `outcomes-${gone}.jsonl`);
      const end = await runner(bench, after.url)('hydrate', input, '--flatten', '--outcomes', outcomes);
      expect(end, end.stderr).toMatchObject({ code: 0 });
      const told = linesOf(await readFile(outcomes, 'utf8')).map(
        (line) => JSON.parse(line) as { id: string; outcome: string },
      );
      expect(told.map(({ id }) => id)).toEqual(all);
      const counted = Object.groupBy(told, ({ outcome }) => outcome);
      expect(idsOf(end.stdout).toSorted(compareIds)).toEqual(
        (counted.ok ?? []).map(({ id }) => id).toSorted(compareIds),
      );
      for (const { id } of counted.ok ?? []) expect(left.has(id)).toBe(true);
      expect(Object.keys(counted).toSorted()).toEqual([gone, 'ok', 'protected'].toSorted());
    }
  });
});
