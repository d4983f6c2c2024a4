import { execFile, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { LACKS_SPECIFICATIONS, observeEmulator } from '../support/observed-emulator.ts';

/** Debian's own, which has Debian's tweepy; another python3 may come first on the path. */
const PYTHON = '/usr/bin/python3';
const SUITE = fileURLToPath(new URL('tweepy_suite.py', import.meta.url));
const hasTweepy = spawnSync(PYTHON, ['-c', 'import tweepy']).status === 0;
const isSkipped = !hasTweepy && process.env['MISTNET_REQUIRE_ALL'] !== '1';

interface Checked {
  readonly name: string;
  readonly error: string | null;
}

async function runSuite(port: number, ...more: string[]): Promise<Checked[]> {
  const options = { timeout: 50_000, env: { PATH: '/usr/bin:/bin', PYTHONDONTWRITEBYTECODE: '1' } };
  const { stdout } = await promisify(execFile)(PYTHON, [SUITE, `127.0.0.1:${port}`, ...more], options);
  const lines = stdout.trim().split('\n');
  return lines.map((line) => JSON.parse(line) as Checked);
}

describe.skipIf(isSkipped)('tweepy (skipped where python3-tweepy is not installed)', () => {
  it('looks up, pages, searches, streams, signs in, and v1.1 likewise', async () => {
    await using emulator = await observeEmulator({ seed: 5, rate: 200, keepaliveMs: 50, accounts: 20_000 });
    const checked = await runSuite(emulator.port);
    expect(checked.filter(({ error }) => error !== null)).toEqual([]);
    expect(checked.length).toBeGreaterThanOrEqual(14);
    if (!LACKS_SPECIFICATIONS) expect(emulator.expectAllValid()).toBeGreaterThan(60);
  });

  it('waits for the next window when it is to, also where windows are short', async () => {
    await using emulator = await observeEmulator({ seed: 5, rate: 10, clock: 900, accounts: 20_000 });
    const checked = await runSuite(emulator.port, 'windows');
    expect(checked).toEqual([{ name: 'waits_for_the_next_window', error: null }]);
  });
});
