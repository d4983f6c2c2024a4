import type { Dialect, Refusal } from '../http/dialect.ts';
import type { Answer } from '../http/exchange.ts';

const REASONS: Readonly<Record<Refusal, readonly [status: number, reason: string]>> = {
  unauthorized: [401, 'Unauthorized'],
  'invalid-token': [401, 'Unauthorized'],
  'wrong-kind-of-caller': [401, 'Unauthorized'],
  'not-found': [404, 'Not Found'],
  'method-not-allowed': [405, 'Method Not Allowed'],
  'too-large': [413, 'Request Entity Too Large'],
  'too-many-requests': [420, 'Enhance Your Calm'],
  unavailable: [503, 'Service Unavailable'],
  internal: [500, 'Internal Server Error'],
};

/** What a stream of v1.1 answers before it begins: not JSON but pages and bare lines, for streams are another program. @param path of the stream */
export function streamDialect(path: string): Dialect {
  return { hidesPaths: false, refuse: (refusal) => refuse(refusal, path) };
}

function refuse(refusal: Refusal, path: string): Answer {
  const [status, reason] = REASONS[refusal];
  if (status === 420) return bareLine(status, 'Exceeded connection limit for user');
  const body =
    '<html>\n<head>\n<meta http-equiv="Content-Type" content="text/html; charset=utf-8"/>\n' +
    `<title>Error ${status} ${reason}</title>\n</head>\n<body>\n<h2>HTTP ERROR: ${status}</h2>\n` +
    `<p>Problem accessing '${path}'. Reason:\n<pre>    ${reason}</pre>\n</body>\n</html>\n`;
  return { status, body, headers: { 'content-type': 'text/html; charset=utf-8' } };
}

/** A refusal that is one line of text. */
export function bareLine(status: number, line: string): Answer {
  return { status, body: `${line}\r\n`, headers: { 'content-type': 'text/plain; charset=utf-8' } };
}
