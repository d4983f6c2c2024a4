import { codePoints, escapeMarkup, type Part } from '../render-text.ts';
import type { World } from '../../world/model.ts';

/** What stands where in a text: `start` and `end` (exclusive) count code points of the escaped text. */
export interface TextEntities {
  readonly cashtags?: readonly Tag[];
  readonly hashtags?: readonly Tag[];
  readonly mentions?: readonly (Span & { readonly username: string; readonly id: string })[];
  readonly urls?: readonly UrlEntity[];
}

interface Span {
  readonly start: number;
  readonly end: number;
}

interface UrlEntity extends Span {
  readonly url: string;
  readonly expanded_url: string;
  readonly display_url: string;
  readonly media_key?: string;
}

type Tag = Span & { readonly tag: string };

/** The text as it goes out: escaped. */
export function textOf(parts: readonly Part[]): string {
  let text = '';
  for (const part of parts) text += part.text;
  return escapeMarkup(text);
}

/**
 * @param mediaKeys of the post's media: each has an entry of its own on the one link to them
 * @returns undefined when there is nothing to tell
 */
export function entitiesOf(
  world: World,
  parts: readonly Part[],
  mediaKeys: readonly string[],
): TextEntities | undefined {
  const cashtags: Tag[] = [];
  const hashtags: Tag[] = [];
  const mentions: (Span & { username: string; id: string })[] = [];
  const urls: UrlEntity[] = [];
  let end = 0;
  for (const { text, tag, symbol, mention, link } of parts) {
    const start = end;
    end += codePoints(escapeMarkup(text));
    if (tag !== undefined) hashtags.push({ start, end, tag });
    if (symbol !== undefined) cashtags.push({ start, end, tag: symbol });
    if (mention !== undefined) mentions.push({ start, end, username: text.slice(1), id: world.account(mention).id });
    if (link === undefined) continue;
    const url = { start, end, url: text, expanded_url: link.address, display_url: link.display };
    if (link.kind === 'media' && mediaKeys.length > 0)
      urls.push(...mediaKeys.map((media_key) => ({ ...url, media_key })));
    else urls.push(url);
  }
  if (cashtags.length + hashtags.length + mentions.length + urls.length === 0) return undefined;
  return {
    ...(cashtags.length > 0 && { cashtags }),
    ...(hashtags.length > 0 && { hashtags }),
    ...(mentions.length > 0 && { mentions }),
    ...(urls.length > 0 && { urls }),
  };
}
