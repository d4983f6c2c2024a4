import { describe, expect, it } from 'vitest';
import { HAS_SPECIFICATIONS, Specification } from './support/specification.ts';
import { addRules } from './support/rules-client.ts';
import { ended, hasPosts, openStream, truthOf, until } from './support/stream-client.ts';
import { DEFAULT_TOKEN, startEmulator } from '../src/start-emulator.ts';

interface Answer {
  readonly data?: { readonly id: string; readonly endpoint_name: string; readonly disconnect_reason?: string }[];
  readonly meta: { readonly result_count: number; readonly next_token?: string };
  readonly errors?: { readonly message: string }[];
}
interface Killed {
  readonly data: { readonly successful_kills: number; readonly failed_kills: number; readonly results: object[] };
}

async function call<T>(url: string, path: string, method = 'GET', body?: object): Promise<T & { status: number }> {
  const answer = await fetch(`${url}${path}`, {
    method,
    headers: { authorization: `Bearer ${DEFAULT_TOKEN}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { ...((await answer.json()) as T), status: answer.status };
}

const list = (url: string, query = '') => call<Answer>(url, `/2/connections${query}`);

describe('an app’s own connections', () => {
  it('are listed while they are open and after, newest first, page by page', async () => {
    await using emulator = await startEmulator({ rate: 200 });
    expect(await list(emulator.url)).toEqual({ status: 200, meta: { result_count: 0 } });
    using one = await openStream(emulator.url);
    using two = await openStream(emulator.url, { path: '/2/tweets/firehose/stream', query: 'partition=3' });
    using three = await openStream(emulator.url);
    const all = await list(emulator.url);
    expect(all.data?.map((each) => each.endpoint_name)).toEqual(['sample_stream', 'firehose_stream', 'sample_stream']);
    for (const { id } of all.data ?? [])
      expect(id).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
    const some = await list(emulator.url, '?endpoints=firehose_stream&connection.fields=endpoint_name');
    expect(some.data).toEqual([{ endpoint_name: 'firehose_stream', connected_at: expect.any(String) as string }]);
    const first = await list(emulator.url, '?max_results=2');
    using four = await openStream(emulator.url);
    const rest = await list(emulator.url, `?max_results=2&pagination_token=${first.meta.next_token}`);
    expect([...(first.data ?? []), ...(rest.data ?? [])]).toEqual(all.data);
    expect(rest.meta).toEqual({ result_count: 1 });
    three[Symbol.dispose]();
    await until('it is known that one has left', async () => (await list(emulator.url)).meta.result_count === 3);
    const gone = await list(emulator.url, '?status=inactive');
    expect(gone.data?.map((each) => each.disconnect_reason)).toEqual(['client_disconnect']);
    expect((await list(emulator.url, '?status=all')).meta.result_count).toBe(4);
    expect([one.status, two.status, four.status]).toEqual([200, 200, 200]);
  });

  it('stay listed after their client has gone for as long as they take a place, and are ended like the others', async () => {
    await using emulator = await startEmulator({ access: 'pay-per-use', slotReleaseMs: 300_000, rate: 200 });
    await addRules(emulator.url, { value: 'coffee' });
    const path = '/2/tweets/search/stream';
    const one = await openStream(emulator.url, { path });
    one[Symbol.dispose]();
    await until(
      'truth knows that it has left',
      async () => (await truthOf(emulator.url)).connections[0]?.closedAt !== null,
    );
    using refused = await openStream(emulator.url, { path });
    expect(refused.status).toBe(429);
    const [held] = (await list(emulator.url, '?status=active')).data ?? [];
    expect(held).toEqual({
      ...{ id: expect.any(String) as string, endpoint_name: 'filtered_stream' },
      ...{ connected_at: expect.any(String) as string, client_ip: expect.any(String) as string },
    });
    const killed = await call<Killed>(emulator.url, '/2/connections', 'DELETE', { uuids: [held?.id] });
    expect(killed.data.successful_kills).toBe(1);
    expect((await list(emulator.url)).meta.result_count).toBe(0);
    using two = await openStream(emulator.url, { path });
    expect(two.status).toBe(200);
  });

  it('are ended in order, by id, by endpoint, or all', async () => {
    await using emulator = await startEmulator({ rate: 500 });
    const open = (path: string, query = '') => openStream(emulator.url, { path, query });
    using one = await open('/2/tweets/sample/stream');
    using two = await open('/2/tweets/sample/stream');
    using three = await open('/2/tweets/firehose/stream', 'partition=1');
    using four = await open('/2/tweets/sample10/stream', 'partition=1');
    for (const client of [one, two, three, four]) await hasPosts(client, 5);
    const ids = (await list(emulator.url)).data?.map(({ id }) => id) ?? [];
    const oldest = ids.at(-1) ?? '';
    const nobody = '00000000-0000-4000-8000-000000000000';
    const byId = await call<Killed>(emulator.url, '/2/connections', 'DELETE', { uuids: [oldest, nobody] });
    expect(byId).toEqual({
      status: 200,
      data: {
        successful_kills: 1,
        failed_kills: 1,
        results: [
          { uuid: oldest, success: true },
          { uuid: nobody, success: false, error_message: 'Connection not found' },
        ],
      },
    });
    await ended(one);
    const byEndpoint = await call<Killed>(emulator.url, '/2/connections/firehose_stream', 'DELETE');
    expect(byEndpoint.data.successful_kills).toBe(1);
    await ended(three);
    expect([two.ending(), four.ending()]).toEqual([undefined, undefined]);
    expect((await call<Killed>(emulator.url, '/2/connections/all', 'DELETE')).data.successful_kills).toBe(2);
    await ended(two);
    await ended(four);
    for (const client of [one, two, three, four]) {
      expect(client.ending()).toBe('end');
      expect(client.body().toString().endsWith('}\r\n')).toBe(true);
    }
    expect((await truthOf(emulator.url)).connections.map(({ reason }) => reason)).toEqual(Array(4).fill('killed'));
    expect((await call<Killed>(emulator.url, '/2/connections/all', 'DELETE')).data).toEqual({
      successful_kills: 0,
      failed_kills: 0,
      results: [],
    });
  });

  it('are ended by force when the client does not read', async () => {
    await using emulator = await startEmulator({ rate: 'max' });
    using client = await openStream(emulator.url);
    await hasPosts(client, 10);
    client.pause();
    await call(emulator.url, '/2/connections/all', 'DELETE');
    await until('truth says so', async () => (await truthOf(emulator.url)).connections[0]?.reason === 'killed');
  });

  it.each([
    ['GET', '?status=open', 'The `status` query parameter value [open] is not one of [active,inactive,all]'],
    ['GET', '?max_results=101', 'The `max_results` query parameter value [101] is not between 1 and 100'],
    [
      'GET',
      '?x=1',
      'The query parameter [x] is not one of [status,endpoints,max_results,pagination_token,connection.fields]',
    ],
    ['GET', '?pagination_token=x', 'The `pagination_token` query parameter value [x] is not valid'],
    ['DELETE', '', '$.uuids: is missing but it is required'],
  ])('are refused: %s /2/connections%s', async (method, query, message) => {
    await using emulator = await startEmulator();
    const answer = await call<Answer>(
      emulator.url,
      `/2/connections${query}`,
      method,
      method === 'GET' ? undefined : {},
    );
    expect([answer.status, answer.errors?.map((error) => error.message)]).toEqual([400, [message]]);
  });

  it('of an unknown endpoint are none to end', async () => {
    await using emulator = await startEmulator();
    expect((await call<Answer>(emulator.url, '/2/connections/no_stream', 'DELETE')).status).toBe(400);
  });

  it.skipIf(!HAS_SPECIFICATIONS)(
    'answer as the platform describes itself (skipped: the description is absent)',
    async () => {
      await using emulator = await startEmulator();
      using one = await openStream(emulator.url);
      using two = await openStream(emulator.url);
      one[Symbol.dispose]();
      await until('one has left', async () => (await list(emulator.url)).meta.result_count === 1);
      const { status, ...answer } = await list(emulator.url, '?status=all');
      expect([status, new Specification('2.166').validator('Get2ConnectionsResponse')(answer)]).toEqual([200, []]);
      const killed = await call<Killed>(emulator.url, '/2/connections/all', 'DELETE');
      expect(new Specification('2.166').validator('KillAllConnectionsResponse')({ data: killed.data })).toEqual([]);
      await ended(two);
    },
  );
});
