/** X's filtered stream, v2: GET /2/tweets/search/stream. What it carries is said by rules (filter-rules.ts). */
import { snowflakeToMs } from '../../core/snowflake.ts';
import type { Ladders, StreamAdapter } from '../adapter.ts';
import { classifyLine } from './classify-line.ts';
import { readRefusal } from './refusal.ts';
import { streamHeaders } from './stream-headers.ts';

const ENDPOINT = '/2/tweets/search/stream';
const MAX_BACKFILL_MINUTES = 5;

/** What the datasets need, and what tells which words of which rule found a post: what it reposts and quotes, names, places. */
const FIELDS: Record<string, string> = {
  expansions: 'author_id,referenced_tweets.id,referenced_tweets.id.author_id,in_reply_to_user_id,geo.place_id',
  'tweet.fields':
    'author_id,conversation_id,created_at,entities,geo,id,in_reply_to_user_id,lang,note_tweet,public_metrics,referenced_tweets,source,text',
  'user.fields': 'created_at,id,location,name,protected,public_metrics,username,verified',
  'place.fields': 'country_code,full_name,geo,id,name',
};

/** The adapter for the filtered stream at `apiUrl`; `gzip` asks the platform to pack it. */
export function filterStream({
  apiUrl,
  gzip,
  ladders,
}: {
  apiUrl: string;
  gzip: boolean;
  ladders: Ladders;
}): StreamAdapter {
  return {
    platform: 'x',
    endpoint: ENDPOINT,
    maxBackfillMinutes: MAX_BACKFILL_MINUTES,
    heartbeatFactor: 1,
    ladders,
    request({ authorization, backfillMinutes }) {
      const url = new URL(ENDPOINT, apiUrl);
      for (const [name, value] of Object.entries(FIELDS)) url.searchParams.set(name, value);
      if (backfillMinutes > 0) url.searchParams.set('backfill_minutes', String(backfillMinutes));
      return { url, headers: streamHeaders({ authorization: authorization({ method: 'GET', url }), gzip }) };
    },
    classifyLine,
    postedAtMs: snowflakeToMs,
    readRefusal: (refused) => {
      const refusal = readRefusal(refused);
      // Without rules there is no stream (409). They may have gone a moment ago and come again: that passes like a server's trouble.
      return refused.status === 409 && refusal.kind === 'rejected' ? { ...refusal, kind: 'server-error' } : refusal;
    },
  };
}
