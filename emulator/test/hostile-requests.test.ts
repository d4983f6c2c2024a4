import { connect } from 'node:net';
import { request } from 'node:http';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEmulator } from '../src/start-emulator.ts';

/** Endpoints with parameters that are right; `ID`, `NAME` and `POST` stand for those of the world. */
const READS = [
  '/2/tweets?ids=POST',
  '/2/tweets/POST',
  '/2/tweets/search/recent?query=team&max_results=10',
  '/2/tweets/search/all?query=team&max_results=10',
  '/2/tweets/counts/recent?query=team&granularity=day',
  '/2/tweets/counts/all?query=team&granularity=day',
  '/2/tweets/POST/quote_tweets?max_results=10',
  '/2/tweets/POST/retweeted_by?max_results=10',
  '/2/users?ids=ID',
  '/2/users/ID',
  '/2/users/by?usernames=NAME',
  '/2/users/by/username/NAME',
  '/2/users/ID/tweets?max_results=10',
  '/2/users/ID/mentions?max_results=10',
  '/2/users/ID/followers?max_results=10',
  '/2/users/ID/following?max_results=10',
  '/2/tweets/search/stream/rules?max_results=10',
  '/2/usage/tweets?days=3',
  '/2/compliance/jobs?type=tweets',
  '/2/connections?max_results=10',
  '/1.1/statuses/user_timeline.json?user_id=ID&count=10',
  '/1.1/statuses/lookup.json?id=POST',
  '/1.1/statuses/show.json?id=POST',
  '/1.1/users/lookup.json?screen_name=NAME',
  '/1.1/users/show.json?screen_name=NAME',
  '/1.1/followers/ids.json?user_id=ID&count=10&cursor=-1',
  '/1.1/friends/ids.json?user_id=ID&count=10',
  '/1.1/search/tweets.json?q=team&count=10',
  '/1.1/application/rate_limit_status.json?resources=users',
];
const WRITES = [
  '/2/tweets/search/stream/rules',
  '/2/compliance/jobs',
  '/oauth2/token',
  '/oauth2/invalidate_token',
  '/2/oauth2/token',
  '/2/oauth2/revoke',
  '/oauth/request_token',
  '/oauth/access_token',
  '/_emulator/limits',
  '/_emulator/faults',
  '/_emulator/tokens',
  '/_emulator/apps',
];

interface Answer {
  readonly status: number;
  readonly text: string;
}

let emulator: Awaited<ReturnType<typeof startEmulator>>;
let names: Readonly<Record<string, string>>;

beforeAll(async () => {
  emulator = await startEmulator({ seed: 8, rate: 20, accounts: 5000 });
  const limits = await (await fetch(`${emulator.url}/_emulator/limits`)).json();
  const lifted = Object.fromEntries(Object.keys((limits as { limits: object }).limits).map((name) => [name, null]));
  await fetch(`${emulator.url}/_emulator/limits`, { method: 'POST', body: JSON.stringify({ limits: lifted }) });
  const keys = (await (await fetch(`${emulator.url}/_emulator/credentials`)).json()) as Record<string, string>;
  const posts = await fetch(`${emulator.url}/_emulator/truth/account/posts?account=user_public&limit=1`);
  names = { ID: keys['user_public_id'] ?? '', NAME: keys['user_public'] ?? '', POST: (await posts.text()).trim() };
});

afterAll(async () => {
  await emulator[Symbol.asyncDispose]();
});

const filled = (path: string): string => path.replaceAll(/\b(ID|NAME|POST)\b/g, (name) => names[name] ?? '');

/** Sends a request as it is; `fetch` would tidy it up. */
function ask(path: string, method = 'GET', body = '', headers: Record<string, string> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const all = { authorization: 'Bearer emulator-token', connection: 'close', ...headers };
    const asked = request({ port: emulator.port, path, method, headers: all, agent: false }, (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(parts).toString() }));
      answer.on('error', reject);
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

/** What the part of the platform that a path belongs to says when it refuses. */
function expectRefusal(path: string, { status, text }: Answer): void {
  const told = `${path} ${status} ${text.slice(0, 500)}`;
  expect(status, told).toBeGreaterThanOrEqual(400);
  expect(status, told).toBeLessThan(500);
  if (path.startsWith('/oauth/')) return;
  const body = JSON.parse(text) as Record<string, unknown>;
  if (path.startsWith('/_emulator')) expect(body, told).toHaveProperty('error');
  else if (path.startsWith('/2/oauth2')) expect(body, told).toHaveProperty('error_description');
  else if (path.startsWith('/1.1') || path.startsWith('/oauth2')) {
    // Of others' protected things v1.1 says {"request", "error"}.
    expect('errors' in body || 'error' in body, told).toBe(true);
  } else if ('meta' in body) expect(body, told).toHaveProperty('errors');
  else expect(body, told).toMatchObject({ title: expect.any(String), type: expect.any(String) });
}

