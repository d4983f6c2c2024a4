import type { Credentials } from './credentials/credentials.ts';
import { bearerScheme } from './credentials/bearer-scheme.ts';
import { OpenStreams } from './api/open-streams.ts';
import { sampleStreamRoutes } from './api/sample-stream.ts';
import type { VirtualClock } from './clock.ts';
import type { FaultPlan } from './faults/fault-plan.ts';
import type { Feed } from './feed/feed.ts';
import { type Dialect, OWN, V1, V2 } from './http/dialect.ts';
import type { AuthScheme, Gate } from './http/router.ts';
import type { Route } from './http/route.ts';
import type { Truth } from './truth.ts';
import type { World } from './world/model.ts';

/** What endpoints are built from: everything that one running emulator has. */
export interface FaceParts {
  readonly world: World;
  /** Accounts to show: `user_public`, `user_protected` … by number. */
  readonly examples: ReadonlyMap<string, number>;
  readonly clock: VirtualClock;
  readonly credentials: Credentials;
  readonly truth: Truth;
  readonly faults: FaultPlan;
  /** The sample stream's lines. */
  readonly feed: Feed;
  readonly streams: OpenStreams;
  /** Stream connects per 15 minutes; undefined: not enforced. */
  readonly connectLimit: number | undefined;
  readonly keepaliveMs: number;
  /** Real monotonic milliseconds. */
  readonly monotonicMs: () => number;
}

/** Every endpoint of every face. A new endpoint is a new line here. */
export function faceRoutes(parts: FaceParts): Route[] {
  return [...sampleStreamRoutes(parts)];
}

/** Ways of proving who calls, in the order in which they are tried. */
export function authSchemes({ credentials, clock }: FaceParts): AuthScheme[] {
  return [bearerScheme(credentials, clock.now, dialectOf)];
}

/** What counts calls before they are handled: rate limits, caps, access levels. */
export function gates(_parts: FaceParts): Gate[] {
  return [];
}

export const DIALECTS: readonly (readonly [prefix: string, dialect: Dialect])[] = [
  ['/_emulator', OWN],
  ['/1.1/', V1],
  ['/oauth', V1],
  ['', V2],
];

export function dialectOf(pathname: string): Dialect {
  return DIALECTS.find(([prefix]) => pathname.startsWith(prefix))?.[1] ?? V2;
}
