/** X's filter as v1.1 has it: POST /1.1/statuses/filter.json, one connection for an account, which bears all that is asked for. */
import { snowflakeToMs } from '../../core/snowflake.ts';
import type { LegacyFilter } from '../../core/rules/compile.ts';
import type { Ladders, StreamAdapter } from '../adapter.ts';
import { classifyLine } from './classify-line.ts';
import { readRefusal } from './refusal.ts';
import { streamHeaders } from './stream-headers.ts';

const ENDPOINT = '/1.1/statuses/filter.json';
/** As of v1.1's sample: a blank line every 30 s, and clients are to wait 90 s. */
const HEARTBEAT_FACTOR = 3;

/** The adapter for the filter at `streamUrl`. What was missed is never sent again; another filter needs another connection. */
export function legacyFilterStream({
  streamUrl,
  gzip,
  ladders,
  filter,
}: {
  streamUrl: string;
  gzip: boolean;
  ladders: Ladders;
  filter: LegacyFilter;
}): StreamAdapter {
  return {
    platform: 'x',
    endpoint: ENDPOINT,
    maxBackfillMinutes: 0,
    heartbeatFactor: HEARTBEAT_FACTOR,
    ladders,
    request({ authorization }) {
      const url = new URL(ENDPOINT, streamUrl);
      const form = new URLSearchParams({ stall_warnings: 'true', tweet_mode: 'extended' });
      const { track, follow, locations, languages } = filter;
      if (track.length > 0) form.set('track', track.join(','));
      if (follow.length > 0) form.set('follow', follow.join(','));
      if (locations.length > 0) form.set('locations', locations.flat().join(','));
      if (languages.length > 0) form.set('language', languages.join(','));
      return {
        url,
        form,
        headers: streamHeaders({ authorization: authorization({ method: 'POST', url, form }), gzip }),
      };
    },
    classifyLine,
    postedAtMs: snowflakeToMs,
    readRefusal,
  };
}
