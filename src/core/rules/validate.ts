/** What is wrong with a definition, field by field, before anything is asked of the platform. */
import { longestSideMiles, parseBoxes } from './boxes.ts';
import { type Clause, compileFilter, type FilterApi, legacyFilter, ruleValue, trackOf } from './compile.ts';
import { type FilterDefinition, type FilterProblem, personProblem } from './definition.ts';
import { parseRule, type Query } from './grammar.ts';
import { LEGACY_LIMITS, LONGEST_SIDE_MILES, type RuleLimits } from './limits.ts';
import { parseWords } from './words.ts';

/** `problems` refuse the definition; `warnings` are said and it is kept. */
export type Validation = { problems: FilterProblem[]; warnings: FilterProblem[] };

/** Checks everything that can be known without the platform. `limits`: of the credential's access level; they matter for v2 alone. */
export function validateFilter(
  definition: FilterDefinition,
  options: { api: FilterApi; limits: RuleLimits },
): Validation {
  const problems: FilterProblem[] = [];
  const warnings: FilterProblem[] = [];
  const { api, limits } = options;
  for (const field of ['words', 'places', 'raw'] as const)
    definition[field].forEach((text, line) => {
      const [hidden] = HIDDEN.exec(text) ?? [];
      if (hidden !== undefined) problems.push({ field, line, message: hiddenProblem(text, hidden) });
    });
  definition.words.forEach((line, index) => {
    for (const message of parseWords(line).problems) problems.push({ field: 'words', line: index, message });
  });
  checkPeople(definition, problems, warnings);
  checkPlaces(definition, options, problems);
  checkLanguages(definition, problems);
  definition.raw.forEach((text, line) => {
    if (text.trim() === '') return;
    if (api === 'v1.1')
      problems.push({ field: 'raw', line, message: 'v1.1 has no rules; write words, people or boxes.' });
    for (const { message } of parseRule(text.trim()).problems) problems.push({ field: 'raw', line, message });
  });
  const clauses = compileFilter(definition, api);
  if (clauses.length === 0 && problems.length === 0) problems.push(nothingAsked(definition));
  if (api === 'v2') checkClauses(clauses, limits, problems);
  else checkLegacy(definition, problems, warnings);
  return { problems, warnings };
}

/** Control characters, and those that turn the text around them: nobody sees them, no post is found by them, and a rule reads as another. */
const HIDDEN = /(?![\t\r\n])[\p{Cc}\u202A-\u202E\u2066-\u2069]/u;
const EVERY_HIDDEN = new RegExp(HIDDEN, 'gu');