/** What must never be: that the emulator made a mistake, or that it answers in no words at all. */
function expectNoMistake(path: string, answer: Answer): void {
  if (answer.status >= 400) expectRefusal(path, answer);
  else expect(answer.status, path).toBeGreaterThanOrEqual(200);
}

/** One parameter's value put in the place of a right one. */
function withParameter(path: string, name: string, value: string): string {
  const [before = '', query = ''] = path.split('?');
  const parameters = new URLSearchParams(query);
  parameters.set(name, value);
  return `${before}?${parameters.toString()}`;
}

const parametersOf = (path: string): string[] => [...new URLSearchParams(path.split('?')[1]).keys()];

describe('every endpoint refuses in the words of its part of the platform', () => {
  it.each(READS)('%s', async (pattern) => {
    const path = filled(pattern);
    expect((await ask(path)).status, path).toBe(200);
    const isOld = path.startsWith('/1.1');
    const refusals = [
      ask(path, 'GET', '', { authorization: 'Bearer wrong' }),
      ask(path, 'GET', '', { authorization: '' }),
      ask(path, 'GET', '', { authorization: 'Basic Zm9vOmJhcg==' }),
      ask(path, 'GET', '', { authorization: 'OAuth oauth_consumer_key="x"' }),
      ask(path, 'PUT', '{}'),
      ask(`${path.split('?')[0]}/x/y/z${path.includes('?') ? '?a=b' : ''}`),
    ];
    // v1.1 overlooks what it doesn't know.
    if (!isOld) {
      refusals.push(ask(withParameter(path, 'unknown', '1')));
      for (const name of parametersOf(path)) refusals.push(ask(`${path}&${name}=1&${name}=2`));
      for (const name of ['max_results', 'days', 'granularity', 'type', 'ids', 'usernames']) {
        if (!parametersOf(path).includes(name)) continue;
        // A list of one million would be a right id, and a right name.
        const most = name.startsWith('ids') || name === 'usernames' ? '1,'.repeat(1001) : '1000000';
        for (const value of ['-1', most, 'N.N', '1.5', ' ', '%', '\u0000']) {
          refusals.push(ask(withParameter(path, name, value)));
        }
      }
      if (path.includes('/users') || /tweets\/\d|tweets\?/.test(path)) {
        for (const list of ['expansions', 'user.fields', 'tweet.fields'])
          refusals.push(ask(withParameter(path, list, 'x')));
      }
    }
    for (const answer of await Promise.all(refusals)) expectRefusal(path, answer);
  });

  it.each(['(', ')', 'OR', 'a OR', '-', 'lang:en', 'and b and', '"', 'from:', 'has:x', 'a'.repeat(5000), '\u0000 x('])(
    'a query of %.20j',
    async (query) => {
      for (const path of ['search/recent', 'search/all', 'counts/recent', 'counts/all']) {
        const address = `/2/tweets/${path}?query=${encodeURIComponent(query)}`;
        expectRefusal(address, await ask(address));
      }
    },
  );
});

const junk = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 50 }),
  fc.constantFrom('-1', '0', '99999999999999999999', '1e9', 'null', '[]', '1,2,3', ',', '\r\n', '../..', '%00', '٣'),
  fc.integer().map(String),
  fc.bigInt({ min: -(2n ** 65n), max: 2n ** 65n }).map(String),
);
const parameterName = fc.oneof(
  fc.constantFrom(
    ...[
      'ids',
      'id',
      'usernames',
      'max_results',
      'pagination_token',
      'next_token',
      'since_id',
      'until_id',
      'start_time',
    ],
    ...[
      'end_time',
      'expansions',
      'tweet.fields',
      'user.fields',
      'exclude',
      'query',
      'granularity',
      'days',
      'type',
      'status',
    ],
    ...[
      'count',
      'cursor',
      'max_id',
      'screen_name',
      'user_id',
      'q',
      'tweet_mode',
      'map',
      'geocode',
      'lang',
      'resources',
    ],
  ),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 10 }),
);

