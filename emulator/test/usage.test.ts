import { expect, it } from 'vitest';
import { HAS_SPECIFICATIONS, Specification } from './support/specification.ts';
import { startEmulator } from '../src/start-emulator.ts';

const ALL = 'cap_reset_day,daily_client_app_usage,daily_project_usage,project_cap,project_id,project_usage';
const AUTHORIZATION = { authorization: 'Bearer emulator-token' };

async function platform() {
  const emulator = await startEmulator({ accounts: 1000, rate: 1, start: new Date('2026-11-22T13:00:00Z') });
  const ask = async (path: string) => {
    const answer = await fetch(emulator.url + path, { headers: AUTHORIZATION });
    return { status: answer.status, text: await answer.text() };
  };
  return { ask, [Symbol.asyncDispose]: () => emulator[Symbol.asyncDispose]() };
}

it('usage tells posts read today, by app and by project, once they have been read', async () => {
  await using x = await platform();
  expect((await x.ask('/2/usage/tweets')).text).toBe(
    '{"data":{"cap_reset_day":9,"project_cap":3000000,"project_id":"1001","project_usage":0}}',
  );
  const keys = JSON.parse((await x.ask('/_emulator/credentials')).text) as Record<string, string>;
  const read = JSON.parse((await x.ask(`/2/users/${keys['user_public_id']}/tweets?max_results=5`)).text) as {
    data: unknown[];
  };
  expect(read.data).not.toHaveLength(0);
  const usage = [{ date: '2026-11-22T00:00:00.000Z', usage: read.data.length }];
  expect(JSON.parse((await x.ask(`/2/usage/tweets?days=1&usage.fields=${ALL}`)).text)).toEqual({
    data: {
      cap_reset_day: 9,
      daily_client_app_usage: [{ client_app_id: '1001', usage, usage_result_count: 1 }],
      daily_project_usage: { project_id: 1001, usage },
      project_cap: 3_000_000,
      project_id: '1001',
      project_usage: read.data.length,
    },
  });
});

it.each([
  ['days=0', 'The `days` query parameter value [0] is not between 1 and 90'],
  ['days=91', 'The `days` query parameter value [91] is not between 1 and 90'],
  ['days=x', 'The `days` query parameter value [x] is not between 1 and 90'],
  ['ids=1', 'The query parameter [ids] is not one of [days,usage.fields]'],
  ['usage.fields=cap', `The \`usage.fields\` query parameter value [cap] is not one of [${ALL}]`],
])('usage refuses %s', async (query, message) => {
  await using x = await platform();
  const refused = await x.ask(`/2/usage/tweets?${query}`);
  expect([refused.status, (JSON.parse(refused.text) as { errors: { message: string }[] }).errors[0]?.message]).toEqual([
    400,
    message,
  ]);
});

it.skipIf(!HAS_SPECIFICATIONS && process.env['MISTNET_REQUIRE_ALL'] !== '1')(
  'usage is what the published specification says (skipped where that is not at hand)',
  async () => {
    await using x = await platform();
    const specification = new Specification('2.166');
    for (const path of ['/2/usage/tweets', `/2/usage/tweets?usage.fields=${ALL}`, '/2/usage/tweets?days=0']) {
      const { status, text } = await x.ask(path);
      specification.expectValid('GET', '/2/usage/tweets', status, JSON.parse(text));
    }
  },
);