function hiddenProblem(text: string, hidden: string): string {
  const code = (hidden.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  return `"${text.replaceAll(EVERY_HIDDEN, '')}" holds a character that cannot be seen (U+${code}); write it anew without that.`;
}

/** No mistake of the person's: such a filter begins when they are found. */
export const NOBODY_KNOWN: FilterProblem = {
  field: 'people',
  message: 'None of these people is known on the platform (yet), and nothing else is asked for.',
};

function nothingAsked({ people, languages, exclude }: FilterDefinition): FilterProblem {
  if (people.length > 0) return NOBODY_KNOWN;
  if (languages.length > 0 || exclude.reposts || exclude.replies || exclude.quotes)
    return {
      field: 'words',
      message: 'Languages and exclusions only narrow down: say first which words, people or places.',
    };
  return { field: 'words', message: 'Nothing is asked for: give words, people or places.' };
}

function checkPeople(
  { people, peopleAs }: FilterDefinition,
  problems: FilterProblem[],
  warnings: FilterProblem[],
): void {
  people.forEach(({ name, accountId }, line) => {
    if (name === undefined && accountId === undefined) return;
    const message = name === undefined ? undefined : personProblem(name, accountId !== undefined);
    if (message !== undefined) problems.push({ field: 'people', line, message });
    else if (accountId === undefined)
      warnings.push({
        field: 'people',
        line,
        message: `"${name ?? ''}" is not known on the platform (yet). It is kept and looked up again each day.`,
      });
    else if (name === undefined && peopleAs.includes('mentions'))
      warnings.push({
        field: 'people',
        line,
        message: `The name of ${accountId} is not known (yet), so mentions of it cannot be asked for.`,
      });
  });
  if (people.length > 0 && peopleAs.length === 0)
    problems.push({
      field: 'people',
      message: 'Say what of these people: posts from them, replies to them, or mentions of them.',
    });
}

function checkPlaces(
  { locations, places, countries }: FilterDefinition,
  { api }: { api: FilterApi },
  problems: FilterProblem[],
): void {
  locations.forEach((text, line) => {
    const parsed = parseBoxes(text);
    for (const message of parsed.problems) problems.push({ field: 'locations', line, message });
    if (api === 'v1.1') return;
    for (const box of parsed.boxes) {
      const miles = longestSideMiles(box);
      if (miles > LONGEST_SIDE_MILES)
        problems.push({
          field: 'locations',
          line,
          message: `${box.join(',')} is ${Math.ceil(miles)} miles long; the platform takes up to ${LONGEST_SIDE_MILES}. Use smaller boxes, a place's name or a country.`,
        });
    }
  });
  if (api === 'v1.1' && places.some((each) => each.trim() !== ''))
    problems.push({ field: 'places', message: 'v1.1 knows no names of places; draw a box.' });
  if (api === 'v1.1' && countries.length > 0)
    problems.push({ field: 'countries', message: 'v1.1 knows no countries; draw a box.' });
  countries.forEach((country, line) => {
    if (!/^[A-Za-z]{2}$/.test(country.trim()))
      problems.push({ field: 'countries', line, message: `"${country}" is not a country's two letters, like AT.` });
  });
}

function checkLanguages({ languages }: FilterDefinition, problems: FilterProblem[]): void {
  languages.forEach((language, line) => {
    if (!/^[A-Za-z]{2,3}(-[A-Za-z]{2,4})?$/.test(language.trim()))
      problems.push({
        field: 'languages',
        line,
        message: `"${language}" is not a language as the platform writes it, like de or en.`,
      });
  });
}

const FIELD_OF: Record<Clause['sources'][number]['kind'], FilterProblem['field']> = {
  ...{ word: 'words', person: 'people', location: 'locations' },
  ...{ place: 'places', country: 'countries', rule: 'raw' },
};

function checkClauses(clauses: readonly Clause[], limits: RuleLimits, problems: FilterProblem[]): void {
  for (const { body, suffix, sources } of clauses) {
    const [source] = sources;
    if (source === undefined) continue;
    const field = FIELD_OF[source.kind];
    const { length } = ruleValue([body], suffix);
    if (length > limits.length)
      problems.push({
        field,
        message: `"${short(source.text)}" makes a rule of ${length} characters; this access level takes ${limits.length}.`,
      });
    const { query } = parseRule(body);
    for (const operator of query === undefined ? [] : operatorsOf(query))
      if (limits.refused.has(operator))
        problems.push({
          field,
          message: `"${short(source.text)}" needs ${operator}, which this access level does not have.`,
        });
  }
}

function* operatorsOf(query: Query): Generator<string> {
  if (query.kind === 'not') yield* operatorsOf(query.part);
  else if (query.kind === 'and' || query.kind === 'or') for (const part of query.parts) yield* operatorsOf(part);
  else if (query.kind === 'cashtag') yield 'cashtag';
  else if (query.kind === 'op')
    yield query.name === 'is' || query.name === 'has' ? `${query.name}:${query.value}` : query.name;
}

function checkLegacy(definition: FilterDefinition, problems: FilterProblem[], warnings: FilterProblem[]): void {
  for (const phrase of trackOf(definition)) {
    const bytes = Buffer.byteLength(phrase);
    if (bytes > LEGACY_LIMITS.phraseBytes)
      problems.push({
        field: 'words',
        message: `"${short(phrase)}" has ${bytes} bytes; v1.1 takes ${LEGACY_LIMITS.phraseBytes} in a phrase.`,
      });
  }
  for (const message of legacyOverflow([definition])) problems.push({ field: message.field, message: message.message });
  if (definition.words.some((line) => line.includes('"')))
    warnings.push({
      field: 'words',
      message:
        'v1.1 has no phrases: posts with these words anywhere arrive, and only those with the phrase are kept for this collection.',
    });
}

/** What does not fit into the one v1.1 filter that these share. */
export function legacyOverflow(definitions: readonly FilterDefinition[]): FilterProblem[] {
  const { track, follow, locations } = legacyFilter(definitions);
  const over = (field: FilterProblem['field'], count: number, most: number, what: string): FilterProblem[] =>
    count > most ? [{ field, message: `${count} ${what} are asked for; one v1.1 connection takes ${most}.` }] : [];
  return [
    ...over('words', track.length, LEGACY_LIMITS.track, 'phrases'),
    ...over('people', follow.length, LEGACY_LIMITS.follow, 'people'),
    ...over('locations', locations.length, LEGACY_LIMITS.boxes, 'boxes'),
  ];
}

function short(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 59)}…`;
}
