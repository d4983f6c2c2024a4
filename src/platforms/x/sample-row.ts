/**
 * Finds what an hour's dataset wants in one line of X's streams, as positions in the line's bytes: nothing is unescaped or copied
 * here. Reads v2 lines (`data`, `includes`), twarc's flattened form (author inside) and, by way of `decodeLine`, v1.1 statuses.
 * What it calls post, control and malformed is what `decodeLine` calls so, with one exception: a flattened post without text is
 * a post here.
 */
import {
  type MemberTable,
  makeMemberTable,
  nextElement,
  scanMembers,
  skipSpace,
  skipValue,
} from '../../core/json-scan.ts';
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

const POST = {
  id: 0,
  conversation_id: 1,
  author_id: 2,
  created_at: 3,
  source: 4,
  lang: 5,
  text: 6,
  referenced_tweets: 7,
  referenced_posts: 7,
  public_metrics: 8,
  note_tweet: 9,
  note_post: 9,
  author: 10,
  __twarc: 11,
  data: 12,
  includes: 13,
  id_str: 14,
} as const;
const POST_SLOTS = 15;

const postTable = makeMemberTable(POST);
const includesTable = makeMemberTable({ users: 0 });
const referenceTable = makeMemberTable({ type: 0, id: 1 });
const twarcTable = makeMemberTable({ retrieved_at: 0 });
const noteTable = makeMemberTable({ text: 0 });
const userIdTable = makeMemberTable({ id: 0 });
const metricsTable = makeMemberTable({
  retweet_count: 0,
  repost_count: 0,
  reply_count: 1,
  like_count: 2,
  quote_count: 3,
  bookmark_count: 4,
  impression_count: 5,
});
const authorTable = makeMemberTable({
  created_at: 0,
  location: 1,
  name: 2,
  username: 3,
  verified: 4,
  protected: 5,
  public_metrics: 6,
});
const authorMetricsTable = makeMemberTable({
  followers_count: 0,
  following_count: 1,
  tweet_count: 2,
  post_count: 2,
  listed_count: 3,
});

const OPEN_OBJECT = 123;
const OPEN_ARRAY = 91;
const QUOTE = 34;

/**
 * One line at a time: `read` says what the line is and where its id stands; `locate` then finds the rest. Positions hold until the
 * next `read` and point into `bytes`, which is the given buffer but for v1.1.
 */
export class SampleRow {
  bytes: Buffer = Buffer.alloc(0);
  /** From and to of each field's JSON value (a string with its quotes), -1 where the line has none. */
  readonly spans = new Int32Array(2 * FIELD_COUNT);
  /** Why the line is malformed. */
  reason = '';
  /** First digit of the post's id and the position after its last. */
  idFrom = 0;
  idTo = 0;
  /** Whether a post without references is an original by the form of the line: flattened lines say it themselves. */
  impliesOriginal = false;

  readonly #root = new Int32Array(2 * POST_SLOTS);
  readonly #data = new Int32Array(2 * POST_SLOTS);
  readonly #nested = new Int32Array(2 * 7);
  #post = this.#root;

