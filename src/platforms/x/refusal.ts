import type { Refusal } from '../adapter.ts';

/**
 * Reads a refused answer. 402, 403 and 429 are told apart by the problem's `type`, of which only the path counts: the host
 * changed from api.twitter.com to api.x.com. Source: v2 reference, response codes; checked 2026-11-22.
 */
export function readRefusal({ status, headers, body, askedBackfill }: RefusedAnswer): Refusal {
  const problem = parseProblem(body);
  const said = `HTTP ${status}${problem.title === '' ? '' : ` ${problem.title}`}${problem.detail === '' ? '' : `: ${problem.detail}`}`;
  const type = problem.type.replace(/^https?:\/\/[^/]+/, '');
  if (type.endsWith('/usage-capped') || type.endsWith('/credits') || status === 402)
    return { kind: 'out-of-money', sentence: said };
  if (problem.connectionIssue === 'TooManyConnections') return { kind: 'too-many-connections', sentence: said };
  if (status === 429 || status === 420) {
    const reset = Number(headers['x-rate-limit-reset']);
    const exhausted = headers['x-rate-limit-remaining'] === '0' && Number.isFinite(reset);
    return { kind: 'rate-limited', ...(exhausted ? { resetAtMs: reset * 1000 } : {}), sentence: said };
  }
  if (status >= 500) return { kind: 'server-error', sentence: said };
  if (askedBackfill && (status === 400 || status === 403)) return { kind: 'backfill-refused', sentence: said };
  if (status === 401 || status === 403) return { kind: 'token-refused', sentence: said };
  return { kind: 'rejected', sentence: said };
}

type RefusedAnswer = { status: number; headers: Record<string, string>; body: string; askedBackfill: boolean };

type Problem = { title: string; detail: string; type: string; connectionIssue: string };

function parseProblem(body: string): Problem {
  try {
    const { title, detail, type, errors, connection_issue: issue } = JSON.parse(body) as Record<string, unknown>;
    const [legacy] = Array.isArray(errors) ? (errors as Record<string, unknown>[]) : [];
    // v1.1 says `{"errors":[{"code":32,"message":"…"}]}`.
    if (title === undefined && typeof legacy?.message === 'string')
      return {
        title: '',
        detail: `${textOf(legacy.message)} (code ${String(legacy.code)})`,
        type: '',
        connectionIssue: '',
      };
    return { title: textOf(title), detail: textOf(detail), type: textOf(type), connectionIssue: textOf(issue) };
  } catch {
    return { title: '', detail: '', type: '', connectionIssue: '' }; // an HTML page or nothing at all: the status alone decides
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, 300) : '';
}
