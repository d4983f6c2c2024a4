/** A proxy in front of an emulator that spoils chosen answers, as networks and overloaded platforms do. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, request as ask, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** `cut`: half of the answer, then a reset; `html`: a page instead of JSON, with status 200; `unavailable`: 503 without asking the platform;
 * `contended`: others ask the same until the platform refuses them, and only then comes this request. */
export type Spoiling = 'cut' | 'html' | 'unavailable' | 'contended';

export type BreakingProxy = AsyncDisposable & { url: string };

/** `spoil`: what becomes of the n-th request, from 1 on; undefined lets it through. */
export async function startBreakingProxy(
  target: string,
  spoil: (request: number) => Spoiling | undefined,
): Promise<BreakingProxy> {
  let asked = 0;
  const answerTo = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    asked += 1;
    const spoiling = spoil(asked);
    if (spoiling === 'unavailable') return void outgoing.writeHead(503).end('busy');
    const { method = 'GET', headers } = incoming;
    if (spoiling === 'contended') await exhaust(new URL(incoming.url ?? '/', target), headers.authorization ?? '');
    const onward = ask(
      new URL(incoming.url ?? '/', target),
      { method, headers: { ...headers, connection: 'close' } },
      (answer) => {
        const parts: Buffer[] = [];
        answer.on('data', (part: Buffer) => parts.push(part));
        answer.once('end', () => {
          const body = Buffer.concat(parts);
          if (spoiling === 'html') return void outgoing.writeHead(200).end('<html>over capacity</html>');
          outgoing.writeHead(answer.statusCode ?? 500, { ...answer.headers, connection: 'keep-alive' });
          if (spoiling === 'cut') outgoing.write(body.subarray(0, body.length / 2), () => outgoing.destroy());
          else outgoing.end(body);
        });
      },
    );
    onward.once('error', () => outgoing.destroy());
    incoming.pipe(onward);
  };
  const server = createServer(
    (incoming, outgoing) => void answerTo(incoming, outgoing).catch(() => outgoing.destroy()),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function exhaust(url: URL, authorization: string): Promise<void> {
  for (;;) {
    const answer = await fetch(url, { headers: { authorization, connection: 'close' } });
    await answer.arrayBuffer();
    if (answer.status === 429) return;
  }
}
