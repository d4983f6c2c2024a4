/** A definition as a person would say it. */
import { parseBoxes } from './boxes.ts';
import type { FilterApi } from './compile.ts';
import type { FilterDefinition, PersonRole } from './definition.ts';
import { parseWords, type Term } from './words.ts';

/** One sentence per kind of thing that is asked for, the narrowing ones last. Empty when nothing is asked for. */
export function plainWords(definition: FilterDefinition, api: FilterApi): string[] {
  const { people, peopleAs, locations, places, countries, languages, exclude, raw } = definition;
  const wanted = definition.words.flatMap((line) =>
    parseWords(line).alternatives.map(({ terms }) => alternativeWords(terms)),
  );
  const names = people.map(({ name, accountId }) =>
    name === undefined ? `account ${accountId ?? ''}` : `@${name.replace(/^@/, '')}`,
  );
  const boxes = locations.flatMap((line) => parseBoxes(line).boxes);
  const sentences = [
    ...(wanted.length === 0 ? [] : [`Posts with ${either(wanted)}.`]),
    ...(names.length === 0 ? [] : peopleAs.map((role) => `${ROLE_WORDS[role](api)} ${either(names)}.`)),
    ...(boxes.length === 0
      ? []
      : [`Posts from inside ${boxes.length === 1 ? 'a box' : `one of ${boxes.length} boxes`} on the map.`]),
    ...(places.length === 0 ? [] : [`Posts from ${either(places)}.`]),
    ...(countries.length === 0 ? [] : [`Posts from ${either(countries.map(countryName))}.`]),
    ...raw.map((rule) => `Posts that the rule ${rule.trim()} finds.`),
  ];
  if (sentences.length === 0) return [];
  const excluded = [
    ...(exclude.reposts ? ['reposts'] : []),
    ...(exclude.replies ? ['replies'] : []),
    ...(exclude.quotes ? ['quotes'] : []),
  ];
  return [
    ...sentences,
    ...(languages.length === 0 ? [] : [`Only in ${either(languages.map(languageName))}.`]),
    ...(excluded.length === 0 ? [] : [`Without ${excluded.join(' and ')}.`]),
  ];
}

const ROLE_WORDS: Record<PersonRole, (api: FilterApi) => string> = {
  from: (api) => (api === 'v2' ? 'Posts by' : 'Posts by, reposts of and replies to'),
  to: () => 'Replies to',
  mentions: () => 'Posts that mention',
};

function alternativeWords(terms: readonly Term[]): string {
  const wanted = terms.filter(({ isNegated }) => !isNegated).map(termWords);
  const unwanted = terms.filter(({ isNegated }) => isNegated).map(termWords);
  return [wanted.join(' and '), ...unwanted.map((term) => `without ${term}`)].join(' ');
}

function termWords({ kind, text }: Term): string {
  if (kind === 'hashtag') return `the hashtag #${text}`;
  if (kind === 'mention') return `a mention of @${text}`;
  if (kind === 'cashtag') return `the symbol $${text}`;
  return kind === 'phrase' && text.includes(' ') ? `the phrase “${text}”` : `“${text}”`;
}

function either(things: readonly string[]): string {
  if (things.length <= 1) return things[0] ?? '';
  return `${things.slice(0, -1).join(', ')} or ${things.at(-1) ?? ''}`;
}

function languageName(code: string): string {
  return nameIn('language', code.trim()) ?? code;
}

function countryName(code: string): string {
  return nameIn('region', code.trim().toUpperCase()) ?? code;
}

function nameIn(type: 'language' | 'region', code: string): string | undefined {
  try {
    return new Intl.DisplayNames('en', { type }).of(code);
  } catch {
    return undefined; // not a code that anybody knows: it is shown as it was written
  }
}
