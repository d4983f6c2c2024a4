import type { Farewell } from './farewell.ts';
import { StreamConnection } from './stream-connection.ts';
import type { StreamSlot } from './stream-slots.ts';
import { openWire } from './wire.ts';
import type { FaceParts } from '../face-parts.ts';
import type { Cursor, LineSource } from '../feed/feed.ts';
import { acceptsGzip } from '../http/accepts-gzip.ts';
import type { Exchange } from '../http/exchange.ts';

export interface StreamOrder {
  readonly cursor: Cursor;
  /** What the cursor's lines are numbered by. */
  readonly source: LineSource;
  /** The endpoint's name in lists of connections. */
  readonly endpoint: string;
  /** Beside those of the exchange. */
  readonly headers: Readonly<Record<string, string>>;
  /** The line, without its end, that announces such an end; undefined where nothing is said. */
  readonly farewell: (why: Farewell) => string | undefined;
  /** The place that it takes. */
  readonly slot: StreamSlot | undefined;
  /** Told of the connection before its first line. */
  readonly opened?: (connection: StreamConnection) => void;
}

/** Ends that the platform brings about itself, so that it knows of them. */
const ORDERLY: ReadonlySet<string | null> = new Set([
  'disconnect',
  'killed',
  'end-of-span',
  'end-of-replay',
  'exhausted',
  'shutdown',
]);

/** Answers 200 and streams until one side ends it; the same for all faces. */
export async function runStream(
  { request, response, url, headers, caller }: Exchange,
  parts: FaceParts,
  order: StreamOrder,
): Promise<void> {
  const gzip = acceptsGzip(request);
  response.writeHead(200, { ...headers, ...order.headers, ...(gzip && { 'content-encoding': 'gzip' }) });
  response.flushHeaders();
  const { truth, faults, keepaliveMs, monotonicMs, streams } = parts;
  const record = truth.open(url.pathname, order.source);
  const { cursor, farewell, endpoint } = order;
  const wire = openWire(response, gzip);
  const delivered = (posts: number): boolean => caller.kind === 'nobody' || parts.meter.delivered(caller.app, posts);
  const connection = new StreamConnection({
    cursor,
    wire,
    response,
    record,
    faults,
    farewell,
    delivered,
    keepaliveMs,
    keepsAliveInTraffic: parts.choices.keepalives === 'always' && url.pathname.startsWith('/2/'),
    monotonicMs,
  });
  order.opened?.(connection);
  try {
    await streams.run(connection, {
      app: caller.kind === 'nobody' ? '' : caller.app.id,
      endpoint,
      query: url.search.slice(1),
      clientIp: request.socket.remoteAddress ?? '',
      record,
      slot: order.slot,
    });
  } finally {
    order.slot?.release(ORDERLY.has(record.reason));
  }
}
