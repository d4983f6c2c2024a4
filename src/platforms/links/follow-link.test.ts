import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createRawServer, type Server, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type FollowedLink, followLink, type LinkFollower, type LinkLimits } from './follow-link.ts';
import { createHostTurns } from './host-turns.ts';
import type { Resolve } from './may-reach.ts';

type Seen = { method: string; path: string; headers: IncomingMessage['headers'] };
const seen: Seen[] = [];
let web: Awaited<ReturnType<typeof listen>>;
let raw: Awaited<ReturnType<typeof listen>>;
/** The same server, under an address that nobody allowed. */
let forbiddenPort = 0;
let forbidden: Awaited<ReturnType<typeof listen>>;
let forbiddenCalls = 0;

const monotonicMs = () => performance.now();
const clock = { now: () => Date.parse('2026-11-22T13:00:00Z') };
const signal = new AbortController().signal;

function follower(change: Partial<LinkFollower> & { limits?: Partial<LinkLimits> } = {}): LinkFollower {
  const turns = createHostTurns({
    gapMs: 0,
    monotonicMs,
    sleep: (ms, until) => pause(ms, undefined, { signal: until }),
  });
  const allowed = new Set([`127.0.0.1:${web.port}`, `127.0.0.1:${raw.port}`]);
  const resolve: Resolve = async (name) => {
    throw new Error(`no name server knows ${name}`);
  };
  return { allowed, resolve, turns, userAgent: 'mistnet/9.9.9 (+link check)', clock, monotonicMs, ...change };
}
const follow = (path: string, change?: Parameters<typeof follower>[0]): Promise<FollowedLink> =>
  followLink(follower(change), path.startsWith('/') ? `${web.url}${path}` : path, signal);
const asked = (path: string) => seen.filter((each) => each.path === path).map(({ method }) => method);

beforeAll(async () => {
  web = await listen(createServer(answer));
  raw = await listen(createRawServer(misbehave));
  forbidden = await listen(
    createServer((_request, response) => {
      forbiddenCalls++;
      response.end('secret');
    }),
  );
  forbiddenPort = forbidden.port;
});
afterAll(async () => {
  await Promise.all([web.close(), raw.close(), forbidden.close()]);
});
afterEach(() => {
  if (forbiddenCalls > 0) throw new Error('a server that nobody allowed was asked');
});

describe('a link', () => {
  it('is followed to its end, with each redirect and its headers, secrets left out', async () => {
    const followed = await follow('/one');
    expect(followed).toMatchObject({
      outcome: 'answered',
      history: [
        { status: 301, url: `${web.url}/one`, headers: { location: '/two?a=ü' } },
        {
          status: 302,
          url: `${web.url}/two?a=%C3%BC`,
          headers: { location: `${web.url}/end#part`, 'x-many': ['1', '2'] },
        },
      ],
      finalUrl: `${web.url}/end`,
      finalStatus: 200,
      finalHeaders: { 'content-type': 'text/html' },
      checkedAt: '2026-11-22T13:00:00.000Z',
    });
    expect(JSON.stringify(followed)).not.toMatch(/sesame/);
    expect(asked('/end')).toEqual(['HEAD']);
    const [first] = seen.filter(({ path }) => path === '/one');
    expect(first?.headers).toMatchObject({ 'user-agent': 'mistnet/9.9.9 (+link check)' });
  });

  it('sends no name and password that stand in it', async () => {
    await follow(web.url.replace('//', '//jack:sesame@').concat('/plain'));
    const [only] = seen.filter(({ path }) => path === '/plain');
    expect(only?.headers).not.toHaveProperty('authorization');
  });

  it.each([400, 401, 403, 404, 405, 500, 501])('is asked for by GET where HEAD is answered with %i', async (status) => {
    expect(await follow(`/no-head/${status}`)).toMatchObject({ outcome: 'answered', finalStatus: 200, history: [] });
    expect(asked(`/no-head/${status}`)).toEqual(['HEAD', 'GET']);
  });

  it('is asked for by GET where HEAD breaks the connection', async () => {
    expect(await follow('/head-breaks')).toMatchObject({ outcome: 'answered', finalStatus: 200 });
  });

  it.each([200, 204, 304, 410, 429, 500, 503])('that is answered with %i has that for its end', async (status) => {
    expect(await follow(`/status/${status}`)).toMatchObject({ outcome: 'answered', finalStatus: status });
    expect(asked(`/status/${status}`)).toEqual(status === 500 ? ['HEAD', 'GET'] : ['HEAD']);
  });

  it('of which a body never ends, or drips, is answered by its head', async () => {
    for (const path of ['/endless', '/drip']) {
      expect(await follow(path)).toMatchObject({ outcome: 'answered', finalStatus: 200 });
      expect(asked(path)).toEqual(['HEAD', 'GET']);
    }
  });
});

