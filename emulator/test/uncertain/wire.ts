import type { POINTS } from '../../src/uncertain/points.ts';
import { type Emulator, type EmulatorOptions, startEmulator } from '../../src/start-emulator.ts';
import { type OpenOptions, openStream, until } from '../support/stream-client.ts';

type Name = keyof typeof POINTS;

/** What is asked of an emulator about one uncertain point, and what each side answers. */
export interface Case<N extends Name = Name> {
  readonly options?: EmulatorOptions;
  readonly ask: (wire: Wire) => Promise<unknown>;
  readonly each: Readonly<Record<(typeof POINTS)[N]['values'][number], unknown>>;
}

export type Cases<N extends Name = Name> = { readonly [Each in N]: Case<Each> };

interface Reply {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
  readonly json: Json;
}

/** JSON as a test looks at it: a path that isn't there is undefined. */
export interface Json {
  readonly [key: string]: Json | undefined;
  readonly [index: number]: Json;
}

/** One emulator and words for what clients do. */
export interface Wire {
  readonly url: string;
  readonly keys: Readonly<Record<string, string>>;
  /** GET with the app's token; with a body POST. */
  readonly call: (path: string, init?: { readonly token?: string; readonly body?: unknown }) => Promise<Reply>;
  /** The first lines of a stream, keep-alives among them. */
  readonly lines: (path: string, count: number, options?: OpenOptions) => Promise<string[]>;
  /** The first posts of a stream. */
  readonly posts: (path: string, count: number) => Promise<Json[]>;
  /** The newest post of the public account's timeline that passes. */
  readonly find: (query: string, passes: (post: Json) => boolean) => Promise<Json | undefined>;
}

/** Runs `ask` on an emulator of its own. */
export async function ask(options: EmulatorOptions, question: Case['ask']): Promise<unknown> {
  await using emulator = await startEmulator({
    accounts: 1000,
    rate: 1,
    start: new Date('2026-11-22T13:00:00Z'),
    ...options,
  });
  return await question(await wireTo(emulator));
}

async function wireTo({ url }: Emulator): Promise<Wire> {
  const keys = (await (await fetch(`${url}/_emulator/credentials`)).json()) as Record<string, string>;
  const lines: Wire['lines'] = async (pathAndQuery, count, options) => {
    const [path = '', query = ''] = pathAndQuery.split('?');
    using client = await openStream(url, { path, query, ...options });
    await until(`${count} lines have come from ${path}`, () => client.lines().length >= count);
    return client.lines().slice(0, count);
  };
  const call: Wire['call'] = async (path, { token = keys['bearer_token'], body } = {}) => {
    const type = typeof body === 'string' ? 'application/x-www-form-urlencoded' : 'application/json';
    const answer = await fetch(url + path, {
      redirect: 'manual',
      headers: { authorization: `Bearer ${token}`, ...(body !== undefined && { 'content-type': type }) },
      ...(body !== undefined && { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    return {
      status: answer.status,
      text,
      headers: answer.headers,
      get json() {
        return JSON.parse(text) as Json;
      },
    };
  };
  return {
    url,
    keys,
    lines,
    call,
    async find(query, passes) {
      for (let token = ''; ; ) {
        const path = `/2/users/${keys['user_public_id']}/tweets?max_results=100&${query}${token}`;
        const { data, meta } = (await call(path)).json;
        const found = ((data ?? []) as unknown as Json[]).find(passes);
        if (found !== undefined || meta?.['next_token'] === undefined) return found;
        token = `&pagination_token=${asText(meta['next_token'])}`;
      }
    },
    posts: async (path, count) => (await lines(path, count)).filter(Boolean).map((line) => JSON.parse(line) as Json),
  };
}

/** A string of JSON; of anything else its JSON. */
export function asText(value: Json | undefined): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}
