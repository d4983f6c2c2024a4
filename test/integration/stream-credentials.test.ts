/** Streams that are asked for with a credential that is kept: sealed beside the plan, given anew, taken away, named. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startEmulator } from '../support/system/emulator.ts';
import { addCollection, startMistnet, towards } from '../support/system/mistnet.ts';
import { until } from '../support/system/until.ts';
import { openWorkbench } from '../support/system/workbench.ts';

describe('a stream without a token of the environment', () => {
  it('takes a credential that is kept, ends when that is taken away, and comes back with another one', async () => {
    await using bench = await openWorkbench();
    const emulator = await startEmulator(bench, ['--seed', '4', '--rate', '200']);
    const env = towards(emulator, { MISTNET_X_BEARER_TOKEN: undefined });
    const mistnet = await startMistnet(bench, env);
    const run = async (...args: string[]) => {
      const end = await bench.mistnet(args, { env });
      expect(end, end.stderr).toMatchObject({ code: 0 });
      return end;
    };
    const keyFile = join(bench.home, '..', 'key.json');
    const add = async (label: string, token: string) => {
      await writeFile(keyFile, JSON.stringify({ bearer_token: token }));
      await run('credential', 'add', label, '--from', keyFile, '--no-test');
    };
    await addCollection(bench, 'live', env);
    expect((await mistnet.statusIs('live', 'a pause', ({ state }) => state === 'paused')).reason).toMatch(
      /No token for X.*mistnet credential add/,
    );

    await add('first', 'emulator-token');
    await mistnet.statusIs('live', 'posts', ({ state, captured }) => state === 'connected' && captured > 100);
    const beside = await readFile(join(bench.home, 'segments', 'live', 'credential.json'), 'utf8');
    expect(JSON.parse(beside)).toMatchObject({ label: 'first', kind: 'app' });
    expect(beside).not.toContain('emulator-token');

    // Named, and then removed: what is open ends, and the reason names it.
    await run('collection', 'credential', 'live', 'first');
    await until('a second connection', async () => (await emulator.connections()).length > 1);
    await mistnet.statusIs('live', 'posts again', ({ state }) => state === 'connected');
    await run('credential', 'remove', 'first');
    const paused = await mistnet.statusIs('live', 'a pause', ({ state }) => state === 'paused');
    expect(paused.reason).toMatch(/no credential "first"/);
    expect((await emulator.connections()).every(({ closedAt }) => closedAt !== null)).toBe(true);

    // A wrong one is refused with the platform's reason; the right one under the same name is used at once.
    await add('first', 'wrong');
    await mistnet.statusIs('live', 'a refusal', ({ reason }) => /401|Unauthorized/.test(reason ?? ''));
    await run('credential', 'remove', 'first');
    await add('first', 'emulator-token');
    await mistnet.statusIs('live', 'posts once more', ({ state }) => state === 'connected');
    const unknown = await bench.mistnet(['collection', 'credential', 'live', 'firs'], { env });
    expect(unknown).toMatchObject({ code: 1, stderr: expect.stringMatching(/Did you mean first/) });

    // Without a name the only one is taken; once it is known as refused, that is what is said, and not that there is none.
    await run('collection', 'credential', 'live', '--any');
    await run('credential', 'remove', 'first');
    await writeFile(keyFile, JSON.stringify({ bearer_token: 'wrong' }));
    await bench.mistnet(['credential', 'add', 'bad', '--from', keyFile], { env });
    await emulator.fault({ kind: 'cut' });
    await mistnet.statusIs(
      'live',
      'the refused one’s name',
      ({ state, reason = '' }) =>
        state === 'paused' && reason.includes('The credential "bad" is kept, but X let it in nowhere'),
    );
    await add('good', 'emulator-token');
    await mistnet.statusIs('live', 'posts for the last time', ({ state }) => state === 'connected');

    // Without a name, too, one that is removed is used no longer: the stream goes on with another one, and ends with the last.
    const soon = { withinMs: 15_000 };
    const before = (await emulator.connections()).length;
    await add('other', 'emulator-token');
    await run('credential', 'remove', 'good');
    await until('a connection with the other one', async () => (await emulator.connections()).length > before, soon);
    await mistnet.statusIs('live', 'posts with the other one', ({ state }) => state === 'connected');
    expect(JSON.parse(await readFile(join(bench.home, 'segments', 'live', 'credential.json'), 'utf8'))).toMatchObject({
      label: 'other',
    });
    expect((await emulator.connections()).filter(({ closedAt }) => closedAt === null)).toHaveLength(1);
    await run('credential', 'remove', 'other');
    await until(
      'no connection',
      async () => (await emulator.connections()).every(({ closedAt }) => closedAt !== null),
      soon,
    );
    await mistnet.statusIs(
      'live',
      'that there is none',
      ({ state, reason = '' }) => state === 'paused' && reason.includes('"bad" is kept, but'),
    );
    await run('credential', 'remove', 'bad');
    await mistnet.statusIs('live', 'none at all', ({ reason = '' }) => /No token for X/.test(reason));
    await mistnet.stop();
  });
});
