import { type Fields, tweetFieldLists } from './field-names.ts';
import { type ParameterRule, ParameterReader, Parameters } from './parameters.ts';
import { FORBIDDEN, invalidRequest, type ParameterError, type Problem } from './problems.ts';
import { USUAL_WORDING, type Wording } from './wording.ts';

const MAX_BACKFILL_MINUTES = 5;
const RECOVERY_MS = 24 * 3_600_000;

/** What a client wants to see of each post. */
export type StreamFields = Fields;

export interface StreamParameters {
  readonly fields: StreamFields;
  /** 0 .. 5 */
  readonly backfillMinutes: number;
  /** From 1; 1 where the endpoint has none. */
  readonly partition: number;
  /** What a recovery stream is to tell: from <= at < to, Unix ms; undefined for a live one. */
  readonly span: { readonly from: number; readonly to: number } | undefined;
}

/** What an endpoint takes. */
export interface StreamShape {
  /** How many partitions it has; `partition` is required then. */
  readonly partitions?: number;
  /** Whether it takes `start_time` and `end_time`; both are of the world, of which this is the present (Unix ms). */
  readonly now?: number;
  /** Whether it tells posts, and takes fields and expansions; default true. */
  readonly posts?: boolean;
  /** Whether the caller's level of access includes backfill and recovery; default true. */
  readonly backfill?: boolean;
}

/** Reads the query of a stream. Blank values are allowed; every fault is reported. */
export function readStreamParameters(
  query: URLSearchParams,
  { partitions, now, posts = true, backfill = true }: StreamShape = {},
  { vocabulary, choices }: Wording = USUAL_WORDING,
): { ok: true; parameters: StreamParameters } | { ok: false; problem: Problem } {
  const rules: ParameterRule[] = [
    { name: 'backfill_minutes', kind: 'integer', least: 0, most: MAX_BACKFILL_MINUTES, fallback: 0 },
  ];
  if (partitions !== undefined) {
    rules.push({ name: 'partition', kind: 'integer', least: 1, most: partitions, fallback: 1, required: true });
  }
  if (now !== undefined) rules.push({ name: 'start_time', kind: 'instant' }, { name: 'end_time', kind: 'instant' });
  const read = new ParameterReader(rules, posts ? tweetFieldLists(vocabulary) : []).read(query);
  if (!(read instanceof Parameters)) return { ok: false, problem: read };
  const backfillMinutes = read.integer('backfill_minutes');
  const span = now === undefined ? undefined : spanOf(read, now);
  if (!backfill && (backfillMinutes > 0 || span !== undefined)) {
    return { ok: false, problem: choices['backfill-refused'] === '403' ? FORBIDDEN : notAtThisLevel(query) };
  }
  if (span !== undefined && 'errors' in span) return { ok: false, problem: invalidRequest(span.errors) };
  const partition = partitions === undefined ? 1 : read.integer('partition');
  return { ok: true, parameters: { fields: read.fields, backfillMinutes, partition, span } };
}

/** One bound alone: from a day ago, or until now. What lies in the future is not waited for. */
function spanOf(
  parameters: Parameters,
  now: number,
): { from: number; to: number } | { errors: readonly ParameterError[] } | undefined {
  const given = BOUNDS.flatMap((name) => {
    const at = parameters.instant(name);
    return at === undefined ? [] : [{ name, at, value: secondOf(at) }];
  });
  if (given.length === 0) return undefined;
  const tooOld = given.filter(({ at }) => at < now - RECOVERY_MS);
  if (tooOld.length > 0) {
    const words = 'must be less than 24 hours in the past';
    return {
      errors: tooOld.map(({ name, value }) => ({
        parameters: { [name]: [value] },
        message: `Invalid '${name}':'${value}'. '${name}' ${words}`,
      })),
    };
  }
  const from = parameters.instant('start_time') ?? now - RECOVERY_MS;
  const to = Math.min(parameters.instant('end_time') ?? now, now);
  if (from < to) return { from, to };
  const told = Object.fromEntries(given.map(({ name, value }) => [name, [value]]));
  const message = "Invalid 'start_time'. 'start_time' must be before 'end_time' and before now";
  return { errors: [{ parameters: told, message }] };
}

const BOUNDS = ['start_time', 'end_time'] as const;

function secondOf(at: number): string {
  return new Date(at).toISOString().replace('.000Z', 'Z');
}

function notAtThisLevel(query: URLSearchParams): Problem {
  const given = ['backfill_minutes', ...BOUNDS].filter((name) => query.has(name));
  return invalidRequest(
    given.map((name) => ({
      parameters: { [name]: query.getAll(name) },
      message: `The query parameter [${name}] is not available at your level of access`,
    })),
  );
}
