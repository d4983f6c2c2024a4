import type { Farewell } from './farewell.ts';
import type { Answer } from '../http/exchange.ts';

/** Bodies and statuses of the platform's errors, in its own order of keys. */
export interface Problem extends Answer {
  readonly body: object;
}

const TYPES = 'https://api.twitter.com/2/problems';

export interface ParameterError {
  readonly parameters: Readonly<Record<string, readonly string[]>>;
  readonly message: string;
}

export function invalidRequest(errors: readonly ParameterError[]): Problem {
  const title = 'Invalid Request';
  const detail = 'One or more parameters to your request was invalid.';
  return { status: 400, body: { errors, title, detail, type: `${TYPES}/invalid-request` } };
}

/** Parameters that the endpoint doesn't know, and those that are there more than once. */
export function wrongNames(query: URLSearchParams, known: readonly string[]): ParameterError[] {
  return [...new Set(query.keys())].flatMap((name) => {
    const given = query.getAll(name);
    const message = known.includes(name)
      ? `Duplicate parameters are not allowed: the \`${name}\` query parameter`
      : `The query parameter [${name}] is not one of [${known.join(',')}]`;
    return known.includes(name) && given.length === 1 ? [] : [{ parameters: { [name]: given }, message }];
  });
}

/** What isn't to be had with such a token. */
export const FORBIDDEN: Problem = {
  status: 403,
  body: { title: 'Forbidden', type: 'about:blank', status: 403, detail: 'Forbidden' },
};

export const TOO_MANY_REQUESTS: Problem = plain(429, 'Too Many Requests');
export const SERVICE_UNAVAILABLE: Problem = plain(503, 'Service Unavailable');

/** Members of what is said of one rule. */
export const INVALID_RULE = { title: 'UnprocessableEntity', type: `${TYPES}/invalid-rules` };
export const DUPLICATE_RULE = { title: 'DuplicateRule', type: `${TYPES}/duplicate-rules` };

export const RULES_CAP_EXCEEDED: Problem = {
  status: 422,
  body: {
    title: 'RulesCapExceeded',
    detail: 'Rules count exceeds the allowed cap for your current level of access.',
    type: `${TYPES}/rule-cap`,
  },
};

/** Why a stream can't be opened. */
export const TOO_MANY_CONNECTIONS: Problem = streamingConnection(
  429,
  'This stream is currently at the maximum allowed connection limit.',
  'TooManyConnections',
);
export const NO_RULES: Problem = streamingConnection(
  409,
  'Rules must be configured before connecting.',
  'RuleConfigurationIssue',
);

function streamingConnection(status: number, detail: string, issue: string): Problem {
  const title = 'ConnectionException';
  return { status, body: { title, detail, connection_issue: issue, type: `${TYPES}/streaming-connection` } };
}

const FAREWELLS: Readonly<Record<Farewell, readonly [type: string, detail: string]>> = {
  disconnect: ['OperationalDisconnect', 'This stream has been disconnected for operational reasons.'],
  'upstream-disconnect': [
    'UpstreamOperationalDisconnect',
    'This stream has been disconnected upstream for operational reasons.',
  ],
  'force-disconnect': ['ForceDisconnect', 'This stream has been disconnected.'],
  exhausted: ['ClientApplicationStateDegraded', 'This stream has been disconnected because the usage cap is exceeded.'],
  'slow-reader': ['SlowReader', 'This stream has been disconnected because it was not read fast enough.'],
};

/** The line that announces the end of a stream from the platform's side. @param host of its type */
export function farewell(why: Farewell, host: string): string {
  const [type, detail] = FAREWELLS[why];
  const title = 'operational-disconnect';
  return JSON.stringify({
    errors: [{ title, disconnect_type: type, detail, type: `https://${host}/2/problems/operational-disconnect` }],
  });
}

function plain(status: number, words: string): Problem {
  return { status, body: { title: words, detail: words, type: 'about:blank', status } };
}
