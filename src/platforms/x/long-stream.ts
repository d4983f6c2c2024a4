/** What X's endless streams of v2 have in common: one GET with the fields that are wished, minutes that may be asked for again, the same lines. */
import { snowflakeToMs } from '../../core/snowflake.ts';
import type { Ladders, StreamAdapter } from '../adapter.ts';
import { classifyLine } from './classify-line.ts';
import { readRefusal } from './refusal.ts';
import { endStaleConnections } from './stale-connections.ts';
import { streamHeaders } from './stream-headers.ts';

const MAX_BACKFILL_MINUTES = 5;

/** Where a stream is, whether the platform is asked to pack it, and how long to wait after failures. */
export type LongStreamOptions = { apiUrl: string; gzip: boolean; ladders: Ladders };

/** The adapter for the stream at a path of the API, by its name in the platform's list of connections. */
export function longStream(
  { endpoint, endpointName }: { endpoint: string; endpointName: string },
  fields: Readonly<Record<string, string>>,
  { apiUrl, gzip, ladders }: LongStreamOptions,
): StreamAdapter {
  return {
    platform: 'x',
    endpoint,
    maxBackfillMinutes: MAX_BACKFILL_MINUTES,
    heartbeatFactor: 1,
    ladders,
    request({ authorization, backfillMinutes }) {
      const url = new URL(endpoint, apiUrl);
      for (const [name, value] of Object.entries(fields)) url.searchParams.set(name, value);
      if (backfillMinutes > 0) url.searchParams.set('backfill_minutes', String(backfillMinutes));
      return { url, headers: streamHeaders({ authorization: authorization({ method: 'GET', url }), gzip }) };
    },
    classifyLine,
    postedAtMs: snowflakeToMs,
    readRefusal,
    endStale: (options) => endStaleConnections({ ...options, apiUrl, endpointName }),
  };
}