  /** Walks one whole line (white space around it is allowed). */
  read(bytes: Buffer, from: number, to: number): LineKind {
    this.bytes = bytes;
    const root = this.#root.fill(-1);
    const start = skipSpace(bytes, from, to);
    if (bytes[start] !== OPEN_OBJECT || start >= to) {
      const end = start < to ? skipValue(bytes, start, to) : -1;
      return this.#malformed(end === -1 || skipSpace(bytes, end, to) !== to ? 'not JSON' : 'not an object');
    }
    const end = scanMembers(bytes, start, to, postTable, root);
    if (end === -1 || skipSpace(bytes, end, to) !== to) return this.#malformed('not JSON');
    const data = root[2 * POST.data] as number;
    if (data !== -1) {
      if (bytes[data] !== OPEN_OBJECT) return this.#malformed('data is not an object');
      this.#post = this.#data.fill(-1);
      this.impliesOriginal = true;
      scanMembers(bytes, data, root[2 * POST.data + 1] as number, postTable, this.#data);
      return this.#findId();
    }
    if (root[2 * POST.id_str] !== -1) return this.#readByDecoding(from, to);
    if (root[2 * POST.id] === -1 || !this.#looksLikePost()) return 'control';
    this.#post = root;
    this.impliesOriginal = false;
    return this.#findId();
  }

  /** Fills `spans` for the post that was read. */
  locate(): void {
    const { bytes, spans } = this;
    const post = this.#post;
    spans.fill(-1);
    this.#take(FIELD.id, post, POST.id);
    this.#take(FIELD.conversationId, post, POST.conversation_id);
    this.#take(FIELD.authorId, post, POST.author_id);
    this.#take(FIELD.createdAt, post, POST.created_at);
    this.#take(FIELD.source, post, POST.source);
    this.#take(FIELD.lang, post, POST.lang);
    this.#take(FIELD.text, post, POST.text);
    this.#locateReferences();
    this.#nestedIn(post, POST.note_tweet, noteTable);
    this.#take(FIELD.longText, this.#nested, 0);
    this.#nestedIn(post, POST.public_metrics, metricsTable);
    for (let slot = 0; slot < 6; slot++) this.#take(FIELD.reposts + slot, this.#nested, slot);
    this.locateRetrievedAt();
    const author = post === this.#data ? this.#findUser() : (this.#root[2 * POST.author] as number);
    if (author === -1 || bytes[author] !== OPEN_OBJECT) return;
    const nested = this.#nested.fill(-1);
    scanMembers(bytes, author, bytes.length, authorTable, nested);
    for (let slot = 0; slot < 6; slot++) this.#take(FIELD.authorCreatedAt + slot, nested, slot);
    this.#nestedIn(nested, 6, authorMetricsTable);
    for (let slot = 0; slot < 4; slot++) this.#take(FIELD.authorFollowers + slot, this.#nested, slot);
  }

  /** Finds only when the line was retrieved (`__twarc`); frames know it better. */
  locateRetrievedAt(): void {
    this.spans[2 * FIELD.retrievedAt] = -1;
    this.#nestedIn(this.#root, POST.__twarc, twarcTable);
    this.#take(FIELD.retrievedAt, this.#nested, 0);
  }

  #take(field: number, from: Int32Array, slot: number): void {
    this.spans[2 * field] = from[2 * slot] as number;
    this.spans[2 * field + 1] = from[2 * slot + 1] as number;
  }

  /** Walks the object in a slot, if there is one, into `#nested`; `from` may be `#nested` itself. */
  #nestedIn(from: Int32Array, slot: number, table: MemberTable): void {
    const at = from[2 * slot] as number;
    const to = from[2 * slot + 1] as number;
    this.#nested.fill(-1);
    if (at !== -1 && this.bytes[at] === OPEN_OBJECT) scanMembers(this.bytes, at, to, table, this.#nested);
  }

  #findId(): LineKind {
    const { bytes } = this;
    const from = this.#post[2 * POST.id] as number;
    if (from === -1) return this.#malformed('no id');
    this.idFrom = from + 1;
    this.idTo = (this.#post[2 * POST.id + 1] as number) - 1;
    const length = this.idTo - this.idFrom;
    // X never writes leading zeros; two ids must not differ by them alone.
    let sound = bytes[from] === QUOTE && length >= 1 && length <= 20 && (length === 1 || bytes[this.idFrom] !== 48);
    for (let at = this.idFrom; sound && at < this.idTo; at++)
      sound = (bytes[at] as number) >= 48 && (bytes[at] as number) <= 57;
    return sound ? 'post' : this.#malformed('id is not a decimal string');
  }

  #looksLikePost(): boolean {
    const root = this.#root;
    return [POST.text, POST.author_id, POST.author, POST.created_at].some((slot) => root[2 * slot] !== -1);
  }

  #locateReferences(): void {
    const { bytes } = this;
    const from = this.#post[2 * POST.referenced_tweets] as number;
    if (from === -1 || bytes[from] !== OPEN_ARRAY) return;
    this.#take(FIELD.references, this.#post, POST.referenced_tweets);
    const first = nextElement(bytes, from + 1, bytes.length);
    if (first === -1 || bytes[first] !== OPEN_OBJECT) return;
    const nested = this.#nested.fill(-1);
    scanMembers(bytes, first, bytes.length, referenceTable, nested);
    this.#take(FIELD.referenceType, nested, 0);
    this.#take(FIELD.referencedId, nested, 1);
  }

  /** Start of the user in `includes` whose id is the post's `author_id`, byte for byte. */
  #findUser(): number {
    const { bytes } = this;
    const idFrom = this.#data[2 * POST.author_id] as number;
    const idLength = (this.#data[2 * POST.author_id + 1] as number) - idFrom;
    this.#nestedIn(this.#root, POST.includes, includesTable);
    const users = this.#nested[0] as number;
    const usersEnd = this.#nested[1] as number;
    if (idFrom === -1 || users === -1 || bytes[users] !== OPEN_ARRAY) return -1;
    for (let user = nextElement(bytes, users + 1, usersEnd); user !== -1; ) {
      const nested = this.#nested.fill(-1);
      const after =
        bytes[user] === OPEN_OBJECT
          ? scanMembers(bytes, user, usersEnd, userIdTable, nested)
          : skipValue(bytes, user, usersEnd);
      const from = nested[0] as number;
      if (
        from !== -1 &&
        (nested[1] as number) - from === idLength &&
        bytes.compare(bytes, idFrom, idFrom + idLength, from, from + idLength) === 0
      )
        return user;
      user = nextElement(bytes, after, usersEnd);
    }
    return -1;
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
  const spans = new Int32Array(4);
  for (let at = nextElement(bytes, from + 1, to); at !== -1; ) {
    spans.fill(-1);
    const isObject = bytes[at] === OPEN_OBJECT;
    const after = isObject ? scanMembers(bytes, at, to, referenceTable, spans) : skipValue(bytes, at, to);
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
