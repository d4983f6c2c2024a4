/** What the matcher asks of a post. Whoever has posts of another shape makes one of these; a platform's folder knows how. */
import type { Box } from './boxes.ts';

/** An account as rules name it: by id or by name. */
export type NamedAccount = { id?: string; name?: string };

/**
 * Texts are as written (`&`, not `&amp;`), tags without their sign, names without `@`. A post bears the one it reposts or quotes, as
 * far as it came along: `repostOf` and `quoteOf` are absent when there is none, `'unseen'` when there is one that did not come.
 */
export type MatchablePost = {
  text: string;
  author: NamedAccount;
  lang?: string;
  hashtags: readonly string[];
  cashtags: readonly string[];
  mentions: readonly NamedAccount[];
  /** Short, expanded and unwound addresses of links and media. */
  links: readonly string[];
  hasMedia?: boolean;
  conversationId?: string;
  replyTo?: { postId?: string; account: NamedAccount };
  repostOf?: { postId?: string; post?: MatchablePost };
  quoteOf?: { postId?: string; post?: MatchablePost };
  /** Longitude, latitude. */
  coordinates?: readonly [number, number];
  place?: { id?: string; name?: string; fullName?: string; country?: string; box?: Box };
};
