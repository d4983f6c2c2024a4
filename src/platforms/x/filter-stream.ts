/** X's filtered stream, v2: GET /2/tweets/search/stream. What it carries is said by rules (filter-rules.ts). */
import type { StreamAdapter } from '../adapter.ts';
import { longStream, type LongStreamOptions } from './long-stream.ts';

/** What the datasets need, and what tells which words of which rule found a post: what it reposts and quotes, names, places. */
const FIELDS: Record<string, string> = {
  expansions: 'author_id,referenced_tweets.id,referenced_tweets.id.author_id,in_reply_to_user_id,geo.place_id',
  'tweet.fields':
    'author_id,conversation_id,created_at,entities,geo,id,in_reply_to_user_id,lang,note_tweet,public_metrics,referenced_tweets,source,text',
  'user.fields': 'created_at,id,location,name,protected,public_metrics,username,verified',
  'place.fields': 'country_code,full_name,geo,id,name',
};

/** The adapter for the filtered stream. */
export function filterStream(options: LongStreamOptions): StreamAdapter {
  const stream = longStream({ endpoint: '/2/tweets/search/stream', endpointName: 'filtered_stream' }, FIELDS, options);
  return {
    ...stream,
    readRefusal: (refused) => {
      const refusal = stream.readRefusal(refused);
      // Without rules there is no stream (409). They may have gone a moment ago and come again: that passes like a server's trouble.
      return refused.status === 409 && refusal.kind === 'rejected' ? { ...refusal, kind: 'server-error' } : refusal;
    },
  };
}
