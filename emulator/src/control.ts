import type { IncomingMessage, ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { XApi } from './api/x-api.ts';
import { parseFaultOrder } from './faults/fault.ts';
import type { FaultPlan } from './faults/fault-plan.ts';
import type { Feed } from './feed/feed.ts';
import type { Truth } from './truth.ts';

const MAX_BODY_BYTES = 65_536;
const LINES_PER_WRITE = 2000;

export interface ControlOptions {
  readonly seed: number;
  readonly feed: Feed;
  readonly truth: Truth;
  readonly faults: FaultPlan;
  readonly api: XApi;
}

/** The emulator's own endpoints below `/_emulator/`: what is true, and what shall go wrong. No token is asked. */
export class Control {
  readonly #options: ControlOptions;

  constructor(options: ControlOptions) {
    this.#options = options;
  }

  async handle(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const { seed, truth } = this.#options;
    const route = `${request.method} ${url.pathname}`;
    switch (route) {
      case 'GET /_emulator/truth':
        return sendJson(response, 200, { seed, connections: truth.connections() });
      case 'GET /_emulator/truth/ids':
        return this.#ids(response, url);
      case 'GET /_emulator/truth/posts':
        return this.#posts(response, url);
      case 'GET /_emulator/faults':
        return sendJson(response, 200, { faults: this.#options.faults.list() });
      case 'POST /_emulator/faults':
        return this.#order(request, response);
      case 'DELETE /_emulator/faults':
        this.#options.faults.clear();
        return sendJson(response, 200, { faults: [] });
      default:
        return sendJson(response, 404, { error: `There is no ${route}.` });
    }
  }

  async #order(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request);
    if (body === undefined) return sendJson(response, 413, { error: `The body is over ${MAX_BODY_BYTES} bytes.` });
    const parsed = parseFaultOrder(body);
    if (!parsed.ok) return sendJson(response, 400, { error: parsed.complaint });
    const { faults, api } = this.#options;
    sendJson(response, 201, faults.add(parsed.order, api.streams));
    for (const stream of api.streams) stream.wake();
  }

  async #ids(response: ServerResponse, url: URL): Promise<void> {
    const ids = this.#idsAsked(response, url);
    if (ids === undefined) return;
    await sendLines(response, 'text/plain; charset=utf-8', ids);
  }

  /** `?ids=a,b` or `?connection=ID`; ids that the feed doesn't know are left out. */
  async #posts(response: ServerResponse, url: URL): Promise<void> {
    const given = url.searchParams.get('ids')?.split(',');
    const ids = given ?? this.#idsAsked(response, url);
    if (ids === undefined) return;
    const { feed } = this.#options;
    const lines = Iterator.from(ids).flatMap((id) => {
      const text = feed.textOf(id);
      return text === undefined ? [] : [JSON.stringify({ id, text })];
    });
    await sendLines(response, 'application/x-ndjson; charset=utf-8', lines);
  }

  #idsAsked(response: ServerResponse, url: URL): Iterable<string> | undefined {
    const connection = url.searchParams.get('connection');
    if (connection === null) {
      sendJson(response, 400, { error: 'Say which connection: ?connection=ID, with an id of /_emulator/truth.' });
      return undefined;
    }
    const ids = this.#options.truth.ids(connection);
    if (ids === undefined) sendJson(response, 404, { error: `There is no connection ${connection}.` });
    return ids;
  }
}

export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  const body = `${JSON.stringify(value)}\n`;
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}

async function sendLines(response: ServerResponse, type: string, lines: Iterable<string>): Promise<void> {
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

/** Undefined when it is too long; the rest is then read and thrown away. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes <= MAX_BODY_BYTES) parts.push(part);
  }
  return bytes <= MAX_BODY_BYTES ? Buffer.concat(parts).toString('utf8') : undefined;
}
