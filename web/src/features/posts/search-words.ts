/** A search as the page's address has it: what is shared by a link and kept by the back button. */
import { languageName } from '../../components/post-card.tsx';
import { formatInstant } from '../../format.ts';

export const postKinds = ['original', 'reply', 'repost', 'quote'] as const;
export type PostKind = (typeof postKinds)[number];

/** Empty members are absent. `from`, `to`: instants with Z; `has`: things with commas between; `near`: `latitude,longitude,km`. */
export type SearchWords = {
  q?: string;
  author?: string;
  hashtag?: string;
  lang?: string;
  kind?: PostKind;
  has?: string;
  from?: string;
  to?: string;
  collection?: string;
  near?: string;
};

const keys = ['q', 'author', 'hashtag', 'lang', 'kind', 'has', 'from', 'to', 'collection', 'near'] as const;

/** What of an address is a search; whatever else is in it, or makes no sense, is left out. */
export function readSearch(raw: Readonly<Record<string, unknown>>): SearchWords {
  const words: Record<string, string> = {};
  for (const key of keys) {
    const value = raw[key];
    if (typeof value !== 'string' || value.trim() === '') continue;
    if (key === 'kind' && !(postKinds as readonly string[]).includes(value)) continue;
    if (key === 'has' && !/^(media|links|geo)(,(media|links|geo)){0,2}$/u.test(value)) continue;
    if ((key === 'from' || key === 'to') && !isInstant(value)) continue;
    if (key === 'near' && !NEAR.test(value)) continue;
    words[key] = value;
  }
  return words;
}

const NEAR = /^(-?\d{1,2}(?:\.\d{1,9})?),(-?\d{1,3}(?:\.\d{1,9})?),(\d{1,5}(?:\.\d{1,9})?)$/u;

/** So far around a place of the map posts are shown. */
const AROUND_KM = 200;

/** What asks for the posts around a point. */
export function around({ latitude, longitude }: { latitude: number; longitude: number }): string {
  return `${latitude.toFixed(3)},${longitude.toFixed(3)},${AROUND_KM}`;
}

/** The search with some members changed; empty ones go. */
export function changed(search: SearchWords, change: { [key in keyof SearchWords]: string | undefined }): SearchWords {
  return readSearch({ ...search, ...change });
}

const KIND_WORDS: Record<PostKind, string> = {
  original: 'Original posts',
  reply: 'Replies',
  repost: 'Reposts',
  quote: 'Quotes',
};
const THING_WORDS: Record<string, string> = { media: 'With media', links: 'With links', geo: 'With a place' };

export function kindWords(kind: PostKind): string {
  return KIND_WORDS[kind];
}

/** What narrows the search beside the words in the box, each with the search that is left when it is taken away. */
export function filtersOf(search: SearchWords): { key: string; label: string; without: SearchWords }[] {
  const { author, hashtag, lang, kind, has, from, to, collection, near } = search;
  const filters: { key: string; label: string; without: SearchWords }[] = [];
  const add = (key: string, label: string, change: Parameters<typeof changed>[1]) =>
    filters.push({ key, label, without: changed(search, change) });
  if (collection !== undefined) add('collection', `Collection ${collection}`, { collection: undefined });
  if (author !== undefined)
    add('author', `By ${/^[0-9]+$/u.test(author) ? `account ${author}` : author}`, { author: undefined });
  if (hashtag !== undefined) add('hashtag', `#${hashtag.replace(/^#/u, '')}`, { hashtag: undefined });
  if (lang !== undefined) add('lang', languageName(lang), { lang: undefined });
  if (kind !== undefined) add('kind', KIND_WORDS[kind], { kind: undefined });
  for (const thing of has?.split(',') ?? [])
    add(`has-${thing}`, THING_WORDS[thing] ?? thing, {
      has: has
        ?.split(',')
        .filter((each) => each !== thing)
        .join(','),
    });
  const [, latitude, longitude, km] = NEAR.exec(near ?? '') ?? [];
  if (km !== undefined)
    add('near', `Within ${km} km of ${degrees(latitude, 'N', 'S')}, ${degrees(longitude, 'E', 'W')}`, {
      near: undefined,
    });
  if (from !== undefined || to !== undefined) add('time', timeWords(from, to), { from: undefined, to: undefined });
  return filters;
}

function degrees(written: string | undefined, positive: string, negative: string): string {
  const value = Number(written);
  return `${Math.abs(value)}° ${value < 0 ? negative : positive}`;
}

function timeWords(from: string | undefined, to: string | undefined): string {
  const short = (instant: string) => formatInstant(instant).replace(/:00 UTC$/u, ' UTC');
  if (from === undefined) return `Before ${short(to ?? '')}`;
  return to === undefined ? `From ${short(from)} on` : `${short(from)} to ${short(to)}`;
}

/** `2026-11-22T13:00` of an instant, as fields of forms have it, in UTC. */
export function toField(instant: string | undefined): string {
  return instant === undefined ? '' : instant.slice(0, 16);
}

/** The instant that a field says; undefined for an empty or unfinished one. */
export function fromField(field: string): string | undefined {
  const instant = `${field}:00.000Z`;
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d$/u.test(field) && isInstant(instant) ? instant : undefined;
}

function isInstant(text: string): boolean {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?Z$/u.test(text) && !Number.isNaN(Date.parse(text));
}

/** A document's text with line breaks and indents, letter for letter otherwise: numbers keep all their digits. */
export function indentJson(text: string): string {
  let depth = 0;
  const line = () => `\n${'  '.repeat(Math.min(depth, 40))}`;
  return text.replaceAll(/"(?:[^"\\]|\\.)*"|[{}[\],:]|\s+/gu, (part, at: number) => {
    if (/^\s/u.test(part)) return '';
    if (part === '{' || part === '[') {
      depth++;
      return /^\s*[}\]]/u.test(text.slice(at + 1, at + 20)) ? part : part + line();
    }
    if (part === '}' || part === ']') {
      depth--;
      return /[{[]\s*$/u.test(text.slice(Math.max(0, at - 20), at)) ? part : line() + part;
    }
    if (part === ',') return `,${line()}`;
    return part === ':' ? ': ' : part;
  });
}

/** What an export is asked for to have the posts of the search. An author alone is asked for by what the account was ever called. */
export function exportWish(search: SearchWords) {
  const { q, author, hashtag, lang, kind, has, near, collection, from, to } = search;
  const time = { ...(from === undefined ? {} : { postedFrom: from }), ...(to === undefined ? {} : { postedTo: to }) };
  const [, latitude, longitude, km] = NEAR.exec(near ?? '') ?? [];
  const marks = {
    ...(q === undefined ? {} : { text: q }),
    ...(hashtag === undefined ? {} : { hashtag }),
    ...(lang === undefined ? {} : { lang }),
    ...(kind === undefined ? {} : { kind }),
    ...(has === undefined ? {} : { has: has.split(',') as ('media' | 'links' | 'geo')[] }),
    ...(latitude === undefined
      ? {}
      : { near: { latitude: Number(latitude), longitude: Number(longitude), km: Number(km) } }),
  };
  const isAccount = author !== undefined && collection === undefined && Object.keys(marks).length === 0;
  if (isAccount) return { account: author, ...time };
  const found = author === undefined ? marks : { ...marks, author };
  return {
    ...(collection === undefined ? { all: true as const } : { collection }),
    ...(Object.keys(found).length === 0 ? {} : { search: found }),
    ...time,
  };
}
