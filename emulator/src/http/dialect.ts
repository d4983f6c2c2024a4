import type { CallerKind } from '../credentials/caller.ts';
import type { Answer } from './exchange.ts';

/** What can be wrong before a handler is reached. */
export type Refusal =
  | 'unauthorized'
  | 'invalid-token'
  | 'wrong-kind-of-caller'
  | 'not-found'
  | 'method-not-allowed'
  | 'too-large'
  | 'too-many-requests'
  | 'unavailable'
  | 'internal';

/** How one part of the platform words refusals. */
export interface Dialect {
  /** Whether a caller without credentials is told so even where there is no such path. */
  readonly hidesPaths: boolean;
  refuse(refusal: Refusal, detail?: string): Answer;
}

/** v2: problem documents, keys in the order of the recordings. */
export const V2: Dialect = {
  hidesPaths: true,
  refuse(refusal, detail) {
    switch (refusal) {
      case 'unauthorized':
      case 'invalid-token':
        return {
          status: 401,
          body: { title: 'Unauthorized', type: 'about:blank', status: 401, detail: 'Unauthorized' },
        };
      case 'wrong-kind-of-caller':
        return {
          status: 403,
          body: {
            title: 'Unsupported Authentication',
            detail: detail ?? 'Authenticating with this kind of token is forbidden for this endpoint.',
            type: 'https://api.twitter.com/2/problems/unsupported-authentication',
            status: 403,
          },
        };
      case 'not-found':
        return plain(404, 'Not Found');
      case 'method-not-allowed':
        return plain(405, 'Method Not Allowed');
      case 'too-large':
        return plain(413, 'Payload Too Large');
      case 'too-many-requests':
        return plain(429, 'Too Many Requests');
      case 'unavailable':
        return plain(503, 'Service Unavailable');
      case 'internal':
        return plain(500, 'Internal Server Error');
    }
  },
};

const KINDS: Readonly<Record<CallerKind, string>> = {
  user1: 'OAuth 1.0a User Context',
  app: 'OAuth 2.0 Application-Only',
  user2: 'OAuth 2.0 User Context',
  nobody: 'nothing',
};

/** Which kind of token was given, and which would be taken, as v2 says it. */
export function unsupportedKind(given: CallerKind, taken: readonly CallerKind[]): string {
  const names = taken.map((kind) => KINDS[kind]).toSorted();
  return `Authenticating with ${KINDS[given]} is forbidden for this endpoint.  Supported authentication types are [${names.join(', ')}].`;
}

function plain(status: number, words: string): Answer {
  return { status, body: { title: words, detail: words, type: 'about:blank', status } };
}

const V1_ERRORS: Readonly<Record<Refusal, readonly [status: number, code: number, message: string]>> = {
  unauthorized: [400, 215, 'Bad Authentication data.'],
  'invalid-token': [401, 89, 'Invalid or expired token.'],
  'wrong-kind-of-caller': [403, 220, 'Your credentials do not allow access to this resource.'],
  'not-found': [404, 34, 'Sorry, that page does not exist.'],
  'method-not-allowed': [404, 34, 'Sorry, that page does not exist.'],
  'too-large': [413, 0, 'Payload Too Large'],
  'too-many-requests': [429, 88, 'Rate limit exceeded'],
  unavailable: [503, 130, 'Over capacity'],
  internal: [500, 131, 'Internal error'],
};

/** v1.1: a list of codes. */
export const V1: Dialect = {
  hidesPaths: false,
  refuse(refusal) {
    const [status, code, message] = V1_ERRORS[refusal];
    return { status, body: { errors: [{ code, message }] } };
  },
};

/** v1, which ended in 2013: whatever is asked. */
export const V1_0: Dialect = {
  hidesPaths: false,
  refuse: () => ({
    status: 410,
    body: { errors: [{ code: 68, message: 'The Twitter REST API v1 is no longer active.' }] },
  }),
};

/** The emulator's own endpoints: a sentence. */
export const OWN: Dialect = {
  hidesPaths: false,
  refuse(refusal, detail) {
    const status = OWN_STATUSES[refusal];
    return { status, body: { error: detail ?? OWN_SENTENCES[refusal] }, headers: PLAIN_HEADERS };
  },
};

const PLAIN_HEADERS = { 'content-type': 'application/json; charset=utf-8' };

const OWN_STATUSES: Readonly<Record<Refusal, number>> = {
  unauthorized: 401,
  'invalid-token': 401,
  'wrong-kind-of-caller': 403,
  'not-found': 404,
  'method-not-allowed': 405,
  'too-large': 413,
  'too-many-requests': 429,
  unavailable: 503,
  internal: 500,
};

const OWN_SENTENCES: Readonly<Record<Refusal, string>> = {
  unauthorized: 'Credentials are needed.',
  'invalid-token': 'That token is not valid.',
  'wrong-kind-of-caller': 'Other credentials are needed.',
  'not-found': 'There is nothing at this address.',
  'method-not-allowed': 'This address takes another method.',
  'too-large': 'The body is too long.',
  'too-many-requests': 'Too many requests.',
  unavailable: 'Not now.',
  internal: 'The emulator made a mistake; its standard error says which.',
};
