import type { Box } from './ast.ts';

/**
 * What the language asks of a post. Whoever has posts of another shape writes a class with these as getters: only what a query
 * needs is read, some of it more than once, so that dear ones should keep their result. Lists may be empty; nothing is escaped.
 */
export interface QueryPost {
  readonly id: string;
  /** All of it, long posts included, as written (`&`, not `&amp;`), with short links. Of a repost: `RT @handle: …`, cut or whole. */
  readonly text: string;
  readonly author: QueryAuthor;
  /** `en`, `zh-TW`, `und`; of a repost the original's. */
  readonly language: string;
  /** Name of the program it was written with. */
  readonly program: string | undefined;
  /** Without `#`, as written. */
  readonly hashtags: readonly string[];
  /** Without `$`. */
  readonly cashtags: readonly string[];
  /** Accounts named with `@`; of a repost first the one that it reposts. */
  readonly mentions: readonly QueryName[];
  readonly links: readonly QueryLink[];
  readonly media: readonly QueryMedia[];
  /** Topics as `domain.entity` ids: `10.799022225751871488`. */
  readonly contexts: readonly string[];
  /** Names of the people, places and things in it. */
  readonly entities: readonly string[];
  readonly conversationId: string;
  readonly inReplyTo: QueryReply | undefined;
  /** A post bears another one as repost or as quote; a repost of a quote bears the quote. */
  readonly repostOf: QueryPost | undefined;
  readonly quoteOf: QueryPost | undefined;
  readonly place: QueryPlace | undefined;
  /** Longitude, latitude. */
  readonly coordinates: readonly [number, number] | undefined;
  readonly likes: number;
  readonly replies: number;
  readonly reposts: number;
  /** Made for advertisements only. */
  readonly promotedOnly: boolean;
}

export interface QueryName {
  readonly id: string;
  /** Without `@`, as written. */
  readonly handle: string;
}

export interface QueryAuthor extends QueryName {
  readonly displayName: string;
  readonly bio: string;
  readonly location: string;
  readonly verified: boolean;
  readonly followers: number;
  readonly following: number;
  readonly posts: number;
  readonly listed: number;
  /** Organisations that the account is affiliated with. */
  readonly affiliations: readonly QueryName[];
  /** Ids of the lists that it is a member of. */
  readonly lists: readonly string[];
}

export interface QueryReply {
  readonly postId: string;
  readonly account: QueryName & { readonly affiliations: readonly QueryName[] };
}

export interface QueryLink {
  readonly shortUrl: string;
  readonly expandedUrl: string;
  /** Where redirections end, the page's title and description; where they are known. */
  readonly unwoundUrl: string | undefined;
  readonly title: string | undefined;
  readonly description: string | undefined;
}

export interface QueryMedia {
  readonly kind: 'photo' | 'video' | 'animation';
  readonly expandedUrl: string;
}

export interface QueryPlace {
  readonly id: string;
  readonly name: string;
  readonly fullName: string;
  /** Two letters. */
  readonly countryCode: string;
  readonly box: Box;
}
