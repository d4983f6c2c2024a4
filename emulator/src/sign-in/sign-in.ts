import { appTokenRoutes } from './app-token.ts';
import { authorizeCodeRoutes } from './authorize-code.ts';
import { Grants } from './grants.ts';
import { registerRoutes } from './register-routes.ts';
import { threeLeggedRoutes } from './three-legged.ts';
import { userTokenRoutes } from './user-token.ts';
import type { FaceParts } from '../face-parts.ts';
import type { Route } from '../http/route.ts';

/** All ways to come by a token. */
export function signInRoutes(parts: FaceParts): Route[] {
  const grants = new Grants(() => parts.clock.wallNow());
  return [
    ...appTokenRoutes(parts),
    ...authorizeCodeRoutes(parts, grants),
    ...userTokenRoutes(parts, grants),
    ...threeLeggedRoutes(parts, grants),
    ...registerRoutes(parts, grants),
  ];
}
