/** A definition as clauses: alternatives that each stand for one thing that the person asked for. */
import { type Box, parseBoxes } from './boxes.ts';
import type { FilterDefinition, Person, PersonRole } from './definition.ts';
import { parseRule, quoteText } from './grammar.ts';
import { isDecidable } from './match.ts';
import { parseWords, termText } from './words.ts';

export type FilterApi = 'v2' | 'v1.1';

/** What of the definition a clause stands for, as the person wrote it; `text` is what is shown beside a post. */
export type ClauseSource = { kind: 'word' | 'person' | 'location' | 'place' | 'country' | 'rule'; text: string };

/**
 * One alternative. `key` is the whole of it in the platform's grammar and thereby its identity: two collections that ask for the same
 * share it. `body` and `suffix` (languages, exclusions; shared by all of a definition) joined by a space are the key. `isAlone`: it
 * needs a rule of its own, because only the platform can tell whether a post matches it.
 */
export type Clause = { key: string; body: string; suffix: string; isAlone: boolean; sources: ClauseSource[] };

/** The clauses of a definition, each once, in the order of what was written. What is not valid is left out: `validateFilter` tells of it. */
export function compileFilter(definition: FilterDefinition, api: FilterApi): Clause[] {
  const suffix = suffixOf(definition);
  const byKey = new Map<string, Clause>();
  const add = (body: string, source: ClauseSource, isAlone = false) => {
    const key = suffix === '' ? body : `${body} ${suffix}`;
    const known = byKey.get(key);
    if (known === undefined) byKey.set(key, { key, body, suffix, isAlone, sources: [source] });
    else if (!known.sources.some(({ kind, text }) => kind === source.kind && text === source.text))
      known.sources.push(source);
  };
  for (const line of definition.words)
    for (const { terms, written } of parseWords(line).alternatives)
      add(terms.map(termText).join(' '), { kind: 'word', text: written });
  for (const person of definition.people)
    for (const role of definition.peopleAs) {
      const body = personBody(person, role, api);
      if (body !== undefined) add(body, { kind: 'person', text: personText(person, role) });
    }
  for (const line of definition.locations)
    for (const box of parseBoxes(line).boxes)
      add(`bounding_box:[${box.join(' ')}]`, { kind: 'location', text: box.join(',') });
  if (api === 'v2') addPlatformOnly(definition, add);
  return [...byKey.values()];
}

type Add = (body: string, source: ClauseSource, isAlone?: boolean) => void;

/** What v1.1 has no words for. */
function addPlatformOnly({ places, countries, raw }: FilterDefinition, add: Add): void {
  for (const place of places.map((each) => each.trim()).filter((each) => each !== ''))
    add(`place:${quoteText(place)}`, { kind: 'place', text: place });
  for (const country of countries.map((each) => each.trim().toUpperCase()))
    if (/^[A-Z]{2}$/.test(country)) add(`place_country:${country}`, { kind: 'country', text: country });
  for (const text of raw.map((each) => each.trim().replace(/\s+/g, ' '))) {
    const { query } = parseRule(text);
    if (query === undefined) continue;
    add(query.kind === 'or' ? `(${text})` : text, { kind: 'rule', text }, !isDecidable(query));
  }
}

/** Undefined while it is not known who that is. The id is asked for, since names change; a name is only needed for mentions. */
function personBody({ name, accountId }: Person, role: PersonRole, api: FilterApi): string | undefined {
  if (role === 'mentions') return name === undefined ? undefined : `@${name.replace(/^@/, '')}`;
  if (accountId === undefined) return undefined;
  if (role === 'to') return `to:${accountId}`;
  // v1.1 follows a person as a whole: their posts, reposts of them and replies to them.
  return api === 'v2' ? `from:${accountId}` : `(from:${accountId} OR retweets_of:${accountId} OR to:${accountId})`;
}

function personText({ name, accountId }: Person, role: PersonRole): string {
  return `${role} ${name === undefined ? (accountId ?? '') : `@${name.replace(/^@/, '')}`}`;
}

function suffixOf({ languages, exclude }: FilterDefinition): string {
  const langs = [...new Set(languages.map((each) => each.trim().toLowerCase()))].filter((each) => each !== '').sort();
  return [
    ...(langs.length === 0
      ? []
      : [langs.length === 1 ? `lang:${langs[0] ?? ''}` : `(${langs.map((lang) => `lang:${lang}`).join(' OR ')})`]),
    ...(exclude.reposts ? ['-is:retweet'] : []),
    ...(exclude.replies ? ['-is:reply'] : []),
    ...(exclude.quotes ? ['-is:quote'] : []),
  ].join(' ');
}

/** Several bodies with one suffix as one rule. */
export function ruleValue(bodies: readonly string[], suffix: string): string {
  const [only] = bodies;
  if (bodies.length === 1 && only !== undefined) return suffix === '' ? only : `${only} ${suffix}`;
  const joined = bodies.join(' OR ');
  return suffix === '' ? joined : `(${joined}) ${suffix}`;
}

/** What the whole definition asks the platform for, as one rule (which may be longer than the platform takes at once). */
export function wholeRule(clauses: readonly Clause[]): string {
  const [first] = clauses;
  return first === undefined
    ? ''
    : ruleValue(
        clauses.map(({ body }) => body),
        first.suffix,
      );
}

/** What v1.1's one filter is asked for, all collections together; sorted, each once. */
export type LegacyFilter = { track: string[]; follow: string[]; locations: Box[]; languages: string[] };

/** The one filter for several definitions. The languages are asked for only where every definition names some. */
export function legacyFilter(definitions: readonly FilterDefinition[]): LegacyFilter {
  const track = new Set<string>();
  const follow = new Set<string>();
  const boxes = new Map<string, Box>();
  const languages = new Set<string>();
  for (const definition of definitions) {
    for (const phrase of trackOf(definition)) track.add(phrase);
    const asksForIds = definition.peopleAs.some((role) => role !== 'mentions');
    for (const { accountId } of asksForIds ? definition.people : []) if (accountId !== undefined) follow.add(accountId);
    for (const line of definition.locations) for (const box of parseBoxes(line).boxes) boxes.set(box.join(','), box);
    for (const language of definition.languages) languages.add(language.toLowerCase());
  }
  const isLimited = definitions.length > 0 && definitions.every((each) => each.languages.length > 0);
  return {
    track: [...track].sort(),
    follow: [...follow].sort((a, b) => a.length - b.length || (a < b ? -1 : 1)),
    locations: [...boxes].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, box]) => box),
    languages: isLimited ? [...languages].sort() : [],
  };
}

/** Phrases for `track`: what is excluded cannot be said there, and quoted words may stand apart; attribution sees to both. */
export function trackOf({ words, people, peopleAs }: FilterDefinition): string[] {
  const phrases = words.flatMap((line) =>
    parseWords(line).alternatives.map(({ terms }) =>
      terms
        .filter(({ isNegated }) => !isNegated)
        .map(({ kind, text }) =>
          kind === 'hashtag' ? `#${text}` : kind === 'mention' ? `@${text}` : kind === 'cashtag' ? `$${text}` : text,
        )
        .join(' ')
        .replaceAll(',', ' ')
        .replace(/\s+/g, ' ')
        .toLowerCase(),
    ),
  );
  const named = peopleAs.includes('mentions')
    ? people.flatMap(({ name }) => (name === undefined ? [] : [`@${name.toLowerCase()}`]))
    : [];
  return [...phrases, ...named];
}
