import { Refused } from './errors.ts';
import { Parameters } from './parameters.ts';
import type { Shape } from './shape.ts';
import type { CallerKind } from '../credentials/caller.ts';
import type { FaceParts } from '../face-parts.ts';
import { V1 } from '../http/dialect.ts';
import type { Answer, Exchange } from '../http/exchange.ts';
import type { Route } from '../http/route.ts';
import type { Choices } from '../uncertain/choices.ts';
import type { World } from '../world/model.ts';

/** One call of a v1.1 endpoint. */
export interface LegacyCall {
  readonly world: World;
  /** The instant at which the world is looked at, for all of the answer. */
  readonly at: number;
  readonly parameters: Parameters;
  readonly choices: Choices;
  /** Account number of the user who asks; undefined for an app. */
  readonly viewer: number | undefined;
  readonly exchange: Exchange;
  /** Real monotonic milliseconds. */
  readonly monotonicMs: () => number;
}

export type LegacyHandler = (call: LegacyCall) => Answer | Promise<Answer>;

export interface LegacyEndpoint {
  readonly methods: readonly ('GET' | 'POST')[];
  /** Below `/1.1`, without `.json`. */
  readonly path: string;
  /** Default: apps and users of OAuth 1.0a. */
  readonly callers?: readonly CallerKind[];
  readonly handle: LegacyHandler;
}

/** An app's token or a user's signature; OAuth 2 users were never let in. */
const CALLERS: readonly CallerKind[] = ['app', 'user1'];
/** 100 ids are 2 KB; the long lists of `statuses/filter` are read elsewhere. */
const MAX_BODY_BYTES = 65_536;

/** Makes routes of v1.1 endpoints: reads the parameters, answers what is refused on the way. */
export function legacyRoutes(
  { world, choices, monotonicMs }: FaceParts,
  endpoints: readonly LegacyEndpoint[],
): Route[] {
  return endpoints.flatMap(({ methods, path, callers = CALLERS, handle }) =>
    methods.map((method) => ({
      method,
      path: `/1.1/${path}.json`,
      callers,
      dialect: V1,
      maxBodyBytes: MAX_BODY_BYTES,
      handle: async (exchange: Exchange) => {
        const { caller } = exchange;
        try {
          return await handle({
            world,
            choices,
            at: world.now(),
            parameters: new Parameters(exchange.url.searchParams, await exchange.form()),
            viewer: caller.kind === 'user1' ? caller.account : undefined,
            exchange,
            monotonicMs,
          });
        } catch (error) {
          if (error instanceof Refused) return error.answer;
          throw error;
        }
      },
    })),
  );
}

/** How the caller wants statuses and users to be shown. */
export function shapeOf({ parameters, viewer }: LegacyCall): Shape {
  return {
    mode: parameters.text('tweet_mode') === 'extended' ? 'extended' : 'compat',
    includeEntities: parameters.flag('include_entities', true),
    trimUser: parameters.flag('trim_user', false),
    altText: parameters.flag('include_ext_alt_text', false),
    inSearch: false,
    viewer,
  };
}
