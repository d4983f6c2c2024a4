import { postId } from '../world/ids.ts';
import type { LinkTarget, Post, PostReference, World } from '../world/model.ts';
import type { Piece } from '../world/prose.ts';

/** A reposted text keeps at most so many code points, the ellipsis included. */
const REPOST_CHARS = 140;
/** A long post shows so many code points before the link to its rest. */
const LONG_CHARS = 270;
export const SHORT_LINK_BASE = 'https://t.co/';

/** A stretch of a delivered text, and what it stands for. Texts are as typed, without escapes. */
export interface Part {
  readonly text: string;
  readonly tag?: string;
  readonly symbol?: string;
  /** Account number. */
  readonly mention?: number;
  readonly link?: PartLink;
}

export interface PartLink {
  readonly code: string;
  readonly kind: LinkTarget['kind'];
  readonly address: string;
  readonly display: string;
}

/** The `text` of a post as the platform delivers it: `&`, `<` and `>` escaped, links shortened, reposts and long posts cut. */
export function renderText(world: World, post: Post): string {
  let text = '';
  for (const part of partsOf(world, post)) text += part.text;
  return escapeMarkup(text);
}

/** The `entities` object of that text; offsets count code points, ends are exclusive. Undefined when there are none. */
export function renderEntities(world: World, post: Post): string | undefined {
  const hashtags: string[] = [];
  const cashtags: string[] = [];
  const mentions: string[] = [];
  const urls: string[] = [];
  let end = 0;
  for (const { text, tag, symbol, mention: account, link } of partsOf(world, post)) {
    const start = end;
    end += codePoints(escapeMarkup(text));
    const span = `"start":${start},"end":${end}`;
    if (tag !== undefined) hashtags.push(`{${span},"tag":${JSON.stringify(tag)}}`);
    if (symbol !== undefined) cashtags.push(`{${span},"tag":${JSON.stringify(symbol)}}`);
    if (account !== undefined) {
      mentions.push(`{${span},"username":"${text.slice(1)}","id":"${world.account(account).id}"}`);
    }
    if (link !== undefined) {
      urls.push(
        `{${span},"url":"${text}","expanded_url":${JSON.stringify(link.address)},"display_url":${JSON.stringify(link.display)}}`,
      );
    }
  }
  const lists = [
    list('cashtags', cashtags),
    list('hashtags', hashtags),
    list('mentions', mentions),
    list('urls', urls),
  ].filter((x) => x !== '');
  return lists.length > 0 ? `{${lists.join(',')}}` : undefined;
}

/**
 * The delivered text in parts: the body with what the platform adds (whom a repost repeats, links to media and to what is
 * quoted), cut where the platform cuts. What stands beyond the cut is no part.
 */
export function partsOf(world: World, post: Post): Part[] {
  const about = post.about;
  if (post.kind === 'repost' && about !== undefined) {
    return repeatOf(world, post, about, bodyParts(world, post, about));
  }
  const parts = bodyParts(world, post, post);
  const links: Part[] = [];
  if (post.kind === 'quote' && about !== undefined) links.push(SPACE, linkPart(world, 'post', about));
  if (post.alsoQuotes !== undefined) links.push(SPACE, linkPart(world, 'post', post.alsoQuotes));
  if (post.media.length > 0) links.push(SPACE, linkPart(world, 'media', post));
  if (!post.long) return [...parts, ...links];
  return cut(parts, LONG_CHARS, LONG_CHARS, [ELLIPSIS, SPACE, restLink(world, post)]);
}

/** What a repost shows of a text: after `RT @handle: `, cut. */
export function repeatOf(world: World, post: Post, about: PostReference, parts: readonly Part[]): Part[] {
  const all = [RT, mention(world, about.author, post.at), COLON, ...parts];
  return cut(all, REPOST_CHARS, REPOST_CHARS - 1, [ELLIPSIS]);
}

/** The link at the end of a text that was cut. */
export function restLink(world: World, post: PostReference): Part {
  return linkPart(world, 'rest', post);
}

const SPACE: Part = { text: ' ' };
const RT: Part = { text: 'RT ' };
const COLON: Part = { text: ': ' };
export const ELLIPSIS: Part = { text: '…' };

/** The body as its writer typed it; names of accounts are those of the time of writing. */
export function bodyParts(world: World, post: Post, writtenAt: PostReference): Part[] {
  return post.body.map((piece) => bodyPart(world, piece, writtenAt.at));
}

function bodyPart(world: World, piece: Piece, at: number): Part {
  switch (piece.kind) {
    case 'text':
      return { text: piece.text };
    case 'tag':
      return { text: `#${piece.tag}`, tag: piece.tag };
    case 'cashtag':
      return { text: `$${piece.symbol}`, symbol: piece.symbol };
    case 'mention':
      return mention(world, piece.account, at);
    case 'link': {
      const code = world.linkCode({ kind: 'page', key: piece.key });
      const address = world.pageAddress(piece.key);
      const link: PartLink = { code, kind: 'page', address, display: address.replace(/^https?:\/\//, '') };
      return { text: SHORT_LINK_BASE + code, link };
    }
  }
}

function mention(world: World, account: number, at: number): Part {
  return { text: `@${world.handleAt(account, at)}`, mention: account };
}

function linkPart(world: World, kind: 'post' | 'media' | 'rest', post: PostReference): Part {
  const code = world.linkCode({ kind, post });
  const handle = world.handleAt(post.author, post.at);
  const address = postAddress(handle, post) + (kind === 'media' ? '/photo/1' : '');
  const display = kind === 'media' ? `pic.twitter.com/${code}` : `twitter.com/${handle}/status/…`;
  return { text: SHORT_LINK_BASE + code, link: { code, kind, address, display } };
}

/** Where people see a post. */
export function postAddress(handle: string, post: PostReference): string {
  return `https://twitter.com/${handle}/status/${postId(post)}`;
}

/** Keeps all parts when they are `room` code points or fewer; otherwise the first `kept`, and then `ending`. */
export function cut(parts: readonly Part[], room: number, kept: number, ending: readonly Part[]): Part[] {
  // Never fewer UTF-16 units than code points.
  if (parts.reduce((sum, { text }) => sum + text.length, 0) <= room) return [...parts];
  const lengths = parts.map(({ text }) => codePoints(text));
  if (lengths.reduce((sum, length) => sum + length, 0) <= room) return [...parts];
  const result: Part[] = [];
  let left = kept;
  for (const [n, part] of parts.entries()) {
    const length = lengths[n] ?? 0;
    if (length > left) {
      // Half of a tag, name or link is plain text.
      if (left > 0) result.push({ text: firstPoints(part.text, left) });
      break;
    }
    result.push(part);
    left -= length;
  }
  return [...result, ...ending];
}

function firstPoints(text: string, count: number): string {
  let at = 0;
  for (let n = 0; n < count; n++) at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
  return text.slice(0, at);
}

export function escapeMarkup(text: string): string {
  if (!/[&<>]/.test(text)) return text;
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

export function codePoints(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at++) {
    // The second half of a pair is no point of its own.
    const unit = text.charCodeAt(at);
    if (unit < 0xdc00 || unit > 0xdfff) count++;
  }
  return count;
}

function list(name: string, items: readonly string[]): string {
  return items.length > 0 ? `"${name}":[${items.join(',')}]` : '';
}
