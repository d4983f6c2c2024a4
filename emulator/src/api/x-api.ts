import type { IncomingMessage, ServerResponse } from 'node:http';
import { isAuthorised } from './authorise.ts';
import { ConnectWindow } from './connect-window.ts';
import {
  invalidRequest,
  METHOD_NOT_ALLOWED,
  NOT_FOUND,
  SERVICE_UNAVAILABLE,
  TOO_MANY_REQUESTS,
  UNAUTHORIZED,
} from './problems.ts';
import { platformHeaders, rateLimitHeaders, sendProblem } from './reply.ts';
import { StreamConnection } from './stream-connection.ts';
import { readStreamParameters } from './stream-parameters.ts';
import { openWire } from './wire.ts';
import type { FaultPlan } from '../faults/fault-plan.ts';
import type { Feed } from '../feed/feed.ts';
import type { Truth } from '../truth.ts';

const SAMPLE_STREAM = '/2/tweets/sample/stream';

export interface XApiOptions {
  readonly feed: Feed;
  readonly truth: Truth;
  readonly faults: FaultPlan;
  readonly token: string;
  readonly connectLimit: number | undefined;
  readonly keepaliveMs: number;
  /** Wall clock, Unix ms. */
  readonly now: () => number;
  readonly monotonicMs: () => number;
}

/** The X face: the platform's v2 endpoints over one feed. */
export class XApi {
  readonly #options: XApiOptions;
  readonly #connects: ConnectWindow;
  readonly #streams = new Set<StreamConnection>();
  #transactions = 0;

  constructor(options: XApiOptions) {
    this.#options = options;
    this.#connects = new ConnectWindow(options.connectLimit, options.now);
  }

  /** The streams open now. */
  get streams(): ReadonlySet<StreamConnection> {
    return this.#streams;
  }

  /** Answers any request that isn't the emulator's own; resolves when the answer (or the stream) has ended. */
  async handle(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const headers = platformHeaders(++this.#transactions);
    if (!isAuthorised(request, this.#options.token)) return sendProblem(response, UNAUTHORIZED, headers);
    if (url.pathname !== SAMPLE_STREAM) return sendProblem(response, NOT_FOUND, headers);
    if (request.method !== 'GET') return sendProblem(response, METHOD_NOT_ALLOWED, { ...headers, allow: 'GET' });
    await this.#sampleStream(request, response, url, headers);
  }

  async #sampleStream(
    request: IncomingMessage,
    response: ServerResponse,
    url: URL,
    headers: Record<string, string>,
  ): Promise<void> {
    const read = readStreamParameters(url.searchParams);
    if (!read.ok) return sendProblem(response, invalidRequest(read.errors), headers);

    const allowance = this.#connects.connect();
    const allHeaders = { ...headers, ...rateLimitHeaders(allowance) };
    if (allowance.refused) return sendProblem(response, TOO_MANY_REQUESTS, allHeaders);
    const refusal = this.#options.faults.refusal();
    if (refusal === 'http-429') return sendProblem(response, TOO_MANY_REQUESTS, allHeaders);
    if (refusal === 'http-503') return sendProblem(response, SERVICE_UNAVAILABLE, allHeaders);

    const gzip = acceptsGzip(request);
    response.writeHead(200, gzip ? { ...allHeaders, 'content-encoding': 'gzip' } : allHeaders);
    response.flushHeaders();
    const { feed, truth, faults, keepaliveMs, monotonicMs } = this.#options;
    const stream = new StreamConnection({
      cursor: feed.open(read.parameters),
      wire: openWire(response, gzip),
      response,
      record: truth.open(url.pathname),
      faults,
      keepaliveMs,
      monotonicMs,
    });
    this.#streams.add(stream);
    try {
      await stream.run();
    } catch (error) {
      stream.destroy('error');
      throw error;
    } finally {
      this.#streams.delete(stream);
    }
  }
}

function acceptsGzip(request: IncomingMessage): boolean {
  const accepted = String(request.headers['accept-encoding'] ?? '').split(',');
  return accepted.some((coding) => /^\s*(x-)?gzip\s*(;\s*q=(1|0\.0*[1-9]\d*|1\.0+|0\.[1-9]\d*))?\s*$/i.test(coding));
}
