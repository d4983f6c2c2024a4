import { bothIds } from './exact-number.ts';
import type { DeliveredText } from './delivered-text.ts';
import { extendedMedia, mediaEntity, type MediaOptions } from './media-entities.ts';
import { codePoints, escapeMarkup, type PartLink, SHORT_LINK_BASE } from '../api/render-text.ts';
import type { Media, World } from '../world/model.ts';

export interface LegacyEntities {
  readonly entities: object;
  /** `extended_entities`; undefined without media in the text. */
  readonly extended: object | undefined;
  /** Whether a link or media stands in the text: only such posts can be `possibly_sensitive`. */
  readonly hasLinks: boolean;
}

/**
 * What stands in a delivered text; `indices` count code points of the escaped text, ends are exclusive.
 * Names are those of today, handles those in the text.
 */
export function renderEntities(
  world: World,
  text: DeliveredText,
  media: readonly Media[],
  options: MediaOptions,
): LegacyEntities {
  const hashtags: object[] = [];
  const symbols: object[] = [];
  const mentions: object[] = [];
  const urls: object[] = [];
  let attachment: { link: PartLink; indices: readonly number[] } | undefined;
  let hasLinks = false;
  let end = 0;
  for (const { text: piece, tag, symbol, mention, link } of text.parts) {
    const start = end;
    end += codePoints(escapeMarkup(piece));
    const indices = [start, end];
    if (tag !== undefined) hashtags.push({ text: tag, indices });
    if (symbol !== undefined) symbols.push({ text: symbol, indices });
    if (mention !== undefined) {
      const { id, displayName } = world.account(mention);
      mentions.push({ screen_name: piece.slice(1), name: displayName, ...bothIds(id), indices });
    }
    if (link === undefined) continue;
    if (link.kind !== 'rest') hasLinks = true;
    if (link.kind === 'media') attachment = { link, indices };
    else {
      const url = SHORT_LINK_BASE + link.code;
      urls.push({ url, expanded_url: link.address, display_url: link.display, indices });
    }
  }
  const entities = options.inStream
    ? { hashtags, urls, user_mentions: mentions, symbols }
    : { hashtags, symbols, user_mentions: mentions, urls };
  if (attachment === undefined || media.length === 0) return { entities, extended: undefined, hasLinks };
  const { link, indices } = attachment;
  const first = media.slice(0, 1).map((item) => mediaEntity(world, item, link, indices, options));
  const all = media.map((item) => extendedMedia(world, item, link, indices, options));
  return { entities: { ...entities, media: first }, extended: { media: all }, hasLinks };
}
