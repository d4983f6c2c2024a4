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

export const TOO_MANY_REQUESTS: Problem = plain(429, 'Too Many Requests');
export const SERVICE_UNAVAILABLE: Problem = plain(503, 'Service Unavailable');

/** The line that announces the end of a stream from the platform's side. */
export const OPERATIONAL_DISCONNECT = JSON.stringify({
  errors: [
    {
      title: 'operational-disconnect',
      disconnect_type: 'OperationalDisconnect',
      detail: 'This stream has been disconnected for operational reasons.',
      type: `${TYPES}/operational-disconnect`,
    },
  ],
});

function plain(status: number, words: string): Problem {
  return { status, body: { title: words, detail: words, type: 'about:blank', status } };
}
