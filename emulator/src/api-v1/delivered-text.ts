import { codePoints, cut, ELLIPSIS, escapeMarkup, type Part, partsOf, repeatOf, restLink } from '../api/render-text.ts';
import type { Post, World } from '../world/model.ts';

/** A text as v1.1 delivers it, in parts. */
export interface DeliveredText {
  readonly parts: readonly Part[];
  /** Code points of the escaped text, end exclusive: without the names in front of a reply and the link at the end. */
  readonly range: readonly [number, number];
  /** Code points of the escaped text. */
  readonly length: number;
}

/** What the texts of clients without `tweet_mode=extended` may be long, in code points. */
const COMPAT_CHARS = 140;
/** So many stay before `… https://t.co/0123456789`. */
const COMPAT_KEPT = 115;

/**
 * The whole text. Of a repost: `RT @handle: ` and what it reposts, cut to 140.
 * @param original what a repost reposts
 * @param keepsQuoteLink whether the link to a quoted post stands in the text; streams have it in `quoted_status_permalink` alone
 */
export function fullText(world: World, post: Post, original: Post | undefined, keepsQuoteLink: boolean): DeliveredText {
  if (original !== undefined) {
    const parts = repeatOf(world, post, original, withQuoteLink(partsOf(world, original), keepsQuoteLink)).map(
      toWebAddress(original),
    );
    const length = lengthOf(parts);
    return { parts, range: [0, length], length };
  }
  const parts = withQuoteLink(partsOf(world, post), keepsQuoteLink).map(toWebAddress(post));
  return { parts, range: displayRange(post, parts), length: lengthOf(parts) };
}

/** The text for clients that know 140 characters only: cut, with a link to the post, when the whole one is longer. */
export function compatText(world: World, post: Post, full: DeliveredText): DeliveredText & { truncated: boolean } {
  // Cuts go by what was typed: an escaped sign counts once.
  const typed = full.parts.reduce((sum, { text }) => sum + codePoints(text), 0);
  if (typed <= COMPAT_CHARS) return { ...full, truncated: false };
  const kept = cut(full.parts, COMPAT_CHARS, COMPAT_KEPT, []);
  const last = kept.at(-1);
  if (last !== undefined) kept[kept.length - 1] = { ...last, text: last.text.trimEnd() };
  const parts = [...kept, ELLIPSIS, { text: ' ' }, restLink(world, post)].map(toWebAddress(post));
  const length = lengthOf(parts);
  return { parts, range: [0, length], length, truncated: true };
}

export function lengthOf(parts: readonly Part[]): number {
  return parts.reduce((sum, { text }) => sum + codePoints(escapeMarkup(text)), 0);
}

function withQuoteLink(parts: readonly Part[], keeps: boolean): readonly Part[] {
  if (keeps) return parts;
  const quote = parts.findLastIndex(({ link }) => link?.kind === 'post');
  // The blank in front of it goes, too.
  return quote < 1 ? parts : [...parts.slice(0, quote - 1), ...parts.slice(quote + 1)];
}

/** A link to the rest of a post leads to its page, whatever its author is called. */
function toWebAddress(post: Post): (part: Part) => Part {
  return (part) => {
    if (part.link?.kind !== 'rest') return part;
    const address = `https://twitter.com/i/web/status/${post.id}`;
    const display = `twitter.com/i/web/status/${post.id.slice(0, 1)}…`;
    return { ...part, link: { ...part.link, address, display } };
  };
}

function displayRange(post: Post, parts: readonly Part[]): readonly [number, number] {
  let first = 0;
  if (post.kind === 'reply') while (parts[first]?.mention !== undefined && parts[first + 1]?.text === ' ') first += 2;
  let end = parts.length;
  while (end - 2 >= first && parts[end - 2]?.text === ' ' && isAttachment(parts[end - 1])) end -= 2;
  return [lengthOf(parts.slice(0, first)), lengthOf(parts.slice(0, end))];
}

function isAttachment(part: Part | undefined): boolean {
  return part?.link?.kind === 'media' || part?.link?.kind === 'post';
}
