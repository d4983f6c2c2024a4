import { disconnectLine } from './control-lines.ts';
import { Parameters } from './parameters.ts';
import { bareLine, streamDialect } from './stream-dialect.ts';
import { tell } from './tell.ts';
import { type Told, toldFeed } from './told.ts';
import { ConnectWindow } from '../api/connect-window.ts';
import { queryablePost } from '../api/queryable-post.ts';
import { runStream } from '../api/run-stream.ts';
import { inHundredth } from '../api/sample-choice.ts';
import { readStreamParameters } from '../api/stream-parameters.ts';
import type { Farewell } from '../api/farewell.ts';
import type { StreamConnection } from '../api/stream-connection.ts';
import type { CallerKind } from '../credentials/caller.ts';
import type { FaceParts } from '../face-parts.ts';
import type { TimelineFeed } from '../feed/timeline-feed.ts';
import type { Answer, Exchange } from '../http/exchange.ts';
import type { Route } from '../http/route.ts';
import { matchesStatusFilter, parseStatusFilter, StatusFilterError } from '../query/status-filter.ts';
import type { Post } from '../world/model.ts';

/** Lists of 5,000 accounts and 400 phrases, escaped. */
const MAX_BODY_BYTES = 1_048_576;
/** v1.1 breaks a silence after 30 seconds where v2 does after 20. */
const KEEPALIVE_FACTOR = 1.5;

interface StreamKind {
  readonly path: string;
  readonly endpoint: string;
  readonly callers: readonly CallerKind[];
  /** Whether the platform carries only part of what matches. */
  readonly isCapped: boolean;
  /** Says which posts it is about. Throws StatusFilterError where it refuses. */
  readonly choose: (parts: FaceParts, parameters: Parameters) => (post: Post) => boolean;
}

const KINDS: readonly StreamKind[] = [
  {
    path: '/1.1/statuses/sample.json',
    endpoint: 'statuses_sample',
    callers: ['app', 'user1'],
    isCapped: false,
    choose: inSample,
  },
  {
    path: '/1.1/statuses/filter.json',
    endpoint: 'statuses_filter',
    callers: ['user1'],
    isCapped: true,
    choose: inFilter,
  },
];

/** The streams of v1.1, by GET or POST. */
export function legacyStreamRoutes(parts: FaceParts): Route[] {
  const streams = new LegacyStreams(parts);
  return KINDS.flatMap((kind) =>
    (['GET', 'POST'] as const).map((method) => ({
      method,
      path: kind.path,
      callers: kind.callers,
      dialect: streamDialect(kind.path),
      maxBodyBytes: MAX_BODY_BYTES,
      handle: (exchange: Exchange) => streams.open(exchange, kind),
    })),
  );
}

/** Who has which stream open: each account one, whatever it is of. */
class LegacyStreams {
  readonly #parts: FaceParts;
  readonly #told: TimelineFeed<Told>;
  readonly #windows = new Map<string, ConnectWindow>();
  readonly #open = new Map<string, StreamConnection>();

  constructor(parts: FaceParts) {
    this.#parts = parts;
    this.#told = toldFeed(parts);
  }

