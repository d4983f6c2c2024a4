import { accountId } from './render-account.ts';
import type { Piece } from '../world/prose.ts';
import type { Post, World } from '../world/world.ts';

/** A reposted text keeps at most so many code points, the ellipsis included. */
const REPOST_CHARS = 140;

/** The `text` of a post as the platform delivers it: `&`, `<` and `>` escaped, links shortened, reposts cut. */
export function renderText(world: World, post: Post): string {
  const pieces = piecesOf(post);
  let text = '';
  for (const piece of pieces) text += renderPiece(world, piece);
  // Cut first: half an escape would be no escape.
  return escapeMarkup(post.kind === 'repost' ? cutRepost(text) : text);
}

/** The `entities` object of that text; offsets count code points, ends are exclusive. Undefined when there are none. */
export function renderEntities(world: World, post: Post): string | undefined {
  const hashtags: string[] = [];
  const mentions: string[] = [];
  const urls: string[] = [];
  const pieces = piecesOf(post).map((piece) => ({ piece, text: renderPiece(world, piece) }));
  const length = codePoints(pieces.map(({ text }) => text).join(''));
  const kept = post.kind === 'repost' && length > REPOST_CHARS ? REPOST_CHARS - 1 : length;
  let typed = 0;
  let end = 0;
  for (const { piece, text } of pieces) {
    typed += codePoints(text);
    if (typed > kept) break;
    const start = end;
    end += codePoints(escapeMarkup(text));
    if (piece.kind === 'tag') hashtags.push(`{"start":${start},"end":${end},"tag":${JSON.stringify(piece.tag)}}`);
    if (piece.kind === 'mention') mentions.push(mention(world, piece.account, start, end));
    if (piece.kind === 'link') urls.push(url(piece.key, start, end));
  }
  const lists = [list('hashtags', hashtags), list('mentions', mentions), list('urls', urls)].filter((x) => x !== '');
  return lists.length > 0 ? `{${lists.join(',')}}` : undefined;
}

/** The body with what the platform adds: whom a repost repeats, a link to what is quoted. */
function piecesOf(post: Post): readonly Piece[] {
  if (post.about === undefined || post.kind === 'reply') return post.body;
  if (post.kind === 'quote') return [...post.body, SPACE, { kind: 'link', key: post.about.slot ^ 0x5a5a5a }];
  return [REPEATS, { kind: 'mention', account: post.about.author }, COLON, ...post.body];
}

const SPACE: Piece = { kind: 'text', text: ' ' };
const REPEATS: Piece = { kind: 'text', text: 'RT ' };
const COLON: Piece = { kind: 'text', text: ': ' };

function renderPiece(world: World, piece: Piece): string {
  switch (piece.kind) {
    case 'text':
      return piece.text;
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

function cutRepost(text: string): string {
  // As many code points as UTF-16 units, or fewer.
  if (text.length <= REPOST_CHARS) return text;
  let at = 0;
  for (let points = 1; points < REPOST_CHARS && at < text.length; points++) at += unitsAt(text, at);
  const lastPoint = at + unitsAt(text, at);
  return lastPoint >= text.length ? text : `${text.slice(0, at)}…`;
}

/** UTF-16 units of the code point that begins there. */
function unitsAt(text: string, at: number): number {
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
}

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

function mention(world: World, account: number, start: number, end: number): string {
  const mentioned = world.account(account);
  return `{"start":${start},"end":${end},"username":"${mentioned.handle}","id":"${accountId(mentioned)}"}`;
}

function url(key: number, start: number, end: number): string {
  const target = `news.example/${key.toString(36)}`;
  return `{"start":${start},"end":${end},"url":"${shortLink(key)}","expanded_url":"https://${target}","display_url":"${target}"}`;
}

function list(name: string, items: readonly string[]): string {
  return items.length > 0 ? `"${name}":[${items.join(',')}]` : '';
}
