/** Small made-up tweets in the forms that X's streams and older tools leave them in, for tests of hours. Invented people only. */

export type Tweet = {
  id: string;
  text: string;
  authorId: string;
  createdAt: string;
  name: string;
  location: string | undefined;
  references: { type: string; id: string }[];
  source: string | undefined;
};

/** The nth tweet of a made-up hour from 2022-10-01T13Z on: a pure function of n. */
export function makeTweet(n: number, change: Partial<Tweet> = {}): Tweet {
  const ms = Date.parse('2022-10-01T13:00:00.000Z') + (n % 3600) * 1000;
  return {
    id: String(1_576_195_200_000_000_000n + BigInt(n) * 4_194_304_000n + BigInt(n % 7)),
    text: `tweet ${n}${n % 5 === 0 ? ', with "quotes"' : ''}${n % 3 === 0 ? '\nand a line' : ''} é 🐦`,
    authorId: String(n % 4 === 0 ? 12 + (n % 40) : 1_354_866_351_241_060_000n + BigInt(n % 90)),
    createdAt: new Date(ms).toISOString(),
    name: `Name ${n % 90}`,
    location: n % 2 === 0 ? undefined : 'Linz, Österreich',
    references:
      n % 3 === 0
        ? []
        : [{ type: 'retweeted', id: '1576022337755590713' }, ...(n % 6 === 1 ? [{ type: 'quoted', id: '20' }] : [])],
    source: n % 11 === 0 ? undefined : 'Twitter for Android',
    ...change,
  };
}

function author({ authorId, name, location }: Tweet): object {
  return {
    created_at: '2021-01-28T18:58:04.000Z',
    id: authorId,
    ...(location === undefined ? {} : { location }),
    name,
    protected: false,
    public_metrics: { followers_count: 1, following_count: 49, tweet_count: 17_970, listed_count: 0 },
    username: `u${authorId.slice(-6)}`,
    verified: authorId.length < 5,
  };
}

function data(tweet: Tweet): object {
  const { id, text, authorId, createdAt, references, source } = tweet;
  return {
    author_id: authorId,
    conversation_id: id,
    created_at: createdAt,
    edit_history_tweet_ids: [id],
    id,
    lang: 'de',
    ...(references.length === 0 ? {} : { referenced_tweets: references }),
    ...(source === undefined ? {} : { source }),
    text,
  };
}

/** As the API delivers it. */
export function rawLine(tweet: Tweet): string {
  return JSON.stringify({ data: data(tweet), includes: { users: [author(tweet)] } });
}

/** As twarc flattens it and an older collector wrote it: the author inside, fillers for originals, ASCII only. */
export function flattenedLine(tweet: Tweet, retrievedAt: string): string {
  const original = tweet.references.length === 0 ? { referenced_tweets: [{ type: 'original', id: null }] } : {};
  const line = JSON.stringify({
    ...data(tweet),
    author: author(tweet),
    __twarc: {
      url: 'https://api.twitter.com/2/tweets/sample/stream?backfill_minutes=5',
      version: '2.12.0',
      retrieved_at: retrievedAt,
    },
    ...original,
  });
  return line.replaceAll(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
