import { expect, it } from 'vitest';
import { startEmulator } from '../src/start-emulator.ts';

it('the page at / leads to what it names, renews itself only when asked, and tells what is not as usual', async () => {
  await using emulator = await startEmulator({ accounts: 1000, rate: 1, uncertain: { 'no-rules': 'empty' } });
  const page = async (path: string): Promise<string> => (await fetch(emulator.url + path)).text();
  const quiet = await page('/');
  expect((await fetch(emulator.url)).headers.get('content-disposition')).toBeNull();
  expect(quiet).not.toContain('http-equiv="refresh"');
  expect(quiet).toContain('no-rules=empty');
  expect(await page('/?renew')).toContain('<meta http-equiv="refresh" content="5">');
  const links = [...quiet.matchAll(/href="([^"]+)"/g)].map(([, link]) => link ?? '');
  expect(links).toContain('/_emulator/credentials');
  for (const link of new Set(links)) expect([link, (await fetch(emulator.url + link)).status]).toEqual([link, 200]);
});

it('its lines to try work as they stand', async () => {
  await using emulator = await startEmulator({ accounts: 1000, rate: 50 });
  const page = await (await fetch(emulator.url)).text();
  const lines = [...page.matchAll(/<pre><code>(.*?)<\/code>/g)].map(([, line]) =>
    (line ?? '').replaceAll('&#39;', "'").replaceAll('&quot;', '"').replaceAll('&amp;', '&'),
  );
  expect(lines).toHaveLength(4);
  const reads = lines.filter((line) => line.includes('/2/users/') || line.includes('/recent'));
  expect(reads).toHaveLength(2);
  for (const line of reads) {
    const [, authorization = '', address = ''] = /^curl -H 'authorization: ([^']+)' '([^']+)'$/.exec(line) ?? [];
    const answer = await fetch(address, { headers: { authorization } });
    expect([line, answer.status, await answer.json()]).toMatchObject([
      line,
      200,
      { data: expect.anything() as unknown },
    ]);
  }
});
