/** A collection as it is being made. Pure. */
import { ApiError } from '../../api/client.ts';
import type { paths } from '../../api/openapi.d.ts';
import { emptyFilter, type FilterDefinition, type FilterProblem } from './filter-draft.ts';

export type Kind = 'filter' | 'sample' | 'timeline' | 'import';
export type KeepKind = 'all' | 'days' | 'files';

export type NewCollection = {
  kind: Kind;
  name: string;
  definition: FilterDefinition;
  /** Of timelines: none means all active accounts. */
  seeds: { sets: string[]; accounts: string[] };
  schedule: 'adaptive' | 'hourly' | 'daily';
  keep: KeepKind;
  keepDays: number;
  visibility: 'everybody' | 'private';
  start: boolean;
  api: 'v2' | 'v1.1';
  /** Label of a key; '': whichever will do. */
  credential: string;
  /** In dollars a month; '': no limit of its own. */
  budget: number | '';
};

export const freshCollection: NewCollection = {
  ...{ kind: 'filter', name: '', definition: emptyFilter, seeds: { sets: [], accounts: [] }, schedule: 'adaptive' },
  ...{ keep: 'all', keepDays: 30, visibility: 'everybody', start: true, api: 'v2', credential: '', budget: '' },
};

const NAME = /^[a-z0-9][a-z0-9_-]{0,62}$/;
const HOUR_MS = 3_600_000;

/** Why a name will not do; undefined when it will. */
export function nameProblem(name: string, taken: readonly string[]): string | undefined {
  if (name === '') return 'Give it a name.';
  if (!NAME.test(name)) return 'Use small letters, digits, - and _, beginning with a letter or digit; 63 at most.';
  if (name.startsWith('filter-')) return 'Names that begin with filter- are mistnet’s own.';
  return taken.includes(name) ? 'There is a collection of this name already.' : undefined;
}

/** A name made of whatever is typed: `Birds of Vienna!` becomes `birds-of-vienna`. */
export function toName(text: string): string {
  return text
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9_]+/g, '-')
    .replaceAll(/^[-_]+/g, '')
    .slice(0, 63);
}

/** Streams are to be had by the older interface, too. */
export function hasBothApis(kind: Kind): boolean {
  return kind === 'filter' || kind === 'sample';
}

type Body = paths['/api/v1/collections']['post']['requestBody']['content']['application/json'];

export function bodyOf(wish: NewCollection): Body {
  const { kind, name, definition, seeds, schedule, keep, keepDays, visibility, start, api, credential, budget } = wish;
  const asks = kind !== 'import';
  return {
    ...{ kind, name, visibility, start, keep: keep === 'days' ? `days:${keepDays}` : keep },
    ...{ api: asks && hasBothApis(kind) ? api : 'v2', zone: 'UTC', reason: '', seeds: [] },
    ...(asks && credential !== '' ? { credential } : {}),
    ...(asks && budget !== '' ? { budgetMicros: Math.round(budget * 1e6) } : {}),
    ...(kind === 'filter' ? { definition } : {}),
    ...(kind === 'timeline'
      ? {
          seeds: [...seeds.sets.map((set) => ({ set })), ...seeds.accounts.map((account) => ({ account }))],
          schedule:
            schedule === 'adaptive'
              ? { kind: 'adaptive' as const }
              : { kind: 'every' as const, ms: schedule === 'hourly' ? HOUR_MS : 24 * HOUR_MS },
        }
      : {}),
  };
}

/** What the server refused to read of a filter, by its fields. */
export function unreadParts(error: Error | null): FilterProblem[] {
  return fieldErrors(error).flatMap(({ field, message }) => {
    const [, part, line] = /^definition\/(\w+)(?:\/(\d+))?/.exec(field) ?? [];
    if (part === undefined) return [];
    return [{ field: part, message, ...(line === undefined ? {} : { line: Number(line) }) }];
  });
}

/** What the server said of which field: `name`, `seeds`, `definition/words/0`. */
export function fieldErrors(error: Error | null): { field: string; message: string }[] {
  if (!(error instanceof ApiError)) return [];
  return error.errors.map(({ field, message }) => ({ field: field.replace(/^body\//, ''), message }));
}
