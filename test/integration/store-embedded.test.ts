import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openDatabase } from '../../src/store/db.ts';
import { startEmbeddedPostgres } from '../../src/store/embedded/embedded-postgres.ts';
import { temporaryFolder } from '../support/loader.ts';

const signal = new AbortController().signal;

function places(home: string) {
  return { folder: join(home, 'postgres'), logFolder: join(home, 'logs'), signal };
}

async function ask(url: string): Promise<unknown[]> {
  await using db = await openDatabase(url, { max: 1, applicationName: 'mistnet test' });
  return await db.query('select count(*) as kept from kept'); // awaited here: the pool is closed on return
}

async function postmaster(home: string): Promise<number> {
  return Number((await readFile(join(home, 'postgres/data/postmaster.pid'), 'utf8')).split('\n')[0]);
}

describe('the embedded PostgreSQL', () => {
  it('keeps its data and its port over a stop, listens on loopback only and wants a password', async () => {
    await using home = await temporaryFolder();
    await using first = await startEmbeddedPostgres(places(home.path));
    expect(first.adopted).toBe(false);
    {
      await using db = await openDatabase(first.url, { max: 1, applicationName: 'mistnet test' });
      await db.query('create table kept (id integer); ');
      const [settings] = await db.query(
        `select current_setting('listen_addresses') as listen, current_setting('fsync') as fsync,
          current_setting('synchronous_commit') as commit, current_setting('unix_socket_directories') as sockets,
          (select array_agg(distinct auth_method) from pg_hba_file_rules) as methods`,
      );
      expect(settings).toMatchObject({
        listen: '127.0.0.1',
        fsync: 'on',
        commit: 'on',
        sockets: '',
        methods: ['scram-sha-256'],
      });
    }
    const wrong = first.url.replace(/:[^:@/]+@/, ':guess@');
    await expect(ask(wrong)).rejects.toMatchObject({ code: 'database.unusable' });
    expect((await stat(join(home.path, 'postgres/password'))).mode & 0o777).toBe(0o600);
    await first.stop();
    await expect(ask(first.url)).rejects.toMatchObject({ code: 'database.unreachable' });
    await using second = await startEmbeddedPostgres(places(home.path));
    expect(second.url).toBe(first.url);
    expect(await ask(second.url)).toEqual([{ kept: '0' }]);
  });

  it('lives on when its starter is killed, and is adopted by the next', async () => {
    await using home = await temporaryFolder();
    const script = `
      import { startEmbeddedPostgres } from ${JSON.stringify(join(import.meta.dirname, '../../src/store/embedded/embedded-postgres.ts'))};
      const server = await startEmbeddedPostgres({ ...${JSON.stringify(places(home.path))}, signal: new AbortController().signal });
      process.stdout.write(server.url);
      setInterval(() => {}, 1000);`;
    const starter = spawn(process.execPath, ['--input-type=module', '--eval', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [url] = (await Promise.race([once(starter.stdout, 'data'), once(starter, 'exit')])) as [Buffer | number];
    expect(String(url)).toMatch(/^postgres:/);
    starter.kill('SIGKILL');
    await once(starter, 'exit');
    const pid = await postmaster(home.path);
    await using adopted = await startEmbeddedPostgres(places(home.path));
    expect(adopted.adopted).toBe(true);
    expect(adopted.url).toBe(String(url));
    expect(await postmaster(home.path)).toBe(pid);
  });

  it('comes back on the same port after its postmaster was killed; asking twice starts it once', async () => {
    await using home = await temporaryFolder();
    await using server = await startEmbeddedPostgres(places(home.path));
    expect(await server.ensureRunning()).toBe(false);
    process.kill(await postmaster(home.path), 'SIGKILL');
    const restarts = Promise.all([server.ensureRunning(), server.ensureRunning()]);
    expect(await restarts).toEqual([true, true]);
    await using db = await openDatabase(server.url, { max: 1, applicationName: 'mistnet test' });
    expect(await db.query('select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('takes another port when somebody else has its own', async () => {
    await using home = await temporaryFolder();
    {
      await using first = await startEmbeddedPostgres(places(home.path));
      expect(first.adopted).toBe(false);
    }
    const port = Number(await readFile(join(home.path, 'postgres/port'), 'utf8'));
    const squatter = createServer((socket) => socket.destroy()).listen(port, '127.0.0.1');
    await once(squatter, 'listening');
    try {
      await using server = await startEmbeddedPostgres(places(home.path));
      expect(new URL(server.url).port).not.toBe(String(port));
    } finally {
      squatter.close();
      await once(squatter, 'close');
    }
  });

  it('starts although the leftover process number belongs to another program by now', async () => {
    await using home = await temporaryFolder();
    const first = await startEmbeddedPostgres(places(home.path));
    const lock = join(home.path, 'postgres/data/postmaster.pid');
    const text = await readFile(lock, 'utf8');
    await first.stop();
    await writeFile(lock, text.replace(/^\d+/, String(process.pid)));
    await using second = await startEmbeddedPostgres(places(home.path));
    expect(second.adopted).toBe(false);
  });

  it('leaves no server behind when the start is aborted', async () => {
    await using home = await temporaryFolder();
    await (await startEmbeddedPostgres(places(home.path))).stop();
    const abort = new AbortController();
    const starting = startEmbeddedPostgres({ ...places(home.path), signal: abort.signal });
    abort.abort();
    await expect(starting).rejects.toMatchObject({ name: 'AbortError' });
    await expect(stat(join(home.path, 'postgres/data/postmaster.pid'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('begins anew after a kill while its database was made, and listens to custom.conf', async () => {
    await using home = await temporaryFolder();
    await mkdir(join(home.path, 'postgres/data.new/base'), { recursive: true });
    await writeFile(join(home.path, 'postgres/data.new/PG_VERSION'), '17\n');
    await writeFile(join(home.path, 'postgres/custom.conf'), "work_mem = '3MB'\n");
    await using server = await startEmbeddedPostgres(places(home.path));
    await using db = await openDatabase(server.url, { max: 1, applicationName: 'mistnet test' });
    expect(await db.query('show work_mem')).toEqual([{ work_mem: '3MB' }]);
  });

  it('says in one sentence what is wrong and which log tells more', async () => {
    await using home = await temporaryFolder();
    await (await startEmbeddedPostgres(places(home.path))).stop();
    await writeFile(join(home.path, 'postgres/custom.conf'), 'shared_buffers = plenty\n');
    await expect(startEmbeddedPostgres(places(home.path))).rejects.toMatchObject({
      code: 'postgres.start-failed',
      message: expect.stringMatching(/^The embedded PostgreSQL did not start: .+ See .+\/logs\/postgres\.log\.$/),
    });
    await rm(join(home.path, 'postgres/custom.conf'));
    await writeFile(join(home.path, 'postgres/data/PG_VERSION'), '16\n');
    await expect(startEmbeddedPostgres(places(home.path))).rejects.toMatchObject({
      code: 'postgres.start-failed',
      message: expect.stringContaining('was made by PostgreSQL 16'),
    });
  });
});
