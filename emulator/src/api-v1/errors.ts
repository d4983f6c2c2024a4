import type { Answer } from '../http/exchange.ts';

/** A refusal in v1.1's form: a list of one code and its sentence. */
function refusal(status: number, code: number, message: string): Answer {
  return { status, body: { errors: [{ code, message }] } };
}

export const NO_USER_MATCHES = refusal(404, 17, 'No user matches for specified terms.');
export const TOO_MANY_TERMS = refusal(403, 18, 'Too many terms specified in query.');
export const PARAMETERS_MISSING = refusal(400, 25, 'Query parameters are missing.');
export const PAGE_MISSING = refusal(404, 34, 'Sorry, that page does not exist.');
export const USER_MISSING = refusal(404, 50, 'User not found.');
export const USER_SUSPENDED = refusal(403, 63, 'User has been suspended.');
export const STATUS_MISSING = refusal(404, 144, 'No status found with that ID.');
export const SOURCE_USER_UNKNOWN = refusal(403, 163, 'Could not determine source user.');
export const STATUS_NOT_SHOWN = refusal(403, 179, 'Sorry, you are not authorized to see this status.');
export const QUERY_INVALID = refusal(403, 195, 'Missing or invalid url parameter.');

/** A value that can't be read. */
export function invalidParameter(name: string): Answer {
  return refusal(400, 44, `${name} parameter is invalid.`);
}

/** What protected accounts answer: the one body that has another form. @param path of the request, without its query */
export function notAuthorized(path: string): Answer {
  return { status: 401, body: { request: path, error: 'Not authorized.' } };
}

/** Thrown by what reads parameters and finds accounts; the endpoint's frame answers it. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly answer: Answer;

  constructor(answer: Answer) {
    super(`HTTP ${answer.status}`);
    this.answer = answer;
  }
}
