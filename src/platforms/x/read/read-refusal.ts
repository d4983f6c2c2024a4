/** Answers without a page, told apart: waiting helps, money helps, another token helps, or another question. Source: x's response codes, both APIs; checked 2026-11-22. */
import { parseExact } from '../../../core/exact-json.ts';
import type { JsonObject, RawAnswer, ReadRefusal } from '../../read-adapter.ts';
import { isObject } from '../json-values.ts';

/** One thing that the platform complained of: v2's problems, or v1.1's numbered errors (`code`). */
export type Problem = {
  title: string;
  detail: string;
  path: string;
  code?: number;
  parameters: string[];
  members: JsonObject;
};

/** Codes of v1.1 by which the caller's own credential is refused: wrong, revoked, suspended, locked. */
const CREDENTIAL_CODES = new Set([32, 64, 89, 99, 135, 215, 326, 416]);
const OVERLOAD_CODES = new Set([130, 131]);

/** Why an answer holds no page. Only the path of a problem's type counts: its host changed from api.twitter.com to api.x.com. */
export function readXRefusal(answer: RawAnswer): ReadRefusal {
  const { status, headers } = answer;
  const problems = problemsOf(bodyOf(answer));
  const refusal = (kind: ReadRefusal['kind']): ReadRefusal => ({
    ...{ kind, status, sentence: sentenceOf(status, problems) },
    parameters: [...new Set(problems.flatMap(({ parameters }) => parameters))],
  });
  const has = (end: string) => problems.some(({ path }) => path.endsWith(end));
  const hasCode = (codes: ReadonlySet<number>) => problems.some(({ code }) => code !== undefined && codes.has(code));
  if (has('/usage-capped')) {
    const isDaily = problems.some(({ members }) => members.period === 'Daily');
    return { ...refusal('usage-capped'), capPeriod: isDaily ? 'day' : 'month' };
  }
  if (status === 402 || has('/credits')) return refusal('out-of-money');
  if (status === 429 || status === 420 || hasCode(new Set([88]))) {
    const reset = Number(headers['x-rate-limit-reset']);
    // The limit of one call a second is told by a 429 with calls remaining: its end is not that of the window.
    const isUsedUp = headers['x-rate-limit-remaining'] === '0' && Number.isFinite(reset);
    return { ...refusal('rate-limited'), ...(isUsedUp ? { resetAtMs: reset * 1000 } : {}) };
  }
  if (status >= 500 || status === 408 || hasCode(OVERLOAD_CODES)) return refusal('server-trouble');
  if (status === 401 || hasCode(CREDENTIAL_CODES)) return refusal('credential-refused');
  if (status === 403) return refusal('not-allowed');
  return refusal(status >= 400 ? 'wrong-question' : 'garbage');
}

/** The body as JSON; undefined when it is none. */
export function bodyOf({ body }: RawAnswer): unknown {
  try {
    return parseExact(body.toString('utf8'));
  } catch {
    return undefined; // a page of HTML or half of something: the status alone decides
  }
}

/** All complaints of an answer: the list in `errors`, else the body itself; v1.1's `{"error":"Not authorized."}` too. */
export function problemsOf(body: unknown): Problem[] {
  if (!isObject(body)) return [];
  const listed = Array.isArray(body.errors) ? body.errors.filter(isObject) : [];
  const own = body.title !== undefined || body.detail !== undefined || body.error !== undefined ? [body] : [];
  return [...own, ...listed].map((members) => ({
    title: textOf(members.title),
    detail: textOf(members.detail) || textOf(members.message) || textOf(members.error),
    path: textOf(members.type).replace(/^https?:\/\/[^/]+/, ''),
    ...(typeof members.code === 'number' ? { code: members.code } : {}),
    parameters: [
      ...(isObject(members.parameters) ? Object.keys(members.parameters) : []),
      ...(typeof members.parameter === 'string' ? [members.parameter] : []),
    ],
    members,
  }));
}

/** What names a problem beside its sentence: the end of its type, or the number of v1.1. */
export function codeOf({ path, code, title }: Problem, status: number): string {
  if (code !== undefined) return String(code);
  return path === '' || path === 'about:blank' ? title || String(status) : (path.split('/').pop() ?? path);
}

/** `HTTP 400 Invalid Request: the first complaints`, without the full stop. */
function sentenceOf(status: number, problems: Problem[]): string {
  const title = problems.find((problem) => problem.title !== '')?.title ?? '';
  // With a list of complaints, what stands above them only says that there is one.
  const told = problems.length > 1 ? problems.slice(1) : problems;
  const details = told
    .slice(0, 3)
    .map(({ detail, code }) => (code === undefined ? detail : `${detail} (code ${code})`));
  const text = details.filter((detail) => detail !== '' && detail !== title).join('; ');
  return `HTTP ${status}${title === '' ? '' : ` ${title}`}${text === '' ? '' : `: ${text}`}`.replace(/[.\s]+$/, '');
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, 1500) : '';
}
