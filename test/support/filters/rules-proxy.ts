/** Stands before an emulator's rules: refuses some, answers with errors, loses answers. Everything else goes through as it is. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** `lost`: the request is carried out, and its answer never arrives. A number: refused with this status, nothing is done. */
export type RulesFault = 'lost' | number;

export type RulesProxy = AsyncDisposable & {
  url: string;
  /** Values that cannot be read. */
  refuses: RegExp | undefined;
  /** Whether one of these keeps the whole request out. */
  refusesAll: boolean;
  /** Faults of the next changes of rules, in order. */
  faults: RulesFault[];
  /** The requests that change rules so far. */
  changes: { add?: { value: string; tag: string }[]; delete?: { ids: string[] } }[];
};

type Change = RulesProxy['changes'][number];

export async function rulesProxy(target: string): Promise<RulesProxy> {
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy()); // whoever asks sees that, and so does the test
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxy: RulesProxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...{ refuses: undefined, refusesAll: true, faults: [], changes: [] },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    const isChange = request.method === 'POST';
    const fault = isChange ? proxy.faults.shift() : undefined;
    if (typeof fault === 'number') return tell(response, fault, { title: 'A fault', detail: `ordered: ${fault}` });
    const change = isChange ? (JSON.parse(body) as Change) : {};
    if (isChange) proxy.changes.push(change);
    const broken = change.add?.filter(({ value }) => proxy.refuses?.test(value) === true) ?? [];
    const errors = broken.map(({ value }) => ({ value, title: 'Invalid Rule', details: [`cannot read ${value}`] }));
    const rest = change.add?.filter((rule) => !broken.includes(rule)) ?? [];
    if (broken.length > 0 && (proxy.refusesAll || rest.length === 0)) return tell(response, 400, { errors });
    const sent = broken.length > 0 ? JSON.stringify({ add: rest }) : body;
    const headers = { authorization: request.headers.authorization ?? '', 'content-type': 'application/json' };
    const reply = await fetch(new URL(request.url ?? '', target), {
      ...{ method: request.method ?? 'GET', headers: { ...headers, connection: 'close' } },
      ...(sent === '' ? {} : { body: sent }),
    });
    const json = (await reply.json()) as { errors?: object[] };
    if (fault === 'lost') return void response.destroy();
    tell(response, reply.status, errors.length > 0 ? { ...json, errors: [...(json.errors ?? []), ...errors] } : json);
  }
  return proxy;
}

function tell(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
