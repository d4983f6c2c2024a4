/** Stream lines for the benchmarks: made here, equal for equal seeds, shaped like the sample stream's with the fields it is asked for. */
const EPOCH_MS = 1_288_834_974_657;
const WORDS =
  'wing nest river spring count ring song field north marsh owl heron flock dawn reed net egg tern lark'.split(' ');

/** A line is exactly this long, in bytes. */
export const LINE_BYTES = 706;

/** `count` lines of LINE_BYTES bytes, ids increasing, by about a third as many accounts as posts. */
export function* postLines({
  seed,
  count,
  startMs,
}: {
  seed: number;
  count: number;
  startMs: number;
}): Generator<Buffer> {
  let state = seed >>> 0;
  const random = (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  for (let at = 0; at < count; at++) {
    const ms = startMs + Math.floor((at * 3_600_000) / count);
    const id = (BigInt(ms - EPOCH_MS) << 22n) + BigInt(at % 4_194_304);
    const author = 1_000_000_000 + random(Math.ceil(count / 3)) * 7;
    yield sized((text) => lineOf({ id: id.toString(), author: String(author), ms, text, random }), random);
  }
}

type Post = { id: string; author: string; ms: number; text: string; random: (below: number) => number };

function lineOf({ id, author, ms, text }: Post): string {
  const account = Number(author) % 100_000;
  return JSON.stringify({
    data: {
      author_id: author,
      created_at: new Date(ms).toISOString(),
      edit_history_tweet_ids: [id],
      id,
      lang: account % 3 === 0 ? 'ja' : 'en',
      public_metrics: { retweet_count: account % 9, reply_count: 0, like_count: account % 31, quote_count: 0 },
      ...(account % 4 === 0
        ? { referenced_tweets: [{ type: 'retweeted', id: (BigInt(id) - 4_000_000_000n).toString() }] }
        : {}),
      text,
    },
    includes: {
      users: [
        {
          created_at: '2019-04-05T06:07:08.000Z',
          id: author,
          name: `Bird ${account}`,
          public_metrics: { followers_count: account, following_count: 12, tweet_count: 345, listed_count: 1 },
          username: `bird_${account}`,
          verified: false,
        },
      ],
    },
  });
}

/** Fills the text with words, some of them with escapes and of several bytes per letter, until the line has its length. */
function sized(line: (text: string) => string, random: (below: number) => number): Buffer {
  let text = `RT "${WORDS[random(WORDS.length)]}" \n鳥の声 🐦`;
  let room = LINE_BYTES - Buffer.byteLength(line(text));
  for (let word = next(); word.length < room; word = next()) {
    text += word;
    room -= word.length;
  }
  return Buffer.from(line(text + 'x'.repeat(room)));

  function next(): string {
    return ` ${WORDS[random(WORDS.length)]}`;
  }
}
