import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { percentEncode, sign, signatureBase } from '../src/credentials/oauth1-signature.ts';
import { startEmulator } from '../src/start-emulator.ts';

/** Error bodies that real clients met, with the status they came with. */
const FILES = ['x-v2', 'x-v1.1'].map(
  (part) => new URL(`../../../shared/fixtures/${part}/errors/errors.json`, import.meta.url),
);
const MISSING = FILES.some((file) => !existsSync(file));

interface Recorded {
  readonly status: number;
  readonly body: object;
}
type Keys = Readonly<Record<string, string>>;

/** Provokes each of them; by a word of the recorded body that no other has. */
const PROVOKED: Readonly<Record<string, (platform: Platform) => Promise<Recorded>>> = {
  TooManyConnections: async ({ ask, rules, url, keys }) => {
    await rules();
    using _open = await openStream(`${url}/2/tweets/search/stream`, keys);
    return await ask('/2/tweets/search/stream'); // while the first is open
  },
  OperationalDisconnect: async ({ url, keys }) => {
    await fetch(`${url}/_emulator/faults`, { method: 'POST', body: '{"kind":"disconnect","after":1}' });
    const answer = await fetch(`${url}/2/tweets/sample/stream?backfill_minutes=1`, { headers: bearer(keys) });
    const lines = (await answer.text()).split('\r\n').filter((line) => line !== '');
    return { status: answer.status, body: JSON.parse(lines.at(-1) ?? '') as object };
  },
  'Too Many Requests': async ({ ask, url }) => {
    const limits = { limits: { 'GET /2/users/by': { app: '1' } } };
    await fetch(`${url}/_emulator/limits`, { method: 'POST', body: JSON.stringify(limits) });
    await ask('/2/users/by?usernames=somebody');
    return ask('/2/users/by?usernames=somebody');
  },
  'User has been suspended: [': ({ ask, keys }) => ask(`/2/users?ids=${keys['user_suspended_id']}`),
  'client-not-enrolled': async ({ ask, url }) => {
    await fetch(`${url}/_emulator/limits`, { method: 'POST', body: '{"level":"basic"}' });
    return ask('/2/tweets/sample/stream');
  },
  'User has been suspended.': ({ ask, keys }) => ask(`/1.1/users/show.json?user_id=${keys['user_suspended_id']}`),
  'No user matches': ({ ask, keys }) => ask(`/1.1/users/lookup.json?user_id=${keys['user_suspended_id']}`),
  'temporarily locked': async ({ url, askSigned }) => {
    await fetch(`${url}/_emulator/locks`, { method: 'POST', body: '{"account":"user_self"}' });
    return askSigned('/1.1/account/verify_credentials.json');
  },
  'Not authorized.': ({ ask, keys }) => ask(`/1.1/statuses/user_timeline.json?user_id=${keys['user_protected_id']}`),
};

interface Platform {
  readonly url: string;
  readonly keys: Keys;
  readonly ask: (path: string) => Promise<Recorded>;
  readonly askSigned: (path: string) => Promise<Recorded>;
  readonly rules: () => Promise<void>;
}

function platformOf(url: string, keys: Keys): Platform {
  const json = async (answer: Response): Promise<Recorded> => ({
    status: answer.status,
    body: (await answer.json()) as object,
  });
  return {
    url,
    keys,
    ask: async (path) => json(await fetch(url + path, { headers: bearer(keys) })),
    askSigned: async (path) => json(await fetch(url + path, { headers: signed(url + path, keys) })),
    rules: async () => {
      const headers = { ...bearer(keys), 'content-type': 'application/json' };
      const body = '{"add":[{"value":"cat"}]}';
      expect((await fetch(`${url}/2/tweets/search/stream/rules`, { method: 'POST', headers, body })).status).toBe(201);
    },
  };
}

describe.skipIf(MISSING)('error bodies that real clients met (skipped: the recordings are absent)', () => {
  const recorded = MISSING ? [] : FILES.flatMap((file) => JSON.parse(readFileSync(file, 'utf8')) as Recorded[]);
  const named = recorded.map((one) => {
    const text = JSON.stringify(one.body);
    const words = Object.keys(PROVOKED).filter((word) => text.includes(word));
    return { one, word: words[0] ?? `not provoked: ${text}` };
  });

  it.each(named)('come here too, key by key: $word', async ({ one, word }) => {
    await using emulator = await startEmulator({ accounts: 2000, rate: 50 });
    const keys = (await (await fetch(`${emulator.url}/_emulator/credentials`)).json()) as Keys;
    const provoke = PROVOKED[word];
    if (provoke === undefined) throw new Error(`nothing provokes ${JSON.stringify(one.body)}`);
    const met = await provoke(platformOf(emulator.url, keys));
    expect(met.status, JSON.stringify(met.body)).toBe(one.status);
    expect(shapeOf(met.body)).toEqual(shapeOf(one.body));
  });
});

/** Keys in their order, and what kind of value each has; of what never varies, the value itself. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOf);
  if (typeof value !== 'object' || value === null) return typeof value;
  return Object.entries(value).map(([key, inner]) => [key, FIXED.has(key) ? inner : shapeOf(inner)]);
}

const FIXED = new Set([
  'title',
  'type',
  'status',
  'code',
  'message',
  'error',
  'connection_issue',
  'disconnect_type',
  'reason',
  'resource_type',
  'required_enrollment',
]);

function bearer(keys: Keys): Record<string, string> {
  return { authorization: `Bearer ${keys['bearer_token']}`, connection: 'close' };
}

async function openStream(url: string, keys: Keys): Promise<Disposable> {
  const leave = new AbortController();
  const answer = await fetch(url, { headers: bearer(keys), signal: leave.signal });
  expect(answer.status).toBe(200);
  return { [Symbol.dispose]: () => leave.abort() };
}

/** Signs a GET as the user of the handed-out keys. */
function signed(address: string, keys: Keys): Record<string, string> {
  const oauth: Record<string, string> = {
    oauth_consumer_key: keys['consumer_key'] ?? '',
    oauth_nonce: 'once',
    oauth_signature_method: 'HMAC-SHA1',
    oauth_timestamp: String(Math.floor(Date.now() / 1000)),
    oauth_token: keys['access_token'] ?? '',
    oauth_version: '1.0',
  };
  const signature = sign(
    signatureBase('GET', address, Object.entries(oauth)),
    keys['consumer_secret'] ?? '',
    keys['access_token_secret'] ?? '',
  );
  const list = Object.entries({ ...oauth, oauth_signature: signature }).map(
    ([name, value]) => `${name}="${percentEncode(value)}"`,
  );
  return { authorization: `OAuth ${list.join(', ')}` };
}