describe('a hostile server', () => {
  const evil = (target: string) => `/to?${encodeURIComponent(target)}`;

  it('cannot lead to what is not public, in any spelling', async () => {
    const hosts = [
      '127.0.0.1',
      '[::1]',
      '169.254.169.254',
      '2130706433',
      '0x7f000001',
      '127.1',
      'localhost',
      'a.localhost',
    ];
    const more = ['[::ffff:127.0.0.1]', '[64:ff9b::7f00:1]', '[2002:7f00:1::]', 'jack:pw@127.0.0.1', '10.0.0.1', '0'];
    for (const host of [...hosts, ...more]) {
      const followed = await follow(evil(`http://${host}:${forbiddenPort}/latest/meta-data`));
      expect([host, followed]).toMatchObject([host, { outcome: 'refused', history: [{ status: 302 }] }]);
    }
    for (const target of [
      'file:///etc/passwd',
      'ftp://example.org/',
      'javascript:alert(1)',
      'data:text/html,x',
      'unix:/run/docker.sock',
    ])
      expect([target, await follow(evil(target))]).toMatchObject([
        target,
        { outcome: 'refused', why: expect.stringContaining('is not followed') },
      ]);
  });

  it('cannot use a name that leads elsewhere the second time: what was checked is what is connected to', async () => {
    const answers = ['127.0.0.1', '10.0.0.1', '10.0.0.1'];
    let looked = 0;
    const rebinding: Resolve = async () => [{ address: answers[looked++] ?? '', family: 4 }];
    const allowed = new Set([`rebind.example:${web.port}`]);
    const followed = await follow(`http://rebind.example:${web.port}/plain`, { allowed, resolve: rebinding });
    expect(followed).toMatchObject({ outcome: 'answered', finalStatus: 200 });
    expect(looked).toBe(1);
  });

  it('that turns private between HEAD and GET, or between two redirects, is judged again', async () => {
    for (const path of ['/no-head/405', '/count/0']) {
      // Allowed at the first look alone: the second finds the name as a name that was public finds itself private.
      const allowed = new Set([`turning.example:${web.port}`]);
      const resolve: Resolve = async () => {
        allowed.clear();
        return [{ address: '127.0.0.1', family: 4 }];
      };
      const before = seen.length;
      const followed = await follow(`http://turning.example:${web.port}${path}`, { allowed, resolve });
      expect(followed).toMatchObject({
        outcome: 'refused',
        why: expect.stringContaining('127.0.0.1, which is this machine'),
      });
      expect(seen.length - before).toBe(1);
    }
  });

  it('cannot redirect for ever, nor in a circle', async () => {
    const before = seen.length;
    const far = await follow('/count/0');
    expect(far).toMatchObject({ outcome: 'refused', why: 'it redirects more than 10 times' });
    expect(far.history).toHaveLength(11);
    expect(seen.length - before).toBe(11);
    expect(await follow('/circle/a')).toMatchObject({
      outcome: 'refused',
      why: 'it redirects in a circle',
      history: [{}, {}],
    });
    expect(await follow('/self')).toMatchObject({ outcome: 'refused', history: [{}] });
  });

  it('that redirects nowhere, or to what is no address, comes to an end', async () => {
    expect(await follow('/no-location')).toMatchObject({ outcome: 'answered', finalStatus: 302 });
    expect(await follow('/to?')).toMatchObject({ outcome: 'answered', finalStatus: 302 });
    expect(await follow(evil('http://[bad'))).toMatchObject({
      outcome: 'refused',
      why: 'it redirects to what is no address',
    });
    expect(await follow(evil(`http://example.org/${'a'.repeat(9000)}`))).toMatchObject({ outcome: 'refused' });
    expect(await follow('http://')).toMatchObject({ outcome: 'refused', why: 'it is no address' });
  });

  it.each(['/silent', '/drip-head', '/early-hints', '/half-head'])(
    'that keeps us waiting by %s is left',
    async (path) => {
      const followed = await follow(`${raw.url}${path}`, { limits: { addressMs: 400 } });
      expect(followed).toMatchObject({ outcome: 'unreachable', cause: 'no answer within 0.4 s', isHostGone: false });
    },
  );

  it('that is slow at every hop is left when the time of the link is over', async () => {
    const followed = await follow('/slow/0', { limits: { addressMs: 400, linkMs: 400 } });
    expect(followed).toMatchObject({ outcome: 'unreachable' });
    expect(followed.history.length).toBeLessThan(10);
  });

  it.each(['/huge-headers', '/garbage', '/upgrade', '/hang-up', '/many-headers'])(
    'that answers with %s is unreachable',
    async (path) => {
      expect(await follow(`${raw.url}${path}`)).toMatchObject({ outcome: 'unreachable', cause: expect.any(String) });
    },
  );

  it('that nobody is at is gone, which tells it from one that is rude', async () => {
    const gone = await listen(createServer());
    await gone.close();
    const allowed = new Set([`127.0.0.1:${gone.port}`]);
    expect(await follow(gone.url, { allowed })).toMatchObject({ outcome: 'unreachable', isHostGone: true });
    expect(await follow('http://nowhere.example/')).toMatchObject({ outcome: 'unreachable', isHostGone: true });
  });

  it('is left at once when the run is stopped', async () => {
    const stop = new AbortController();
    const running = followLink(follower(), `${raw.url}/silent`, stop.signal);
    stop.abort(new Error('enough'));
    await expect(running).rejects.toThrow('enough');
  });
});

