import { createHmac } from 'node:crypto';

/** An answer to a test: `exact` has every number as its digits, for JSON.parse rounds ids. */
export interface TestAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: unknown;
  readonly exact: unknown;
}

export type As = 'app' | 'user' | 'nobody' | 'stranger';

/** For tests: calls v1.1 with keys that the emulator handed out. Signs by code of its own. */
export class TestClient {
  readonly keys: Readonly<Record<string, string>>;
  readonly #url: string;
  #nonces = 0;

  constructor(url: string, keys: Readonly<Record<string, string>>) {
    this.#url = url;
    this.keys = keys;
  }

  /** Lifts the limits on requests. */
  static async of(url: string): Promise<TestClient> {
    const { limits } = (await (await fetch(`${url}/_emulator/limits`)).json()) as { limits: Record<string, unknown> };
    const lifted = Object.fromEntries(Object.keys(limits).map((endpoint) => [endpoint, null]));
    await fetch(`${url}/_emulator/limits`, { method: 'POST', body: JSON.stringify({ limits: lifted }) });
    const answer = await fetch(`${url}/_emulator/credentials`);
    return new TestClient(url, (await answer.json()) as Record<string, string>);
  }

  /** @param path below `/1.1/`, with `.json` */
  async get(path: string, parameters: Record<string, string> = {}, as: As = 'app'): Promise<TestAnswer> {
    const query = new URLSearchParams(parameters).toString();
    const address = `${this.#url}/1.1/${path}`;
    const headers = this.#headers('GET', address, parameters, as);
    return read(await fetch(query === '' ? address : `${address}?${query}`, { headers }));
  }

  async post(path: string, parameters: Record<string, string>, as: As = 'app'): Promise<TestAnswer> {
    const address = `${this.#url}/1.1/${path}`;
    const headers = this.#headers('POST', address, parameters, as);
    return read(await fetch(address, { method: 'POST', headers, body: new URLSearchParams(parameters) }));
  }

  /** Opens a stream by POST. The caller aborts it. */
  stream(path: string, parameters: Record<string, string>, as: As, signal: AbortSignal): Promise<Response> {
    const address = `${this.#url}/1.1/${path}`;
    const headers = { ...this.#headers('POST', address, parameters, as), 'accept-encoding': 'identity' };
    return fetch(address, { method: 'POST', headers, body: new URLSearchParams(parameters), signal });
  }

  #headers(method: string, address: string, parameters: Record<string, string>, as: As): Record<string, string> {
    if (as === 'nobody') return {};
    if (as === 'stranger') return { authorization: 'Bearer nobody-knows' };
    if (as === 'app') return { authorization: `Bearer ${this.keys['bearer_token']}` };
    const oauth: Record<string, string> = {
      oauth_consumer_key: this.keys['consumer_key'] ?? '',
      oauth_nonce: `nonce${this.#nonces++}${process.pid}`,
      oauth_signature_method: 'HMAC-SHA1',
      oauth_timestamp: String(Math.floor((performance.timeOrigin + performance.now()) / 1000)),
      oauth_token: this.keys['access_token'] ?? '',
      oauth_version: '1.0',
    };
    const all = Object.entries({ ...parameters, ...oauth }).map(([name, value]) => `${encode(name)}=${encode(value)}`);
    const base = [method, address, all.toSorted().join('&')].map(encode).join('&');
    const key = `${encode(this.keys['consumer_secret'] ?? '')}&${encode(this.keys['access_token_secret'] ?? '')}`;
    const signature = createHmac('sha1', key).update(base).digest('base64');
    const header = Object.entries({ ...oauth, oauth_signature: signature });
    return { authorization: `OAuth ${header.map(([name, value]) => `${name}="${encode(value)}"`).join(', ')}` };
  }
}

async function read(answer: Response): Promise<TestAnswer> {
  const text = await answer.text();
  const isJson = (answer.headers.get('content-type') ?? '').includes('json');
  const json: unknown = isJson ? JSON.parse(text) : undefined;
  return { status: answer.status, headers: answer.headers, text, json, exact: isJson ? parseExactly(text) : undefined };
}

/** JSON with every number as a string of its digits. */
export function parseExactly(text: string): unknown {
  const revive = (_: string, value: unknown, context?: { source: string }): unknown =>
    typeof value === 'number' ? context?.source : value;
  return JSON.parse(text, revive as (key: string, value: unknown) => unknown);
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}
