import { callerOf, type Credentials } from './credentials.ts';
import type { Dialect } from '../http/dialect.ts';
import type { AuthScheme } from '../http/router.ts';

/** `Authorization: Bearer <token>` of an app or an OAuth 2 user; the scheme's case doesn't matter. */
export function bearerScheme(
  credentials: Credentials,
  now: () => number,
  dialectOf: (path: string) => Dialect,
): AuthScheme {
  return {
    identify({ request, url }) {
      const [, given] = /^Bearer +(\S+)\s*$/i.exec(request.headers.authorization ?? '') ?? [];
      if (given === undefined) return undefined;
      const app = credentials.find('app', given);
      if (app !== undefined) return callerOf(app);
      const user = credentials.find('user2', given);
      if (user !== undefined && user.expiresAt > now()) return callerOf(user);
      return dialectOf(url.pathname).refuse('invalid-token');
    },
  };
}