  async open(exchange: Exchange, kind: StreamKind): Promise<Answer | undefined> {
    const { truth, faults, keepaliveMs } = this.#parts;
    const dialect = streamDialect(kind.path);
    const { caller, url } = exchange;
    const parameters = new Parameters(url.searchParams, await exchange.form());
    const app = caller.kind === 'nobody' ? '' : caller.app.id;
    const no = (answer: Answer, why: 'connect-limit' | 'fault'): Answer => {
      truth.refuse({ path: url.pathname, app, status: answer.status, why });
      return answer;
    };
    let wants: (post: Post) => boolean;
    try {
      wants = kind.choose(this.#parts, parameters);
    } catch (error) {
      if (!(error instanceof StatusFilterError)) throw error;
      return bareLine(error.status, error.message);
    }
    const owner = caller.kind === 'user1' ? `user ${app} ${caller.account}` : `app ${app}`;
    if (this.#window(owner).connect().refused) return no(dialect.refuse('too-many-requests'), 'connect-limit');
    const refusal = faults.refusal(url.pathname);
    if (refusal === 'http-429') return no(dialect.refuse('too-many-requests'), 'fault');
    if (refusal === 'http-503') return no(dialect.refuse('unavailable'), 'fault');
    const { cursor, source } = this.#cursorOf(kind, parameters, wants);
    let connection: StreamConnection | undefined;
    try {
      await runStream(
        exchange,
        { ...this.#parts, keepaliveMs: keepaliveMs * KEEPALIVE_FACTOR },
        {
          cursor,
          source,
          endpoint: kind.endpoint,
          headers: { 'content-type': 'application/json' },
          farewell: (why) => farewell(why, this.#nameOf(exchange, connection)),
          slot: undefined,
          opened: (opened) => {
            connection = opened;
            // The newest wins.
            const older = this.#open.get(owner);
            older?.kill(disconnectLine(7, this.#nameOf(exchange, older)));
            this.#open.set(owner, opened);
          },
        },
      );
    } finally {
      if (this.#open.get(owner) === connection) this.#open.delete(owner);
    }
    return undefined;
  }

  /** With recordings to send, the sample is what they hold. */
  #cursorOf(kind: StreamKind, parameters: Parameters, wants: (post: Post) => boolean) {
    const { world, feed, replays, filterCap } = this.#parts;
    if (replays && !kind.isCapped) {
      // Recordings are sent as they are, whatever fields are asked for.
      const read = readStreamParameters(new URLSearchParams());
      if (read.ok) return { cursor: feed.open(read.parameters), source: feed };
    }
    const cursor = this.#told.open({
      select: tell({
        world,
        pace: this.#told.pace,
        wants,
        cap: kind.isCapped ? filterCap : Number.POSITIVE_INFINITY,
        delimited: parameters.text('delimited') === 'length',
        stallWarnings: parameters.flag('stall_warnings', false),
      }),
    });
    return { cursor, source: cursor };
  }

  /** `wren-statuses7`: who opened it, and its number. */
  #nameOf({ caller }: Exchange, connection: StreamConnection | undefined): string {
    const { world } = this.#parts;
    if (caller.kind === 'nobody') return '';
    const who = caller.kind === 'app' ? caller.app.name : world.handleAt(caller.account, world.now());
    return `${who}-statuses${connection?.id ?? ''}`;
  }

  #window(owner: string): ConnectWindow {
    let window = this.#windows.get(owner);
    if (window === undefined) {
      const { connectLimit, clock } = this.#parts;
      window = new ConnectWindow(connectLimit, clock.now, clock.wallAt);
      this.#windows.set(owner, window);
    }
    return window;
  }
}

function farewell(why: Farewell, stream: string): string {
  switch (why) {
    case 'disconnect':
      return disconnectLine(12, stream);
    case 'upstream-disconnect':
      return disconnectLine(10, stream);
    case 'force-disconnect':
      return disconnectLine(1, stream);
    case 'slow-reader':
      return disconnectLine(4, stream);
    case 'exhausted':
      return disconnectLine(9, stream);
  }
}

/** The sample, in the languages asked for. */
function inSample({ choices }: FaceParts, parameters: Parameters): (post: Post) => boolean {
  const languages = new Set((parameters.text('language') ?? '').toLowerCase().split(',').filter(Boolean));
  const hasLevel = levelOf(parameters);
  const isSampled = inHundredth(choices);
  return (post) => isSampled(post) && hasLevel && (languages.size === 0 || languages.has(post.language.toLowerCase()));
}

function inFilter({ world }: FaceParts, parameters: Parameters): (post: Post) => boolean {
  const [track, follow, locations, language] = ['track', 'follow', 'locations', 'language'].map((name) =>
    parameters.text(name),
  );
  const filter = parseStatusFilter({ track, follow, locations, language });
  const hasLevel = levelOf(parameters);
  return (post) => hasLevel && matchesStatusFilter(filter, queryablePost(world, post, post.at));
}

/** All posts here are of the level `low`, so a stream that wants more than that is silent. */
function levelOf(parameters: Parameters): boolean {
  const level = parameters.text('filter_level');
  return level === undefined || level === 'none' || level === 'low';
}