describe('junk is answered, and never by a mistake', () => {
  it('in parameters', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...READS),
        fc.array(fc.tuple(parameterName, junk), { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        async (pattern, more, keeps) => {
          const [before = '', query = ''] = filled(pattern).split('?');
          const parameters = new URLSearchParams(keeps ? query : '');
          for (const [name, value] of more) parameters.append(name, value);
          const path = `${before}?${parameters.toString()}`;
          expectNoMistake(path, await ask(path));
        },
      ),
      { numRuns: 300, verbose: 1 },
    );
  });

  it('in paths', async () => {
    const id = fc
      .oneof(junk, fc.constantFrom('%', '%zz', '%ff', '..%2f', '', '😀'))
      .map((text) => (text.startsWith('%') ? text : encodeURIComponent(text.toWellFormed())));
    const pattern = fc.constantFrom(
      ...READS.map((path) => path.split('?')[0] ?? '').filter((path) => /ID|NAME|POST/.test(path)),
    );
    await fc.assert(
      fc.asyncProperty(pattern, id, async (path, value) => {
        const address = path.replaceAll(/ID|NAME|POST/g, () => value);
        expectNoMistake(address, await ask(address));
      }),
      { numRuns: 200, verbose: 1 },
    );
  });

  it('in bodies', async () => {
    const body = fc.oneof(
      fc.json(),
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.constantFrom(
        '',
        '{',
        '[]',
        'null',
        '{"add":{}}',
        '{"add":[null]}',
        '{"add":[{"value":1}]}',
        '{"delete":{"ids":"x"}}',
      ),
      fc.constantFrom(
        '{"add":[{"value":"a"}],"delete":{"ids":["1"]}}',
        '{"type":5}',
        '{"type":"tweets","name":{}}',
        'a=%&b=%ff',
      ),
      fc.constant(`{"add":[{"value":"${'a'.repeat(5000)}"}]}`),
      fc.integer({ min: 1, max: 50_000 }).map((depth) => '['.repeat(depth)),
    );
    const type = fc.constantFrom(
      ...['application/json', 'application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data', '', 'x'],
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...WRITES), body, type, async (path, text, contentType) => {
        const bytes = Buffer.from(text, 'utf8').toString();
        expectNoMistake(path, await ask(path, 'POST', bytes, { 'content-type': contentType }));
      }),
      { numRuns: 300, verbose: 1 },
    );
    // Whatever of it was taken as an order is taken back.
    await ask('/_emulator/faults', 'DELETE');
    await ask('/_emulator/limits', 'DELETE');
  });

  it.each(WRITES)('bodies of 20 MB for %s', async (path) => {
    const { status } = await ask(path, 'POST', 'x'.repeat(20_000_000), {
      'content-type': 'application/x-www-form-urlencoded',
    });
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
  });
});

/** Writes bytes and collects what comes until the other side closes or has said enough. */
function converse(bytes: Buffer | string, isEnough: (text: string) => boolean): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(emulator.port, '127.0.0.1');
    let text = '';
    const done = (): void => {
      socket.destroy();
      resolve(text);
    };
    socket.on('error', done);
    socket.on('close', done);
    socket.on('data', (part) => {
      text += part.toString('latin1');
      if (isEnough(text)) done();
    });
    socket.write(bytes);
  });
}

describe('what is no proper HTTP', () => {
  const answers = (text: string): string[] => text.match(/HTTP\/1\.1 \d{3}/g) ?? [];
  const head = (path: string): string =>
    `GET ${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer emulator-token\r\n\r\n`;

  it('requests one after another without waiting are all answered, in their order', async () => {
    const id = names['ID'] ?? '';
    const paths = [`/2/users/${id}`, '/2/users/x', `/2/users/by/username/${names['NAME']}`, '/2/nothing'];
    const text = await converse(paths.map(head).join(''), (got) => answers(got).length === 4);
    expect(answers(text).map((line) => line.slice(-3))).toEqual(['200', '400', '200', '404']);
  });

  it('headers and addresses that are too long, bytes that are no text: refused', async () => {
    const isAnswered = (text: string): boolean => answers(text).length > 0;
    for (const bytes of [
      head(`/2/users/${'9'.repeat(100_000)}`),
      `GET / HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`,
      'GET /2/users HTTP/9.9\r\n\r\n',
      'nonsense\r\n\r\n',
      'POST /2/oauth2/token HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n',
      Buffer.from([...Buffer.from('GET /2/users/'), 0xff, 0xfe, 0x80, ...Buffer.from(' HTTP/1.1\r\nhost: x\r\n\r\n')]),
    ]) {
      const [first = ''] = answers(await converse(bytes, isAnswered));
      expect(first).toMatch(/^HTTP\/1\.1 4\d\d$/);
    }
  });

  it('hundreds of half requests keep nobody else waiting', async () => {
    const halves = ['GET /2/us', 'POST /2/oauth2/token HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\ngrant'];
    const sockets = Array.from({ length: 300 }, (_, n) => {
      const socket = connect(emulator.port, '127.0.0.1');
      socket.on('error', () => undefined);
      socket.write(halves[n % 2] ?? '');
      return socket;
    });
    try {
      for (let n = 0; n < 20; n++) expect((await ask(filled('/2/users/ID'))).status).toBe(200);
    } finally {
      for (const socket of sockets) socket.destroy();
    }
    expect((await ask(filled('/2/users/ID'))).status).toBe(200);
  });

  it('thousands of refusals leave nothing behind in memory', async () => {
    const refuse = async (count: number): Promise<void> => {
      for (let n = 0; n < count; n += 20) {
        const asked = Array.from({ length: 20 }, (_, m) =>
          fetch(`${emulator.url}/2/users/${n * 20 + m}x?junk=${'j'.repeat(500)}`, {
            headers: { authorization: 'Bearer emulator-token' },
          }).then((answer) => answer.arrayBuffer()),
        );
        await Promise.all(asked);
      }
    };
    await refuse(1000);
    const before = process.memoryUsage().heapUsed;
    await refuse(4000);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(60_000_000);
  });
});
