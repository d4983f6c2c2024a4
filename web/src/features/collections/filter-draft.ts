/** A filter as it is being written. Pure. */
import type { components } from '../../api/openapi.d.ts';

export type FilterDefinition = components['schemas']['FilterDefinition'];
export type FilterProblem = components['schemas']['FilterProblem'];

export const emptyFilter: FilterDefinition = {
  ...{ words: [], people: [], peopleAs: ['from'], locations: [], places: [], countries: [], languages: [], raw: [] },
  exclude: { reposts: false, replies: false, quotes: false },
};

/** Nothing that finds anything: languages and exclusions only narrow down. */
export function isEmptyFilter({ words, people, locations, places, countries, raw }: FilterDefinition): boolean {
  return [words, people, locations, places, countries, raw].every((each) => each.length === 0);
}

/** People as they are typed: a name, or an id of digits alone. */
export function personOf(text: string): FilterDefinition['people'][number] {
  const name = text.trim().replace(/^@/, '');
  return /^[0-9]+$/.test(name) ? { accountId: name } : { name };
}

export function personText({ name, accountId }: FilterDefinition['people'][number]): string {
  return name === undefined ? (accountId ?? '') : `@${name}`;
}

/** The same people with what is known of them; those that are new as they were typed. */
export function peopleOf(texts: readonly string[], known: FilterDefinition['people']): FilterDefinition['people'] {
  return texts.map((text) => known.find((person) => personText(person) === text) ?? personOf(text));
}

const KM_PER_DEGREE = 111.32;

/** A box around a point, `west,south,east,north` in degrees; undefined where the numbers are none of a place on earth. */
export function boxAround(latitude: number, longitude: number, km: number): string | undefined {
  if (!(Math.abs(latitude) <= 89) || !(Math.abs(longitude) <= 180) || !(km > 0 && km <= 1_000)) return undefined;
  const high = km / KM_PER_DEGREE;
  const wide = km / (KM_PER_DEGREE * Math.cos((latitude * Math.PI) / 180));
  const numbers = [longitude - wide, latitude - high, longitude + wide, latitude + high];
  if (numbers.some((number) => number < -180 || number >= 180)) return undefined;
  return numbers.map((number) => String(Math.round(number * 10_000) / 10_000)).join(',');
}

/** Problems of one field, told apart from those of the whole. */
export function problemsOf(problems: readonly FilterProblem[], field: string): FilterProblem[] {
  return problems.filter((problem) => problem.field === field);
}
