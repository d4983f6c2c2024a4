/** A reverse proxy as an installation has it before the page: it knows one path and says who asked. */
import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';

export type ReverseProxy = AsyncDisposable & {
  /** `http://localhost:<port>/<path>`. */
  url: string;
  /** Where requests go. Whether the path is taken away on the way; whether `Host` is the visitor's; an address that all seem to come from. */
  settings: { target: string; strips: boolean; passesHost: boolean; sees?: string };
  /** Requests that left the path: another program would have got them. */
  strays: string[];
};

export async function startReverseProxy(path: string): Promise<ReverseProxy> {
  const settings: ReverseProxy['settings'] = { target: '', strips: false, passesHost: true };
  const strays: string[] = [];
  const server = createServer((near, answer) => {
    const address = near.url ?? '/';
    if (!address.startsWith(`${path}/`)) {
      strays.push(address);
      answer.writeHead(404).end("another program's");
      return;
    }
    const target = new URL(settings.target);
    const far = request({
      ...{ host: target.hostname, port: target.port, method: near.method },
      path: settings.strips ? address.slice(path.length) : address,
      headers: {
        ...near.headers,
        ...(settings.passesHost ? {} : { host: target.host }),
        'x-forwarded-for': forwardedFor(near, settings.sees),
        'x-forwarded-proto': 'http',
      },
    });
    far.on('response', (reply) => {
      answer.writeHead(reply.statusCode ?? 502, reply.headers);
      // What comes late, as live events do, is worth sending at once.
      answer.flushHeaders();
      reply.pipe(answer);
    });
    far.on('error', () => answer.destroy());
    answer.on('close', () => far.destroy());
    near.pipe(far);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}${path}`,
    ...{ settings, strays },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

/** As nginx's `$proxy_add_x_forwarded_for`: what the visitor claimed stands before what is true. */
function forwardedFor({ headers, socket }: IncomingMessage, seen = socket.remoteAddress ?? ''): string {
  const claimed = headers['x-forwarded-for'];
  return [...(claimed === undefined ? [] : [String(claimed)]), seen].join(', ');
}
