/** Errors as problem documents (RFC 9457): one table of what a caller can meet, and how any thrown value becomes one. */
import type { FastifyBaseLogger, FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { causeText, errorTable, MistnetError } from '../core/errors.ts';
import { FieldErrors } from './field-errors.ts';
import type { Problem } from './reply-schemas.ts';

/** By code: HTTP status and the general sentence. Codes of the whole product keep the sentence they have elsewhere. */
export const problemTable = {
  'request.invalid': { status: 400, title: 'The request cannot be understood' },
  'sign-in.required': { status: 401, title: 'You are not signed in' },
  'sign-in.failed': { status: 401, title: 'The sign-in was refused' },
  'sign-in.inactive': { status: 403, title: 'Your account is inactive' },
  'sign-in.throttled': { status: 429, title: 'Too many attempts' },
  'setup.done': { status: 409, title: 'mistnet has been set up already' },
  'setup.code-needed': { status: 403, title: 'The set-up code is missing or wrong' },
  'password.weak': { status: 422, title: errorTable['password.weak'].message },
  'user.unknown': { status: 404, title: errorTable['user.unknown'].message },
  'user.exists': { status: 409, title: errorTable['user.exists'].message },
  'user.refused': { status: 422, title: errorTable['user.refused'].message },
  'link.unknown': { status: 404, title: errorTable['link.unknown'].message },
  'token.unknown': { status: 404, title: 'There is no such token' },
  'access.denied': { status: 403, title: 'This needs a right that you do not have' },
  'origin.refused': { status: 403, title: 'The request comes from a page of another site' },
  'route.unknown': { status: 404, title: 'There is nothing at this address' },
  'file.unknown': { status: 404, title: 'No such file is published' },
  'collection.unknown': { status: 404, title: errorTable['collection.unknown'].message },
  'collection.exists': { status: 409, title: errorTable['collection.exists'].message },
  'collection.invalid': { status: 409, title: 'This cannot be done with the collection as it is' },
  'filter.changed': { status: 409, title: errorTable['filter.changed'].message },
  'post.unknown': { status: 404, title: 'There is no such post' },
  'search.too-slow': { status: 503, title: 'The search takes too long' },
  'search.unknown': { status: 404, title: 'There is no such saved search' },
  'search.full': { status: 409, title: 'You have as many saved searches as there can be' },
  'alert.unknown': { status: 404, title: 'There is no such alert' },
  'channel.unknown': { status: 404, title: 'There is no such channel' },
  'channel.exists': { status: 409, title: 'Alerts are sent there already' },
  'node.unknown': { status: 404, title: 'There is no such node' },
  'credential.unknown': { status: 404, title: errorTable['credential.unknown'].message },
  'credential.exists': { status: 409, title: errorTable['credential.exists'].message },
  'job.unknown': { status: 404, title: 'There is no such job' },
  'job.failed': { status: 409, title: 'This cannot be done with the job as it is' },
  'account.unknown': { status: 404, title: errorTable['account.unknown'].message },
  'account.refused': { status: 409, title: errorTable['account.refused'].message },
  'export.unknown': { status: 404, title: errorTable['export.unknown'].message },
  'export.refused': { status: 409, title: errorTable['export.refused'].message },
  'zone.invalid': { status: 400, title: errorTable['zone.invalid'].message },
  'platform.unreachable': { status: 503, title: errorTable['platform.unreachable'].message },
  'platform.refused': { status: 503, title: errorTable['platform.refused'].message },
  'credential.unusable': { status: 409, title: errorTable['credential.unusable'].message },
  'budget.reached': { status: 409, title: errorTable['budget.reached'].message },
  'host.refused': { status: 421, title: 'This server does not answer to that host name' },
  'events.full': { status: 503, title: 'Too many pages are listening already' },
  'page.missing': { status: 503, title: 'The page has not been built yet' },
  'database.unreachable': { status: 503, title: errorTable['database.unreachable'].message },
  'internal.failure': { status: 500, title: 'Something went wrong inside mistnet' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ProblemCode = keyof typeof problemTable;

/** A failure that the caller is told about: a code of the table and one sentence for this case. */
export class ProblemError extends Error {
  readonly code: ProblemCode;

  constructor(code: ProblemCode, detail: string, options?: { cause?: unknown }) {
    super(detail, options);
    this.name = 'ProblemError';
    this.code = code;
  }
}

export function problemOf(code: ProblemCode, detail: string): Problem {
  return { type: `urn:mistnet:problem:${code}`, ...problemTable[code], detail, code };
}

export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  // Serialised here: a route's reply schemas describe its successes.
  return reply
    .code(problem.status)
    .header('cache-control', 'no-store')
    .type('application/problem+json; charset=utf-8')
    .serializer((value) => JSON.stringify(value))
    .send(problem);
}

/** A fault of our own. `route`: method and pattern, not what was asked for. */
export type NotedFailure = { route: string; cause: string };

/**
 * Fastify's error handler: the caller gets a problem document, the log gets the cause; a stack goes only to the log. A fault of our own is noted,
 * for administrators to be told; that it cannot be noted is only logged.
 */
export function errorToReply(log: FastifyBaseLogger, note: (failure: NotedFailure) => Promise<void>) {
  return (error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const problem = errorToProblem(error);
    if (problem.code === 'internal.failure') {
      log.error({ err: error, method: request.method, url: request.url }, 'request.failed');
      const route = `${request.method} ${request.routeOptions.url ?? '(no route)'}`;
      note({ route, cause: causeText(error) }).catch((trouble: unknown) => {
        log.warn({ cause: causeText(trouble) }, 'request.failure-not-noted');
      });
    }
    return sendProblem(reply, problem);
  };
}

/** What a thrown value says to a caller. Anything unforeseen is `internal.failure` without its text. */
export function errorToProblem(error: unknown): Problem {
  if (error instanceof FieldErrors) return { ...problemOf(error.code, error.message), errors: [...error.errors] };
  if (error instanceof ProblemError) return problemOf(error.code, error.message);
  if (error instanceof MistnetError && isProblemCode(error.code)) return problemOf(error.code, error.message);
  if (hasZodFastifySchemaValidationErrors(error)) {
    const errors = error.validation.map(({ instancePath, message }) => ({
      field: `${error.validationContext ?? 'request'}${instancePath}`,
      message: sizeWords(message ?? 'is wrong'),
    }));
    return {
      ...problemOf('request.invalid', errors.map(({ field, message }) => `${field}: ${message}`).join('; ')),
      errors,
    };
  }
  const status = statusOf(error);
  if (status === 413)
    return {
      ...problemOf('request.invalid', 'What was sent is too long to be read; nothing was changed. Shorten it.'),
      status,
    };
  // Fastify's own refusals: a body too large, a malformed address, an unknown content type.
  if (status !== undefined && status >= 400 && status < 500)
    return { ...problemOf(status === 404 ? 'route.unknown' : 'request.invalid', causeText(error)), status };
  return problemOf('internal.failure', 'The request failed; the log of the server says why.');
}

/** What the checking library says of sizes, as a person would; whatever else it says stays. */
function sizeWords(message: string): string {
  for (const [pattern, words] of sizes) {
    const [, bound] = pattern.exec(message) ?? [];
    if (bound !== undefined) return words(Number(bound));
  }
  return message;
}

const inDigits = (bound: number) => bound.toLocaleString('en');
const sizes: readonly [RegExp, (bound: number) => string][] = [
  [
    /^Too small: expected string to have >=(\d+) characters$/,
    (n) => (n === 1 ? 'is empty' : `needs ${n} characters or more`),
  ],
  [/^Too big: expected string to have <=(\d+) characters$/, (n) => `is too long: ${inDigits(n)} characters at most`],
  [/^Too small: expected array to have >=(\d+) items$/, (n) => (n === 1 ? 'is empty' : `needs ${n} or more`)],
  [/^Too big: expected array to have <=(\d+) items$/, (n) => `has too many: ${inDigits(n)} at most`],
  [/^Too small: expected \w+ to be >=(-?[\d.e+]+)$/, (n) => `is too small: ${inDigits(n)} at least`],
  [/^Too big: expected \w+ to be <=(-?[\d.e+]+)$/, (n) => `is too large: ${inDigits(n)} at most`],
];

function isProblemCode(code: string): code is ProblemCode {
  return Object.hasOwn(problemTable, code);
}

function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('statusCode' in error)) return undefined;
  return typeof error.statusCode === 'number' ? error.statusCode : undefined;
}
