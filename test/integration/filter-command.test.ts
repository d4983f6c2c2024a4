/** `mistnet filter`: rules for as long as it runs, beside those of others. */
import { describe, expect, it } from 'vitest';
import { startEmulator } from '../support/system/emulator.ts';
import { towards } from '../support/system/mistnet.ts';
import { until } from '../support/system/until.ts';
import { MISTNET, openWorkbench } from '../support/system/workbench.ts';

type Rule = { id: string; value: string; tag?: string };
type Line = { data: { text: string }; matching_rules: { tag: string }[] };

describe('mistnet filter', () => {
  it('prints what its own rules find, and leaves those of others as they are, whatever ends it', async () => {
    await using bench = await openWorkbench();
    const emulator = await startEmulator(bench, ['--seed', '5', '--rate', '200']);
    const env = towards(emulator);
    const rules = async (add?: object[]): Promise<Rule[]> => {
      const response = await fetch(new URL('/2/tweets/search/stream/rules', emulator.url), {
        ...(add === undefined ? {} : { method: 'POST', body: JSON.stringify({ add }) }),
        headers: {
          ...{ authorization: 'Bearer emulator-token', 'content-type': 'application/json', connection: 'close' },
        },
      });
      return ((await response.json()) as { data?: Rule[] }).data ?? [];
    };
    // A collection's, with the very text that is asked for here, and one that finds much else.
    const others = await rules([
      { value: 'love', tag: 'mistnet-0badcafe-1' },
      { value: 'day', tag: 'another' },
    ]);
    const run = (...args: string[]) => bench.mistnet(['filter', ...args], { env });

    const end = await run('love', '--words', 'night, world', '--exclude', 'reposts', '--count', '15');
    expect(end, end.stderr).toMatchObject({ code: 0, stderr: '' });
    const lines = end.stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Line);
    expect(lines).toHaveLength(15);
    const own = /^mistnet-once-[0-9a-f]{10} (love|night|world)$/;
    for (const { matching_rules: matched } of lines) expect(matched.some(({ tag }) => own.test(tag))).toBe(true);
    expect(await rules()).toEqual(others);

    // What cannot be read, here or by the platform, is said before anything runs, and nothing of it stays.
    expect(await run('love', 'the')).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/^mistnet: the: Words like "the" and "and" are too common/),
    });
    expect(await run('love', 'night lang:xx')).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/X does not take these rules: night lang:xx: /),
    });
    expect(await run()).toMatchObject({ code: 2 });
    expect(await rules()).toEqual(others);

    // Stopped by a person it takes its rules back; killed it cannot, and says how that is done later.
    for (const signal of ['SIGINT', 'SIGKILL'] as const) {
      const running = bench.start(MISTNET, ['filter', 'love OR day'], { env });
      await until('posts', () => running.printed.length > 1000);
      expect(await rules()).toHaveLength(3);
      running.child.kill(signal);
      const { code } = await running.ended;
      if (signal === 'SIGINT') expect(code).toBe(0);
      expect(await rules()).toHaveLength(signal === 'SIGINT' ? 2 : 3);
    }
    const cleaned = await run('--clean-up');
    expect(cleaned).toMatchObject({ code: 0, stderr: expect.stringMatching(/1 rule was deleted/) });
    expect(await rules()).toEqual(others);
  }, 180_000);
});
