/** What a person asks a filter collection for, as it is typed, kept and shown. Nothing here knows the platform's grammar. */
import { z } from 'zod';

/** A person to follow: by name, by id, or by both once the name was looked up. The id is who they are; names change. */
const personSchema = z.strictObject({
  name: z.string().min(1).max(100, 'No name is longer than 100 characters.').optional(),
  accountId: z
    .string()
    .regex(/^[0-9]{1,20}$/, 'An id has at most 20 digits.')
    .optional(),
});

/**
 * All kinds are alternatives: a post belongs to the collection when a line of words, a person, a place or a raw rule finds it, and it is
 * in one of the languages (any when none is given) and not excluded. `words`: lines; a space is AND, a comma is OR, quotes make a
 * phrase, `-word` excludes; `#tag`, `@name`, `$SYM` as they are. `locations`: boxes `west,south,east,north` in degrees. `places`:
 * names or ids. `countries`: two letters. `raw`: rules in the platform's own grammar.
 */
export const filterDefinitionSchema = z.strictObject({
  words: several(entry(4_000), 5_000),
  people: several(personSchema, 5_000),
  peopleAs: z
    .array(z.enum(['from', 'to', 'mentions']))
    .max(3)
    .default(['from']),
  locations: several(entry(4_000), 500),
  places: several(entry(200), 500),
  countries: several(entry(10), 300),
  languages: several(entry(10), 100),
  exclude: z
    .strictObject({
      reposts: z.boolean().default(false),
      replies: z.boolean().default(false),
      quotes: z.boolean().default(false),
    })
    .default({ reposts: false, replies: false, quotes: false }),
  raw: several(entry(4_096), 1_000),
});

function entry(longest: number) {
  return z.string().max(longest, `This is too long: at most ${longest.toLocaleString('en')} characters.`);
}

function several<Entry extends z.ZodType>(each: Entry, most: number) {
  return z
    .array(each)
    .max(most, `These are too many: at most ${most.toLocaleString('en')}.`)
    .default([]);
}

export type FilterDefinition = z.infer<typeof filterDefinitionSchema>;
export type Person = FilterDefinition['people'][number];
export type PersonRole = FilterDefinition['peopleAs'][number];

/** A definition with everything that was left out filled in. */
export function filterDefinition(part: z.input<typeof filterDefinitionSchema>): FilterDefinition {
  return filterDefinitionSchema.parse(part);
}

export type FilterField = 'words' | 'people' | 'locations' | 'places' | 'countries' | 'languages' | 'raw';

/** What is wrong with a field, or worth a second look. `line`: which of its entries, from 0; absent where it is the field as a whole. */
export type FilterProblem = { field: FilterField; line?: number; message: string };

/**
 * People as typed into one field: names divided by commas, with or without `@`; digits alone are an id. A name with a space in it is a
 * problem, for most likely it is two.
 */
export function parsePeople(text: string): { people: Person[]; problems: FilterProblem[] } {
  const people: Person[] = [];
  const problems: FilterProblem[] = [];
  const seen = new Set<string>();
  for (const part of text.split(',')) {
    const name = part.trim().replace(/^@/, '');
    if (name === '' || seen.has(name.toLowerCase())) continue;
    seen.add(name.toLowerCase());
    const isId = /^[0-9]{1,20}$/.test(name);
    const problem = isId ? undefined : personProblem(name);
    if (problem !== undefined) problems.push({ field: 'people', message: problem });
    people.push(isId ? { accountId: name } : { name });
  }
  return { people, problems };
}

/** Why this cannot be a person's name; undefined when it can. Some old accounts have names too long to be looked up by: they are known by their ids alone. */
export function personProblem(name: string, isKnown = false): string | undefined {
  if (/\s/.test(name.trim())) return `Please use commas to separate people: "${name}" has a space in it.`;
  const pattern = isKnown ? /^[A-Za-z0-9_]{1,20}$/ : /^[A-Za-z0-9_]{1,15}$/;
  if (!pattern.test(name.trim().replace(/^@/, '')))
    return `"${name}" is not a name on the platform: letters, digits and _ only, at most 15.`;
  return undefined;
}
