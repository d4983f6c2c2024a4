import type { QueryAuthor, QueryPost } from './query-post.ts';

/** A post for tests and benchmarks: empty, but for what is given. Tags, names and so on are not read out of the text. */
export function samplePost(given: Partial<QueryPost> = {}): QueryPost {
  return {
    id: '1583574411220938752',
    text: '',
    author: sampleAuthor(),
    language: 'en',
    program: undefined,
    hashtags: [],
    cashtags: [],
    mentions: [],
    links: [],
    media: [],
    contexts: [],
    entities: [],
    conversationId: given.id ?? '1583574411220938752',
    inReplyTo: undefined,
    repostOf: undefined,
    quoteOf: undefined,
    place: undefined,
    coordinates: undefined,
    likes: 0,
    replies: 0,
    reposts: 0,
    promotedOnly: false,
    ...given,
  };
}

export function sampleAuthor(given: Partial<QueryAuthor> = {}): QueryAuthor {
  return {
    id: '12',
    handle: 'Wren_12',
    displayName: 'Wren',
    bio: '',
    location: '',
    verified: false,
    followers: 0,
    following: 0,
    posts: 0,
    listed: 0,
    affiliations: [],
    lists: [],
    ...given,
  };
}
