import { request, type IncomingHttpHeaders } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { constants, gunzipSync } from 'node:zlib';
import { DEFAULT_TOKEN } from '../../src/start-emulator.ts';

const DEADLINE_MS = 45_000;

const SAMPLE = '/2/tweets/sample/stream';
/** What a collector of the 1 % sample asks for, blank parameters included. */
export const COLLECTOR_QUERY =
  'expansions=author_id&tweet.fields=author_id,conversation_id,created_at,id,lang,text,referenced_tweets,source' +
  '&user.fields=created_at,id,location,name,protected,public_metrics,username,verified&media.fields=&poll.fields=&place.fields=';

/** A client that keeps every byte it gets. Disposing of it leaves at once. */
export interface StreamClient extends Disposable {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Body bytes so far, decompressed. */
  body(): Buffer;
  /** Whole lines so far, without their ends; keep-alives are ''. */
  lines(): string[];
  /** Whole lines that are no keep-alives. */
  posts(): string[];
  /** 'end' after an orderly end, 'reset' after anything else, undefined while open. */
  ending(): 'end' | 'reset' | undefined;
  pause(): void;
  resume(): void;
}

export interface OpenOptions {
  readonly query?: string;
  readonly token?: string | null;
  readonly headers?: Record<string, string>;
  readonly path?: string;
  readonly method?: string;
}

export async function openStream(url: string, options: OpenOptions = {}): Promise<StreamClient> {
  const { query = '', token = DEFAULT_TOKEN, path = SAMPLE, method = 'GET' } = options;
  const headers = { ...options.headers, ...(token !== null && { authorization: `Bearer ${token}` }) };
  const { promise, resolve, reject } = Promise.withResolvers<StreamClient>();
  const asked = request(`${url}${path}${query === '' ? '' : `?${query}`}`, { method, headers, agent: false });
  asked.once('error', reject);
  asked.once('response', (response) => {
    const parts: Buffer[] = [];
    let ending: 'end' | 'reset' | undefined;
    const isGzip = response.headers['content-encoding'] === 'gzip';
    response.on('data', (part: Buffer) => parts.push(part));
    asked.on('error', () => undefined);
    response.on('error', () => (ending ??= 'reset'));
    response.on('close', () => (ending ??= response.complete ? 'end' : 'reset'));
    const body = (): Buffer => {
      const bytes = Buffer.concat(parts);
      // Gives what a stream holds so far, however it was cut.
      return isGzip && bytes.length > 0 ? gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH }) : bytes;
    };
    const lines = (): string[] => body().toString('utf8').split('\r\n').slice(0, -1);
    resolve({
      status: response.statusCode ?? 0,
      headers: response.headers,
      body,
      lines,
      posts: () => lines().filter((line) => line !== ''),
      ending: () => ending,
      pause: () => response.pause(),
      resume: () => response.resume(),
      [Symbol.dispose]: () => asked.destroy(),
    });
  });
  asked.end();
  return promise;
}

/** Looks again until it is so; fails after 20 s with what was waited for. */
export async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`waited in vain until ${what}`);
    await sleep(10);
  }
}

export const ended = (client: StreamClient): Promise<void> =>
  until('the stream ends', () => client.ending() !== undefined);

export const hasPosts = (client: StreamClient, count: number): Promise<void> =>
  until(`${count} posts have come`, () => client.posts().length >= count);

/** Ids of lines in v2's shape. */
export const idsOn = (lines: readonly string[]): string[] =>
  lines.map((line) => (JSON.parse(line) as { data: { id: string } }).data.id);

export interface TruthAnswer {
  seed: number;
  connections: {
    id: string;
    path: string;
    openedAt: string;
    closedAt: string | null;
    reason: string | null;
    sent: number;
    firstId: string | null;
    lastId: string | null;
  }[];
}

export async function truthOf(url: string): Promise<TruthAnswer> {
  return (await (await fetch(`${url}/_emulator/truth`)).json()) as TruthAnswer;
}

export async function truthIds(url: string, connection: string): Promise<string[]> {
  const text = await (await fetch(`${url}/_emulator/truth/ids?connection=${connection}`)).text();
  return text.split('\n').slice(0, -1);
}

export async function orderFault(url: string, order: unknown): Promise<Response> {
  const body = typeof order === 'string' ? order : JSON.stringify(order);
  return fetch(`${url}/_emulator/faults`, { method: 'POST', body });
}
