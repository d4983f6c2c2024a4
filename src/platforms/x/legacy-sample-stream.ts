/** X's 1 % sample as v1.1 gave it: GET /1.1/statuses/sample.json, statuses with the platform's own messages among them. */
import { snowflakeToMs } from '../../core/snowflake.ts';
import type { Ladders, StreamAdapter } from '../adapter.ts';
import { classifyLine } from './classify-line.ts';
import { readRefusal } from './refusal.ts';
import { streamHeaders } from './stream-headers.ts';

const ENDPOINT = '/1.1/statuses/sample.json';
/** v1.1 sends a blank line every 30 s and wants clients to wait 90 s; v2 does so every 20 s and has them wait 30 s at most. */
const HEARTBEAT_FACTOR = 3;

/**
 * The adapter for the sample at `streamUrl`. What was missed is never sent again. The ladders are v2's: v1.1's documents give the same, with
 * 420 where v2 has 429.
 */
export function legacySampleStream({
  streamUrl,
  gzip,
  ladders,
}: {
  streamUrl: string;
  gzip: boolean;
  ladders: Ladders;
}): StreamAdapter {
  return {
    platform: 'x',
    endpoint: ENDPOINT,
    maxBackfillMinutes: 0,
    heartbeatFactor: HEARTBEAT_FACTOR,
    ladders,
    request({ authorization }) {
      const url = new URL(ENDPOINT, streamUrl);
      url.searchParams.set('stall_warnings', 'true');
      return { url, headers: streamHeaders({ authorization: authorization({ method: 'GET', url }), gzip }) };
    },
    classifyLine,
    postedAtMs: snowflakeToMs,
    readRefusal,
  };
}
