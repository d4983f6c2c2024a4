import { ConnectWindow } from './connect-window.ts';
import type { Farewell } from './farewell.ts';
import {
  farewell,
  NO_RULES,
  type Problem,
  SERVICE_UNAVAILABLE,
  TOO_MANY_CONNECTIONS,
  TOO_MANY_REQUESTS,
} from './problems.ts';
import { rateLimitHeaders } from './reply.ts';
import { runStream } from './run-stream.ts';
import type { StreamParameters } from './stream-parameters.ts';
import { problemHost } from './wording.ts';
import type { FaceParts } from '../face-parts.ts';
import type { Cursor, LineSource } from '../feed/feed.ts';
import type { Answer, Exchange } from '../http/exchange.ts';
import type { StreamRefusal } from '../truth.ts';

/** Recovery jobs that an app may have at once. */
const MOST_RECOVERIES = 2;
/** Connects per 15 minutes where an endpoint allows another number than the others. */
const CONNECTS: ReadonlyMap<string, number> = new Map([['/2/tweets/sample10/stream', 100]]);

/** A stream of v2, once its parameters are read. */
export interface WantedStream {
  /** The endpoint's name in lists of connections: `filtered_stream`. */
  readonly endpoint: string;
  readonly parameters: Pick<StreamParameters, 'backfillMinutes' | 'span' | 'partition'>;
  /** Whether there is nothing that it could ever tell, for want of rules. */
  readonly lacksRules?: boolean;
  /** Called when it is allowed. */
  readonly start: () => { readonly cursor: Cursor; readonly source: LineSource };
}

/**
 * Opens streams of v2 and says no in its words. In this order: connects in the window, faults ordered, rules, places.
 */
export class StreamGate {
  readonly #parts: FaceParts;
  readonly #windows = new Map<string, ConnectWindow>();

  constructor(parts: FaceParts) {
    this.#parts = parts;
  }

  async open(exchange: Exchange, wanted: WantedStream): Promise<Answer | undefined> {
    const parts = this.#parts;
    const { pattern } = exchange;
    const { partition, span } = wanted.parameters;
    const app = exchange.caller.kind === 'nobody' ? '' : exchange.caller.app.id;
    const allowance = this.#window(`${app} ${pattern}`, pattern).connect();
    const headers = rateLimitHeaders(allowance);
    const no = (problem: Problem, why: StreamRefusal['why']): Answer => {
      parts.truth.refuse({ path: exchange.url.pathname, app, status: problem.status, why });
      return { ...problem, headers };
    };
    if (allowance.refused) return no(TOO_MANY_REQUESTS, 'connect-limit');
    const refusal = parts.faults.refusal(exchange.url.pathname);
    if (refusal === 'http-429') return no(TOO_MANY_REQUESTS, 'fault');
    if (refusal === 'http-503') return no(SERVICE_UNAVAILABLE, 'fault');
    if (wanted.lacksRules === true) return no(NO_RULES, 'no-rules');
    const isRecovery = span !== undefined;
    const most = isRecovery ? MOST_RECOVERIES : parts.access.streamConnections(pattern);
    const slot = parts.slots.take(`${app} ${pattern} ${isRecovery ? 'recovery' : partition}`, most);
    if (slot === undefined) return no(TOO_MANY_CONNECTIONS, 'too-many-connections');
    await runStream(exchange, parts, {
      ...wanted.start(),
      endpoint: wanted.endpoint,
      headers,
      farewell: this.#farewell,
      slot,
    });
    return undefined;
  }

  readonly #farewell = (why: Farewell): string => farewell(why, problemHost(this.#parts));

  #window(key: string, pattern: string): ConnectWindow {
    let window = this.#windows.get(key);
    if (window === undefined) {
      const { connectLimit, clock } = this.#parts;
      window = new ConnectWindow(connectLimit, clock.now, clock.wallAt, CONNECTS.get(pattern));
      this.#windows.set(key, window);
    }
    return window;
  }
}
