/**
 * Finds what an hour's dataset wants in one line of X's streams, as positions in the line's bytes: nothing is unescaped or copied
 * here. Reads v2 lines (`data`, `includes`), twarc's flattened form (author inside) and, by way of `decodeLine`, v1.1 statuses.
 * What it calls post, control and malformed is what `decodeLine` calls so.
 */
import { type Wanted, compileWanted, nextElement, scanMembers, skipSpace, skipValue } from '../../core/json-scan.ts';
import type { Account, Post } from '../../core/post.ts';
import { decodeLine } from './decode.ts';

/** Slots of `SampleRow.spans`; the first twenty are the columns of the tweets file, in its order. */
export const FIELD = {
  id: 0,
  conversationId: 1,
  authorId: 2,
  createdAt: 3,
  retrievedAt: 4,
  source: 5,
  lang: 6,
  text: 7,
  referenceType: 8,
  referencedId: 9,
  authorCreatedAt: 10,
  authorLocation: 11,
  authorName: 12,
  authorUsername: 13,
  authorVerified: 14,
  authorProtected: 15,
  authorFollowers: 16,
  authorFollowing: 17,
  authorTweets: 18,
  authorListed: 19,
  references: 20,
  longText: 21,
  reposts: 22,
  replies: 23,
  likes: 24,
  quotes: 25,
  bookmarks: 26,
  impressions: 27,
} as const;
export const FIELD_COUNT = 28;

export type LineKind = 'post' | 'control' | 'malformed';

/** What only leads to fields, after them. Posts in `data` fill slots of their own, `DATA_BASE` above those of the root. */
const LEAD = {
  metrics: FIELD_COUNT,
  note: FIELD_COUNT + 1,
  author: FIELD_COUNT + 2,
  authorMetrics: FIELD_COUNT + 3,
  userId: FIELD_COUNT + 4,
  twarc: FIELD_COUNT + 5,
  idStr: FIELD_COUNT + 6,
  data: FIELD_COUNT + 7,
  includes: FIELD_COUNT + 8,
  users: FIELD_COUNT + 9,
  url: FIELD_COUNT + 10,
} as const;
const DATA_BASE = FIELD_COUNT + 11;
const SLOT_COUNT = 2 * DATA_BASE;

function wantedOfPost(base: number): Wanted {
  const note = [base + LEAD.note, { text: base + FIELD.longText }] as const;
  const counts = {
    retweet_count: base + FIELD.reposts,
    repost_count: base + FIELD.reposts,
    reply_count: base + FIELD.replies,
    like_count: base + FIELD.likes,
    quote_count: base + FIELD.quotes,
    bookmark_count: base + FIELD.bookmarks,
    impression_count: base + FIELD.impressions,
  };
  return {
    id: base + FIELD.id,
    conversation_id: base + FIELD.conversationId,
    author_id: base + FIELD.authorId,
    created_at: base + FIELD.createdAt,
    source: base + FIELD.source,
    lang: base + FIELD.lang,
    text: base + FIELD.text,
    referenced_tweets: base + FIELD.references,
    referenced_posts: base + FIELD.references,
    public_metrics: [base + LEAD.metrics, counts],
    note_tweet: note,
    note_post: note,
  };
}

const authorCounts = {
  followers_count: FIELD.authorFollowers,
  following_count: FIELD.authorFollowing,
  tweet_count: FIELD.authorTweets,
  post_count: FIELD.authorTweets,
  listed_count: FIELD.authorListed,
};
const authorFields: Wanted = {
  created_at: FIELD.authorCreatedAt,
  location: FIELD.authorLocation,
  name: FIELD.authorName,
  username: FIELD.authorUsername,
  verified: FIELD.authorVerified,
  protected: FIELD.authorProtected,
  public_metrics: [LEAD.authorMetrics, authorCounts],
};
const wantedOfLine = compileWanted({
  ...wantedOfPost(0),
  author: [LEAD.author, authorFields],
  __twarc: [LEAD.twarc, { retrieved_at: FIELD.retrievedAt, url: { slot: LEAD.url, repeats: true } }],
  id_str: LEAD.idStr,
  data: [LEAD.data, wantedOfPost(DATA_BASE)],
  includes: [LEAD.includes, { users: LEAD.users }],
});
const wantedOfUser = compileWanted({ ...authorFields, id: LEAD.userId });
const wantedOfFirstReference = compileWanted({ type: FIELD.referenceType, id: FIELD.referencedId });
const wantedOfReference = compileWanted({ type: 0, id: 1 });
const referenceSpans = new Int32Array(4);