function answer(request: IncomingMessage, response: ServerResponse): void {
  const { url: path = '', method = '', headers } = request;
  seen.push({ method, path, headers });
  const [, first = '', second = ''] = path.split(/[/?]/);
  const to = (location: string, status = 302) => response.writeHead(status, { location }).end();
  if (path === '/one') {
    response.writeHead(301, { location: Buffer.from('/two?a=ü').toString('latin1'), 'set-cookie': 'a=sesame' }).end();
  } else if (first === 'two') {
    response.setHeader('x-many', ['1', '2']);
    response.writeHead(302, { location: `${web.url}/end#part`, 'x-auth-token': 'sesame' }).end();
  } else if (path === '/end')
    response.writeHead(200, { 'content-type': 'text/html', 'set-cookie': ['a=sesame', 'b=sesame'] }).end();
  else if (first === 'no-head') response.writeHead(method === 'HEAD' ? Number(second) : 200).end();
  else if (first === 'status') response.writeHead(Number(second)).end();
  else if (first === 'count') to(`/count/${Number(second) + 1}`);
  else if (first === 'circle') to(second === 'a' ? '/circle/b' : '/circle/a');
  else if (first === 'self') to('/self');
  else if (first === 'to') to(decodeURIComponent(second));
  else if (first === 'no-location') response.writeHead(302).end();
  else if (first === 'slow') setTimeout(() => to(`/slow/${Number(second) + 1}`), 150);
  else if (first === 'head-breaks' && method === 'HEAD') request.socket.destroy();
  else if (first === 'endless' || first === 'drip') {
    if (method === 'HEAD') return void response.writeHead(405).end();
    response.writeHead(200, { 'content-type': 'text/html' });
    const more = setInterval(() => response.write(first === 'drip' ? 'a' : 'a'.repeat(100_000)), 10);
    response.on('close', () => clearInterval(more));
  } else response.end();
}

/** Bytes by hand, for what no HTTP server would send. */
function misbehave(socket: Socket): void {
  socket.on('error', () => {});
  socket.once('data', (data) => {
    const path = data.toString('latin1').split(' ')[1] ?? '';
    const drip = (bytes: string) => {
      const more = setInterval(() => socket.write(bytes), 20);
      socket.on('close', () => clearInterval(more));
    };
    if (path === '/drip-head') {
      socket.write('HTTP/1.1 200 OK\r\nx: ');
      drip('a');
    } else if (path === '/early-hints') drip('HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n');
    else if (path === '/half-head') socket.write('HTTP/1.1 200 OK\r\ncontent-le');
    else if (path === '/huge-headers') socket.write(`HTTP/1.1 200 OK\r\nx: ${'a'.repeat(70_000)}\r\n\r\n`);
    else if (path === '/many-headers') socket.write(`HTTP/1.1 200 OK\r\n${'a: b\r\n'.repeat(20_000)}\r\n`);
    else if (path === '/garbage') socket.end('\0\0\0 this is no HTTP');
    else if (path === '/upgrade')
      socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n');
    else if (path === '/hang-up') socket.end();
  });
}

async function listen(server: Server): Promise<{ url: string; port: number; close: () => Promise<void> }> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((done) => server.close(done));
  };
  return { url: `http://127.0.0.1:${port}`, port, close };
}
