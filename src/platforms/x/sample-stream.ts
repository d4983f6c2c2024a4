/** X's 1 % sample, v2: GET /2/tweets/sample/stream. */
import type { Ladders, StreamAdapter } from '../adapter.ts';
import { longStream, type LongStreamOptions } from './long-stream.ts';

/** The fields that the hourly datasets need. */
const FIELDS: Record<string, string> = {
  expansions: 'author_id',
  'tweet.fields': 'author_id,conversation_id,created_at,id,lang,text,referenced_tweets,source',
  'user.fields': 'created_at,id,location,name,protected,public_metrics,username,verified',
};

/**
 * X's published back-off. A broken connection: at once, then 250 ms more each time, up to 16 s. A server error: 5 s doubling up
 * to 320 s. 429: 60 s doubling (bounded here by the 15-minute window). Source: handling disconnections; checked 2026-11-22.
 */
export const X_LADDERS: Ladders = {
  network: { firstMs: 0, stepMs: 250, maxMs: 16_000 },
  server: { firstMs: 5_000, doubling: true, maxMs: 320_000 },
  rate: { firstMs: 60_000, doubling: true, maxMs: 900_000 },
};

/** The adapter for the sample. */
export function sampleStream(options: LongStreamOptions): StreamAdapter {
  return longStream({ endpoint: '/2/tweets/sample/stream', endpointName: 'sample_stream' }, FIELDS, options);
}
