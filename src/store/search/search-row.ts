/** What the index keeps of a post, made of its row and payload. No database here. */
import type { PostKind, Reference } from '../../core/post.ts';
import { postDetails } from '../../platforms/x/post-details.ts';
import { postPlace } from '../../platforms/x/post-place.ts';
import { fold, hashtagsIn, markToken, MARKS, mentionsIn, sampleDigits, vectorText, wordsOf } from './search-tokens.ts';

/** A stored post. `handle`: the author's as last seen, for payloads without a profile. */
export type IndexedPost = {
  postId: string;
  accountId: string | null;
  text: string | null;
  lang: string | null;
  references: readonly Reference[];
  payload: string;
  handle: string | null;
};

/** `hashtags`: folded, each once, in their order. `tokens`: a tsvector's text, collections left out. */
export type SearchRow = {
  kind: PostKind;
  hashtags: string[];
  latitude: number | null;
  longitude: number | null;
  place: string | null;
  tokens: string;
};

/** No post has more tags or names; whoever writes such a payload means no good. */
const MOST_MARKS = 300;

export function searchRow(post: IndexedPost, collectionIds: readonly number[]): SearchRow {
  const { postId, accountId, lang, references, payload } = post;
  const text = post.text ?? '';
  const details = postDetails(payload);
  const place = postPlace(payload);
  const kind = kindOf(references, details.isRepost);
  const hashtags = distinct([...details.hashtags, ...hashtagsIn(text)].map(tagOf)).filter((tag) => tag !== '');
  const handle = details.author?.handle ?? post.handle;
  const hosts = distinct(details.links.flatMap(({ expanded, url }) => hostsOf(expanded === '' ? url : expanded)));
  const marks = [
    MARKS.sample + sampleDigits(postId),
    MARKS.kind + kind,
    ...hashtags.map((tag) => markToken('hashtag', tag)),
    ...distinct([...details.mentions, ...mentionsIn(text)])
      .slice(0, MOST_MARKS)
      .map((name) => markToken('mention', name)),
    ...hosts.map((host) => markToken('host', host)),
    ...collectionIds.map(collectionMark),
    ...(accountId === null ? [] : [markToken('account', accountId)]),
    ...(handle === null ? [] : [markToken('handle', handle)]),
    ...(lang === null || lang === '' ? [] : [markToken('language', lang)]),
    ...(details.mediaUrls.length === 0 ? [] : [`${MARKS.has}media`]),
    ...(details.links.length === 0 ? [] : [`${MARKS.has}links`]),
    ...(place === undefined && details.place === undefined ? [] : [`${MARKS.has}geo`]),
  ];
  return {
    kind,
    hashtags,
    latitude: place?.latitude ?? null,
    longitude: place?.longitude ?? null,
    place: details.place?.replaceAll('\u0000', '').toWellFormed() ?? null,
    tokens: vectorText(wordsOf(text), marks.map(storable)),
  };
}

/** The mark of a post that a collection met. */
export function collectionMark(collectionId: number): string {
  return `${MARKS.collection}${collectionId}`;
}

/** By what it is first of all: a repost says nothing of its own, and an answer that quotes is an answer. */
export function kindOf(references: readonly Reference[], isRepost = false): PostKind {
  const has = (type: RegExp) => references.some((reference) => type.test(reference.type));
  if (isRepost || has(/^(retweeted|reposted)$/)) return 'repost';
  if (has(/^replied_to$/)) return 'reply';
  return has(/^quoted$/) ? 'quote' : 'original';
}

/** A tag as it is kept and compared. Blanks cannot be in a tag; whatever is behind one is left out. */
function tagOf(tag: string): string {
  return storable(fold(tag)).split(/\s/u, 1)[0]?.slice(0, 80).toWellFormed() ?? '';
}

/** `www.` left out; `news.example.co.uk` is found by each domain that it lies in. Nothing for what is no address. */
function hostsOf(address: string): string[] {
  let host: string;
  try {
    host = new URL(address).hostname.toLowerCase().replace(/^www\./u, '');
  } catch {
    return []; // the platform wrote something else there
  }
  const labels = host.split('.');
  if (labels.length < 2 || /^[\d.]+$/u.test(host)) return [host];
  return labels.slice(0, -1).map((_, at) => labels.slice(at).join('.'));
}

/** What a text column takes; see keepable-text.ts. */
function storable(token: string): string {
  return token.replaceAll('\u0000', '').toWellFormed();
}

function distinct(values: string[]): string[] {
  return [...new Set(values)].slice(0, MOST_MARKS);
}
