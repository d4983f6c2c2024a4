/** The links of a post: v2 lines in both vocabularies, twarc's flattened form, v1.1 statuses. Nothing is asked for here. */
import type { JsonObject } from '../read-adapter.ts';
import { isObject, list, object, text } from './json-values.ts';

/**
 * A link as the text shows it, and the address it stands for, as far as the platform says; the same where it says nothing. `media`: the address of an
 * attached picture, or of a video's still. `text`: found in the text, for the payload lists no links.
 */
export type FoundLink = { link: string; url: string; kind: 'url' | 'media' | 'text' };

/** No post has more; whoever writes such a payload means no good. */
const MOST_LINKS = 1_000;

/**
 * Each link once, in the platform's order, attachments last. A repost has the links of what it repeats, whole where the payload holds that. Left out:
 * links of a post to itself, and in texts links that an ellipsis cuts. Any payload gives an answer; what is no post gives none.
 */
export function linksOfPost(payload: string): FoundLink[] {
  const root = object(parse(payload));
  const parts = typeof root.id_str === 'string' ? partsV11(root) : partsV2(root);
  const found = parts.urls.length + parts.media.length > 0 ? listed(parts) : linksOfText(parts.text);
  const byAddress = new Map(found.map((each) => [`${each.link} ${each.url}`, each]));
  return [...byAddress.values()].slice(0, MOST_LINKS);
}

/** `ids`: of the post and of what it repeats. `media`: `link` is absent where the payload does not say by which link the text shows it. */
type Parts = {
  ids: ReadonlySet<unknown>;
  text: string;
  urls: { link: string; expanded: string | undefined }[];
  media: { link: string | undefined; file: string }[];
};

function partsV2(root: JsonObject): Parts {
  const isLine = isObject(root.data);
  const post = isLine ? object(root.data) : root;
  const includes = isLine ? object(root.includes) : {};
  const references = list(post.referenced_tweets ?? post.referenced_posts);
  const repeated = references.find(({ type }) => type === 'retweeted' || type === 'reposted');
  const original = [
    ...list(includes.tweets),
    ...list(includes.posts),
    ...(repeated === undefined ? [] : [repeated]),
  ].find(({ id, text: body }) => id === repeated?.id && typeof body === 'string');
  const shown = original ?? post;
  const long = object(shown.note_tweet ?? shown.note_post);
  const urls = [...list(object(long.entities).urls), ...list(object(shown.entities).urls)];
  const attachments = object(shown.attachments);
  // twarc's flattened form has the media themselves there
  const known = [...list(includes.media), ...list(attachments.media)];
  const keys: unknown[] = Array.isArray(attachments.media_keys) ? attachments.media_keys : [];
  const files = new Map(known.map((media) => [media.media_key, text(media.url) ?? text(media.preview_image_url)]));
  const links = new Map(urls.map((entity) => [entity.media_key, text(entity.url)]));
  return {
    ids: new Set([post.id, repeated?.id]),
    text: text(long.text) ?? text(shown.text) ?? '',
    urls: urls
      .filter(({ media_key }) => media_key === undefined || files.get(media_key) === undefined)
      .flatMap((entity) => linkOf(entity)),
    media: keys.flatMap((key) => {
      const file = files.get(key);
      return file === undefined ? [] : [{ link: links.get(key), file }];
    }),
  };
}

function partsV11(status: JsonObject): Parts {
  const shown = isObject(status.retweeted_status) ? status.retweeted_status : status;
  const extended = object(shown.extended_tweet);
  const entities = [object(extended.entities), object(shown.entities)];
  const media = [extended.extended_entities, shown.extended_entities, ...entities].flatMap((each) =>
    list(object(each).media),
  );
  return {
    ids: new Set([status.id_str, shown.id_str]),
    text: text(extended.full_text) ?? text(shown.full_text) ?? text(shown.text) ?? '',
    urls: entities.flatMap((each) => list(each.urls)).flatMap((entity) => linkOf(entity)),
    media: media.flatMap((each) => {
      const file = text(each.media_url_https) ?? text(each.media_url) ?? text(each.expanded_url);
      return file === undefined ? [] : [{ link: text(each.url), file }];
    }),
  };
}

function linkOf(entity: JsonObject): Parts['urls'] {
  const link = text(entity.url) ?? text(entity.expanded_url);
  return link === undefined || link === '' ? [] : [{ link, expanded: text(entity.expanded_url) }];
}

const POST_PAGE =
  /^https?:\/\/(?:www\.|mobile\.)?(?:twitter|x)\.com\/(?:i\/web|[^/?#]+)\/status\/(\d+)(\/(?:photo|video)\/\d+)?\/?$/i;

function listed({ ids, urls, media }: Parts): FoundLink[] {
  const found: FoundLink[] = [];
  let mediaLink: FoundLink | undefined;
  for (const { link, expanded } of urls) {
    const [, id, page] = POST_PAGE.exec(expanded ?? '') ?? [];
    if (id === undefined || !ids.has(id))
      found.push({ link: keepable(link), url: addressOf(expanded, link), kind: 'url' });
    else if (page !== undefined) mediaLink ??= { link: keepable(link), url: addressOf(expanded, link), kind: 'media' };
  }
  for (const { link, file } of media)
    found.push({ link: keepable(link ?? mediaLink?.link ?? file), url: addressOf(file, file), kind: 'media' });
  if (media.length === 0 && mediaLink !== undefined) found.push(mediaLink);
  return found;
}

const IN_TEXT = /https?:\/\/[^\s<>"“”„«»]+/giu;
const CUT = /(?:…|\.{3})$/u;

function linksOfText(body: string): FoundLink[] {
  const plain = body.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
  return [...plain.matchAll(IN_TEXT)].flatMap(([match]): FoundLink[] => {
    const [short] = /^https?:\/\/t\.co\/[a-z0-9]+/i.exec(match) ?? [];
    // Letters right behind a short link, as in texts without blanks, are not part of it; an ellipsis there has cut it.
    if (short !== undefined && !/^(?:…|\.{3})/u.test(match.slice(short.length)))
      return [{ link: short, url: addressOf(short, short), kind: 'text' }];
    const [before = '', ...rest] = match.split('…');
    if (rest.length > 0 || CUT.test(match)) return [];
    const link = withoutStop(before);
    return URL.canParse(link) ? [{ link: keepable(link), url: addressOf(link, link), kind: 'text' }] : [];
  });
}

/** The stop of a sentence, and brackets around a link, are no part of it. */
function withoutStop(link: string): string {
  let end = link.length;
  while (end > 0 && /[.,;:!?'’)\]}]/.test(link.charAt(end - 1))) {
    if (link.charAt(end - 1) === ')' && link.slice(0, end).split('(').length >= link.slice(0, end).split(')').length)
      break;
    end--;
  }
  return link.slice(0, end);
}

/** In one spelling, so that one page is asked once; without names, passwords, and fragments, which no server sees. */
function addressOf(preferred: string | undefined, otherwise: string): string {
  const url = (preferred === undefined ? null : URL.parse(preferred)) ?? URL.parse(otherwise);
  if (url === null) return keepable(preferred ?? otherwise);
  [url.username, url.password, url.hash] = ['', '', ''];
  return url.href;
}

/** A database keeps neither U+0000 nor half characters. */
function keepable(link: string): string {
  return link.toWellFormed().replaceAll('\0', '\uFFFD');
}

function parse(payload: string): unknown {
  try {
    return JSON.parse(payload);
  } catch {
    return undefined; // no post, no links, as promised
  }
}
