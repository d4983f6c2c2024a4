/** Small questions that the routes of sign-in share. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { noteDeed } from '../audit.ts';
import type { User } from '../caller.ts';
import { ProblemError } from '../problems.ts';
import { askSource } from '../source-call.ts';
import type { UserSources } from '../sources/users.ts';
import type { Answered, Visit } from './sign-in-desk.ts';
import { visitOf } from './visit.ts';

/** Making a digest of a password takes a while on purpose, and longer on a busy machine. */
export const PASSWORD_WORK_MS = 20_000;

/** Whoever signed in on the page: what concerns the account itself is not for tokens. Throws `access.denied`. */
export function requireSession({ caller }: FastifyRequest): User & { sessionId: string } {
  if (caller.user === undefined || caller.sessionId === undefined)
    throw new ProblemError('access.denied', 'This needs a person who has signed in on the page.');
  return { ...caller.user, sessionId: caller.sessionId };
}

/** Waits for the library with patience, sets its cookies. What this server knew of sessions before counts no more. */
export async function entering<T>(
  { users, request, reply }: { users: UserSources; request: FastifyRequest; reply: FastifyReply },
  call: (visit: Visit) => Promise<Answered<T>>,
): Promise<T> {
  try {
    const { value, cookies } = await patiently(call(visitOf(request, users.publicUrl)));
    for (const cookie of cookies) reply.header('set-cookie', cookie);
    return value;
  } finally {
    users.forget();
  }
}

export function patiently<T>(work: Promise<T>): Promise<T> {
  return askSource(work, PASSWORD_WORK_MS);
}

/**
 * Tries a secret of an account: counted, slowed down, taken back when it was right. Throws `sign-in.throttled` with how long to wait, and whatever the
 * work throws.
 */
export async function throttled<T>(
  { users, request, account }: { users: UserSources; request: FastifyRequest; account: string },
  work: () => Promise<T>,
): Promise<T> {
  const attempt = { account, address: request.ip };
  const waitSec = await askSource(users.beginAttempt(attempt));
  if (waitSec > 0) {
    await noteDeed(request, { action: 'sign-in.throttled', target: account, details: { waitSec } });
    throw new ProblemError('sign-in.throttled', `Too many wrong tries. Wait ${waitWords(waitSec)} and try again.`);
  }
  const result = await work();
  await askSource(users.forgiveAttempt(attempt));
  return result;
}

function waitWords(sec: number): string {
  if (sec === 1) return 'a second';
  return sec < 90 ? `${sec} seconds` : `${Math.ceil(sec / 60)} minutes`;
}
