import type { CallerKind } from '../credentials/caller.ts';
import type { Dialect } from './dialect.ts';
import type { Handler } from './exchange.ts';

/** One endpoint: a row of the router's table. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** `/2/users/:id/tweets`; `:name` stands for one segment. A literal segment wins over a `:name`. */
  readonly path: string;
  /** Who may call. `'nobody'` among them: no credentials are asked for. */
  readonly callers: readonly CallerKind[];
  /** How errors that the router itself answers are worded. */
  readonly dialect: Dialect;
  /** Longest body in bytes; default 65,536. */
  readonly maxBodyBytes?: number;
  readonly handle: Handler;
}

/** A route with its pattern cut up, for it is held against each request's path. */
export interface CutRoute {
  readonly route: Route;
  readonly segments: readonly string[];
}

export function cutRoute(route: Route): CutRoute {
  return { route, segments: route.path.split('/') };
}

/** Matches a path's segments against a pattern's; undefined when they don't fit. Segments that can't be decoded don't fit. */
export function matchPath(wanted: readonly string[], given: readonly string[]): Record<string, string> | undefined {
  if (wanted.length !== given.length) return undefined;
  // From the end: paths begin alike.
  for (let n = wanted.length - 1; n >= 0; n--) {
    if (wanted[n] !== given[n] && wanted[n]?.startsWith(':') !== true) return undefined;
  }
  const values: Record<string, string> = {};
  for (const [n, part] of wanted.entries()) {
    if (!part.startsWith(':')) continue;
    const segment = given[n] ?? '';
    if (segment === '') return undefined;
    try {
      values[part.slice(1)] = decodeURIComponent(segment);
    } catch {
      // Not an encoding of anything: no such path.
      return undefined;
    }
  }
  return values;
}

/** Literal segments first, so that `/2/users/me` is found before `/2/users/:id`. */
export function compareRoutes(a: Route, b: Route): number {
  const key = ({ path }: Route): string => path.replaceAll(/:[^/]+/g, '\uffff');
  return key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0;
}
