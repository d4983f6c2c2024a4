import type { AccountId, Platform, PostId } from './ids.ts';

/**
 * How a post points at another: X says retweeted, quoted, replied_to; other values are kept as they come. `accountId`: who wrote that one, where the
 * payload tells.
 */
export type Reference = { type: string; postId: string; accountId?: string };

/** Counts as of the moment of capture; only those the platform sent. */
export type PostCounts = {
  reposts?: number;
  replies?: number;
  likes?: number;
  quotes?: number;
  bookmarks?: number;
  impressions?: number;
};

/** An account as it stood in one payload; only fields the platform sent. `createdAt` as the platform wrote it. */
export type Account = {
  accountId: AccountId;
  handle?: string;
  name?: string;
  createdAt?: string;
  location?: string;
  description?: string;
  verified?: boolean;
  protected?: boolean;
  followers?: number;
  following?: number;
  posts?: number;
  listed?: number;
};

/** A post as decoded from one payload; only fields the platform sent. Instants as ISO 8601 with Z. */
export type Post = {
  platform: Platform;
  postId: PostId;
  accountId?: AccountId;
  conversationId?: string;
  postedAt?: string;
  text?: string;
  lang?: string;
  source?: string;
  references: Reference[];
  counts?: PostCounts;
  account?: Account;
};

/**
 * What one payload turned out to be. `malformed`: it could not be understood and is quarantined with the reason.
 * `control`: a message of the platform about the stream, kept, never loaded.
 */
export type Decoded =
  | { kind: 'post'; post: Post }
  | { kind: 'control'; message: string }
  | { kind: 'malformed'; reason: string };

/** What a post is to others, by its references. */
export const postKinds = ['original', 'reply', 'repost', 'quote'] as const;
export type PostKind = (typeof postKinds)[number];