const OPEN_OBJECT = 123;
const OPEN_ARRAY = 91;
const QUOTE = 34;
const ZERO = 48;

/**
 * One line at a time: `read` says what the line is and where its id stands; `locate` then finds what the walk left open. Positions
 * hold until the next `read` and point into `bytes`, which is the given buffer but for v1.1.
 */
export class SampleRow {
  bytes: Buffer = Buffer.alloc(0);
  /** From and to of each field's JSON value (a string with its quotes); from is -1 where the line has none. */
  readonly spans = new Int32Array(2 * SLOT_COUNT);
  /** Why the line is malformed. */
  reason = '';
  /** First digit of the post's id and the position after its last. */
  idFrom = 0;
  idTo = 0;
  /** Whether a post without references is an original by the form of the line: flattened lines say it themselves. */
  impliesOriginal = false;

  /** Walks one whole line (white space around it is allowed). */
  read(bytes: Buffer, from: number, to: number): LineKind {
    this.bytes = bytes;
    const spans = this.spans.fill(-1);
    const start = skipSpace(bytes, from, to);
    if (bytes[start] !== OPEN_OBJECT || start >= to) {
      const end = start < to ? skipValue(bytes, start, to) : -1;
      return this.#malformed(end === -1 || skipSpace(bytes, end, to) !== to ? 'not JSON' : 'not an object');
    }
    const end = scanMembers(bytes, start, to, wantedOfLine, spans);
    if (end === -1 || skipSpace(bytes, end, to) !== to) return this.#malformed('not JSON');
    const data = spans[2 * LEAD.data] as number;
    if (data !== -1) {
      if (bytes[data] !== OPEN_OBJECT) return this.#malformed('data is not an object');
      this.impliesOriginal = true;
      return this.#findId(DATA_BASE);
    }
    if (spans[2 * LEAD.idStr] !== -1) return this.#readByDecoding(from, to);
    this.impliesOriginal = false;
    return this.#findId(0) === 'post' ? 'post' : 'control';
  }

  /** Completes `spans` for the post that was read. Once per `read`. */
  locate(): void {
    const { spans } = this;
    if (spans[2 * LEAD.data] !== -1) {
      // Of the root's fields only the time of retrieval belongs to a post in `data`, and whose author is found by id.
      const retrievedFrom = spans[2 * FIELD.retrievedAt] as number;
      const retrievedTo = spans[2 * FIELD.retrievedAt + 1] as number;
      spans.copyWithin(0, 2 * DATA_BASE, 2 * (DATA_BASE + FIELD_COUNT));
      spans[2 * FIELD.retrievedAt] = retrievedFrom;
      spans[2 * FIELD.retrievedAt + 1] = retrievedTo;
      this.#findUser();
    }
    this.#findFirstReference();
  }

