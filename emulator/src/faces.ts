import { complianceRoutes } from './api/compliance/compliance-routes.ts';
import { readRoutes } from './api/reads/read-routes.ts';
import { countsRoutes } from './api/search/counts-routes.ts';
import { searchRoutes } from './api/search/search-routes.ts';
import { streamRoutes } from './api/stream-routes.ts';
import { legacyFaceRoutes } from './api-v1/legacy-face.ts';
import { streamDialect } from './api-v1/stream-dialect.ts';
import { bearerScheme } from './credentials/bearer-scheme.ts';
import { callerGate } from './credentials/caller-gate.ts';
import { OAuth1Verifier } from './credentials/oauth1-request.ts';
import { oauth1Scheme } from './credentials/oauth1-scheme.ts';
import type { FaceParts } from './face-parts.ts';
import { frontPageRoutes } from './front-page.ts';
import { type Dialect, OWN, V1, V1_0, V2 } from './http/dialect.ts';
import type { AuthScheme, Gate } from './http/router.ts';
import type { Route } from './http/route.ts';
import { accessGate } from './limits/access-gate.ts';
import { limitsRoutes } from './limits/limits-routes.ts';
import { linkedPageRoutes } from './linked-pages.ts';
import { moneyGate } from './limits/money-gate.ts';
import { rateGate } from './limits/rate-gate.ts';
import { rateLimitStatusRoutes } from './limits/rate-limit-status.ts';
import { usageRoutes } from './limits/usage-route.ts';
import { outageGate } from './scenario/outages.ts';
import { signInRoutes } from './sign-in/sign-in.ts';
import { truthRoutes } from './truth-routes.ts';

/** Every endpoint of every face. A new endpoint is a new line here. */
export function faceRoutes(parts: FaceParts): Route[] {
  return [
    ...frontPageRoutes(parts),
    ...linkedPageRoutes(),
    ...truthRoutes(parts),
    ...streamRoutes(parts),
    ...readRoutes(parts),
    ...searchRoutes(parts),
    ...countsRoutes(parts),
    ...complianceRoutes(parts),
    ...legacyFaceRoutes(parts),
    ...signInRoutes(parts),
    ...limitsRoutes(parts),
    ...usageRoutes(parts),
    ...rateLimitStatusRoutes(parts),
  ];
}

/** Ways of proving who calls, in the order in which they are tried. */
export function authSchemes({ credentials, clock }: FaceParts): AuthScheme[] {
  const verifier = new OAuth1Verifier(credentials, () => clock.wallNow());
  return [bearerScheme(credentials, clock.now, dialectOf), oauth1Scheme(credentials, verifier, dialectOf)];
}

/** What counts calls before they are handled: rate limits, caps, access levels. */
export function gates({ outages, clock, access, ledger, locks, meter, world }: FaceParts): Gate[] {
  return [
    outageGate(outages, clock),
    callerGate(locks, world),
    accessGate(access),
    rateGate(access, ledger),
    moneyGate(access, meter, ledger, world),
  ];
}

export const DIALECTS: readonly (readonly [prefix: string, dialect: Dialect])[] = [
  ['/_emulator', OWN],
  ...['/1.1/statuses/filter.json', '/1.1/statuses/sample.json'].map((path) => [path, streamDialect(path)] as const),
  ['/1.1/', V1],
  ['/1/', V1_0],
  ['/oauth', V1],
  ['', V2],
];

export function dialectOf(pathname: string): Dialect {
  return DIALECTS.find(([prefix]) => pathname.startsWith(prefix))?.[1] ?? V2;
}
