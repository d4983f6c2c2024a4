import { accountId } from './render-account.ts';
import type { Piece } from '../world/prose.ts';
import type { Post, World } from '../world/world.ts';

/** A reposted text keeps at most so many code points, the ellipsis included. */
const REPOST_CHARS = 140;

/** The `text` of a post as the platform delivers it: `&`, `<` and `>` escaped, links shortened, reposts cut. */
export function renderText(world: World, post: Post): string {
  const text = post.body.map((piece) => renderPiece(world, piece)).join('');
  if (post.kind === 'quote') return `${text} ${quoteLink(post)}`;
  return post.kind === 'repost' ? cutRepost(repostPrefix(world, post) + text) : text;
}

/** The `entities` object of that text; offsets count code points, ends are exclusive. Undefined when there are none. */
export function renderEntities(world: World, post: Post): string | undefined {
  const hashtags: string[] = [];
  const mentions: string[] = [];
  const urls: string[] = [];
  const pieces = [...post.body];
  if (post.kind === 'quote') pieces.push({ kind: 'text', text: ' ' }, { kind: 'link', key: quoteKey(post) });
  let end = post.kind === 'repost' ? codePoints(repostPrefix(world, post)) : 0;
  const limit = post.kind === 'repost' ? REPOST_CHARS - 1 : Number.POSITIVE_INFINITY;
  if (post.kind === 'repost' && post.about !== undefined) mentions.push(mention(world, post.about.author, 3));
  for (const piece of pieces) {
    const start = end;
    end += codePoints(renderPiece(world, piece));
    if (end > limit) break;
    if (piece.kind === 'tag') hashtags.push(`{"start":${start},"end":${end},"tag":${JSON.stringify(piece.tag)}}`);
    if (piece.kind === 'mention') mentions.push(mention(world, piece.account, start));
    if (piece.kind === 'link') urls.push(url(piece.key, start, end));
  }
  const lists = [list('hashtags', hashtags), list('mentions', mentions), list('urls', urls)].filter((x) => x !== '');
  return lists.length > 0 ? `{${lists.join(',')}}` : undefined;
}

function renderPiece(world: World, piece: Piece): string {
  switch (piece.kind) {
    case 'text':
      return escapeMarkup(piece.text);
    case 'tag':
      return `#${piece.tag}`;
    case 'mention':
      return `@${world.handleOf(piece.account)}`;
    case 'link':
      return shortLink(piece.key);
  }
}

function escapeMarkup(text: string): string {
  if (!/[&<>]/.test(text)) return text;
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function repostPrefix(world: World, post: Post): string {
  return `RT @${world.handleOf(post.about?.author ?? post.author)}: `;
}

function cutRepost(text: string): string {
  if (text.length <= REPOST_CHARS) return text;
  const points = Array.from(text);
  return points.length <= REPOST_CHARS ? text : `${points.slice(0, REPOST_CHARS - 1).join('')}…`;
}

const quoteKey = (post: Post): number => (post.about?.slot ?? 0) ^ 0x5a5a5a;
const quoteLink = (post: Post): string => shortLink(quoteKey(post));

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** 23 characters, as every shortened link. */
function shortLink(key: number): string {
  let left = key * 1_048_573 + 62 ** 8;
  let code = '';
  for (let n = 0; n < 10; n++) {
    code += DIGITS.charAt(left % 62);
    left = Math.floor(left / 62);
  }
  return `https://t.co/${code}`;
}

function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

function mention(world: World, account: number, start: number): string {
  const handle = world.handleOf(account);
  const id = accountId(world.account(account));
  return `{"start":${start},"end":${start + 1 + handle.length},"username":"${handle}","id":"${id}"}`;
}

function url(key: number, start: number, end: number): string {
  const target = `news.example/${key.toString(36)}`;
  return `{"start":${start},"end":${end},"url":"${shortLink(key)}","expanded_url":"https://${target}","display_url":"${target}"}`;
}

function list(name: string, items: readonly string[]): string {
  return items.length > 0 ? `"${name}":[${items.join(',')}]` : '';
}
