import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BuildLock } from './build-lock.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mistnet-lock-'));
});
afterEach(async () => rm(folder, { recursive: true, force: true }));

const clock = { now: () => 1_000_000_000_000 };
const take = () => BuildLock.take(join(folder, 'lock'), 'The hour', clock);
const owner = (change: object) =>
  writeFile(
    join(folder, 'lock'),
    JSON.stringify({ token: 't', host: hostname(), pid: process.pid, started: '0', beatMs: clock.now(), ...change }),
  );

describe('the lock of a build', () => {
  it('is held by one, and free again after it', async () => {
    {
      await using lock = await take();
      expect(lock.isHeld()).toBe(true);
      await expect(take()).rejects.toMatchObject({
        code: 'dataset.conflict',
        message: expect.stringContaining(`process ${process.pid}`),
      });
    }
    await using again = await take();
    expect(again.isHeld()).toBe(true);
  });

  it('leaves nothing behind', async () => {
    {
      await using _lock = await take();
    }
    expect(await readdir(folder)).toEqual([]);
  });

  it('is given to one of many that ask at once', async () => {
    await owner({ pid: 2 ** 22 - 1 });
    const asked = await Promise.allSettled(Array.from({ length: 20 }, take));
    const held = asked.filter((result) => result.status === 'fulfilled');
    expect(held.length).toBe(1);
    const refused = asked.filter((result) => result.status === 'rejected');
    expect(new Set(refused.map(({ reason }) => reason.code))).toEqual(new Set(['dataset.conflict']));
    for (const { value } of held) await value[Symbol.asyncDispose]();
    expect(await readdir(folder)).toEqual([]);
  });

  it('is taken over from a process that was killed', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    await once(child, 'spawn');
    const started = (await readFile(`/proc/${child.pid}/stat`, 'latin1')).split(') ')[1]?.split(' ')[19];
    await owner({ pid: child.pid, started });
    await expect(take()).rejects.toMatchObject({ code: 'dataset.conflict' });
    child.kill('SIGKILL');
    await once(child, 'close');
    await using lock = await take();
    expect(lock.isHeld()).toBe(true);
  });

  it('is taken over from a process whose number another has now', async () => {
    await owner({ started: '1' });
    await using lock = await take();
    expect(lock.isHeld()).toBe(true);
  });

  it('is respected on another host while that one is heard of', async () => {
    await owner({ host: 'elsewhere', beatMs: clock.now() - 60_000 });
    await expect(take()).rejects.toMatchObject({
      code: 'dataset.conflict',
      message: expect.stringContaining('elsewhere'),
    });
    await owner({ host: 'elsewhere', beatMs: clock.now() - 600_000 });
    await using lock = await take();
    expect(lock.isHeld()).toBe(true);
  });

  it('is taken over where the file is no lock at all', async () => {
    await writeFile(join(folder, 'lock'), '');
    await using lock = await take();
    expect(lock.isHeld()).toBe(true);
  });

  it('knows when it was lost', async () => {
    await using lock = await take();
    await owner({});
    expect(lock.isHeld()).toBe(false);
  });
});