  #findId(base: number): LineKind {
    const { bytes, spans } = this;
    const from = spans[2 * (base + FIELD.id)] as number;
    if (from === -1) return this.#malformed('no id');
    this.idFrom = from + 1;
    this.idTo = (spans[2 * (base + FIELD.id) + 1] as number) - 1;
    const length = this.idTo - this.idFrom;
    // As `parsePostId` has it.
    let sound = bytes[from] === QUOTE && length >= 1 && length <= 20 && (length === 1 || bytes[from + 1] !== ZERO);
    for (let at = this.idFrom; sound && at < this.idTo; at++)
      sound = (bytes[at] as number) >= ZERO && (bytes[at] as number) <= ZERO + 9;
    return sound ? 'post' : this.#malformed('id is not a decimal string');
  }

  #findFirstReference(): void {
    const { bytes, spans } = this;
    const from = spans[2 * FIELD.references] as number;
    if (from === -1) return;
    if (bytes[from] !== OPEN_ARRAY) {
      spans[2 * FIELD.references] = -1;
      return;
    }
    const to = spans[2 * FIELD.references + 1] as number;
    const first = nextElement(bytes, from + 1, to);
    if (first !== -1) scanMembers(bytes, first, to, wantedOfFirstReference, spans);
  }

  /** Fills the author's fields from the user in `includes` whose id is the post's `author_id`, byte for byte. */
  #findUser(): void {
    const { bytes, spans } = this;
    const users = spans[2 * LEAD.users] as number;
    const usersEnd = spans[2 * LEAD.users + 1] as number;
    const idFrom = spans[2 * FIELD.authorId] as number;
    const idLength = (spans[2 * FIELD.authorId + 1] as number) - idFrom;
    if (idFrom === -1 || users === -1 || bytes[users] !== OPEN_ARRAY) return;
    for (let user = nextElement(bytes, users + 1, usersEnd); user !== -1; ) {
      spans.fill(-1, 2 * FIELD.authorCreatedAt, 2 * FIELD.authorListed + 2);
      spans[2 * LEAD.userId] = -1;
      spans[2 * LEAD.authorMetrics] = -1;
      const isObject = bytes[user] === OPEN_OBJECT;
      const after = isObject
        ? scanMembers(bytes, user, usersEnd, wantedOfUser, spans)
        : skipValue(bytes, user, usersEnd);
      const from = spans[2 * LEAD.userId] as number;
      const to = spans[2 * LEAD.userId + 1] as number;
      if (from !== -1 && to - from === idLength && bytes.compare(bytes, idFrom, idFrom + idLength, from, to) === 0)
        return;
      user = nextElement(bytes, after, usersEnd);
    }
    spans.fill(-1, 2 * FIELD.authorCreatedAt, 2 * FIELD.authorListed + 2);
  }

  /** v1.1 statuses are rare in hours: they go through the decoder and come back as a flattened line. */
  #readByDecoding(from: number, to: number): LineKind {
    const decoded = decodeLine(this.bytes.toString('utf8', from, to));
    if (decoded.kind === 'control') return 'control';
    if (decoded.kind === 'malformed') return this.#malformed(decoded.reason);
    const bytes = Buffer.from(JSON.stringify(flattenPost(decoded.post)));
    const kind = this.read(bytes, 0, bytes.length);
    this.impliesOriginal = true;
    return kind;
  }

  #malformed(reason: string): 'malformed' {
    this.reason = reason;
    return 'malformed';
  }
}

/** All references of an array's span: calls back with the spans of type and id values, -1 where one is absent. */
export function eachReference(
  bytes: Buffer,
  from: number,
  to: number,
  onReference: (typeFrom: number, typeTo: number, idFrom: number, idTo: number) => void,
): void {
  const spans = referenceSpans;
  for (let at = nextElement(bytes, from + 1, to); at !== -1; ) {
    spans.fill(-1);
    const isObject = bytes[at] === OPEN_OBJECT;
    const after = isObject ? scanMembers(bytes, at, to, wantedOfReference, spans) : skipValue(bytes, at, to);
    onReference(spans[0] as number, spans[1] as number, spans[2] as number, spans[3] as number);
    at = nextElement(bytes, after, to);
  }
}

function flattenPost(post: Post): object {
  return {
    id: post.postId,
    author_id: post.accountId,
    conversation_id: post.conversationId,
    created_at: post.postedAt,
    source: post.source,
    lang: post.lang,
    text: post.text ?? '',
    public_metrics: {
      retweet_count: post.counts?.reposts,
      reply_count: post.counts?.replies,
      like_count: post.counts?.likes,
      quote_count: post.counts?.quotes,
    },
    referenced_tweets:
      post.references.length === 0 ? undefined : post.references.map(({ type, postId }) => ({ type, id: postId })),
    author: post.account === undefined ? undefined : flattenAccount(post.account),
  };
}

function flattenAccount(account: Account): object {
  return {
    created_at: account.createdAt,
    location: account.location,
    name: account.name,
    username: account.handle,
    verified: account.verified,
    protected: account.protected,
    public_metrics: {
      followers_count: account.followers,
      following_count: account.following,
      tweet_count: account.posts,
      listed_count: account.listed,
    },
  };
}
