import { FORBIDDEN } from '../api/problems.ts';
import { inVocabulary } from '../api/vocabulary.ts';
import { reshaper, type Wording } from '../api/wording.ts';
import type { Answer } from '../http/exchange.ts';

/** The last look at every answer but those of streams: refusals are made in many places, and get their words and forms here. */
export function answerFinisher(wording: Wording): (pathname: string, answer: Answer) => Answer {
  const { vocabulary, choices } = wording;
  const reshape = reshaper(wording) ?? ((body: unknown) => body);
  return (pathname, answer) => {
    if (!pathname.startsWith('/2/')) return choices['v1-invalid-token'] === '403' ? withStatusOf89(answer) : answer;
    if (answer.status < 400) return { ...answer, body: reshape(answer.body) };
    const refusal = otherRefusal(answer, wording);
    const body = reshape(inVocabulary(vocabulary, refusal.body));
    const isProblem = typeof body === 'object' && body !== null && 'title' in body;
    const headers =
      isProblem && choices['error-content-type'] === 'problem+json'
        ? { ...refusal.headers, 'content-type': 'application/problem+json' }
        : refusal.headers;
    return { ...refusal, body, ...(headers !== undefined && { headers }) };
  };
}

/** Another body than the usual, where one was chosen. */
function otherRefusal(answer: Answer, { choices }: Wording): Answer {
  const type = memberOf(answer.body, 'type');
  if (typeof type !== 'string') return answer;
  if (type.endsWith('/unsupported-authentication')) {
    return choices['wrong-kind-of-token'] === 'forbidden' ? { ...answer, body: FORBIDDEN.body } : answer;
  }
  if (type !== 'about:blank') return answer;
  switch (answer.status) {
    case 404:
      if (choices['unknown-path'] === 'empty') return { ...answer, body: undefined };
      if (choices['unknown-path'] === 'problem') return answer;
      return { ...answer, body: { errors: [{ code: 34, message: 'Sorry, that page does not exist.' }] } };
    case 429:
      if (choices['too-many-requests'] === 'problem') return answer;
      return { ...answer, body: { errors: [{ code: 88, message: 'Rate limit exceeded' }] } };
    case 503:
      if (choices.unavailable === 'problem') return answer;
      if (choices.unavailable === 'empty') return { ...answer, body: undefined };
      return { ...answer, body: PAGE, headers: { ...answer.headers, 'content-type': 'text/html; charset=utf-8' } };
    default:
      return answer;
  }
}

const PAGE =
  '<html><head><title>503 Service Unavailable</title></head><body><h1>Service Unavailable</h1></body></html>\n';

/** v1.1's answer to a token that is none. */
function withStatusOf89(answer: Answer): Answer {
  const errors = memberOf(answer.body, 'errors');
  return Array.isArray(errors) && memberOf(errors[0], 'code') === 89 ? { ...answer, status: 403 } : answer;
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && name in value
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}
