/** The parts of a post's text: what is a link, a name, a tag, and what is plain. No markup of the text ever becomes markup of the page. */

export type TextPart =
  | { kind: 'plain'; text: string }
  | { kind: 'link'; text: string; href: string }
  | { kind: 'mention'; text: string; handle: string }
  | { kind: 'tag'; text: string; tag: string };

/** A link, as in the text (`url`) and where it leads (`expanded`, empty when unknown). */
export type TextLink = { url: string; expanded: string };

/** Addresses end before the punctuation that closes a sentence. Names and tags begin where no word is under way. */
const PARTS =
  /(https?:\/\/[^\s<>"'\u3000-\u303f\uff00-\uff60]+)|(?<![\p{L}\p{N}_@/])@([A-Za-z0-9_]{1,50})|(?<![\p{L}\p{N}_&/])[#＃]([\p{L}\p{N}\p{M}_・\u200c\u200d]+)/gu;

/** Cuts a text into its parts; joined, they are the text again, links as the platform spells them out, `&amp;` `&lt;` `&gt;` as what they stand for. */
export function textParts(text: string, links: readonly TextLink[] = []): TextPart[] {
  const targets = new Map(links.map(({ url, expanded }) => [url, expanded]));
  const parts: TextPart[] = [];
  const plain = (from: number, to: number) => {
    if (to > from) parts.push({ kind: 'plain', text: unescaped(text.slice(from, to)) });
  };
  let at = 0;
  for (const match of text.matchAll(PARTS)) {
    const [whole, url, handle, tag] = match;
    // A tag needs a letter: #1 is a number.
    if (tag !== undefined && !/\p{L}/u.test(tag)) continue;
    const part = url === undefined ? whole : url.replace(/[.,;:!?)\]}…]+$/u, '');
    plain(at, match.index);
    if (url !== undefined) parts.push(linkPart(part, targets.get(part) ?? ''));
    else if (handle !== undefined) parts.push({ kind: 'mention', text: whole, handle });
    else parts.push({ kind: 'tag', text: whole, tag: tag ?? '' });
    at = match.index + part.length;
  }
  plain(at, text.length);
  return parts;
}

/** The platform writes these three letters, and no others, as it would in markup. Once each: what a person wrote as `&amp;` comes as `&amp;amp;`. */
function unescaped(text: string): string {
  return text.replace(/&(amp|lt|gt);/gu, (_whole, name: 'amp' | 'lt' | 'gt') => ESCAPED[name]);
}

const ESCAPED = { amp: '&', lt: '<', gt: '>' } as const;

/** Only http and https lead anywhere; whatever else a payload calls an address stays text. */
export function safeAddress(address: string): string | undefined {
  try {
    const url = new URL(address);
    return url.protocol === 'https:' || url.protocol === 'http:' ? url.href : undefined;
  } catch {
    return undefined; // no address at all: it is shown as the text that it is
  }
}

function linkPart(shown: string, expanded: string): TextPart {
  const href = safeAddress(expanded) ?? safeAddress(shown);
  if (href === undefined) return { kind: 'plain', text: shown };
  return { kind: 'link', text: shorten(safeAddress(expanded) === undefined ? shown : expanded), href };
}

/** `example.org/a/very/long…`: host and the beginning of the path. */
function shorten(address: string): string {
  const bare = address.replace(/^https?:\/\/(www\.)?/u, '').replace(/\/$/u, '');
  const letters = Array.from(bare);
  return letters.length > 48 ? `${letters.slice(0, 47).join('')}…` : bare;
}
