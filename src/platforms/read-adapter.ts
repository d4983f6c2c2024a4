/**
 * The contract of reading from a platform by single requests: what timelines, look-ups, searches and the terminal's tools may know of it.
 * A platform gives questions; `make-call` asks them and `read-pages` walks through their pages. Both know no platform.
 */
import type { AccountId, Platform, PostId } from '../core/ids.ts';
import type { Account } from '../core/post.ts';
import type { BilledResource, EndpointLimit } from './permit-source.ts';

export type JsonObject = { [key: string]: unknown };

/** What came over the wire, unpacked but otherwise untouched; headers in lower case. */
export type RawAnswer = { status: number; headers: Record<string, string>; body: Buffer };

/** One request, and how its answer is to be read. Building and reading are pure: no clock, no network. */
export type ReadCall = {
  platform: Platform;
  /** The endpoint's path as the platform documents it, `/2/users/:id/tweets`. */
  endpoint: string;
  method: 'GET' | 'POST';
  url: URL;
  /** A form, for requests whose parameters would make an address too long. */
  form?: URLSearchParams;
  limit: EndpointLimit;
  /** The most that an answer can cost; 0 where the platform bills nothing. */
  reserve: { resource: BilledResource; atMost: number };
  /** Only an app's, or only a user's, token is let in. */
  as?: 'app' | 'user';
  read(answer: RawAnswer): Reading;
};

export type Reading = { kind: 'page'; page: PageContent } | { kind: 'refused'; refusal: ReadRefusal };

/** What the platform said of something, word for word as far as it helps: the endpoint asked, the status, its code or problem type. */
export type Evidence = { endpoint: string; status: number; code: string; sentence: string };

/**
 * What became of one thing that was not handed out. `not_found`: the platform knows none, which covers deleted ones and those that
 * never were; `error`: it said something else. `isAsked`: it was asked for, not merely mentioned by what was.
 */
export type ItemOutcome = {
  kind: 'post' | 'account';
  /** The id, or the handle, by which it was asked for. */
  id?: string;
  handle?: string;
  outcome: 'not_found' | 'suspended' | 'protected' | 'error';
  isAsked: boolean;
  evidence: Evidence;
};

/** A bucket of a count: instants as the platform wrote them. */
export type CountBucket = { start: string; end: string; count: number };

/** One page as it was understood. `body` beside it remains the record: what isn't here is still there. */
export type PageContent = {
  /** The posts asked for, in the order in which they came; `payload` as it was, integers beyond 2^53 as text. */
  posts: { postId: PostId; payload: JsonObject }[];
  accounts: { accountId: AccountId; account: Account; payload: JsonObject }[];
  /** Ids alone, where the endpoint gives no more. */
  accountIds: AccountId[];
  counts: CountBucket[];
  /** The whole answer's other parts (`includes`, `meta`), for those who flatten. */
  envelope: JsonObject;
  /** One for each thing asked for that did not come, and for things mentioned that are gone. */
  outcomes: ItemOutcome[];
  /** The account that the list belongs to cannot be read: then there is nothing else in the page. */
  subject?: ItemOutcome;
  /** Where the next page is; absent on the last one. */
  next?: string;
  /** Units that the platform bills for this answer. */
  billed: number;
};

/** A page with its bytes and where it came from. */
export type ReadPage = PageContent & {
  /** As received, byte for byte, after unpacking. */
  body: Buffer;
  endpoint: string;
  /** The whole address asked, without credentials. */
  url: string;
  /** When the answer was here, by our clock: ISO 8601 with Z. */
  receivedAt: string;
};

/**
 * Why there is no page. Only `rate-limited`, `server-trouble` and `garbage` pass by themselves. `wrong-question`: the request is not
 * understood or not allowed like this; `not-allowed`: this app or token may not ask it at all.
 */
export type ReadRefusal = {
  kind:
    | 'rate-limited'
    | 'usage-capped'
    | 'out-of-money'
    | 'credential-refused'
    | 'not-allowed'
    | 'wrong-question'
    | 'server-trouble'
    | 'garbage';
  /** `HTTP 403 Client Forbidden: …`: the platform's words, without a full stop at the end. */
  sentence: string;
  status: number;
  /** The parameters that the platform complained of, where it said so. */
  parameters: string[];
  /** When the platform says that it will answer again, ms since 1970 by its clock. */
  resetAtMs?: number;
  /** Of a cap that is used up: whether it is one of days or of months, where that was said. */
  capPeriod?: 'day' | 'month';
};

/** A question that one answer settles. */
export type ReadQuestion = {
  /** Builds the request as it is to be asked now. */
  call(): ReadCall;
  /** Told of a `wrong-question`; true when it will be asked in other words from now on, so that asking again makes sense. */
  learn?(refusal: ReadRefusal): boolean;
};

/**
 * Where a walk through pages stands: JSON, to be kept between runs. `oldestId` and `newestId` are of posts seen so far; `skipTo`: items of
 * the next page up to and including this id were handled already.
 */
export type Position = { token?: string; oldestId?: string; newestId?: string; skipTo?: string };

/** A question with many pages, newest first. */
export type PagedQuestion = {
  /** Asks for the page at a position; `wanted`: no more items are needed, so that a smaller page will do. */
  at(position: Position, wanted?: number): ReadQuestion;
  /** The position after a page; undefined when that was the last one. */
  after(position: Position, page: PageContent): Position | undefined;
  /** Where to begin anew when the platform no longer takes the token of a position: below all that was seen. Undefined: it cannot. */
  anew(position: Position): Position | undefined;
};
