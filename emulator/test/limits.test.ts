import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { startEmulator } from '../src/start-emulator.ts';

const AUTHORIZATION = { authorization: 'Bearer emulator-token' };

it('a fast clock makes windows short, and tells when they end by the clock of the client', async () => {
  // 15 minutes pass in a second.
  await using emulator = await startEmulator({ accounts: 1000, rate: 1, clock: 900 });
  const usage = () => fetch(`${emulator.url}/2/usage/tweets`, { headers: AUTHORIZATION });
  const body = JSON.stringify({ limits: { 'GET /2/usage/tweets': { app: '1' } } });
  await fetch(`${emulator.url}/_emulator/limits`, { method: 'POST', body });
  for (let window = 0; window < 2; window++) {
    const first = await usage();
    expect([first.status, first.headers.get('x-rate-limit-remaining')]).toEqual([200, '0']);
    const waitMs = Number(first.headers.get('x-rate-limit-reset')) * 1000 - Date.now();
    expect(waitMs).toBeLessThanOrEqual(2000);
    // As clients do: until the instant that they were told.
    await sleep(Math.max(0, waitMs));
  }
});

it('a file of changes is read at the start; one that is wrong is named', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'limits-'));
  try {
    const file = join(folder, 'limits.json');
    await writeFile(file, '{"level":"basic","monthlyPosts":12,"rules":3}');
    await using emulator = await startEmulator({ accounts: 1000, rate: 1, limits: file });
    const told = (await (await fetch(`${emulator.url}/_emulator/limits`)).json()) as object;
    expect(told).toMatchObject({ level: 'basic', monthlyPosts: 12, rules: 3, ruleLength: 512 });
    await writeFile(file, '{"rules":"many"}');
    await expect(startEmulator({ limits: file })).rejects.toThrow(`${file}: rules must be a whole number`);
    await expect(startEmulator({ limits: join(folder, 'none') })).rejects.toThrow('cannot be read');
  } finally {
    await rm(folder, { recursive: true });
  }
});
