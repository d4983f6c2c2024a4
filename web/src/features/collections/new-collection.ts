/** A collection as it is being made. Pure. */
import { fieldErrors } from '../../api/field-errors.ts';
import type { components, paths } from '../../api/openapi.d.ts';
import { numberOf } from '../../components/number-words.ts';
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
  /** As it was typed. */
  keepDays: string;
  visibility: 'everybody' | 'private';
  start: boolean;
  api: 'v2' | 'v1.1';
  /** Label of a key; '': whichever will do. */
  credential: string;
  /** In dollars a month, as it was typed; '': no limit of its own. */
  budget: string;
};

export const freshCollection: NewCollection = {
  ...{ kind: 'filter', name: '', definition: emptyFilter, seeds: { sets: [], accounts: [] }, schedule: 'adaptive' },
  ...{ keep: 'all', keepDays: '30', visibility: 'everybody', start: true, api: 'v2', credential: '', budget: '' },
};

const NAME = /^[a-z0-9][a-z0-9_-]{0,62}$/;
const HOUR_MS = 3_600_000;

export const KEEP_DAYS = { least: 1, most: 99_999, decimals: 0 };
export const BUDGET = { least: 0, most: 1_000_000, decimals: 2 };

/** Whether the numbers of the last step will do; what is wrong with one stands beside its field. */
export function areNumbersRight({ kind, keep, keepDays, budget }: NewCollection): boolean {
  const isBudgetRight = kind === 'import' || budget.trim() === '' || numberOf(budget, BUDGET) !== undefined;
  return isBudgetRight && (keep !== 'days' || numberOf(keepDays, KEEP_DAYS) !== undefined);
}

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

type Key = Pick<components['schemas']['Credential'], 'kind' | 'abilities' | 'refused'>;

/**
 * Why a key will not do for what is being made, in a few words; undefined where nothing is known against it. What a trial could not reach says
 * nothing of the key.
 */
export function keyProblem(
  { kind, abilities, refused }: Key,
  wish: Pick<NewCollection, 'kind' | 'api'>,
): string | undefined {
  if (refused !== null) return `the platform refuses it: ${refused}`;
  const isStream = hasBothApis(wish.kind);
  if (isStream && wish.api === 'v2' && kind !== 'app')
    return 'a person’s key: these streams take an app’s own token (a bearer token) alone';
  if (isStream && wish.api === 'v1.1' && kind === 'oauth2')
    return 'an OAuth 2 key: the older interface takes a person’s OAuth 1.0a keys';
  const failed = abilities?.find(({ ability, ok, status }) => !ok && status > 0 && ability === abilityFor(wish));
  return failed === undefined ? undefined : `tried, it was not let in: ${failed.sentence}`;
}

/** As the probe of a key calls what a collection needs. */
function abilityFor({ kind, api }: Pick<NewCollection, 'kind' | 'api'>): string | undefined {
  if (hasBothApis(kind) && api === 'v1.1') return 'v1.1';
  if (kind === 'timeline') return 'timelines';
  return kind === 'filter' ? 'filtered stream' : undefined;
}

/** Streams are to be had by the older interface, too. */
export function hasBothApis(kind: Kind): boolean {
  return kind === 'filter' || kind === 'sample';
}

type Body = paths['/api/v1/collections']['post']['requestBody']['content']['application/json'];

export function bodyOf(wish: NewCollection): Body {
  const { kind, name, definition, seeds, schedule, keep, keepDays, visibility, start, api, credential, budget } = wish;
  const asks = kind !== 'import';
  const dollars = numberOf(budget, BUDGET);
  return {
    ...{ kind, name, visibility, start, keep: keep === 'days' ? `days:${Number(keepDays)}` : keep },
    ...{ api: asks && hasBothApis(kind) ? api : 'v2', zone: 'UTC', reason: '', seeds: [] },
    ...(asks && credential !== '' ? { credential } : {}),
    ...(asks && dollars !== undefined ? { budgetMicros: Math.round(dollars * 1e6) } : {}),
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
