import { callerOf, type Credentials } from './credentials.ts';
import type { Doubt, OAuth1Verifier } from './oauth1-request.ts';
import { type Dialect, V1 } from '../http/dialect.ts';
import type { Answer } from '../http/exchange.ts';
import type { AuthScheme } from '../http/router.ts';

/** `Authorization: OAuth …`, or the same parameters in query or form: users by OAuth 1.0a, with checked signatures. */
export function oauth1Scheme(
  credentials: Credentials,
  verifier: OAuth1Verifier,
  dialectOf: (path: string) => Dialect,
): AuthScheme {
  return {
    async identify(exchange) {
      const findToken = (token: string) => credentials.find('user1', token);
      const signed = await verifier.verify(exchange, (token, app) => {
        const found = findToken(token);
        return found?.app.id === app.id ? found.secret : undefined;
      });
      if (signed === 'no-oauth') return undefined;
      const dialect = dialectOf(exchange.url.pathname);
      if (typeof signed === 'string') return dialect === V1 ? oauth1Refusal(signed) : dialect.refuse('unauthorized');
      const token = signed.token === undefined ? undefined : findToken(signed.token);
      // What is signed in the address proves who calls; the endpoint has no such parameters.
      const { searchParams } = exchange.url;
      for (const name of [...searchParams.keys()]) if (name.startsWith('oauth_')) searchParams.delete(name);
      // Signed by an app alone: there is no user to act for.
      return token === undefined ? dialect.refuse('unauthorized') : callerOf(token);
    },
  };
}

const ERRORS: Readonly<Record<Doubt, readonly [status: number, code: number, message: string]>> = {
  'no-oauth': [400, 215, 'Bad Authentication data.'],
  incomplete: [400, 215, 'Bad Authentication data.'],
  'unknown-app': [401, 32, 'Could not authenticate you.'],
  'unknown-token': [401, 89, 'Invalid or expired token.'],
  timestamp: [401, 135, 'Timestamp out of bounds.'],
  replayed: [401, 32, 'Could not authenticate you.'],
  signature: [401, 32, 'Could not authenticate you.'],
};

/** v1.1's words for a request whose signature is not believed. */
export function oauth1Refusal(doubt: Doubt): Answer {
  const [status, code, message] = ERRORS[doubt];
  return { status, body: { errors: [{ code, message }] } };
}
