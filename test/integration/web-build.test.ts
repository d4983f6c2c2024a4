/** Building the page, on a small workspace of its own. */
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ensureWebBuilt } from '../../src/server/web-build.ts';
import { projectRoot } from '../support/server.ts';

async function smallWorkspace() {
  const folder = await mkdtemp(join(tmpdir(), 'mistnet-web-'));
  await mkdir(join(folder, 'src'));
  await mkdir(join(folder, 'public'));
  await symlink(join(projectRoot, 'node_modules'), join(folder, 'node_modules'));
  const write = (name: string, text: string) => writeFile(join(folder, name), text);
  await write('package.json', '{"name":"small","private":true,"type":"module"}');
  await write('vite.config.ts', 'export default {};');
  await write('index.html', '<!doctype html><script type="module" src="/src/main.ts"></script>');
  await write('src/main.ts', 'document.title = "first";');
  await write('public/robots.txt', 'User-agent: *');
  return {
    ...{ folder, write },
    build: (signal = AbortSignal.timeout(100_000), onBuild = () => {}) =>
      ensureWebBuilt({ webFolder: folder, signal, onBuild }),
    async script() {
      const assets = join(folder, 'dist/assets');
      const [name = ''] = (await readdir(assets)).filter((each) => each.endsWith('.js'));
      return readFile(join(assets, name), 'utf8');
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

describe('the page', () => {
  it('is built once when several want it at the same time, and not again while its sources stay', async () => {
    await using web = await smallWorkspace();
    let builds = 0;
    const count = () => {
      builds += 1;
    };
    const results = await Promise.all([1, 2, 3].map(() => web.build(undefined, count)));
    expect(results.toSorted()).toEqual(['built', 'fresh', 'fresh']);
    expect(builds).toBe(1);
    expect(await web.script()).toContain('first');
    expect(await web.build(undefined, count)).toBe('fresh');
    await web.write('src/main.test.ts', 'a test is no source of the page');
    expect(await web.build(undefined, count)).toBe('fresh');
    expect(builds).toBe(1);
  });

  it('is built anew when a source was changed, added or removed', async () => {
    await using web = await smallWorkspace();
    expect(await web.build()).toBe('built');
    await web.write('src/main.ts', 'document.title = "second";');
    expect(await web.build()).toBe('built');
    expect(await web.script()).toContain('second');
    await web.write('public/new.txt', 'new');
    expect(await web.build()).toBe('built');
    await rm(join(web.folder, 'public/new.txt'));
    expect(await web.build()).toBe('built');
    expect(await readdir(join(web.folder, 'dist'))).not.toContain('new.txt');
  });

  it('stays as it was when a build fails, which says why', async () => {
    await using web = await smallWorkspace();
    await web.build();
    await web.write('src/main.ts', 'import "./missing.ts";');
    await expect(web.build()).rejects.toMatchObject({ code: 'process.failed' });
    await expect(web.build()).rejects.toThrow('missing.ts');
    expect(await web.script()).toContain('first');
    expect(await readdir(join(web.folder, '.vite'))).toEqual([]);
  });

  it('is built although a killed build left its lock and half a page', async () => {
    await using web = await smallWorkspace();
    const dead = spawnSync(process.execPath, ['--version']);
    await mkdir(join(web.folder, '.vite/building-dead'), { recursive: true });
    await writeFile(join(web.folder, '.vite/build.lock'), String(dead.pid));
    expect(await web.build()).toBe('built');
    expect(await readdir(join(web.folder, '.vite'))).toEqual([]);
  });

  it('is given up on when the signal says so, waiting or building', async () => {
    await using web = await smallWorkspace();
    const stop = new AbortController();
    await expect(web.build(stop.signal, () => stop.abort())).rejects.toMatchObject({ name: 'AbortError' });
    await mkdir(join(web.folder, '.vite'), { recursive: true });
    await writeFile(join(web.folder, '.vite/build.lock'), String(process.pid));
    await expect(web.build(AbortSignal.timeout(300))).rejects.toMatchObject({ name: 'AbortError' });
  });
});
