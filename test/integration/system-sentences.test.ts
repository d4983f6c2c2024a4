/** What can go wrong before or besides the work is said in one clear sentence, with the right exit code, and leaves nothing running. */
import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { freshDatabase } from '../support/database.ts';
import { startEmulator } from '../support/system/emulator.ts';
import { addCollection, startMistnet, towards } from '../support/system/mistnet.ts';
import {
  type Environment,
  MISTNET,
  openWorkbench,
  type ProgramEnd,
  projectRoot,
  type Workbench,
} from '../support/system/workbench.ts';

/** `says`: what its standard error must hold, and nothing else but one line (two where the command line itself is wrong). */
type Case = { args: string[]; env?: Environment; code: 1 | 2; says: RegExp };

function expectSentence(end: ProgramEnd, { args, code, says }: Case): void {
  const what = `mistnet ${args.join(' ')}: ${end.stderr}`;
  expect(end.stderr, what).toMatch(says);
  expect({ code: end.code, signal: end.signal }, what).toEqual({ code, signal: null });
  expect(end.stderr, what).not.toMatch(/\n +at |report it|undefined|\[object/);
  const lines = end.stderr.split('\n').filter((line) => !/^$|^\(see --help\)$|^mistnet demo: /.test(line));
  expect(lines, what).toHaveLength(1);
  expect(lines[0], what).toMatch(/^mistnet: .*[.?)]$|^mistnet: unknown (command|option) '/);
  expect(end.stdout, what).toBe('');
}

async function expectAll(bench: Workbench, cases: Case[]): Promise<void> {
  for (const wish of cases) expectSentence(await bench.mistnet(wish.args, { env: wish.env ?? {} }), wish);
  await bench.allGone(5000);
}

const build = (...more: string[]) => ['dataset', 'build', ...more];

describe('one clear sentence and the right exit code for', () => {
  it('a wrong command line or setting', async () => {
    await using bench = await openWorkbench();
    await expectAll(bench, [
      { args: ['nosuch'], code: 2, says: /unknown command 'nosuch'/ },
      { args: ['start', '--nope'], code: 2, says: /unknown option '--nope'/ },
      { args: ['run', 'nosuch'], code: 2, says: /Allowed choices are capture, worker, server\./ },
      { args: ['sample', '--count', '0'], code: 2, says: /whole number from 1/ },
      { args: ['sample', '--duration', '5'], code: 2, says: /Write a time like 60s, 5m or 1h/ },
      { args: ['collection', 'add', 'x', '--kind', 'nosuch'], code: 2, says: /Allowed choices are sample/ },
      { args: ['start'], env: { MISTNET_FOO: '1' }, code: 2, says: /MISTNET_FOO is not a setting of mistnet/ },
      {
        args: ['start'],
        env: { MISTNET_PORT: '99999', MISTNET_X_API_URL: 'nosuch' },
        code: 2,
        says: /MISTNET_PORT is "99999".*MISTNET_X_API_URL is "nosuch"/,
      },
      {
        args: ['start'],
        env: { MISTNET_HOST: 'the internet' },
        code: 2,
        says: /MISTNET_HOST is "the internet": is no address of this machine/,
      },
      {
        args: ['start'],
        env: { MISTNET_HOST: '0.0.0.0' },
        code: 2,
        says: /MISTNET_HOST is "0.0.0.0", all addresses of this machine: say by MISTNET_PUBLIC_URL/,
      },
      {
        args: ['start'],
        env: { MISTNET_PUBLIC_URL: 'https://host.example/api' },
        code: 2,
        says: /MISTNET_PUBLIC_URL is "https:\/\/host.example\/api": its path begins with \/api/,
      },
      { args: ['start'], env: { MISTNET_X_BACKOFF: '{' }, code: 2, says: /MISTNET_X_BACKOFF is not JSON like/ },
      {
        args: ['demo'],
        env: { MISTNET_NODE: 'Not A Name' },
        code: 2,
        says: /MISTNET_NODE is "Not A Name": use 1 to 32/,
      },
    ]);
  });

  it('hours, zones, folders and files that cannot be', async () => {
    await using bench = await openWorkbench();
    const empty = join(bench.folder, 'empty');
    const file = join(bench.folder, 'file');
    const full = join(bench.folder, 'full');
    await mkdir(empty);
    await mkdir(full);
    await writeFile(file, 'no folder\n');
    await writeFile(join(full, 'one.jsonl'), '{"data":{"id":"1576195200000000000","text":"one"}}\n');
    const from = (folder: string, hour = '2022-10-01T13Z', output = join(bench.folder, 'out')) =>
      build('--from', folder, '--hour', hour, '--output', output);
    await expectAll(bench, [
      {
        args: build('--collection', 'x', '--hour', '2026-11-22'),
        code: 2,
        says: /"2026-11-22" is not an hour; write it in UTC like/,
      },
      { args: from(full, '2022-10-01T25Z'), code: 2, says: /"2022-10-01T25Z" is not an hour/ },
      { args: [...from(full), '--zone', 'Mars/Base'], code: 2, says: /"Mars\/Base" is not a time zone/ },
      { args: from('/nowhere/at/all'), code: 1, says: /\/nowhere\/at\/all/ },
      { args: from(file), code: 1, says: /folder .*\/file: ENOTDIR/ },
      { args: from(empty), code: 1, says: /There is no \*\.jsonl, .* file below / },
      { args: from(full, '2022-10-01T13Z', join(file, 'out')), code: 1, says: /\/file/ },
      {
        args: build('--hour', '2022-10-01T13Z'),
        code: 2,
        says: /--collection NAME, or --from FOLDER with --output FOLDER/,
      },
      { args: build('--from', full, '--hour', '2022-10-01T13Z'), code: 2, says: /--from needs --output/ },
      { args: ['segment', 'cat', '/nowhere.jsonl'], code: 1, says: /\/nowhere\.jsonl cannot be read: ENOENT/ },
      { args: ['segment', 'cat', file], code: 1, says: /is no segment/ },
      { args: ['segment', 'verify', '/nowhere.jsonl.zst'], code: 1, says: /cannot be read: ENOENT/ },
      {
        args: ['sample', '--output', join(file, 'x')],
        env: { MISTNET_X_BEARER_TOKEN: 'x' },
        code: 1,
        says: /cannot be written: ENOTDIR/,
      },
    ]);
  });

  it('collections that are not there, are there already, or cannot be', async () => {
    await using bench = await openWorkbench();
    await addCollection(bench, 'harbour', { MISTNET_X_BEARER_TOKEN: 'x' });
    const add = (...more: string[]) => ['collection', 'add', ...more, '--kind', 'sample'];
    await expectAll(bench, [
      {
        args: ['collection', 'show', 'harbor'],
        code: 1,
        says: /There is no collection "harbor"\. Did you mean harbour\?/,
      },
      { args: ['collection', 'start', 'zzzzzz'], code: 1, says: /There is no collection "zzzzzz"\. .*list/ },
      { args: build('--collection', 'habrour', '--hour', '2026-11-22T13Z'), code: 1, says: /Did you mean harbour\?/ },
      {
        args: build('--collection', 'harbour', '--hour', '2026-11-22T13Z'),
        code: 1,
        says: /"harbour" has no segment of 2026-11-22T13Z/,
      },
      { args: ['rebuild', '--collection', 'nosuch'], code: 1, says: /There is no collection "nosuch"/ },
      { args: add('harbour'), code: 1, says: /There is a collection "harbour" already/ },
      { args: add('Bad Name'), code: 2, says: /"Bad Name" cannot be a collection's name/ },
      { args: add('fine', '--zone', 'Mars/Base'), code: 2, says: /"Mars\/Base" is not a time zone/ },
      { args: add('fine', '--keep', 'days:0'), code: 2, says: /"days:0" is not a way to keep posts/ },
    ]);
  });

  it('tokens and platforms that do not answer', async () => {
    await using bench = await openWorkbench();
    const emulator = await startEmulator(bench, []);
    const nowhere = { MISTNET_X_API_URL: 'http://127.0.0.1:9', MISTNET_X_BEARER_TOKEN: 'x' };
    await expectAll(bench, [
      { args: ['sample'], code: 1, says: /No token for X: set MISTNET_X_BEARER_TOKEN or MISTNET_X_BEARER_TOKEN_FILE/ },
      {
        args: ['sample'],
        env: { MISTNET_X_BEARER_TOKEN_FILE: '/nowhere' },
        code: 1,
        says: /The token file \/nowhere cannot be read/,
      },
      {
        args: ['sample'],
        env: towards(emulator, { MISTNET_X_BEARER_TOKEN: 'wrong' }),
        code: 1,
        says: /X refused the token \(HTTP 401 Unauthorized.*\)\. Correct MISTNET_X_BEARER_TOKEN/,
      },
      { args: ['sample'], env: nowhere, code: 1, says: /http:\/\/127\.0\.0\.1:9 cannot be reached: .*ECONNREFUSED/ },
    ]);
  });

  it('ports in use', async () => {
    await using bench = await openWorkbench();
    await using taken = await takePort();
    const port = String(taken.port);
    await expectAll(bench, [
      {
        args: ['start'],
        env: { MISTNET_PORT: port },
        code: 1,
        says: new RegExp(`Port ${port} of 127\\.0\\.0\\.1 is taken`),
      },
    ]);
    const demo = await bench.mistnet(['demo'], { env: { MISTNET_EMULATOR_PORT: port } });
    expect(demo.stderr).toMatch(new RegExp(`mistnet: Port ${port} of 127\\.0\\.0\\.1 is taken.*MISTNET_EMULATOR_PORT`));
    expect(demo.code).toBe(1);
    const both = await bench.mistnet(['demo'], { env: { MISTNET_PORT: port } });
    expect(both.stderr).toMatch(new RegExp(`mistnet: Port ${port} of 127\\.0\\.0\\.1 is taken`));
    expect(both.code).toBe(1);
    await bench.allGone(5000);
  });

  it('databases that are away or newer, homes that are newer, damaged, in use or no folders', async () => {
    await using bench = await openWorkbench();
    await using newer = await freshDatabase();
    await newer.db.query("insert into migrations (number, name, sha256) values (9999, '9999_future', 'x')");
    const home = async (name: string, file: string, text: string): Promise<Environment> => {
      await mkdir(join(bench.folder, name), { recursive: true });
      await writeFile(join(bench.folder, name, file), text);
      return { MISTNET_HOME: join(bench.folder, name) };
    };
    const away = { MISTNET_DATABASE_URL: 'postgres://somebody:secret@127.0.0.1:9/nothing' };
    const future = await home('future', 'home.json', '{"format":99}');
    const damaged = await home('damaged', 'home.json', 'not json');
    const misnamed = await home('misnamed', 'node-name', 'Not A Name\n');
    await writeFile(join(bench.folder, 'plain'), '');
    await expectAll(bench, [
      {
        args: ['start'],
        env: away,
        code: 1,
        says: /PostgreSQL at 127\.0\.0\.1:9 does not answer .*MISTNET_DATABASE_URL/,
      },
      { args: ['collection', 'list'], env: away, code: 1, says: /PostgreSQL at 127\.0\.0\.1:9 does not answer/ },
      {
        args: ['start'],
        env: { MISTNET_DATABASE_URL: newer.url },
        code: 1,
        says: /migrated by a newer mistnet \(it has 9999_future\)/,
      },
      {
        args: ['collection', 'list'],
        env: { MISTNET_DATABASE_URL: newer.url },
        code: 1,
        says: /migrated by a newer mistnet/,
      },
      {
        args: ['start'],
        env: { MISTNET_DATABASE_URL: 'mysql://x' },
        code: 2,
        says: /MISTNET_DATABASE_URL write it like postgres:/,
      },
      { args: ['start'], env: future, code: 1, says: /written by a newer mistnet \(format 99; this one knows 1\)/ },
      { args: ['collection', 'list'], env: future, code: 1, says: /written by a newer mistnet/ },
      { args: ['start'], env: damaged, code: 1, says: /home\.json is damaged/ },
      { args: ['start'], env: misnamed, code: 1, says: /node-name holds no name/ },
      { args: ['start'], env: { MISTNET_HOME: join(bench.folder, 'plain') }, code: 1, says: /plain cannot be used: / },
      {
        args: ['demo'],
        env: { MISTNET_HOME: join(bench.folder, 'plain/below') },
        code: 1,
        says: /below cannot be used: ENOTDIR/,
      },
      {
        args: ['collection', 'list'],
        env: { MISTNET_HOME: '/proc/nowhere' },
        code: 1,
        says: /\/proc\/nowhere cannot be used: /,
      },
    ]);
    const running = await startMistnet(bench, {});
    for (const args of [['start'], ['demo'], ['run', 'capture']]) {
      const second = await bench.mistnet(args);
      expect(second.stderr).toMatch(/mistnet: Another mistnet runs in .*\/home already\. End it first/);
      expect(second).toMatchObject({ code: 1, stdout: '' });
    }
    const { status } = await fetch(new URL('/api/v1/status', running.url));
    expect(status).toBe(200);
    await running.stop();
  });

  it('a clone whose pinned Node is missing', async () => {
    await using bench = await openWorkbench();
    const clone = join(bench.folder, 'clone');
    await cp(join(projectRoot, 'bin'), join(clone, 'bin'), { recursive: true });
    await symlink(join(clone, 'bin/mistnet'), join(bench.folder, 'linked'));
    const end = await bench.start(join(bench.folder, 'linked'), ['--version']).ended;
    expect(end.stderr).toMatch(
      /^mistnet: the pinned Node is missing \(.*\/clone\/node_modules\/\.bin\/node\)\. Run 'npm ci' in .*\/clone/,
    );
    expect(end.code).toBe(1);
    const version = await bench.start(MISTNET, ['--version'], { cwd: '/' }).ended;
    const { version: ours } = JSON.parse(await readFile(join(projectRoot, 'package.json'), 'utf8')) as {
      version: string;
    };
    expect(version).toMatchObject({ code: 0, stdout: `${ours}\n`, stderr: '' });
  });
});

describe('a collection without a token that is accepted', () => {
  it('is paused with the reason, and goes on by itself when the token file is put right', async () => {
    await using bench = await openWorkbench();
    const emulator = await startEmulator(bench, ['--rate', '100']);
    const tokenFile = join(bench.folder, 'token');
    const env = towards(emulator, { MISTNET_X_BEARER_TOKEN: '', MISTNET_X_BEARER_TOKEN_FILE: tokenFile });
    const mistnet = await startMistnet(bench, env);
    const added = await bench.mistnet(['collection', 'add', 'tokens', '--kind', 'sample'], { env });
    expect(added).toMatchObject({ code: 0 });
    expect(added.stderr).toMatch(/It will be paused: The token file .*\/token cannot be read: ENOENT/);
    await mistnet.statusIs(
      'tokens',
      'a pause',
      ({ state, reason }) => state === 'paused' && /token file .* cannot be read/.test(reason ?? ''),
    );
    await writeFile(tokenFile, 'wrong\n');
    await mistnet.statusIs(
      'tokens',
      'the refusal',
      ({ state, reason }) => state === 'paused' && /HTTP 401 Unauthorized/.test(reason ?? ''),
    );
    const list = await bench.mistnet(['collection', 'list'], { env });
    expect(list.stdout).toMatch(/tokens +paused/);
    const show = await bench.mistnet(['collection', 'show', 'tokens'], { env });
    expect(show.stdout).toMatch(/reason: .*401/);
    await writeFile(tokenFile, 'emulator-token\n');
    const { reason } = await mistnet.statusIs(
      'tokens',
      'posts',
      ({ state, captured }) => state === 'connected' && captured > 0,
    );
    expect(reason).toBeUndefined();
    await mistnet.stop();
  });
});

async function takePort(): Promise<AsyncDisposable & { port: number }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
