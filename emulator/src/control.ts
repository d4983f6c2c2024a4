import type { ServerResponse } from 'node:http';
import { once } from 'node:events';
import { renderText } from './api/render-text.ts';
import { handOut } from './credentials/hand-out.ts';
import type { FaceParts } from './face-parts.ts';
import { parseFaultOrders } from './faults/parse-fault-orders.ts';
import { OWN } from './http/dialect.ts';
import type { Answer, Exchange, Handler } from './http/exchange.ts';
import type { Route } from './http/route.ts';
import { postTime } from './world/ids.ts';
import type { World } from './world/model.ts';

const LINES_PER_WRITE = 2000;

/** The emulator's own endpoints below `/_emulator/`: what is true, and what shall go wrong. No token is asked. */
export function controlRoutes(parts: FaceParts): Route[] {
  const { truth, faults, streams, credentials, world, examples } = parts;
  return [
    own('GET', '/_emulator/truth', () => json(200, { seed: parts.world.seed, connections: truth.connections() })),
    own('GET', '/_emulator/truth/ids', (exchange) => ids(exchange, parts)),
    own('GET', '/_emulator/truth/posts', (exchange) => posts(exchange, parts)),
    own('GET', '/_emulator/credentials', () => json(200, handOut(credentials, world, examples))),
    own('GET', '/_emulator/faults', () => json(200, { faults: faults.list() })),
    own('DELETE', '/_emulator/faults', () => {
      faults.clear();
      return json(200, { faults: [] });
    }),
    own('POST', '/_emulator/faults', async (exchange) => {
      const parsed = parseFaultOrders(await exchange.body());
      if (!parsed.ok) return complaint(400, parsed.complaint);
      const views = parsed.orders.map((order) => faults.add(order, streams));
      for (const stream of streams) stream.wake();
      return json(201, parsed.isList ? { faults: views } : views[0]);
    }),
  ];
}

export function own(method: Route['method'], path: string, handle: Handler): Route {
  return { method, path, callers: ['nobody'], dialect: OWN, handle };
}

/** One line of JSON. */
export function json(status: number, value: unknown): Answer {
  return {
    status,
    body: `${JSON.stringify(value)}\n`,
    headers: { 'content-type': 'application/json; charset=utf-8' },
  };
}

export function complaint(status: number, sentence: string): Answer {
  return json(status, { error: sentence });
}

async function ids({ url, response }: Exchange, parts: FaceParts): Promise<Answer | undefined> {
  const asked = idsAsked(url, parts);
  if ('status' in asked) return asked;
  await sendLines(response, 'text/plain; charset=utf-8', asked.ids);
  return undefined;
}

/** `?ids=a,b` or `?connection=ID`; ids that the feed doesn't know are left out. */
async function posts({ url, response }: Exchange, parts: FaceParts): Promise<Answer | undefined> {
  const given = url.searchParams.get('ids')?.split(',');
  const asked = given === undefined ? idsAsked(url, parts) : { ids: given };
  if ('status' in asked) return asked;
  const lines = Iterator.from(asked.ids).flatMap((id) => {
    const text = parts.feed.textOf(id) ?? textInWorld(id, parts.world);
    return text === undefined ? [] : [JSON.stringify({ id, text })];
  });
  await sendLines(response, 'application/x-ndjson; charset=utf-8', lines);
  return undefined;
}

/** Of a post outside of the sample. */
function textInWorld(id: string, world: World): string | undefined {
  const time = postTime(id);
  const post = time && world.post(time);
  return post && renderText(world, post);
}

function idsAsked(url: URL, { truth }: FaceParts): Answer | { ids: Iterable<string> } {
  const connection = url.searchParams.get('connection');
  if (connection === null) {
    return complaint(400, 'Say which connection: ?connection=ID, with an id of /_emulator/truth.');
  }
  const found = truth.ids(connection);
  return found === undefined ? complaint(404, `There is no connection ${connection}.`) : { ids: found };
}

/** Text, a line each, as slowly as it is read. */
export async function sendLines(response: ServerResponse, type: string, lines: Iterable<string>): Promise<void> {
  response.writeHead(200, { 'content-type': type });
  const closed = new AbortController();
  response.once('close', () => closed.abort());
  let batch: string[] = [];
  for (const line of lines) {
    batch.push(line);
    if (batch.length < LINES_PER_WRITE) continue;
    if (!response.write(`${batch.join('\n')}\n`)) {
      try {
        await once(response, 'drain', { signal: closed.signal });
      } catch {
        // The asker has gone; nobody is left to answer.
        return;
      }
    }
    batch = [];
  }
  response.end(batch.length > 0 ? `${batch.join('\n')}\n` : '');
}
